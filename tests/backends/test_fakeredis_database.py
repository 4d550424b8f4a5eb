"""The database of a fakeredis server that is read and written directly: commands find what is
written there, and are found there; both ways give the same answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import pytest
from freezegun import freeze_time
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.entries import SLACK_MILLISECONDS, encode_entry
from emulator.backends.cache.fakeredis import FakeRedisCache
from emulator.backends.cache.fakeredis_commands import CommandServer
from emulator.backends.cache.fakeredis_database import DatabaseServer
from emulator.backends.cache.fakeredis_time import CLOCK
from emulator.backends.checkpoint import Checkpoint
from emulator.core import private
from tests.suites import examples

from .engines import FAKEREDIS
from .objects import an_info

NAME = b"namespace:key"
HOUR = 3_600_000
"""In milliseconds."""

BOTH_WAYS = pytest.mark.parametrize("kind", FAKEREDIS.values(), ids=FAKEREDIS)


def copy_of(body: bytes, **more: Any) -> CachedObject:
    return CachedObject(an_info(len(body))._replace(**more), body)


@pytest.fixture
def server() -> Iterator[DatabaseServer]:
    made = DatabaseServer()
    yield made
    made.close()


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of fakeredis servers by some seconds."""
    now = [private.time()]
    monkeypatch.setattr(CLOCK, "time", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


@BOTH_WAYS
def test_an_entry_ends_after_its_lifetime_and_not_before(
    kind: type[CommandServer], pass_time: Callable[[float], None]
) -> None:
    server = kind()
    server.put(NAME, copy_of(b"body"), HOUR)
    server.put(b"n:other", copy_of(b"other"), None)
    pass_time(3599)
    assert server.get(NAME) == copy_of(b"body")
    assert server.has(NAME)
    assert server.execute("PTTL", NAME) == 1000
    pass_time(2)
    assert server.execute("GET", NAME) is None
    assert server.get(NAME) is None
    assert not server.has(NAME)
    assert server.get(b"n:other") == copy_of(b"other")


@BOTH_WAYS
@pytest.mark.proves("D127")
def test_lifetimes_are_of_real_time_while_freezegun_stops_that_of_a_test(
    kind: type[CommandServer],
) -> None:
    with freeze_time("2001-01-01"):
        server, of_the_test = kind(), fakeredis.FakeRedis()
        of_the_test.set("key", "value", px=1000)
        server.put(NAME, copy_of(b"body"), HOUR)
        server.execute("SET", "other", "value", "PX", HOUR)
        assert of_the_test.pttl("key") == 1000
        assert of_the_test.time()[0] == 978_307_200
    for name in (NAME, b"other"):
        assert 0 <= time.time() * 1000 + HOUR - server.execute("PEXPIRETIME", name) < 60_000
    assert server.get(NAME) == copy_of(b"body")


def test_commands_find_the_entries_of_all_shards_and_none_that_has_ended(
    server: DatabaseServer, pass_time: Callable[[float], None]
) -> None:
    names = {b"n:%d" % number for number in range(500)}
    for name in names:
        server.put(name, copy_of(name), None)
    server.put(NAME, copy_of(b"body"), HOUR)
    server.execute("SET", "written", "value", "PX", HOUR)
    assert server.execute("DBSIZE") == 502
    assert {*server.execute("KEYS", "*")} == {*names, NAME, b"written"}
    pass_time(3601)
    assert server.execute("DBSIZE") == 500
    assert {*server.execute("KEYS", "*")} == names
    assert server.execute("RANDOMKEY") in names
    assert server.execute("MGET", *names) == [encode_entry(copy_of(name)) for name in names]


@pytest.mark.parametrize(
    "command",
    [
        ("SET", NAME, "new"),
        ("SET", NAME, "new", "KEEPTTL"),
        ("APPEND", NAME, "more"),
        ("SETRANGE", NAME, 0, "!"),
        ("PEXPIRE", NAME, 2 * HOUR),
        ("PERSIST", NAME),
        ("RENAME", NAME, "other"),
        ("GETDEL", NAME),
        ("UNLINK", NAME),
        ("FLUSHALL",),
    ],
    ids=lambda command: "-".join(map(str, command[::2])).lower(),
)
def test_a_command_changes_an_entry_and_not_what_a_checkpoint_has_of_it(
    server: DatabaseServer, command: tuple[Any, ...]
) -> None:
    def seen() -> object:
        return [server.execute(each, NAME) for each in ("GET", "PEXPIRETIME")]

    server.put(NAME, copy_of(b"body"), HOUR)
    before, held = seen(), server.share()
    server.execute(*command)
    assert seen() != before
    server.replace(held)
    assert seen() == before
    assert server.get(NAME) == copy_of(b"body")


def test_what_a_command_writes_is_read_directly(server: DatabaseServer) -> None:
    for copy in (copy_of(b"body"), copy_of(b"other", metadata={"a": "é"}, expires_at=5)):
        server.execute("SET", NAME, encode_entry(copy))
        assert server.get(NAME) == copy
        assert server.has(NAME)
    server.execute("DEL", NAME)
    assert server.get(NAME) is None


_STEPS = {
    "put": 6, "get": 2, "delete": 2, "expire": 2, "wait": 3, "checkpoint": 2, "restore": 2,
    "list": 1, "drop": 1, "flush": 1, "clear": 1, "expiring": 1,
}  # fmt: skip
_steps = st.lists(
    st.tuples(
        st.sampled_from([step for step, weight in _STEPS.items() for _ in range(weight)]),
        st.integers(0, 3),
        st.integers(0, 4),
    ),
    max_size=40,
)

KEYS = (
    *(CacheKey("c", "n", key) for key in ("key", "*")),
    CacheKey("c", "nn", "é:"),
    CacheKey("d", "n", "key"),
)
LIFETIMES = (None, 0, 500_000, HOUR * 1000, 10**24)
"""In microseconds. Together with the waits they meet the last instant of an entry exactly."""
WAITS = (0.5, 1.0, SLACK_MILLISECONDS / 1000, 3600.0, 0.0)
"""In seconds."""


def some_copy(number: int, choice: int) -> CachedObject:
    body = (b"", b"\n", b"body", b'{"size":0}\nx', b"\0" * 70_000)[number % 5]
    more: dict[str, Any] = {"version": number, "expires_at": number if choice % 2 else None}
    if choice == 2:
        more |= {"metadata": {"a": "é\u2028"}, "ephemeral": True}
    return copy_of(body, **more)


class Driven:
    """A cache, and the checkpoints of it."""

    def __init__(self, cache: FakeRedisCache) -> None:
        self.cache = cache
        self.checkpoints: list[Checkpoint] = []

    async def take(self, step: str, key: CacheKey, number: int, choice: int) -> object:
        """Take a step, and return what it answers."""
        cache = self.cache
        if step == "get":
            return await cache.get(key)
        if step == "expire":
            return await cache.expire(key, choice * 10)
        if step == "list":
            return await cache.list(key.cluster, key.namespace)
        if step == "expiring":
            return sorted([each async for some in cache.expiring() for each in some])
        if step == "put":
            await cache.set(key, some_copy(number, choice), lifetime=LIFETIMES[choice])
        elif step == "delete":
            await cache.delete(key)
        elif step == "drop":
            await cache.drop(key.cluster, key.namespace)
        elif step == "flush":
            await cache.flush(key.cluster)
        elif step == "clear":
            await cache.clear()
        elif step == "checkpoint":
            self.checkpoints.append(await cache.checkpoint())
        elif step == "restore" and self.checkpoints:
            await self.checkpoints[choice % len(self.checkpoints)].restore()
        return None

    async def everything(self) -> list[object]:
        """What the engine has, and the strings and ends that a client of the servers sees."""
        return [
            [(await self.cache.get(key), await self.cache.begin_fill(key) is None) for key in KEYS],
            [
                [
                    server.execute(command, f"{key.namespace}:{key.key}")
                    for command in ("GET", "PEXPIRETIME")
                ]
                for key in KEYS
                if (server := self.cache._clusters.get(key.cluster)) is not None
                and server.execute("DBSIZE")
            ],
        ]


@settings(max_examples=examples(200))
@given(steps=_steps)
@example(steps=[("put", 0, 1), ("checkpoint", 0, 0), ("wait", 0, 2), ("wait", 0, 0)])
@example(steps=[("put", 0, 1), ("checkpoint", 0, 0), ("wait", 0, 3), ("restore", 0, 0)])
@example(steps=[("put", 0, 1), ("checkpoint", 0, 0), ("put", 0, 3), ("restore", 0, 0)])
async def test_the_database_and_commands_give_the_same_answers(
    steps: list[tuple[str, int, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        now = 1_700_000_000.5
        patched.setattr(CLOCK, "time", lambda: now)
        both = [Driven(FakeRedisCache(kind)) for kind in FAKEREDIS.values()]
        for number, (step, place, choice) in enumerate(steps):
            if step == "wait":
                now += WAITS[choice]
            answers = [await each.take(step, KEYS[place], number, choice) for each in both]
            assert answers[0] == answers[1]
            first, second = [await each.everything() for each in both]
            assert first == second
        for each in both:
            await each.cache.close()
