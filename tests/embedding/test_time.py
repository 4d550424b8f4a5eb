"""Time to live on a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.emulators import Start, client, with_store

SECOND = 1_000_000
INSTANT = 1_900_000_000 * SECOND
THOUSAND_YEARS = 1000 * 365 * 86400.0


def test_an_object_is_gone_at_exactly_the_end_of_its_life(
    start: Start, tiers: dict[str, Any]
) -> None:
    emulator = start(**tiers)
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    owner.put("store", "key", b"body", ttl_seconds=60)

    emulator.clock.advance(59.999999)
    assert owner.get("store", "key").body == b"body"
    emulator.clock.advance(0.000001)
    answer = owner.get("store", "key")
    assert (answer.status, answer.json()) == (404, {"message": "Object not found."})
    assert owner.get("store", "key").status == 404


def test_an_object_without_ttl_stays_for_ever(start: Start, tiers: dict[str, Any]) -> None:
    emulator = start(**tiers)
    owner = with_store(emulator)
    owner.put("store", "key", b"body")

    emulator.clock.advance(THOUSAND_YEARS)

    assert owner.get("store", "key").body == b"body"


def test_of_a_thousand_objects_those_are_gone_whose_time_has_come(
    start: Start, tiers: dict[str, Any]
) -> None:
    emulator = start(**tiers)
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    lives = {f"key-{number}": 1 + number * 37 % 1000 for number in range(1000)}
    for key, seconds in lives.items():
        assert owner.put("store", key, key.encode(), ttl_seconds=seconds).status == 204

    emulator.clock.advance(500)
    for key, seconds in lives.items():
        answer = owner.get("store", key)
        assert answer.status == (200 if seconds > 500 else 404), (key, seconds)
        assert seconds <= 500 or answer.body == key.encode()


def test_a_clock_that_is_put_back_brings_nothing_back(start: Start, tiers: dict[str, Any]) -> None:
    emulator = start(**tiers)
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    owner.put("store", "key", b"body", ttl_seconds=60)
    emulator.clock.set(INSTANT + 60 * SECOND)
    assert owner.get("store", "key").status == 404
    owner.put("store", "key", b"new", ttl_seconds=60)
    emulator.clock.set(INSTANT)

    assert owner.get("store", "key").body == b"new"


@pytest.mark.parametrize("years", [1, 1000, 100_000])
def test_a_long_life_ends_too(emulator: Emulator, years: int) -> None:
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    owner.put("store", "key", b"body", ttl_seconds=years * 365 * 86400)

    emulator.clock.freeze(INSTANT + years * 365 * 86400 * SECOND - 1)
    assert owner.get("store", "key").status == 200
    emulator.clock.freeze(INSTANT + years * 365 * 86400 * SECOND)
    assert owner.get("store", "key").status == 404


def test_an_object_too_large_for_the_cache_expires_too(start: Start, tmp_path: Path) -> None:
    emulator = start(data_dir=tmp_path / "data", cache_max_object_bytes=10)
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    owner.put("store", "key", b"x" * 200_000, ttl_seconds=60)

    emulator.clock.advance(59)
    assert len(owner.get("store", "key").body) == 200_000
    emulator.clock.advance(1)
    assert owner.get("store", "key").status == 404


def test_the_clock_may_run_on(emulator: Emulator) -> None:
    owner = with_store(emulator)
    owner.put("store", "key", b"body", ttl_seconds=3600)

    emulator.clock.advance(3500)
    assert owner.get("store", "key").status == 200
    emulator.clock.advance(100)
    assert owner.get("store", "key").status == 404


def test_a_new_put_is_a_new_life(emulator: Emulator) -> None:
    owner = with_store(emulator)
    emulator.clock.freeze(INSTANT)
    owner.put("store", "longer", b"1", ttl_seconds=60)
    owner.put("store", "for ever", b"1", ttl_seconds=60)
    emulator.clock.advance(30)
    owner.put("store", "longer", b"2", ttl_seconds=60)
    owner.put("store", "for ever", b"2")

    emulator.clock.advance(59)
    assert owner.get("store", "longer").body == b"2"
    emulator.clock.advance(1)
    assert owner.get("store", "longer").status == 404
    assert owner.get("store", "for ever").body == b"2"
    owner.put("store", "longer", b"3")
    assert owner.get("store", "longer").body == b"3"


@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_a_life_goes_on_after_a_restart(start: Start, tmp_path: Path, cache: str) -> None:
    options = {"data_dir": tmp_path / "data", "cache": cache}
    first = start(**options)
    owner = with_store(first)
    first.clock.freeze(INSTANT)
    owner.put("store", "key", b"body", ttl_seconds=60)
    owner.put("store", "for ever", b"body")
    first.stop()

    second = start(**options)
    owner = client(second)
    second.clock.freeze(INSTANT + 60 * SECOND - 1)
    assert owner.get("store", "key").body == b"body"
    second.clock.advance(1e-6)
    assert owner.get("store", "key").status == 404
    second.clock.advance(THOUSAND_YEARS)
    assert owner.get("store", "for ever").body == b"body"


def test_what_expired_while_nothing_ran_is_gone(start: Start, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path / "data")
    first.clock.freeze(SECOND)
    with_store(first).put("store", "key", b"body", ttl_seconds=60)
    first.stop()

    assert client(start(data_dir=tmp_path / "data")).get("store", "key").status == 404


def test_time_only_goes_forward(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="forward"):
        emulator.clock.advance(-1)
