"""Emulators that share one account in a real Valkey."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.valkey import ValkeyCluster, ValkeyServer
from tests.suites import over

PATIENCE_SECONDS = 20.0
"""How long a Valkey may take where nothing is wrong with it, on a machine that is busy."""


@pytest.fixture
def emulator_options() -> dict[str, Any]:
    return {"valkey_timeout": PATIENCE_SECONDS, "cache": "memory"}


@pytest.fixture(params=over("valkey", "valkey-cluster"))
def anywhere(request: pytest.FixtureRequest) -> str:
    """The URL of an empty server, and that of an empty cluster."""
    fixtures = {"valkey": "valkey_server", "valkey-cluster": "valkey_cluster"}
    server: ValkeyServer | ValkeyCluster = request.getfixturevalue(fixtures[request.param])
    server.empty()
    return server.url


@pytest.fixture
def url(valkey_server: ValkeyServer) -> str:
    """The URL of an empty server."""
    valkey_server.empty()
    return valkey_server.url
