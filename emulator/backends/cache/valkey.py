"""Cache engine: a real Valkey that any number of processes share.

An entry is a string: a line of JSON with the object's information, then the body. Its name is
``momento:RUN:{CLUSTER:NAMESPACE:KEY}``. The part in braces is the hash tag, by which a Valkey
cluster places it. RUN identifies the run of the server that the entry was written to: what a server
loads from its disk after a restart, or has as a replica, may be older than what was acknowledged
since, and so is never used as a copy.

A marker may stand in place of a copy: ``{"writing": LEASE}`` while somebody changes the object in
storage, ``{"filling": LEASE}`` while somebody reads it there. Each lease ends with a script that
keeps the copy only if the lease's marker is still there. A marker left by a killed process expires.

The copy of an ephemeral object is the only one. So during a write it stays behind the write's
marker, and is served from there, until the write has ended; and an ephemeral copy that was stored
during the write stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache, partial
from urllib.parse import quote

from emulator.backends.cache.base import NO_LEASE, Cache, CachedObject, CacheKey
from emulator.backends.cache.entries import (
    SLACK_MILLISECONDS,
    decode_entry,
    decode_line,
    encode_entry,
)
from emulator.backends.cache.valkey_scripts import BEGIN_WRITE, DELETE, END_FILL, END_WRITE
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.codec import EPHEMERAL_START
from emulator.backends.valkey.cluster import open_valkey
from emulator.backends.valkey.errors import DownError, LateError, LostError, RefusedError
from emulator.backends.valkey.server import Server, words
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.object_info import ObjectInfo
from emulator.core.private import new_id

MARKER_MILLISECONDS = 60_000
"""How long a lease lasts. After that, its copy is not kept."""

MAX_ENTRY_MILLISECONDS = 24 * 60 * 60 * 1000
"""The longest lifetime of an entry, so that entries nobody reads do not stay forever."""

READS_AT_ONCE = 32
"""The most reads of entries at one time: more large ones would delay all others."""

_PREFIX = "momento"
_WRITING = b'{"writing": '
_FILLING = b'{"filling": '
_CROSSED = b'{"writing": "crossed"}'

_SCAN_COUNT = 1000
_LINE_BYTES = 16 * 1024
"""How much of an entry is read first when only its line of JSON is needed."""


class ValkeyCache(Cache):
    """Keeps the copies of all cluster names in the Valkey at ``url``.

    Args:
        timeout: how many seconds the Valkey may take to answer.
    """

    name = "valkey"

    def __init__(self, url: ValkeyUrl, *, timeout: float) -> None:
        self._valkey = open_valkey(url, timeout)
        self._reads = asyncio.Semaphore(READS_AT_ONCE)
        self._leases = (f"{new_id()}-{number}" for number in itertools.count())

    async def get(self, key: CacheKey) -> CachedObject | None:
        name = _Name(key)
        async with self._reads:
            entry = await self._valkey.call(
                name.tag, lambda run: ("GET", name.in_run(run)), patient=False
            )
        if entry is not None and _is_marker(entry):
            entry = entry.partition(b"\n")[2]
        return decode_entry(entry) if entry else None

    async def begin_write(self, key: CacheKey) -> str:
        name, lease = _Name(key), next(self._leases)
        try:
            await self._valkey.call(
                name.tag,
                lambda run: (
                    *("EVAL", BEGIN_WRITE, 1, name.in_run(run)),
                    *(_writing(lease), _CROSSED, EPHEMERAL_START, MARKER_MILLISECONDS),
                ),
            )
        except (LateError, LostError) as error:
            raise OutcomeUnknownError(str(error)) from None
        return lease

    async def end_write(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        name = _Name(key)
        kept = () if copy is None else (_milliseconds(lifetime), encode_entry(copy))
        # Without our marker it is unknown whether an ephemeral copy is older or newer than this
        # write; only then it is removed.
        spared = EPHEMERAL_START if lease != NO_LEASE else b""
        with _unknown_unless_down():
            try:
                await self._valkey.call(
                    name.tag,
                    lambda run: (
                        *("EVAL", END_WRITE, 1, name.in_run(run)),
                        *(_writing(lease), _CROSSED, spared, *kept),
                    ),
                )
            except RefusedError:  # A full memory, for instance, does not prevent removal.
                await self._valkey.call(name.tag, lambda run: ("UNLINK", name.in_run(run)))

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        name, entry = _Name(key), encode_entry(copy)
        with _unknown_unless_down(or_refused=True):
            await self._valkey.call(
                name.tag,
                lambda run: ("SET", name.in_run(run), entry, "PX", _milliseconds(lifetime)),
            )

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        if up_to is None:
            await super().delete(key)
            return
        name = _Name(key)
        with _unknown_unless_down():
            await self._valkey.call(
                name.tag,
                lambda run: (
                    *("EVAL", DELETE, 1, name.in_run(run)),
                    *(_WRITING, EPHEMERAL_START, up_to),
                ),
            )

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        del lease
        name = _Name(key)
        with _unknown_unless_down():
            await self._valkey.call(
                name.tag,
                lambda run: ("SET", name.in_run(run), _CROSSED, "PX", MARKER_MILLISECONDS),
            )

    async def begin_fill(self, key: CacheKey) -> str | None:
        name, lease = _Name(key), next(self._leases)
        found = await self._valkey.call(
            name.tag,
            lambda run: (
                *("SET", name.in_run(run), _filling(lease)),
                *("NX", "GET", "PX", MARKER_MILLISECONDS),
            ),
            patient=False,
        )
        if found is None:
            return lease
        if not found.startswith(_FILLING):
            return None
        shared: str = found[len(_FILLING) + 1 : -2].decode()
        return shared

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if copy is None:
            return  # The marker expires, and hinders nobody until then.
        name = _Name(key)
        kept = (_milliseconds(lifetime), encode_entry(copy))
        await self._valkey.call(
            name.tag,
            lambda run: ("EVAL", END_FILL, 1, name.in_run(run), _filling(lease), *kept),
            patient=False,
        )

    def expires_entries(self, cluster: str) -> bool:  # noqa: ARG002
        return True

    async def drop(self, cluster: str, namespace: str) -> None:
        await self._remove(f"{_tag_start(cluster, namespace)}*")

    async def flush(self, cluster: str) -> None:
        await self._remove(f"{_tag_start(cluster)}*")

    async def list(self, cluster: str, namespace: str) -> list[tuple[str, ObjectInfo]]:
        start = _tag_start(cluster, namespace)
        listed = {}
        for server in await self._valkey.servers():
            async for run, names in _scan(server, f"{start}*", own_run=True):
                skipped = len(f"{_PREFIX}:{run}:{start}")
                for name in names:
                    line = await _line(server, name)
                    if line is not None:
                        listed[name[skipped:-1].decode()] = decode_line(line)
        return sorted(listed.items())

    async def checkpoint(self) -> Checkpoint:
        return HeldCheckpoint((), lambda _: self.clear())

    async def check(self) -> None:
        for server in await self._valkey.servers():
            await server.do(words("PING"))

    async def clear(self) -> None:
        await self._remove("*")

    async def close(self) -> None:
        await self._valkey.close()

    async def _remove(self, tags: str) -> None:
        for server in await self._valkey.servers():
            async for _, names in _scan(server, tags, own_run=False):
                for name in names:
                    await server.do(words("UNLINK", name))


@contextlib.contextmanager
def _unknown_unless_down(*, or_refused: bool = False) -> Iterator[None]:
    """Turn failures into ``OutcomeUnknownError``: other requests may still get the old entry.

    Not ``DownError``: a server that is down serves nobody. With ``or_refused``, not
    ``RefusedError`` either: nothing was changed, and the old entry is still valid.
    """
    try:
        yield
    except DownError:
        raise
    except RefusedError as error:
        if or_refused:
            raise
        raise OutcomeUnknownError(str(error)) from None
    except EngineUnavailableError as error:
        raise OutcomeUnknownError(str(error)) from None


class _Name:
    """The name of an entry, except for the run of the server that has it."""

    __slots__ = ("_text", "tag")

    def __init__(self, key: CacheKey) -> None:
        self._text = f"{_tag_start(key.cluster, key.namespace)}{key.key}}}"
        self.tag = self._text[1 : self._text.index("}")].encode()

    def in_run(self, run: str) -> str:
        if not run:
            raise EngineUnavailableError("the Valkey user needs permission for the command INFO")
        return f"{_PREFIX}:{run}:{self._text}"


@lru_cache(maxsize=1024)
def _tag_start(cluster: str, namespace: str | None = None) -> str:
    names = f"{{{quote(cluster, safe='')}:"
    return names if namespace is None else f"{names}{namespace}:"


def _writing(lease: str) -> bytes:
    return b'%b"%b"}' % (_WRITING, lease.encode())


def _filling(lease: str) -> bytes:
    return b'%b"%b"}' % (_FILLING, lease.encode())


def _is_marker(entry: bytes) -> bool:
    return entry.startswith((_WRITING, _FILLING))


def _milliseconds(lifetime: int | None) -> int:
    """The lifetime of an entry in milliseconds; ``lifetime``, that of its object, is in
    microseconds."""
    if lifetime is None:
        return MAX_ENTRY_MILLISECONDS
    return min(lifetime // 1000 + SLACK_MILLISECONDS, MAX_ENTRY_MILLISECONDS)


async def _scan(
    server: Server, tags: str, *, own_run: bool
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Yield the server's run, with a batch of the names whose tags match ``tags``: of that run if
    ``own_run``, else of all runs."""
    runs: list[str] = []

    def command(run: str, cursor: bytes) -> tuple[str | bytes | int, ...]:
        runs[:] = [run]
        pattern = f"{_PREFIX}:{run if own_run else '*'}:{tags}"
        return ("SCAN", cursor, "MATCH", pattern, "COUNT", _SCAN_COUNT)

    cursor = b"0"
    while True:
        cursor, names = await server.do(partial(command, cursor=cursor))
        if names:
            yield runs[0], names
        if cursor == b"0":
            return


async def _line(server: Server, name: bytes) -> bytes | None:
    """Read the line of JSON at the start of a copy; None if there is no copy any more."""
    start = await server.do(words("GETRANGE", name, 0, _LINE_BYTES - 1))
    if b"\n" not in start:
        start = await server.do(words("GET", name)) or b""
    return None if _is_marker(start) or b"\n" not in start else start.partition(b"\n")[0]
