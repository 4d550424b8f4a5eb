"""A Valkey that is killed and comes back, empty or with what it had some time ago."""

from __future__ import annotations

import random

import pytest

from emulator import Emulator
from tests.engines.valkey import StartValkey, ValkeyServer
from tests.support.emulators import Start, with_store
from tests.support.waiting import wait_until

from .load import Load
from .service import cache_health, outcome, remembers


def hits(emulator: Emulator) -> int:
    """How many Gets the cache has answered."""
    return emulator.tiers.counts()["cache"]["hits"]


@pytest.mark.proves("D34")
def test_a_valkey_that_is_killed_again_and_again_costs_nobody_an_answer(
    server: ValkeyServer, emulator: Emulator
) -> None:
    owner = with_store(emulator)
    chance = random.Random(1)
    keys = [f"key-{number}" for number in range(4)]
    with Load(owner, keys).running() as load:
        for _ in range(6):
            load.wait_for_puts(chance.randint(1, 50))
            server.kill()
            load.wait_for_puts(chance.randint(0, 50))
            server.start()
        before = hits(emulator)
        wait_until(lambda: load.puts > 100 and load.gets > 100 and hits(emulator) > before)
    assert load.complaints == []
    for key in keys:
        assert remembers(emulator, owner, key)
    assert cache_health(emulator) == {"engine": "valkey", "status": "ok"}


@pytest.mark.proves("D34")
def test_while_the_valkey_is_down_storage_answers_and_health_says_why(
    server: ValkeyServer, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    owner = with_store(emulator)
    owner.put("store", "key", b"old")
    server.kill()
    assert owner.get("store", "key").body == b"old"
    assert owner.put("store", "key", b"new").status == 204
    assert owner.get("store", "key").body == b"new"
    assert outcome(emulator) == "storage_hit"
    cause = f"{server.url} cannot be reached: nothing listens there"
    assert cache_health(emulator) == {"engine": "valkey", "status": "failing", "cause": cause}
    assert cause in caplog.text
    server.start()
    assert remembers(emulator, owner, "key")
    assert owner.get("store", "key").body == b"new"
    assert cache_health(emulator)["status"] == "ok"


def test_an_emulator_starts_while_its_valkey_is_down(server: ValkeyServer, start: Start) -> None:
    server.kill()
    emulator = start(cache=server.url)
    owner = with_store(emulator)
    assert owner.put("store", "key", b"body").status == 204
    assert owner.call("DELETE", "/objectstore/store").status == 200
    assert owner.create_store("store").status == 201
    assert owner.get("store", "key").body == b"body"
    server.start()
    assert remembers(emulator, owner, "key")


@pytest.mark.proves("D65")
@pytest.mark.parametrize(
    "options",
    [("--save", "3600 1"), ("--appendonly", "yes", "--appendfsync", "always")],
    ids=["snapshot", "append-only file"],
)
@pytest.mark.parametrize("seen_down", [True, False])
def test_what_a_valkey_reads_back_from_its_disk_is_not_believed(
    start_valkey: StartValkey, start: Start, options: tuple[str, ...], seen_down: bool
) -> None:
    server = start_valkey(*options)
    one, other = start(cache=server.url), start(cache=server.url)
    owners = [with_store(one), with_store(other)]
    for owner in owners:
        owner.put("store", "key", b"one")
        owner.put("store", "untouched", b"one")
    server.ask("SAVE")
    if not seen_down:
        assert owners[0].put("store", "key", b"two").status == 204
    server.kill()
    if seen_down:
        assert owners[0].put("store", "key", b"two").status == 204
    server.start()
    assert int(server.ask("DBSIZE")) >= 4, "it has what it had before"
    for _ in range(3):
        assert owners[0].get("store", "key").body == b"two"
    assert outcome(one) == "cache_hit"
    assert owners[1].get("store", "untouched").body == b"one"
    assert outcome(other) == "storage_hit"
    one.reset()
    assert server.ask("DBSIZE") == "0\n", "what earlier runs have left goes too"


@pytest.mark.proves("D68")
def test_a_demoted_server_that_takes_no_writes_is_not_believed_silently(
    start_valkey: StartValkey, start: Start
) -> None:
    primary, other = start_valkey(), start_valkey()
    emulator = start(cache=primary.url)
    owner = with_store(emulator)
    owner.put("store", "key", b"one")
    primary.ask("REPLICAOF", "127.0.0.1", str(other.port))
    assert owner.put("store", "key", b"two").status == 500
    assert owner.get("store", "key").body == b"two"
