"""Clusters that have a Valkey of their own, and those that share the default one."""

from __future__ import annotations

import re
import sys

import pytest

from emulator import Emulator
from emulator.backends.valkey.url import parse_valkey_url
from emulator.config import ConfigurationError
from emulator.core.installation import install_command
from tests.engines.valkey import StartValkey
from tests.support.client import create_store
from tests.support.emulators import Start, with_store

from .service import cache_health, names, outcome


def test_each_cluster_has_its_entries_where_it_was_told(
    start_valkey: StartValkey, start: Start
) -> None:
    default, one, other = start_valkey(), start_valkey(), start_valkey()
    emulator = start(
        cache=default.url, cache_clusters=f"cluster-of-one={one.url},cluster-of-other={other.url}"
    )
    owner = with_store(emulator)
    for store in ("one", "other"):
        assert owner.create_store(store).status == 201
    for store, server in {"store": default, "one": one, "other": other}.items():
        assert names(server) == []
        owner.put(store, "key", b"body")
        (name,) = names(server)
        assert f"{{cluster-of-{store}:" in name
        assert owner.get(store, "key").status == 200
        assert outcome(emulator) == "cache_hit"
    emulator.tiers.flush("cluster-of-one")
    assert [len(names(server)) for server in (default, one, other)] == [1, 0, 1]
    emulator.reset()
    assert [len(names(server)) for server in (default, one, other)] == [0, 0, 0]


def test_a_cluster_that_is_down_does_not_disturb_the_others(
    start_valkey: StartValkey, start: Start
) -> None:
    default, one = start_valkey(), start_valkey()
    emulator = start(cache=default.url, cache_clusters=f"cluster-of-one={one.url}")
    owner = with_store(emulator)
    assert owner.create_store("one").status == 201
    one.kill()
    for store in ("store", "one"):
        assert owner.put(store, "key", b"body").status == 204
    assert owner.get("one", "key").body == b"body"
    assert outcome(emulator) == "storage_hit"
    assert owner.get("store", "key").body == b"body"
    assert outcome(emulator) == "cache_hit"
    health = cache_health(emulator)
    assert health["cause"] == f"{one.url} cannot be reached: nothing listens there"


def test_a_store_that_moves_to_another_valkey_leaves_nothing_behind(
    start_valkey: StartValkey, start: Start
) -> None:
    default, one = start_valkey(), start_valkey()
    emulator = start(cache=default.url, cache_clusters={"own": parse_valkey_url(one.url)})
    owner = with_store(emulator)
    owner.put("store", "key", b"body")
    create_store(owner, "store", bucket="bucket-of-store", cluster="own")
    assert names(default) == []
    assert owner.get("store", "key").body == b"body"
    assert outcome(emulator) == "storage_hit"
    assert len(names(one)) == 1


def test_without_the_library_for_valkey_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hiredis", None)
    for name in [name for name in sys.modules if name.startswith("emulator.backends")]:
        if "valkey" in name and not name.endswith(".url"):
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ConfigurationError, match=re.escape(install_command("valkey"))):
        Emulator(cache="valkey://127.0.0.1:1").start()
