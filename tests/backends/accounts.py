"""Every engine of the account, the real Valkeys among them, each empty when it is first opened."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from redis import Redis
from redis.cluster import RedisCluster

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.valkey import ValkeyAccount
from emulator.backends.valkey.url import parse_valkey_url

from .engines import account_engine

ACCOUNTS = ("memory", "file", "file-without-fsync", "valkey", "valkey-cluster")

KEEPING_ACCOUNTS = ("file-without-fsync", "valkey")
"""Those that still have it when they are opened again."""

PATIENCE_SECONDS = 30.0
"""How long a call may take where that is not what a test is about: longer than a busy machine
makes anybody wait."""


class Accounts:
    """Opens engines. A directory stands for an account: with one that was not seen before, the
    Valkeys are empty too.

    Args:
        url_of: the URL of the Valkey that an engine of that name uses.
    """

    def __init__(self, url_of: Callable[[str], str]) -> None:
        self._url_of = url_of
        self._emptied_for: dict[str, Path] = {}

    @contextlib.asynccontextmanager
    async def opened(self, name: str, directory: Path) -> AsyncIterator[AccountBackend]:
        """An account engine; it is another client of the same account where the directory is the
        last one."""
        engine = self._engine(name, directory)
        try:
            yield engine
        finally:
            await engine.close()

    def _engine(self, name: str, directory: Path) -> AccountBackend:
        if not name.startswith("valkey"):
            return account_engine(name, directory)
        url = self._url_of(name)
        if self._emptied_for.get(name) != directory:
            empty(url)
            self._emptied_for[name] = directory
        return ValkeyAccount(parse_valkey_url(url), timeout=PATIENCE_SECONDS)


def empty(url: str) -> None:
    """Have a Valkey of the tests hold nothing."""
    parsed = parse_valkey_url(url)
    if parsed.is_cluster:
        cluster = RedisCluster(host=parsed.host, port=parsed.port)
        try:
            cluster.flushall(target_nodes=RedisCluster.PRIMARIES)
        finally:
            cluster.close()
    else:
        with Redis(host=parsed.host, port=parsed.port) as client:
            client.flushall()
