"""A cache in a real Valkey, which any number of processes share.

An entry is a string: a line of JSON with the object's information, then the body. It is called
``momento:RUN:{CLUSTER:NAMESPACE:KEY}``. What stands in the braces is the tag by which a Valkey
cluster places it. The run is that of the server that it was written to: what a server reads back
from its disk when it starts again, or has as a replica, may be older than what was acknowledged
since, and so is never taken for a copy.

In place of a copy there may be a marker: ``{"writing": LEASE}`` while somebody changes the object
in storage, and ``{"filling": LEASE}`` while somebody reads it there. Each lease ends in a script
that keeps the copy only if its marker is still there. A marker that a killed process leaves behind
expires.

The copy of an ephemeral object is the object: nobody can read that again. So it stands behind the
marker of a write, and is served, until the write has ended; and one that was kept meanwhile stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
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
from emulator.backends.checkpoint import Checkpoint, HeldCheckpoint
from emulator.backends.codec import EPHEMERAL_START
from emulator.backends.valkey.cluster import open_valkey
from emulator.backends.valkey.errors import DownError, LateError, LostError, RefusedError
from emulator.backends.valkey.server import Server, words
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import ObjectInfo

MARKER_MILLISECONDS = 60_000
"""How long a lease may take. Longer than that, and its copy is not kept."""

MAX_ENTRY_MILLISECONDS = 24 * 60 * 60 * 1000
"""After this an entry goes, whatever its object: nothing stays for ever that nobody asks for."""

READS_AT_ONCE = 32
"""How many entries may be on their way to us: more of the largest would keep everybody waiting."""

_PREFIX = "momento"
_WRITING = b'{"writing": '
_FILLING = b'{"filling": '
_CROSSED = b'{"writing": "crossed"}'

_BEGIN_WRITE = """\
local found = redis.call('GET', KEYS[1]) or ''
local is_writing = string.sub(found, 1, 12) == string.sub(ARGV[2], 1, 12)
local ephemeral = ''
if string.sub(found, 1, #ARGV[3]) == ARGV[3] then
  ephemeral = '\\n' .. found
elseif is_writing then
  local start = string.find(found, '\\n', 1, true)
  ephemeral = start and string.sub(found, start) or ''
end
local marker = is_writing and ARGV[2] or ARGV[1]
if ephemeral == '' then
  redis.call('SET', KEYS[1], marker, 'PX', ARGV[4])
else
  redis.call('SET', KEYS[1], marker .. ephemeral, 'KEEPTTL')
end
"""
"""Given the own marker, that of a crossed write, the start of an ephemeral copy, and the life of a
marker. Where another write is going on, whoever that is may be gone, and what it wrote still be on
its way: neither may leave a copy. An ephemeral copy stays as long as it would have without."""

_END_WRITE = """\
local found = redis.call('GET', KEYS[1])
local function begins(start)
  return found and #start > 0 and string.sub(found, 1, #start) == start
end
if begins(ARGV[1]) and ARGV[4] then
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
elseif begins(string.sub(ARGV[2], 1, 12)) and not begins(ARGV[1]) and not begins(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
elseif not begins(ARGV[3]) then
  redis.call('DEL', KEYS[1])
end
"""
"""Given the own marker, that of a crossed write, the start of an ephemeral copy that stays since it
came after the marker and, where there is a copy, its life and itself. Where another write is going
on, it is told that it was crossed."""

_DELETE = """\
local found = redis.call('GET', KEYS[1]) or ''
if string.sub(found, 1, #ARGV[1]) == ARGV[1] then
  found = string.sub(found, (string.find(found, '\\n', 1, true) or #found) + 1)
end
if string.sub(found, 1, #ARGV[2]) == ARGV[2] then
  local line = string.sub(found, 1, string.find(found, '\\n', 1, true) - 1)
  if cjson.decode(line).version > tonumber(ARGV[3]) then
    return
  end
end
redis.call('DEL', KEYS[1])
"""
"""Given the start of a write's marker and that of an ephemeral copy, and up to which version such a
one goes too. Whoever is at the key finds no marker any more, and keeps no copy."""

_END_FILL = """\
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
end
"""

_SCAN_COUNT = 1000
_LINE_BYTES = 16 * 1024
"""What is read first of an entry whose body is not wanted."""


class ValkeyCache(Cache):
    """Keeps every copy in the Valkey at ``url``, whichever cluster name it belongs to.

    Args:
        timeout: how many seconds the Valkey may take to answer.
    """

    name = "valkey"

    def __init__(self, url: ValkeyUrl, *, timeout: float) -> None:
        self._valkey = open_valkey(url, timeout)
        self._reads = asyncio.Semaphore(READS_AT_ONCE)
        self._leases = (f"{uuid.uuid4().hex}-{number}" for number in itertools.count())

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
                    *("EVAL", _BEGIN_WRITE, 1, name.in_run(run)),
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
        # Without a marker of ours nobody knows whether it came before or after.
        spared = EPHEMERAL_START if lease != NO_LEASE else b""
        with _doubtful_unless_down():
            try:
                await self._valkey.call(
                    name.tag,
                    lambda run: (
                        *("EVAL", _END_WRITE, 1, name.in_run(run)),
                        *(_writing(lease), _CROSSED, spared, *kept),
                    ),
                )
            except RefusedError:  # As when its memory is full: then it still forgets.
                await self._valkey.call(name.tag, lambda run: ("UNLINK", name.in_run(run)))

    async def keep(self, key: CacheKey, copy: CachedObject, *, lifetime: int | None = None) -> None:
        name, entry = _Name(key), encode_entry(copy)
        with _doubtful_unless_down(or_refused=True):
            await self._valkey.call(
                name.tag,
                lambda run: ("SET", name.in_run(run), entry, "PX", _milliseconds(lifetime)),
            )

    async def delete(self, key: CacheKey, *, up_to: int | None = None) -> None:
        if up_to is None:
            await super().delete(key)
            return
        name = _Name(key)
        with _doubtful_unless_down():
            await self._valkey.call(
                name.tag,
                lambda run: (
                    *("EVAL", _DELETE, 1, name.in_run(run)),
                    *(_WRITING, EPHEMERAL_START, up_to),
                ),
            )

    async def leave_open(self, key: CacheKey, lease: str) -> None:
        del lease
        name = _Name(key)
        with _doubtful_unless_down():
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
        others: str = found[len(_FILLING) + 1 : -2].decode()
        return others

    async def end_fill(
        self, key: CacheKey, lease: str, copy: CachedObject | None, *, lifetime: int | None = None
    ) -> None:
        if copy is None:
            return  # The marker goes by itself, and until then stands in nobody's way.
        name = _Name(key)
        kept = (_milliseconds(lifetime), encode_entry(copy))
        await self._valkey.call(
            name.tag,
            lambda run: ("EVAL", _END_FILL, 1, name.in_run(run), _filling(lease), *kept),
            patient=False,
        )

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
def _doubtful_unless_down(*, or_refused: bool = False) -> Iterator[None]:
    """Say of what fails that others may still be given what was there, but where nobody is, nor,
    with ``or_refused``, where what was there is as right as before."""
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
    """The name of an entry, but for the run of the server that has it."""

    __slots__ = ("_text", "tag")

    def __init__(self, key: CacheKey) -> None:
        self._text = f"{_tag_start(key.cluster, key.namespace)}{key.key}}}"
        self.tag = self._text[1 : self._text.index("}")].encode()

    def in_run(self, run: str) -> str:
        if not run:
            raise EngineUnavailableError("the user of the Valkey needs the command INFO, too")
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
    """How long an entry stays, of an object that has so many microseconds left."""
    if lifetime is None:
        return MAX_ENTRY_MILLISECONDS
    return min(lifetime // 1000 + SLACK_MILLISECONDS, MAX_ENTRY_MILLISECONDS)


async def _scan(
    server: Server, tags: str, *, own_run: bool
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """The names on a server whose tags begin so, some at a time, and the server's run: those of
    that run alone, or of every run."""
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
    """The line of JSON that a copy begins with; None where there is no copy any more."""
    start = await server.do(words("GETRANGE", name, 0, _LINE_BYTES - 1))
    if b"\n" not in start:
        start = await server.do(words("GET", name)) or b""
    return None if _is_marker(start) or b"\n" not in start else start.partition(b"\n")[0]
