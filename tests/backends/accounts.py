"""Every engine of the account, the real Valkeys among them, each empty when it is first opened."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.valkey import ValkeyAccount
from emulator.backends.valkey.url import parse_valkey_url
from tests.engines.valkey import ValkeyCluster, ValkeyServer

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
        server_of: the Valkey that an engine of that name uses.
    """

    def __init__(self, server_of: Callable[[str], ValkeyServer | ValkeyCluster]) -> None:
        self._server_of = server_of
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
        server = self._server_of(name)
        if self._emptied_for.get(name) != directory:
            server.empty()
            self._emptied_for[name] = directory
        return ValkeyAccount(parse_valkey_url(server.url), timeout=PATIENCE_SECONDS)
