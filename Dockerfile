# syntax=docker/dockerfile:1
# One image for the four roles and for `topics` and `migrate`. It holds neither Kafka nor chdb: the engines are elsewhere,
# and `millrace up` is for a checkout.

FROM node:20-bookworm-slim AS base
WORKDIR /millrace
# What is absent is not asked for: neither Java nor Maven is needed here.
ENV MILLRACE_PREFLIGHT=skip
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update && apt-get install -y --no-install-recommends g++ make python3 libssl-dev zlib1g-dev libzstd-dev
COPY package.json package-lock.json .npmrc ./
COPY embedded/preflight embedded/preflight
COPY lib/native lib/native

# What runs. chdb leaves the manifest and the lock alike; every other version stays as locked. `--omit=optional` would not
# do: the binaries of uWebSockets.js and lz4 are optional packages too.
FROM base AS modules
RUN --mount=type=cache,target=/root/.npm \
    npm uninstall --package-lock-only --ignore-scripts chdb \
    && npm ci --omit=dev --ignore-scripts \
    && npm rebuild node-rdkafka \
    && node node_modules/@millrace/border/build.mjs \
    && test -e node_modules/@millrace/border/build/Release/border.node
COPY deploy/prune-modules.mjs deploy/
RUN node deploy/prune-modules.mjs \
    && node -e "const {features} = require('node-rdkafka'); for (const name of ['ssl', 'zstd', 'sasl_scram']) if (!features.includes(name)) throw new Error('librdkafka was built without ' + name)"

# What is compiled.
FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN npm run --silent build && rm -rf dist/test dist/embedded dist/.tsbuildinfo \
    && find dist -name '*.test.js' -delete -o -name '*.test.js.map' -delete

FROM node:20-bookworm-slim
LABEL org.opencontainers.image.title="Millrace" \
      org.opencontainers.image.description="Real-time business intelligence from a company's own mail, CRM and events" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 libzstd1 zlib1g \
    && rm -rf /usr/local/lib/node_modules /opt/yarn* \
    && install -d -o node -g node /var/lib/millrace
WORKDIR /millrace
COPY --from=modules /millrace/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY deploy/healthcheck.mjs deploy/
COPY schemas/migrations schemas/migrations
COPY processors/models processors/models
COPY dashboards/out dashboards/out
COPY --from=build /millrace/dist dist
ENV NODE_ENV=production \
    MILLRACE_API_HOST=0.0.0.0 \
    MILLRACE_INGEST_HOST=0.0.0.0 \
    MILLRACE_OBSERVE_HOST=0.0.0.0 \
    MILLRACE_OBSERVE_PORT=9464 \
    MILLRACE_DATA_DIR=/var/lib/millrace
VOLUME /var/lib/millrace
EXPOSE 8088 8089 9464
USER node
STOPSIGNAL SIGTERM
# Alive, not ready: whoever restarts what is unhealthy must not do so because an engine is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node", "deploy/healthcheck.mjs", "/health"]
ENTRYPOINT ["node", "--enable-source-maps", "bin/millrace.js"]
CMD ["--help"]
