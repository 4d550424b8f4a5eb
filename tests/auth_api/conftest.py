"""An emulator over each account backend, in its first state for each test, and who calls it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.contract.stores import Store, Stores
from tests.suites import one_in_full
from tests.support.as_described import described as described
from tests.support.raw_client import Client

from .api import Api, Clock
from .membership import Membership


@pytest.fixture(scope="session", params=one_in_full("memory", "file", sample=4))
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """The session's emulator for each account backend, in whatever state it was left."""
    options: dict[str, Any] = {}
    if request.param == "file":
        options = {"data_dir": tmp_path_factory.mktemp("auth") / "data", "fsync": False}
    with Emulator(cache="memory", log_level="debug", **options) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator as it was started."""
    running.reset()
    return running


@pytest.fixture(scope="session")
def stranger() -> Iterator[Api]:
    """An Owner of another emulator, with an account and a signing secret of its own."""
    with Emulator(cache="memory") as emulator:
        yield Api(Client(emulator.endpoint, emulator.api_key("owner")))


@pytest.fixture
def owner(emulator: Emulator) -> Api:
    return Api(Client(emulator.endpoint, emulator.api_key("owner")))


@pytest.fixture
def operator(owner: Api, emulator: Emulator) -> Api:
    return owner.with_key(emulator.api_key("operator"))


@pytest.fixture
def viewer(owner: Api, emulator: Emulator) -> Api:
    return owner.with_key(emulator.api_key("viewer"))


@pytest.fixture
def nobody(owner: Api) -> Api:
    """A client without a key."""
    return owner.with_key(None)


@pytest.fixture
def account(owner: Api) -> Membership:
    """The membership of the account, through the eyes of a key of the role Owner."""
    return Membership(owner)


@pytest.fixture
def founder(account: Membership) -> str:
    """The user name of the one member whom the account begins with."""
    [user_name] = account.members()
    return user_name


@pytest.fixture
def clock(nobody: Api) -> Clock:
    """The emulator's clock, which stands still."""
    clock = Clock(nobody.client)
    clock.freeze()
    return clock


@pytest.fixture
def stores(owner: Api) -> Stores:
    return Stores(owner.client)


@pytest.fixture
def store(stores: Stores) -> Store:
    """An empty store, through the eyes of an Owner."""
    return stores.create()


@pytest.fixture
def data_directory(emulator: Emulator) -> Path:
    """Where the emulator keeps its account, for tests `over_files`."""
    assert emulator.config.data_dir is not None
    return emulator.config.data_dir
