# One image for web, worker and beat: the process lines are the Procfile's.
FROM python:3.12-slim AS desk
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 DEBUG=0 DATA_DIR=/data HOST=0.0.0.0
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --create-home desk
WORKDIR /srv/desk
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt
COPY --chown=root:root . .
# Static files are collected into the image; the secret is only there to let the settings load.
RUN STATIC_DIR=/srv/desk/build/static SECRET_KEY=build python manage.py collectstatic --noinput --verbosity 0
ENV STATIC_DIR=/srv/desk/build/static
USER desk
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD curl -fsS http://127.0.0.1:8000/healthz || exit 1
CMD ["honcho", "start", "--no-prefix", "web"]
