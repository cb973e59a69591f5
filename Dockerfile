# `docker build --target slim .`: the gateway and the planner. `docker build .`: `full`, with uv and git beside, so that servers of config
# files by `npx` and `uvx` run. Either may have a root file system that is read-only; /cache and /data are written.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node/package.json tools/node/
# With optional packages: esbuild comes as one, the machine's own.
RUN npm ci --include=dev --ignore-scripts --workspaces=false
COPY tsconfig.json tsconfig.build.json nest-cli.json ./
COPY src src
COPY libs libs
COPY apps apps
COPY tools/bundle tools/bundle
# Scanners learn from the list what the bundle is made of.
RUN npm run build && npm sbom --package-lock-only --omit=dev --workspaces=false --sbom-format=cyclonedx >dist/mcpo-proxy.cdx.json

FROM node:24-slim AS slim
# What is pinned is the base image; Debian keeps no old versions of its packages.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /cache /data
# HOME is where npx and uvx keep what they fetch; Node keeps there what it compiled.
ENV NODE_ENV=production HOST=0.0.0.0 HOME=/cache NODE_COMPILE_CACHE=/cache/node
WORKDIR /app
COPY --from=build /app/package.json /app/dist/mcpo-proxy.cdx.json ./
COPY --from=build /app/node_modules/swagger-ui-dist node_modules/swagger-ui-dist
COPY deploy/probes/probe.mjs ./
COPY --from=build /app/dist/bundle dist/bundle
VOLUME ["/cache", "/data"]
# node:node of the base image, by numbers, as Kubernetes wants them.
USER 1000:1000
EXPOSE 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["node", "probe.mjs"]
# What npx and uvx start may leave children behind, for which the first process has to care.
ENTRYPOINT ["tini", "--"]
# Needs API_KEYS, API_KEYS_FILE or ALLOW_ANONYMOUS=true: it listens to other machines.
CMD ["node", "--max-semi-space-size=32", "dist/bundle/main.js"]

FROM slim AS full
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git python3 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=ghcr.io/astral-sh/uv:0.13.8 /uv /uvx /usr/local/bin/
USER 1000:1000
