"""A cluster of three that loses a node and gets it back, and keys that could go astray in one."""

from __future__ import annotations

from functools import partial

from tests.engines.valkey import ValkeyCluster, misses_another
from tests.support.emulators import Start, with_store
from tests.support.waiting import wait_until

from .load import Load
from .service import cache_health, names, outcome, remembers

KEYS = [f"key {number} {{brace}} é{{" for number in range(30)] + ["}", "{}", "{", "a{b}c"]


def test_keys_of_any_form_are_spread_over_the_nodes_and_found_again(
    own_cluster: ValkeyCluster, start: Start
) -> None:
    emulator = start(cache=own_cluster.url)
    owner = with_store(emulator)
    for key in KEYS:
        owner.put("store", key, key.encode())
    assert all(names(node) for node in own_cluster.nodes)
    assert sum(len(names(node)) for node in own_cluster.nodes) == len(KEYS)
    for key in KEYS:
        assert owner.get("store", key).body == key.encode()
        assert outcome(emulator) == "cache_hit"
    placed = emulator.tiers.objects("store")
    assert {each.key for each in placed if each.cache is not None} == set(KEYS)
    own_cluster.nodes[1].ask("SET", "stranger", "value", "NX")
    emulator.tiers.flush("cluster-of-store")
    assert {name for node in own_cluster.nodes for name in names(node)} <= {"stranger"}


def test_a_node_that_is_lost_takes_its_own_slots_with_it_and_no_others(
    own_cluster: ValkeyCluster, start: Start
) -> None:
    emulator = start(cache=own_cluster.url)
    owner = with_store(emulator)
    for key in KEYS:
        owner.put("store", key, b"old")
    lost, *left = own_cluster.nodes
    gone = len(names(lost))
    assert gone
    with Load(owner, ["a", "b", "c", "d"]).running() as load:
        load.wait_for_a_put_of_each_key()
        lost.kill()
        wait_until(lambda: all(misses_another(node) for node in left))
        emulator.journal.clear()
        for key in KEYS:
            assert owner.get("store", key).body == b"old"
        kept = [key for key in KEYS if emulator.journal.last(key=key).outcome == "cache_hit"]
        assert cache_health(emulator)["status"] == "failing"
        lost.start()
        load.wait_for_a_put_of_each_key()
    assert load.complaints == []
    assert len(kept) <= len(KEYS) - gone
    assert kept
    for key in (*KEYS, "a", "b", "c", "d"):
        wait_until(partial(remembers, emulator, owner, key))
    assert cache_health(emulator)["status"] == "ok"
