# The portal's image: one for web, worker, timetable and migrations; docker-compose.yml says which it is.
FROM python:3.11-slim-bookworm

# Pango and HarfBuzz lay out the PDFs.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    XDG_CACHE_HOME=/tmp/cache \
    PORTAL_MODE=production \
    DATA_DIR=/srv/data

WORKDIR /srv/portal

COPY requirements.txt ./
RUN pip install --require-hashes --compile -r requirements.txt

COPY . .
RUN if [ -d locale ]; then pybabel compile --domain django --directory locale; fi \
    && python -m compileall -q . \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && mkdir -p /srv/data \
    && chown portal: /srv/data

USER portal
VOLUME /srv/data
EXPOSE 8000
CMD ["gunicorn", "award_portal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
