"""An emulator with HTTPS and the proxy, for tests that only call it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.emulators import as_new

CELL = "cell-4-us-west-2-1.prod.a.momentohq.com"
API = f"api.cache.{CELL}"


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority") / "ca"


@pytest.fixture(scope="package")
def running(ca_dir: Path) -> Iterator[Emulator]:
    with Emulator(cache="memory", tls=True, proxy=True, ca_dir=ca_dir, stop_timeout=1) as emulator:
        yield emulator


@pytest.fixture
def fresh(ca_dir: Path) -> Iterator[Emulator]:
    """An emulator that has logged nothing: the same line comes at most once a second."""
    with Emulator(cache="memory", tls=True, proxy=True, ca_dir=ca_dir, stop_timeout=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    return as_new(running)


if sys.version_info < (3, 11):
    collect_ignore_glob = ["test_*.py"]  # TLS requires 3.11.
