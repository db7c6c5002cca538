# The console: static files behind a web server that sends the same headers as `npm start` does.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY hub/package.json hub/
COPY devices-sim/package.json devices-sim/
COPY console/package.json console/
RUN npm ci
COPY tsconfig.json ./
COPY hub hub
COPY console console
RUN npm run build:console

FROM nginxinc/nginx-unprivileged:1.28-alpine
COPY infra/docker/console.nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=build /app/console/dist /usr/share/nginx/html
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
