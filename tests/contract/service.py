"""The service under test: an endpoint that was given, or the emulator as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engines import leash

from .client import Client

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 15.0
ROLES = ("owner", "operator", "viewer")
EXTERNAL = "MOMENTO_CONTRACT_ENDPOINT"


@dataclass(frozen=True)
class Service:
    """An endpoint, and an API key for each role."""

    endpoint: str
    keys: Mapping[str, str]

    def client(self, role: str) -> Client:
        return Client(self.endpoint, self.keys[role])


def external_service() -> Service:
    names = {role: f"MOMENTO_CONTRACT_{role.upper()}_KEY" for role in ROLES}
    missing = [name for name in names.values() if not os.environ.get(name)]
    if missing:
        pytest.exit(f"{EXTERNAL} is set, so {', '.join(missing)} must be too", returncode=4)
    keys = {role: os.environ[name] for role, name in names.items()}
    return Service(os.environ[EXTERNAL].rstrip("/"), keys)


@contextlib.contextmanager
def emulator(storage: str, cache: str, directory: Path, *options: str) -> Iterator[Service]:
    """The emulator of this repository as a process of its own, over empty tiers."""
    ready, log = directory / "ready.json", directory / "log"
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    command += ["--ready-file", str(ready), "--storage", storage, "--cache", cache, *options]
    if storage == "filesystem":
        command += ["--data-dir", str(directory / "data")]
    with log.open("wb") as output:
        process = leash.popen(
            command, cwd=ROOT, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        facts = wait_until_ready(process, ready, log)
        yield Service(facts["endpoint"].rstrip("/"), facts["api_keys"])
        if process.poll() is not None:
            pytest.fail(f"the service died with {process.returncode}:\n{log.read_text()}")
    finally:
        stop(process, log)


def environment() -> dict[str, str]:
    """Ours, without settings that would make the emulator another than the one asked for."""
    settings = "MOMENTO_EMULATOR_"
    return {name: value for name, value in os.environ.items() if not name.startswith(settings)}


def wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.02)
            pytest.fail(f"the service ended with {process.returncode}:\n{log.read_text()}")
        if time.monotonic() > deadline:
            pytest.fail(f"no service after {START_SECONDS} seconds:\n{log.read_text()}")
    facts: dict[str, Any] = json.loads(ready.read_text())
    return facts


def stop(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        pytest.fail(f"SIGTERM did not stop the service:\n{log.read_text()}")
    if status not in (0, -signal.SIGTERM):
        pytest.fail(f"SIGTERM ended the service with {status}:\n{log.read_text()}")
