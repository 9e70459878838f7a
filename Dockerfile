# The service in a small image: `docker build -t ygs .`, then see compose.yaml. Set-up, settings and backups: docs,
# "Run in production".
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/ygs \
    && /opt/ygs/bin/pip install --no-cache-dir ".[accounts,cli,fast,firebase,http,images,pdf,postgres,s3]"

FROM python:3.13-slim
COPY --from=build /opt/ygs /opt/ygs
ENV PATH=/opt/ygs/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/cache/ygs \
    YGS_DATA_FOLDER=/var/lib/ygs
RUN useradd --system --uid 10001 --home-dir /var/lib/ygs ygs \
    && install -d -o ygs -g ygs -m 0700 /var/lib/ygs /var/cache/ygs
USER ygs
WORKDIR /var/lib/ygs
# Compiles the engines once, when the image is built, instead of at the first plan of every container.
RUN ygs warm-up
EXPOSE 8000
VOLUME ["/var/lib/ygs"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["ygs", "serve", "--host", "0.0.0.0", "--port", "8000"]
