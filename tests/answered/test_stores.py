"""Stores by the answers of an endpoint: what a deleted one leaves, and caches that are one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.core.failures import ConfigurationError
from tests.support.client import Client, object_path, store_configuration
from tests.support.emulators import client, control

from .conftest import FIRST, Answering

EPHEMERAL = {"mo-persistence": "ephemeral"}


def configure(owner: Client, store: str, **config: Any) -> int:
    """Create or update a store over the bucket `media`; return the status."""
    document = store_configuration(store, bucket="media", cluster="cluster", **config)
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json"}
    return owner.call("PUT", f"/objectstore/{store}", body, headers).status


def delete(owner: Client, store: str) -> int:
    return owner.call("DELETE", f"/objectstore/{store}").status


def got(owner: Client, store: str, key: str = "key") -> tuple[int, bytes]:
    answer = owner.get(store, key)
    return answer.status, answer.body if answer.status == 200 else b""


def put(owner: Client, store: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    assert owner.call("PUT", object_path(store, "key"), body, headers).status == 204


GONE = (404, b"")


@pytest.mark.parametrize("storage", ["memory", "filesystem"])
def test_the_objects_of_a_deleted_store_are_removed_and_no_others(
    storage: str, emulator_with: Answering, tmp_path: Any
) -> None:
    files = {"data_dir": tmp_path / "data", "fsync": False} if storage == "filesystem" else {}
    emulator = emulator_with({"D15.objects": "removed"}, storage=storage, **files)
    owner = client(emulator)
    for store, prefix in (("film", "film"), ("other", "film2"), ("all", "")):
        assert configure(owner, store, prefix=prefix) == 201
    put(owner, "film", b"film")
    put(owner, "other", b"other")
    put(owner, "all", b"all")

    assert delete(owner, "film") == 204

    listed = control(emulator, "GET", "/objects/all").json()["objects"]
    assert sorted(each["key"] for each in listed) == ["film2/key", "key"]
    assert configure(owner, "film", prefix="film") == 201
    assert got(owner, "film") == GONE
    assert got(owner, "other") == (200, b"other")


def test_objects_in_s3_are_not_removed_for_an_answer(emulator_with: Answering) -> None:
    with pytest.raises(ConfigurationError, match=r"D15\.objects is 'removed', which requires"):
        emulator_with(
            {"D15.objects": "removed"}, storage="s3", s3_endpoint_url="http://127.0.0.1:1"
        )


def test_a_refused_answer_leaves_the_data_directory_to_others(
    emulator_with: Answering, tmp_path: Any
) -> None:
    files = {"data_dir": tmp_path / "data", "fsync": False}
    with pytest.raises(ConfigurationError, match=r"D15\.objects"):
        emulator_with(
            {"D15.objects": "removed"},
            storage="s3",
            s3_endpoint_url="http://127.0.0.1:1",
            **files,
        )
    emulator_with({}, **files)


def test_the_cache_of_a_deleted_store_is_that_of_a_new_one_of_its_place(
    emulator_with: Answering,
) -> None:
    owner = client(emulator_with({"D15.cache": "kept"}))
    assert configure(owner, "film", prefix="a") == 201
    put(owner, "film", b"short", EPHEMERAL)

    assert delete(owner, "film") == 204
    assert configure(owner, "film", prefix="b") == 201
    assert got(owner, "film") == GONE
    assert delete(owner, "film") == 204
    assert configure(owner, "film", prefix="a") == 201
    assert got(owner, "film") == (200, b"short")


def test_a_store_that_moves_keeps_its_cache(emulator_with: Answering) -> None:
    owner = client(emulator_with({"D28": "kept"}, FIRST))
    assert configure(owner, "film", prefix="a") == 201
    put(owner, "film", b"old")

    assert configure(owner, "film", prefix="b") == 200

    assert got(owner, "film") == (200, b"old")
    put(owner, "film", b"new")
    assert got(owner, "film") == (200, b"new")


def test_stores_over_one_place_have_one_cache_until_the_last_is_deleted(
    emulator_with: Answering,
) -> None:
    owner = client(emulator_with({"D29": "one"}))
    assert [configure(owner, store) for store in ("one", "other")] == [201, 201]
    put(owner, "one", b"short", EPHEMERAL)
    assert got(owner, "other") == (200, b"short")

    assert delete(owner, "one") == 204
    assert got(owner, "other") == (200, b"short")
    assert delete(owner, "other") == 204
    assert configure(owner, "other") == 201
    assert got(owner, "other") == GONE


def test_stores_of_another_place_have_another_cache(emulator_with: Answering) -> None:
    owner = client(emulator_with({"D29": "one"}))
    assert configure(owner, "one", prefix="a") == 201
    assert configure(owner, "other", prefix="b") == 201
    put(owner, "one", b"short", EPHEMERAL)

    assert got(owner, "other") == GONE


@pytest.mark.parametrize(
    ("document", "member"),
    [
        ({"more": 1}, "more"),
        ({"storage_config": {"gcs": {}}}, "storage_config.gcs"),
        ({"cache_config": {"valkey_cluster": {"name": "x"}}}, "cache_config.valkey_cluster.name"),
        ({"object_store_limits": {"reads": 1}}, "object_store_limits.reads"),
    ],
)
def test_unknown_members_are_refused_by_their_path(
    document: dict[str, Any], member: str, emulator_with: Answering
) -> None:
    owner = client(emulator_with({"D12": "refused"}))
    body = json.dumps({**store_configuration("film"), **document}).encode()
    headers = {"Content-Type": "application/json"}

    answer = owner.call("PUT", "/objectstore/film", body, headers)

    assert answer.status == 400
    assert f"Unknown {member}:" in answer.json()["message"]


def test_what_the_terraform_provider_sends_is_known(emulator_with: Answering) -> None:
    owner = client(emulator_with({"D12": "refused"}))
    body = json.dumps({"name": "film", **store_configuration("film")}).encode()

    assert (
        owner.call("PUT", "/objectstore/film", body, {"Content-Type": "application/json"}).status
        == 201
    )


def test_the_deletion_of_a_store_has_a_body(emulator_with: Answering) -> None:
    owner = client(emulator_with({"D37": "{}"}, FIRST))
    assert configure(owner, "film") == 201

    answer = owner.call("DELETE", "/objectstore/film")

    assert (answer.status, answer.json(), answer.header("content-type")) == (
        200,
        {},
        "application/json",
    )
