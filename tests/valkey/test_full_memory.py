"""A Valkey whose memory is full costs speed, never a wrong answer."""

from __future__ import annotations

import pytest

from tests.engines.valkey import StartValkey
from tests.support.emulators import Start, with_store

from .load import Load


@pytest.mark.proves("D34")
@pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "volatile-ttl"])
def test_puts_succeed_and_gets_are_right_though_the_valkeys_memory_is_full(
    start_valkey: StartValkey, start: Start, policy: str
) -> None:
    server = start_valkey("--maxmemory", "2mb", "--maxmemory-policy", policy)
    emulator = start(cache=server.url)
    owner = with_store(emulator)
    bodies: dict[str, bytes] = {}
    for number in range(200):
        key = f"key-{number % 120}"
        bodies[key] = b"%d" % number * 20_000
        assert owner.put("store", key, bodies[key]).status == 204
    assert int(server.ask("INFO", "memory").split("used_memory:")[1].split()[0]) > 1_500_000
    for _ in range(2):
        for key, body in bodies.items():
            assert owner.get("store", key).body == body
    with Load(owner, ["a", "b", "c"]).running() as load:
        for number in range(100):
            owner.put("store", f"key-{number}", b"x" * 100_000)
    assert load.complaints == []


@pytest.mark.proves("D34")
def test_a_copy_that_cannot_be_replaced_for_want_of_memory_goes(
    start_valkey: StartValkey, start: Start
) -> None:
    server = start_valkey("--maxmemory-policy", "noeviction")
    emulator = start(cache=server.url)
    owner = with_store(emulator)
    owner.put("store", "key", b"old")
    server.ask("CONFIG", "SET", "maxmemory", "1")
    assert owner.put("store", "key", b"new").status == 204
    assert server.ask("DBSIZE").strip() == "0"
    assert owner.get("store", "key").body == b"new"
