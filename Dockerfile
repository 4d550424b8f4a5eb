# The emulator as an image: `docker build --tag emulator .`; docs/deployment.md says how to run it.
FROM python:3.13-slim AS base

FROM base AS build
WORKDIR /src
RUN python -m venv /opt/emulator
COPY pyproject.toml pytest_momento_emulator.py README.md LICENSE ./
COPY emulator emulator
# What options of the emulator need. A smaller image: `--build-arg EXTRAS=s3,valkey`.
ARG EXTRAS=aws,grpc,prometheus,s3,tls,valkey
RUN /opt/emulator/bin/python -m pip install --no-cache-dir ".[${EXTRAS}]"

FROM base
ARG VERSION=
LABEL org.opencontainers.image.title="momento-objectstore-emulator" \
      org.opencontainers.image.description="Momento Object Store on your machine, for development and tests" \
      org.opencontainers.image.source="https://github.com/momento-objectstore-emulator/momento-objectstore-emulator" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --create-home emulator \
    && install --directory --owner emulator --mode 700 /data
COPY --from=build /opt/emulator /opt/emulator
# Inside a container, loopback is the container's own: who publishes the port decides who may come.
ENV PATH=/opt/emulator/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOMENTO_EMULATOR_HOST=0.0.0.0 \
    MOMENTO_EMULATOR_PORT=8080
# By number, so that Kubernetes can see that it is not root.
USER 10001
# For `--data-dir /data` and `--ca-dir /data/ca`. Nothing else is written, so `--read-only` works.
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=15s \
    CMD ["sh", "-c", "exec python -m emulator wait --endpoint http://127.0.0.1:$MOMENTO_EMULATOR_PORT --timeout 3"]
ENTRYPOINT ["python", "-m", "emulator"]
