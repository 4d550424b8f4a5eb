FROM python:3.13-slim

WORKDIR /opt/emulator
COPY pyproject.toml pytest_momento_emulator.py README.md LICENSE ./
COPY emulator emulator
RUN pip install --no-cache-dir '.[s3,valkey]' \
    && useradd --create-home emulator \
    && install --directory --owner emulator /data

USER emulator
EXPOSE 8080
# Inside a container, loopback is the container's own: who publishes the port decides who may come.
ENV MOMENTO_EMULATOR_HOST=0.0.0.0
ENTRYPOINT ["python", "-m", "emulator"]
