"""An empty engine of every kind for each test that asks for one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.account.base import AccountBackend
from emulator.backends.cache.base import Cache
from emulator.backends.storage.base import Storage
from emulator.backends.storage.s3 import S3Storage
from tests.engines.aws import aws_environment, boto3_client
from tests.engines.s3 import S3Server
from tests.engines.valkey import find_server
from tests.suites import is_full, over

from .accounts import ACCOUNTS, Accounts
from .engines import (
    CACHES,
    OWN_STORAGES,
    S3_SERVERS,
    STORAGES,
    VALKEY_URLS,
    opened_cache,
    opened_storage,
)
from .s3 import holds, opened_s3


@pytest.fixture(scope="session", autouse=True)
def real_engines(request: pytest.FixtureRequest) -> None:
    """Says where the real engines are, as far as this machine has them."""
    if is_full(request.config) and find_server() is not None:
        VALKEY_URLS["valkey"] = request.getfixturevalue("valkey_server").url
        VALKEY_URLS["valkey-cluster"] = request.getfixturevalue("valkey_cluster").url


@pytest.fixture(params=over(*STORAGES))
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage engine; one that uses files keeps them below `tmp_path`."""
    async with _opened(request, tmp_path) as engine:
        yield engine


@pytest.fixture(params=over(*(name for name in STORAGES if name != "s3rver")))
async def whole_storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage engine whose readers see whole versions: s3rver writes over the file that
    they read."""
    async with _opened(request, tmp_path) as engine:
        yield engine


@pytest.fixture(params=over(*OWN_STORAGES))
async def own_storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """An empty storage engine whose objects are the emulator's own."""
    async with _opened(request, tmp_path) as engine:
        yield engine


@pytest.fixture
def can_hold(request: pytest.FixtureRequest) -> Callable[[str], bool]:
    """Whether what is behind the test's storage engine can have an object of that key at all."""
    name = request.node.callspec.params["storage"]
    return lambda key: holds(name, key)


@pytest.fixture(params=over(*S3_SERVERS))
def s3_server(request: pytest.FixtureRequest) -> Iterator[S3Server]:
    """An empty S3, with its credentials in the environment."""
    server: S3Server = request.getfixturevalue(request.param)
    with aws_environment(server):
        yield server


@pytest.fixture
async def s3(s3_server: S3Server) -> AsyncIterator[S3Storage]:
    """Storage in an S3 that has the bucket `bucket`."""
    boto3_client(s3_server).create_bucket(Bucket="bucket")
    async with opened_s3(s3_server.url) as storage:
        yield storage


@pytest.fixture
def boto3(s3_server: S3Server) -> Any:
    """Another tool."""
    return boto3_client(s3_server)


@contextlib.asynccontextmanager
async def _opened(request: pytest.FixtureRequest, directory: Path) -> AsyncIterator[Storage]:
    if request.param not in S3_SERVERS:
        async with opened_storage(request.param, directory) as engine:
            yield engine
        return
    server = request.getfixturevalue(request.param)
    with aws_environment(server):
        async with opened_s3(server.url, create_buckets=True) as engine:
            yield engine


@pytest.fixture(params=over(*CACHES))
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    """An empty cache engine."""
    async with opened_cache(request.param) as engine:
        yield engine


@pytest.fixture(scope="session")
def accounts(request: pytest.FixtureRequest) -> Accounts:
    """What opens every engine of the account."""
    servers = {"valkey": "valkey_server", "valkey-cluster": "valkey_cluster"}
    return Accounts(lambda name: request.getfixturevalue(servers[name]))


@pytest.fixture(params=over(*ACCOUNTS))
async def account(
    request: pytest.FixtureRequest, accounts: Accounts, tmp_path: Path
) -> AsyncIterator[AccountBackend]:
    """An empty account engine; one that uses a file keeps it in `tmp_path`."""
    async with accounts.opened(request.param, tmp_path) as engine:
        yield engine
