"""An emulator behind its proxy, and clients of its gRPC hosts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.emulators import as_new

from .calls import Sdk


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    ca_dir: Path = tmp_path_factory.mktemp("authority") / "ca"
    with Emulator(cache="memory", proxy=True, tls=True, ca_dir=ca_dir, stop_timeout=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    return as_new(running)


@pytest.fixture(scope="package")
def shared_sdk(running: Emulator) -> Iterator[Sdk]:
    with Sdk(running) as sdk:
        yield sdk


@pytest.fixture
def sdk(emulator: Emulator, shared_sdk: Sdk) -> Sdk:
    """The calls of a new emulator, over connections that all tests share."""
    del emulator
    return shared_sdk


if sys.version_info < (3, 11):
    collect_ignore_glob = ["test_*.py"]  # TLS requires 3.11.
