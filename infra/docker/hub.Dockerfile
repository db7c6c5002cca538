# The hub, compiled, with nothing in the image but Node and what it needs at run time.
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
RUN npm run build:hub && npm run build:client

FROM manifests AS modules
RUN npm ci --omit=dev --workspace=hub

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/hub/package.json hub/
COPY --from=build /app/hub/dist hub/dist
# A named volume takes its owner from the folder that it is mounted on.
RUN mkdir -p /data/keys && chown -R node:node /data
USER node
ENV TELEHUB_HOST=0.0.0.0 TELEHUB_DATA_DIR=/data
EXPOSE 8080 1883
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "hub/dist/main.js"]
