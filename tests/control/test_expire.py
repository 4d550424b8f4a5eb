"""An object expires when it is told to, in every tier that has it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from emulator import Emulator
from tests.support.bodies import some_bytes
from tests.support.client import Answer, create_store
from tests.support.emulators import Start, client, control

NOW = "2033-05-18T03:33:20.000000Z"


@pytest.fixture(params=[("memory", "memory"), ("memory", "fakeredis"), ("filesystem", "memory")])
def emulator(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> Emulator:
    storage, cache = request.param
    files = {"data_dir": tmp_path} if storage == "filesystem" else {}
    emulator = start(
        storage=storage,
        cache=cache,
        api_revision="latest",
        cache_max_object_bytes="128KiB",
        **files,
    )
    emulator.clock.freeze(2_000_000_000_000_000)
    create_store(client(emulator), "store")
    return emulator


def expire(emulator: Emulator, key: str) -> Answer:
    return control(emulator, "POST", f"/expire/store/{quote(key, safe='')}")


def outcome(emulator: Emulator, key: str = "key") -> str | None:
    emulator.journal.clear()
    assert client(emulator).get("store", key).status in (200, 404)
    return emulator.journal.last().outcome


@pytest.mark.parametrize("ttl_seconds", [None, 3600])
def test_it_has_expired_in_both_tiers(emulator: Emulator, ttl_seconds: int | None) -> None:
    client(emulator).put("store", "key", b"body", ttl_seconds=ttl_seconds)
    before = emulator.tiers.get("store", "key").document()
    answer = expire(emulator, "key")
    assert (answer.status, answer.json()) == (200, {})
    after = emulator.tiers.get("store", "key").document()
    for tier in ("storage", "cache"):
        assert after[tier] == {**before[tier], "expires_at": NOW}
    assert outcome(emulator) == "cache_hit_expired"
    assert outcome(emulator) == "storage_hit_expired"


def test_metadata_tags_and_body_stay_for_a_clock_that_is_set_back(emulator: Emulator) -> None:
    headers = {"mo-meta-author": "me", "mo-tag-team": "video"}
    client(emulator).call("PUT", "/objectstore/store/key", b"body", headers)
    expire(emulator, "key")
    emulator.clock.set(1_999_999_999_000_000)
    answer = client(emulator).get("store", "key")
    assert (answer.status, answer.body, answer.header("author")) == (200, b"body", "me")
    assert emulator.tiers.get("store", "key").document()["storage"]["tags"] == {"team": "video"}


@pytest.mark.parametrize("tier", ["storage", "cache"])
def test_a_tier_that_does_not_have_it_gets_nothing(emulator: Emulator, tier: str) -> None:
    emulator.tiers.put("store", "key", b"body", tier=tier)
    emulator.tiers.expire("store", "key")
    document = emulator.tiers.get("store", "key").document()
    other = {"storage": "cache", "cache": "storage"}[tier]
    assert document[other] is None
    assert document[tier]["expires_at"] == NOW


def test_an_ephemeral_object_stays_ephemeral(emulator: Emulator) -> None:
    headers = {"mo-persistence": "ephemeral"}
    client(emulator).call("PUT", "/objectstore/store/key", b"body", headers)
    emulator.tiers.expire("store", "key")
    document = emulator.tiers.get("store", "key").document()
    assert document["storage"] is None
    assert document["cache"]["ephemeral"] is True
    assert outcome(emulator) == "cache_hit_expired"


def test_a_large_object_expires_and_keeps_its_body(emulator: Emulator) -> None:
    body = some_bytes(700_000)
    client(emulator).put("store", "key", body)
    emulator.tiers.expire("store", "key")
    assert outcome(emulator) == "storage_hit_expired"
    emulator.clock.set(1_999_999_999_000_000)
    assert client(emulator).get("store", "key").body == body


def test_one_that_has_expired_stays_as_it_is(emulator: Emulator) -> None:
    client(emulator).put("store", "key", b"body", ttl_seconds=1)
    emulator.clock.advance(5)
    before = emulator.tiers.get("store", "key")
    assert expire(emulator, "key").status == 200
    assert emulator.tiers.get("store", "key") == before


def test_the_next_put_lives(emulator: Emulator) -> None:
    client(emulator).put("store", "key", b"old")
    emulator.tiers.expire("store", "key")
    client(emulator).put("store", "key", b"new")
    emulator.clock.advance(3600)
    assert client(emulator).get("store", "key").body == b"new"


def test_what_is_not_there_does_not_expire(emulator: Emulator) -> None:
    assert expire(emulator, "none").status == 404
    assert control(emulator, "POST", "/expire/none/key").status == 404
    assert control(emulator, "POST", "/expire/store/").status == 400
    with pytest.raises(LookupError):
        emulator.tiers.expire("store", "none")


def test_it_is_no_request_of_the_service(emulator: Emulator) -> None:
    emulator.tiers.put("store", "a?b%2F", b"body")
    assert expire(emulator, "a?b%2F").status == 200
    assert emulator.journal.calls(key="a*") == []
