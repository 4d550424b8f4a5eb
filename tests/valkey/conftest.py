"""Servers that a test may stop as it likes, and emulators that cache in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.engines.loop_time import LoopTime
from tests.engines.valkey import ValkeyCluster, ValkeyServer

StartServer = Callable[..., ValkeyServer]
Start = Callable[..., Emulator]

PATIENCE_SECONDS = 15.0
"""How long a Valkey may take where nothing is wrong with it, on a machine that is busy: nearly what
the clients here wait for any answer."""


@pytest.fixture
async def loop() -> LoopTime:
    """The clock of the test's event loop."""
    return LoopTime(asyncio.get_running_loop())


@pytest.fixture
def servers(
    tmp_path: Path,
    valkey_program: str,  # noqa: ARG001
) -> Iterator[StartServer]:
    """Starts servers of their own, with options, that end with the test."""
    started: list[ValkeyServer] = []

    def start(*options: str) -> ValkeyServer:
        server = ValkeyServer(tmp_path / f"valkey-{len(started)}", *options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(servers: StartServer) -> ValkeyServer:
    """A server of this test's own."""
    return servers()


@pytest.fixture
def own_cluster(
    tmp_path: Path,
    valkey_program: str,  # noqa: ARG001
) -> Iterator[ValkeyCluster]:
    """A cluster of this test's own."""
    cluster = ValkeyCluster(tmp_path / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts emulators that end with the test, before the servers do."""
    with ExitStack() as stack:

        def start_one(**options: Any) -> Emulator:
            patience = {"valkey_timeout": PATIENCE_SECONDS}
            return stack.enter_context(Emulator(**{**patience, **options}))

        yield start_one


@pytest.fixture
def emulator(server: ValkeyServer, start: Start) -> Emulator:
    """An emulator that caches in `server`."""
    return start(cache=server.url)
