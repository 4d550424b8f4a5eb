"""What a person finds with `valkey-cli`: which names, which values, and for how long."""

from __future__ import annotations

import json
import random

import pytest

from emulator import Emulator
from tests.engines.valkey import ValkeyServer
from tests.support.emulators import Start, with_store

from .service import names, outcome, run_id

DAY = 24 * 60 * 60 * 1000
HOUR = 60 * 60 * 1000


def only_entry(server: ValkeyServer) -> tuple[str, dict[str, object], str]:
    """The one name that there is, with the two parts of its value."""
    (name,) = names(server)
    line, _, body = server.ask("GET", name).partition("\n")
    return name, json.loads(line), body.removesuffix("\n")


def test_an_entry_says_what_it_is(server: ValkeyServer, emulator: Emulator) -> None:
    owner = with_store(emulator)
    owner.put("store", "a key/with {braces} é", b"the body", metadata={"colour": "red"})
    name, info, body = only_entry(server)
    start = f"momento:{run_id(server)}:{{cluster-of-store:"
    assert name.startswith(start)
    namespace, _, rest = name.removeprefix(start).partition(":")
    assert namespace.isalnum()
    assert rest == "a key/with {braces} é}"
    assert (info["size"], info["metadata"]) == (8, {"colour": "red"})
    assert body == "the body"


def test_what_a_get_has_filled_is_what_a_put_has_left(
    server: ValkeyServer, emulator: Emulator
) -> None:
    owner = with_store(emulator)
    owner.put("store", "key", b"body", metadata={"colour": "red"})
    put = only_entry(server)
    server.ask("UNLINK", put[0])
    assert owner.get("store", "key").body == b"body"
    assert outcome(emulator) == "storage_hit"
    assert only_entry(server) == put
    assert owner.get("store", "key").body == b"body"
    assert outcome(emulator) == "cache_hit"


@pytest.mark.proves("D69")
def test_a_miss_leaves_a_marker_that_goes_by_itself(
    server: ValkeyServer, emulator: Emulator
) -> None:
    owner = with_store(emulator)
    assert owner.get("store", "nothing").status == 404
    (name,) = names(server)
    assert server.ask("GET", name).startswith('{"filling": "')
    assert 0 < int(server.ask("PTTL", name)) <= 60_000


@pytest.mark.proves("D66")
@pytest.mark.parametrize(("ttl", "most"), [(None, DAY), (60, 60_000 + HOUR), (10 * 24 * 3600, DAY)])
def test_an_entry_stays_for_its_objects_life_and_an_hour_and_for_a_day_at_most(
    server: ValkeyServer, emulator: Emulator, ttl: int | None, most: int
) -> None:
    owner = with_store(emulator)
    owner.put("store", "key", b"body", ttl_seconds=ttl)
    name, _, _ = only_entry(server)
    assert most - 20_000 < int(server.ask("PTTL", name)) <= most
    server.ask("UNLINK", name)
    assert owner.get("store", "key").status == 200
    assert most - 20_000 < int(server.ask("PTTL", name)) <= most


@pytest.mark.proves("D20")
def test_bodies_over_the_limit_are_not_in_the_valkey(server: ValkeyServer, start: Start) -> None:
    emulator = start(cache=server.url, cache_max_object_bytes=100)
    owner = with_store(emulator)
    owner.put("store", "at", b"x" * 100)
    assert len(names(server)) == 1
    owner.put("store", "over", b"x" * 101)
    owner.put("store", "at", b"x" * 101)
    assert names(server) == []
    for key in ("at", "over"):
        assert owner.get("store", key).body == b"x" * 101
        assert outcome(emulator) == "storage_hit"
    assert all(server.ask("GET", name).startswith('{"filling"') for name in names(server))


@pytest.mark.proves("D66")
@pytest.mark.parametrize("seed", range(3))
def test_nothing_stays_in_the_valkey_for_ever_whatever_was_done(
    server: ValkeyServer, start: Start, seed: int
) -> None:
    emulator = start(cache=server.url, cache_max_object_bytes=100)
    owner, chance = with_store(emulator), random.Random(seed)
    for number in range(150):
        key = f"key-{chance.randrange(20)}"
        match chance.choice(["put", "get", "put", "get", "time", "store", "lose"]):
            case "put":
                size = chance.choice([0, 10, 101])
                owner.put("store", key, b"x" * size, ttl_seconds=chance.choice([None, 1, 100]))
            case "get":
                owner.get("store", key)
            case "time":
                emulator.clock.advance(chance.choice([0, 1, 50]))
            case "store":
                other = f"other-{number}"
                owner.create_store(other)
                owner.put(other, key, b"body")
                owner.call("DELETE", f"/objectstore/{other}")
            case _:
                for name in names(server)[:5]:
                    server.ask("UNLINK", name)
    found = names(server)
    assert found
    for name in found:
        assert 0 < int(server.ask("PTTL", name)) <= DAY


@pytest.mark.proves("D67")
@pytest.mark.parametrize("removal", ["reset", "delete the store", "flush the cluster"])
def test_what_removes_our_names_leaves_those_of_others(
    server: ValkeyServer, emulator: Emulator, removal: str
) -> None:
    owner = with_store(emulator)
    server.ask("SET", "stranger", "value")
    server.ask("SET", "momentous", "value")
    server.ask("SET", "elsewhere", "value", database=1)
    for number in range(30):
        owner.put("store", f"key-{number}", b"body")
    assert len(names(server)) == 32
    if removal == "reset":
        emulator.reset()
    elif removal == "delete the store":
        assert owner.call("DELETE", "/objectstore/store").status == 200
    else:
        emulator.tiers.flush("cluster-of-store")
    assert names(server) == ["momentous", "stranger"]
    assert server.ask("GET", "elsewhere", database=1) == "value\n"


def test_a_store_that_is_deleted_takes_only_its_own_entries_with_it(
    server: ValkeyServer, emulator: Emulator
) -> None:
    owner = with_store(emulator)
    assert owner.create_store("other").status == 201
    for store in ("store", "other"):
        owner.put(store, "key", b"body")
    owner.call("DELETE", "/objectstore/store")
    assert [name.partition("{")[2].partition(":")[0] for name in names(server)] == [
        "cluster-of-other"
    ]


def test_what_each_tier_has_can_be_listed(server: ValkeyServer, emulator: Emulator) -> None:
    owner = with_store(emulator)
    keys = ["a", "b {with} braces", "c*?[x]", "d/é"]
    for key in keys:
        owner.put("store", key, key.encode())
    server.ask("UNLINK", next(name for name in names(server) if name.endswith(":a}")))
    placed = emulator.tiers.objects("store")
    assert [each.key for each in placed] == keys
    assert [each.cache is not None for each in placed] == [False, True, True, True]
