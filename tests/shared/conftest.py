"""Emulators that share one account in a real Valkey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.backends.accounts import empty
from tests.engines.valkey import ValkeyServer
from tests.suites import over

Start = Callable[..., Emulator]

PATIENCE_SECONDS = 20.0
"""How long a Valkey may take where nothing is wrong with it, on a machine that is busy."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts emulators that end with the test."""
    started: list[Emulator] = []

    def start_one(account: object, **options: Any) -> Emulator:
        patience = {"valkey_timeout": PATIENCE_SECONDS, "cache": "memory"}
        emulator = Emulator(**{**patience, "account": account, **options})
        started.append(emulator)
        emulator.start()
        return emulator

    yield start_one
    for emulator in started:
        emulator.stop()


@pytest.fixture(params=over("valkey", "valkey-cluster"))
def anywhere(request: pytest.FixtureRequest) -> str:
    """The URL of an empty server, and that of an empty cluster."""
    fixtures = {"valkey": "valkey_server", "valkey-cluster": "valkey_cluster"}
    url: str = request.getfixturevalue(fixtures[request.param]).url
    empty(url)
    return url


@pytest.fixture
def url(valkey_server: ValkeyServer) -> str:
    """The URL of an empty server."""
    empty(valkey_server.url)
    return valkey_server.url


@pytest.fixture
def own_server(
    tmp_path: Path,
    valkey_program: str,  # noqa: ARG001
) -> Iterator[Callable[..., ValkeyServer]]:
    """Starts servers with options of their own, which a test may do to what it likes."""
    started: list[ValkeyServer] = []

    def start(*options: str) -> ValkeyServer:
        server = ValkeyServer(tmp_path / f"valkey-{len(started)}", *options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()
