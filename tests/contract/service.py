"""The service under test: an endpoint that was given, or the emulator in this process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.raw_client import Client

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
def emulator(tiers: str, directory: Path, **options: Any) -> Iterator[Service]:
    """The emulator of this repository over empty tiers: the storage's name, "-", the cache's.

    What is asked here is what the service answers. How files are synced, tests of the engines show.
    """
    storage, cache = tiers.split("-")
    if storage == "filesystem":
        options |= {"data_dir": directory / "data", "fsync": False}
    with Emulator(storage=storage, cache=cache, **options) as running:
        yield Service(running.endpoint, {role: running.api_key(role) for role in ROLES})
