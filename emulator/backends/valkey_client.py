"""Scripts that run in a Valkey, each bounded in time, with one-line causes where it cannot."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from redis import exceptions

from emulator.backends.errors import EngineUnavailableError
from emulator.backends.valkey_url import ValkeyUrl, open_client

CONNECTIONS = 32
"""How many calls are under way at a time; others wait for their turn, within their time."""

Argument = str | bytes | int

_FAILURES = (
    exceptions.RedisError,
    exceptions.RedisClusterException,
    OSError,
    asyncio.TimeoutError,
)


class Script:
    """A script in Lua, known to the server by its digest once it has run."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


class ValkeyClient:
    """Runs scripts in one server or cluster.

    Args:
        url: where it is.
        timeout: seconds that a call may take, whatever becomes of it.
    """

    def __init__(self, url: ValkeyUrl, *, timeout: float) -> None:
        self.url = url
        self._timeout = timeout
        self._client = open_client(url, timeout=timeout, max_connections=CONNECTIONS + 1)
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def run(
        self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument] = ()
    ) -> Any:
        """What the script returns. Where the connection is lost it runs once more, so that a
        script that writes has to know itself again.

        Raises:
            EngineUnavailableError: it cannot run, or nobody knows whether it has.
        """
        try:
            return await asyncio.wait_for(self._run(script, keys, arguments), self._timeout)
        except _FAILURES as error:
            raise EngineUnavailableError(f"{self.url}: {self._cause(error)}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _run(
        self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]
    ) -> Any:
        async with self._turns:
            if self.url.is_cluster:  # Until it knows the nodes, it would ask any of them.
                await self._client.initialize()
            try:
                return await self._evaluate(script, keys, arguments)
            except exceptions.AuthenticationError:
                raise
            except exceptions.ConnectionError:
                return await self._evaluate(script, keys, arguments)

    async def _evaluate(
        self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]
    ) -> Any:
        rest = (len(keys), *keys, *arguments)
        try:
            return await self._client.execute_command("EVALSHA", script.digest, *rest)
        except exceptions.NoScriptError:  # It has not run: the server is a new one.
            return await self._client.execute_command("EVAL", script.source, *rest)

    def _cause(self, error: Exception) -> str:
        if isinstance(error, (exceptions.TimeoutError, asyncio.TimeoutError)):
            return f"no answer within {self._timeout:g} s (--valkey-timeout)"
        text = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, exceptions.AuthenticationError) or text.startswith("NOAUTH"):
            return f"it refuses the user or password: {text}"
        if isinstance(error, exceptions.NoPermissionError):
            return f"the user may not do what is needed there: {text}"
        if isinstance(error, (exceptions.ConnectionError, OSError)):
            return f"it cannot be reached: {text}"
        return text
