"""An empty engine of every kind for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulator.backends.account.base import AccountBackend
from emulator.backends.cache.base import Cache
from emulator.backends.storage.base import Storage
from tests.engines.valkey import find_server

from .accounts import ACCOUNTS, Accounts
from .engines import CACHES, STORAGES, VALKEY_URLS, opened_cache, opened_storage


@pytest.fixture(scope="session", autouse=True)
def real_engines(request: pytest.FixtureRequest) -> None:
    """Says where the real engines are, as far as this machine has them."""
    if find_server() is not None:
        VALKEY_URLS["valkey"] = request.getfixturevalue("valkey_server").url
        VALKEY_URLS["valkey-cluster"] = request.getfixturevalue("valkey_cluster").url


@pytest.fixture(params=STORAGES)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage engine; one that uses files keeps them below `tmp_path`."""
    async with opened_storage(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture(params=CACHES)
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """An empty cache engine."""
    async with opened_cache(request.param) as engine:
        yield engine


@pytest.fixture(scope="session")
def accounts(request: pytest.FixtureRequest) -> Accounts:
    """What opens every engine of the account."""
    servers = {"valkey": "valkey_server", "valkey-cluster": "valkey_cluster"}
    return Accounts(lambda name: request.getfixturevalue(servers[name]).url)


@pytest.fixture(params=ACCOUNTS)
async def account(
    request: pytest.FixtureRequest, accounts: Accounts, tmp_path: Path
) -> AsyncIterator[AccountBackend]:
    """An empty account engine; one that uses a file keeps it in `tmp_path`."""
    async with accounts.opened(request.param, tmp_path) as engine:
        yield engine
