"""Back to the start: the seed, the first keys, the real time, and nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import ROLE_ARN, Client
from tests.support.emulators import Start, client, status_with
from tests.support.keys import v2_key

SEED_KEY = v2_key("seeded")


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    file = tmp_path / "seed.yaml"
    store = {
        "name": "seeded",
        "storage_config": {"s3": {"bucket_name": "bucket", "iam_role_arn": ROLE_ARN}},
        "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
    }
    objects = [
        {"store": "seeded", "key": "for ever", "text": "seed"},
        {"store": "seeded", "key": "an hour", "text": "seed", "ttl_seconds": 3600},
    ]
    keys = [{"role": "viewer", "api_key": SEED_KEY}]
    file.write_text(json.dumps({"stores": [store], "objects": objects, "api_keys": keys}))
    return file


@pytest.fixture
def used(start: Start, tiers: dict[str, Any], seed: Path) -> Emulator:
    """An emulator with a seed, in which everything has been changed since it started."""
    emulator = start(seed=seed, **tiers)
    owner = client(emulator)
    assert owner.create_store("made").status == 201
    assert owner.put("made", "key", b"made").status == 204
    assert owner.put("seeded", "key", b"made").status == 204
    assert owner.put("seeded", "for ever", b"changed").status == 204
    return emulator


def test_after_a_reset_the_seed_is_there_and_nothing_else(used: Emulator) -> None:
    used.reset()

    owner = client(used)
    assert owner.store_names() == ["seeded"]
    assert owner.get("seeded", "for ever").body == b"seed"
    assert owner.get("seeded", "key").status == 404
    assert owner.get("made", "key").json() == {"message": "Store Not Found"}


def test_a_reset_removes_objects_from_both_tiers(used: Emulator) -> None:
    used.reset()

    owner = client(used)
    assert owner.create_store("made").status == 201  # Over the bucket and cluster of before.
    outcomes: list[str] = []
    used.add_observer(lambda operation: outcomes.append(str(operation.outcome)))
    assert owner.get("made", "key").status == 404
    assert outcomes == ["miss"]


def test_a_reset_brings_back_a_deleted_store_of_the_seed(used: Emulator) -> None:
    client(used).call("DELETE", "/objectstore/seeded")

    used.reset()

    assert client(used).get("seeded", "for ever").body == b"seed"


def test_after_a_reset_the_first_keys_are_valid_and_created_ones_are_gone(used: Emulator) -> None:
    first = dict(used.api_keys)
    created = [used.create_api_key("owner"), used.create_api_key("viewer", v1=True)]
    used.revoke_api_key(used.api_key("viewer"))
    used.revoke_api_key(SEED_KEY)

    used.reset()

    assert used.api_keys == first
    for key in [*first.values(), SEED_KEY]:
        assert key is not None
        assert status_with(used, key) == 200
    assert [status_with(used, key) for key in created] == [401, 401]


def test_after_a_reset_the_first_keys_have_their_roles(used: Emulator) -> None:
    used.reset()

    statuses = {
        role: client(used, role).create_store(f"by-{role}").status for role in used.api_keys
    }
    assert statuses == {"owner": 201, "operator": 201, "viewer": 403}


def test_after_a_reset_the_time_is_the_real_one(used: Emulator) -> None:
    used.clock.freeze(0)
    used.clock.advance(5)
    used.reset()
    assert not used.clock.frozen
    assert abs(used.clock.now() / 1e6 - time.time()) < 60

    used.clock.advance(1e9)
    used.reset()
    assert abs(used.clock.now() / 1e6 - time.time()) < 60


def test_after_a_reset_the_lives_of_the_seeds_objects_begin_anew(used: Emulator) -> None:
    used.clock.advance(7200)
    assert client(used).get("seeded", "an hour").status == 404

    used.reset()

    assert client(used).get("seeded", "an hour").body == b"seed"
    used.clock.advance(3600)
    assert client(used).get("seeded", "an hour").status == 404


def test_a_reset_keeps_the_account_and_the_endpoint(used: Emulator) -> None:
    before = (used.account_id, used.endpoint)

    used.reset()
    used.reset()

    assert (used.account_id, used.endpoint) == before
    assert client(used).put("seeded", "key", b"again").status == 204


def test_a_reset_keeps_open_connections(used: Emulator) -> None:
    owner = client(used)
    connection = owner.connect()
    try:
        owner.list_stores(over=connection)
        used.reset()
        assert owner.list_stores(over=connection).status == 200
    finally:
        connection.close()


def test_what_was_reset_is_reset_after_a_restart(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(data_dir=data)
    client(first).create_store("store")
    client(first).put("store", "key", b"body")
    created = first.create_api_key("owner")
    first.reset()
    keys = dict(first.api_keys)
    first.stop()

    second = start(data_dir=data)

    assert second.api_keys == keys
    assert client(second).store_names() == []
    assert status_with(second, created) == 401
    assert [path for path in (data / "objects").rglob("*") if path.is_file()] == []


def test_given_keys_are_still_valid_after_a_reset(start: Start) -> None:
    key = v2_key("given")
    emulator = start(operator_key=key)

    emulator.reset()

    assert Client(emulator.endpoint, key).create_store("store").status == 201
