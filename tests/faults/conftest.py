"""An emulator all in memory, in its first state for each test, with one store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from emulator import Emulator
from tests.contract.stores import Store, configuration
from tests.support.raw_client import Client

from .rules import Rules

Running = Callable[[str], Emulator]


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """The session's emulator for each cache engine, in whatever state it was left."""
    started: dict[str, Emulator] = {}
    with ExitStack() as stack:

        def with_cache(cache: str) -> Emulator:
            if cache not in started:
                real = cache == "valkey"
                url = request.getfixturevalue("valkey_server").url if real else cache
                started[cache] = stack.enter_context(Emulator(cache=url))
            return started[cache]

        yield with_cache


@pytest.fixture
def emulator(request: pytest.FixtureRequest, running: Running) -> Iterator[Emulator]:
    """An emulator as it was started; its parameter is the cache engine."""
    emulator = running(getattr(request, "param", "memory"))
    emulator.reset()
    yield emulator
    emulator.faults.clear()


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    return Client(emulator.endpoint, emulator.api_key("owner"))


@pytest.fixture
def store(owner: Client) -> Store:
    """The empty store ``store``, through the eyes of an Owner."""
    return a_store(owner, "store")


@pytest.fixture
def rules(emulator: Emulator) -> Rules:
    """The fault rules over HTTP, for who has no key."""
    return Rules(Client(emulator.endpoint))


def a_store(client: Client, name: str) -> Store:
    """A new store over a bucket of its own name."""
    store = Store(client, name)
    assert store.configure(configuration(bucket=name)).status == 201
    return store
