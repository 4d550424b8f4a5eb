"""Services of both revisions, and an emulator in this process whose clock stands still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Emulator
from tests.contract.service import Service
from tests.contract.service import emulator as service_over
from tests.contract.stores import Store, Stores
from tests.support.as_described import described as described
from tests.support.emulators import raw_client
from tests.support.raw_client import Client

from .stores import FIRST, INSTANT, LATER, ONE_PAIR


@pytest.fixture(scope="session", params=[ONE_PAIR])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The later revision, over one pair of tiers, or over each for tests in `every_pair`."""
    directory = tmp_path_factory.mktemp(request.param)
    options = {"clusters": "my-valkey-cluster,another-cluster", "strict_log_groups": False}
    with service_over(request.param, directory, api_revision=LATER, **options) as started:
        yield started


@pytest.fixture(scope="session")
def first_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The first revision."""
    directory = tmp_path_factory.mktemp("first")
    with service_over("memory-fakeredis", directory, api_revision=FIRST) as started:
        yield started


@pytest.fixture
def owner(service: Service) -> Client:
    return service.client("owner")


@pytest.fixture
def viewer(service: Service) -> Client:
    return service.client("viewer")


@pytest.fixture
def stores(owner: Client) -> Iterator[Stores]:
    """Makes stores of the later revision for this test."""
    made = Stores(owner, later=True)
    yield made
    made.delete_all()


@pytest.fixture
def store(stores: Stores) -> Store:
    """An empty store of the later revision."""
    return stores.create()


@pytest.fixture
def first_stores(first_service: Service) -> Iterator[Stores]:
    """Makes stores of the first revision for this test."""
    made = Stores(first_service.client("owner"), later=False)
    yield made
    made.delete_all()


@pytest.fixture
def first_store(first_stores: Stores) -> Store:
    """An empty store of the first revision."""
    return first_stores.create()


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    """One emulator for all tests, in whatever state the tests before have left it."""
    with Emulator(api_revision=LATER, cache="memory") as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator of the later revision that has just begun. Its clock stands still."""
    running.reset()
    running.clock.freeze(INSTANT)
    return running


@pytest.fixture
def frozen(emulator: Emulator) -> Stores:
    """Makes stores where the clock stands still."""
    return Stores(raw_client(emulator))


@pytest.fixture
def emulator_options() -> dict[str, Any]:
    return {"api_revision": LATER, "cache": "memory"}
