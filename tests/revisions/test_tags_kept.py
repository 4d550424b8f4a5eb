"""How long tags are kept: over restarts, checkpoints, exports and imports; and who may set them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from tests.contract.expect import expect_error, expect_object
from tests.contract.stores import JSON, Store, Stores
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Fields

from .stores import EPHEMERAL, LIMITS, LOGGING, METRICS, extended, tags_of

TAGS = {"größe": "2 m", "team": "video", "x:y/z": ""}


@pytest.mark.proves("Put Object: mo-tag-*, kept by the file system")
def test_tags_outlive_a_restart(start: Start, tmp_path: Path) -> None:
    config = extended(access_logging_config=LOGGING, metrics_config=METRICS)
    config["object_store_limits"] = {"read_operations_per_second": 7}
    headers: Fields = [("mo-tag-team", "video"), ("mo-tag-note", "größe".encode())]
    emulator = start(data_dir=tmp_path / "data", cache="fakeredis")
    store = Stores(raw_client(emulator)).create(config, name="store")
    store.put("key", b"body", headers=headers)
    store.put("gone", b"body", headers=EPHEMERAL)
    described = store.describe().json
    emulator.stop()

    emulator = start(data_dir=tmp_path / "data", cache="fakeredis")
    store = Store(raw_client(emulator), "store")
    assert store.describe().json == described
    assert tags_of(store) == {"team": "video", "note": "größe"}
    expect_object(store.get("key"), b"body")
    expect_error(store.get("gone"), 404)


@pytest.mark.proves("Put Object: mo-tag-*, kept by the file system")
def test_the_first_revision_can_be_over_what_the_later_one_has_kept(
    start: Start, tmp_path: Path
) -> None:
    config = extended(access_logging_config=LOGGING, object_store_limits=LIMITS)
    emulator = start(data_dir=tmp_path / "data")
    store = Stores(raw_client(emulator)).create(config, name="store")
    store.put("key", b"body", headers=[("mo-tag-a", "b")])
    emulator.stop()

    emulator = start(data_dir=tmp_path / "data", api_revision="2026-02-05")
    store = Store(raw_client(emulator), "store")
    assert store.describe().json.keys() == {"name", "storage_config", "cache_config"}
    expect_object(store.get("key"), b"body")
    emulator.stop()

    emulator = start(data_dir=tmp_path / "data")
    store = Store(raw_client(emulator), "store")
    assert store.describe().json["object_store_limits"] == LIMITS
    assert tags_of(store) == {"a": "b"}


@pytest.mark.proves("Put Object: mo-tag-*, export and import")
def test_an_import_has_the_tags_of_the_export(
    emulator: Emulator, frozen: Stores, start: Start
) -> None:
    config = extended(
        access_logging_config=LOGGING, metrics_config=METRICS, object_store_limits=LIMITS
    )
    store = frozen.create(config, name="store")
    emulator.tiers.put("store", "key", b"", tags=TAGS)
    exported = emulator.export_state()
    assert [each["tags"] for each in exported["objects"]] == [TAGS]
    described = store.describe().json

    other = start()
    other.import_state(json.loads(json.dumps(exported)))
    there = Store(raw_client(other), "store")
    assert tags_of(there) == TAGS
    assert there.describe().json == described
    assert other.export_state() == exported


@pytest.mark.proves("Put Object: mo-tag-*, export and import")
@pytest.mark.parametrize(
    "tags",
    [
        {f"tag-{n}": "" for n in range(11)},
        {"aws:x": ""},
        {"": ""},
        {"a": "&"},
        {"A": ""},
        {"a": 1},
        ["a"],
        None,
    ],
    ids=str,
)
def test_a_state_with_broken_tags_is_refused(
    emulator: Emulator, frozen: Stores, tags: object
) -> None:
    store = frozen.create(name="store")
    store.put("key", b"body", headers=[("mo-tag-a", "b")])
    exported = emulator.export_state()
    exported["objects"][0]["tags"] = tags
    with pytest.raises(ValueError, match="tag"):
        emulator.import_state(exported)
    assert tags_of(store) == {"a": "b"}


@pytest.mark.proves("Put Object: mo-tag-*, D95")
def test_a_checkpoint_has_the_tags_and_the_ephemeral_objects(
    emulator: Emulator, frozen: Stores
) -> None:
    store = frozen.create(name="store")
    store.put("key", b"body", headers=[("mo-tag-a", "b")])
    store.put("ephemeral", b"short", headers=EPHEMERAL)
    emulator.checkpoint("before")
    store.put("key", b"body")
    store.remove("ephemeral")
    emulator.restore("before")
    assert tags_of(store) == {"a": "b"}
    expect_object(store.get("ephemeral"), b"short")


def put_through_the_door(store: Store, document: object) -> int:
    """Put `key` past the service; the status of the answer."""
    path = f"/_emulator/objects/{store.name}/key"
    return store.client.put(path, json.dumps(document).encode(), headers=JSON).status


@pytest.mark.proves("Put Object: mo-tag-*, PUT /_emulator/objects")
@pytest.mark.parametrize("tier", [None, "storage"])
def test_the_emulators_own_door_takes_tags(frozen: Stores, tier: str | None) -> None:
    store = frozen.create(name="store")
    where = {} if tier is None else {"tier": tier}
    assert put_through_the_door(store, {"text": "body", "tags": TAGS, **where}) == 200
    assert tags_of(store) == TAGS


@pytest.mark.proves("Put Object: mo-tag-*, PUT /_emulator/objects")
@pytest.mark.parametrize(
    "tags",
    [
        {f"tag-{n}": "" for n in range(11)},
        {"k" * 129: ""},
        {"a": "v" * 257},
        {"aws:x": ""},
        {"": "value"},
        {"a": "b!"},
        {"a": 5},
        [],
    ],
    ids=str,
)
def test_the_emulators_own_door_refuses_what_a_put_does(frozen: Stores, tags: object) -> None:
    store = frozen.create(name="store")
    store.put("key", b"old", headers=[("mo-tag-kept", "")])
    assert put_through_the_door(store, {"text": "body", "tags": tags}) == 400
    assert tags_of(store) == {"kept": ""}
    expect_object(store.get("key"), b"old")


@pytest.mark.proves("Put Object: mo-tag-*, D95")
def test_the_emulators_own_door_has_no_tags_for_the_cache(frozen: Stores) -> None:
    store = frozen.create(name="store")
    document = {"text": "body", "tags": {"a": "b"}, "tier": "cache"}
    assert put_through_the_door(store, document) == 400
