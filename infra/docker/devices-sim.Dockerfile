# The simulator, compiled, with the hub's client and protocol, which it speaks.
FROM node:22-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY hub/package.json hub/
COPY devices-sim/package.json devices-sim/
COPY console/package.json console/

FROM manifests AS build
RUN npm ci
COPY tsconfig.json ./
COPY hub hub
COPY devices-sim devices-sim
RUN npm run build:hub && npm run build:devices-sim

FROM manifests AS modules
RUN npm ci --omit=dev --workspace=hub --workspace=devices-sim

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/hub/package.json hub/
COPY --from=build /app/hub/dist hub/dist
COPY --from=build /app/devices-sim/package.json devices-sim/
COPY --from=build /app/devices-sim/dist devices-sim/dist
USER node
ENTRYPOINT ["node", "devices-sim/dist/cli.js"]
