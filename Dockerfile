# Warm Handoff in three stages, with the same locks and the same scripts as the Makefile:
# the PWA is built, the dependencies are installed by hash, and a small image without either toolchain runs them.
#
#   docker build -t warm-handoff .
#   docker run -p 8000:8000 -v handoff:/data -e HANDOFF_ORIGIN=https://… warm-handoff

FROM node:20-slim AS pwa
WORKDIR /build/pwa
COPY pwa/package.json pwa/package-lock.json pwa/.npmrc ./
RUN npm ci
COPY pwa/ ./
RUN npm run build && npm run budget

FROM python:3.11-slim AS dependencies
RUN python -m venv /opt/handoff
COPY requirements.lock ./
RUN /opt/handoff/bin/python -m pip install --quiet --no-cache-dir --require-hashes --requirement requirements.lock

FROM python:3.11-slim AS runtime
# pg_dump and pg_restore, for `backup`, `verify` and `restore` of a program on PostgreSQL.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin handoff \
    && install --directory --owner=handoff --group=handoff --mode=0700 /data
WORKDIR /app
COPY --from=dependencies /opt/handoff /opt/handoff
COPY LICENSE pyproject.toml ./
COPY eligibility_rules/ eligibility_rules/
COPY sync/ sync/
COPY migrations/ migrations/
COPY api/ api/
COPY --from=pwa /build/pwa/dist pwa/dist
ENV PATH=/opt/handoff/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HANDOFF_DATA_DIR=/data \
    HANDOFF_HOST=0.0.0.0 \
    PORT=8000
USER handoff
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "api.cli", "serve"]
