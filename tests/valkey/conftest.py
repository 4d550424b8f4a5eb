"""Servers that a test may stop as it likes, and emulators that cache in them."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from tests.engines.valkey import StartValkey, StartValkeyCluster, ValkeyCluster, ValkeyServer
from tests.support.emulators import Start

PATIENCE_SECONDS = 15.0
"""How long a Valkey may take where nothing is wrong with it, on a machine that is busy: nearly what
the clients here wait for any answer."""


@pytest.fixture
def server(start_valkey: StartValkey) -> ValkeyServer:
    """A server of this test's own."""
    return start_valkey()


@pytest.fixture
def own_cluster(start_valkey_cluster: StartValkeyCluster) -> ValkeyCluster:
    """A cluster of this test's own."""
    return start_valkey_cluster()


@pytest.fixture
def emulator_options() -> dict[str, Any]:
    return {"valkey_timeout": PATIENCE_SECONDS}


@pytest.fixture
def emulator(server: ValkeyServer, start: Start) -> Emulator:
    """An emulator that caches in `server`."""
    return start(cache=server.url)
