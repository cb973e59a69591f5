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
COPY tools/bundle.ts tools/
RUN npm run build && npm prune --omit=dev --workspaces=false

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/bundle dist/bundle
USER node
EXPOSE 8001
# Needs API_KEYS, API_KEYS_FILE or ALLOW_ANONYMOUS=true: it listens to other machines.
CMD ["node", "--max-semi-space-size=32", "dist/bundle/main.js"]
