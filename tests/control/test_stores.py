"""Stores over the control API and in Python: by the service's rules, without an API key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import JSON, Answer, Client, store_configuration
from tests.support.emulators import Start, as_new, client, control

pytestmark = pytest.mark.proves("D156")

LATER = "2026-08-12"
ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


@pytest.fixture
def emulator(of_either_revision: Emulator) -> Emulator:
    return as_new(of_either_revision)


def document(name: str, **more: Any) -> dict[str, Any]:
    return {**store_configuration(name, cluster="my-valkey-cluster"), **more}


def test_a_store_of_nothing_but_its_name_works(emulator: Emulator) -> None:
    made = control(emulator, "PUT", "/stores/media", {})
    assert made.status == 201
    found = made.json()
    assert found["storage_config"] == {"s3": {"bucket_name": "media", "iam_role_arn": ROLE}}
    assert found["cache_config"] == {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}}
    owner = client(emulator)
    assert owner.describe_store("media").json() == found
    assert owner.put("media", "key", b"body").status == 204
    assert owner.get("media", "key").body == b"body"


def test_no_body_is_as_an_empty_one(emulator: Emulator) -> None:
    assert control(emulator, "PUT", "/stores/media").status == 201


def test_two_such_stores_have_objects_of_their_own(emulator: Emulator) -> None:
    for name in ("one", "two"):
        assert control(emulator, "PUT", f"/stores/{name}").status == 201
    client(emulator).put("one", "key", b"body")
    assert client(emulator).get("two", "key").status == 404


def test_a_store_is_what_the_service_makes_of_the_same_document(emulator: Emulator) -> None:
    sent = document("media")
    made = control(emulator, "PUT", "/stores/media", sent)
    again = client(emulator).call("PUT", "/objectstore/media", json.dumps(sent).encode(), JSON)
    assert (made.status, again.status) == (201, 200)
    assert made.json() == again.json()


def test_to_put_a_store_that_exists_updates_it(emulator: Emulator) -> None:
    control(emulator, "PUT", "/stores/media", document("media"))
    role = "arn:aws:iam::123456789012:role/Another"
    again = control(
        emulator, "PUT", "/stores/media", {"storage_config": {"s3": {"iam_role_arn": role}}}
    )
    assert again.status == 200
    assert again.json()["storage_config"]["s3"] == {
        "bucket_name": "bucket-of-media",
        "iam_role_arn": role,
    }


def test_stores_are_listed_and_shown_as_they_are_described(emulator: Emulator) -> None:
    assert control(emulator, "GET", "/stores").json() == {"stores": []}
    for name in ("b", "a"):
        control(emulator, "PUT", f"/stores/{name}", document(name))
    described = [client(emulator).describe_store(name).json() for name in ("a", "b")]
    assert control(emulator, "GET", "/stores").json() == {"stores": described}
    assert control(emulator, "GET", "/stores/a").json() == described[0]
    assert emulator.stores.all() == described
    assert emulator.stores.get("b") == described[1]


def test_a_store_is_updated_member_by_member(emulator: Emulator) -> None:
    control(emulator, "PUT", "/stores/media", document("media"))
    role = "arn:aws:iam::123456789012:role/Another"
    changed = control(
        emulator, "PATCH", "/stores/media", {"storage_config": {"s3": {"iam_role_arn": role}}}
    )
    assert changed.status == 200
    wanted = document("media")
    wanted["storage_config"]["s3"]["iam_role_arn"] = role
    described = client(emulator).describe_store("media").json()
    assert changed.json() == described
    assert {name: described[name] for name in wanted} == wanted


def test_null_removes_a_member(start: Start) -> None:
    emulator = start(cache="memory", api_revision=LATER)
    metrics = {"cloudwatch": {"iam_role_arn": ROLE, "region": "us-east-1"}}
    limits = {"read_operations_per_second": 7}
    emulator.stores.create("media", {"metrics_config": metrics, "object_store_limits": limits})
    changed = emulator.stores.update("media", {"metrics_config": None})
    assert "metrics_config" not in changed
    assert changed["object_store_limits"]["read_operations_per_second"] == 7
    assert emulator.stores.update("media", {"object_store_limits": {}}) == changed


def test_limits_hold_at_once(start: Start) -> None:
    emulator = start(cache="memory", api_revision=LATER)
    emulator.clock.freeze(2_000_000_000_000_000)
    emulator.stores.create("media")
    owner = client(emulator)
    assert owner.put("media", "key", b"body").status == 204
    emulator.stores.update("media", {"object_store_limits": {"read_operations_per_second": 1}})
    assert [owner.get("media", "key").status for _ in range(2)] == [200, 429]
    emulator.stores.delete("media")
    emulator.stores.create("media", {"object_store_limits": {"read_operations_per_second": 1}})
    assert [owner.get("media", "key").status for _ in range(2)] == [200, 429]


def test_a_deleted_store_is_gone_and_its_objects_stay(emulator: Emulator) -> None:
    control(emulator, "PUT", "/stores/media", document("media"))
    client(emulator).put("media", "key", b"body")
    gone = control(emulator, "DELETE", "/stores/media")
    assert (gone.status, gone.json()) == (200, {})
    assert client(emulator).describe_store("media").status == 404
    control(emulator, "PUT", "/stores/media", document("media"))
    assert client(emulator).get("media", "key").body == b"body"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_store_that_is_not_there_is_not_found(emulator: Emulator, method: str) -> None:
    answer = control(emulator, method, "/stores/none", {} if method == "PATCH" else None)
    assert (answer.status, answer.json()) == (404, {"message": "Store Not Found"})


def test_python_says_so_too(emulator: Emulator) -> None:
    for work in (emulator.stores.get, emulator.stores.delete):
        with pytest.raises(LookupError, match="Store Not Found"):
            work("none")
    with pytest.raises(LookupError):
        emulator.stores.update("none", {})
    with pytest.raises(ValueError, match="Invalid store name"):
        emulator.stores.create("no/name")


BAD: list[Any] = [
    {"storage_config": 5},
    {"storage_config": {"s3": []}},
    {"storage_config": {"s3": {"bucket_name": ""}}},
    {"storage_config": {"s3": {"bucket_name": "b", "iam_role_arn": "role"}}},
    {"storage_config": {"s3": {"prefix": 1}}},
    {"cache_config": {"valkey_cluster": {"cluster_name": 5}}},
    {"cache_config": "x"},
]


def service(emulator: Emulator, name: str, sent: Any) -> Answer:
    return client(emulator).call("PUT", f"/objectstore/{name}", json.dumps(sent).encode(), JSON)


@pytest.mark.parametrize("sent", BAD)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_the_service_refuses_is_refused(emulator: Emulator, method: str, sent: Any) -> None:
    before = control(emulator, "PUT", "/stores/media", document("media")).json()
    answer = control(emulator, method, "/stores/media", sent)
    assert answer.status == 400
    assert next(iter(sent)) in answer.json()["message"]
    assert emulator.stores.get("media") == before


@pytest.mark.parametrize("raw", [b"[]", b"5", b"null", b"{", b'{"a":1,"a":2}', b"\xff"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_is_no_document_is_refused(emulator: Emulator, method: str, raw: bytes) -> None:
    emulator.stores.create("media", document("media"))
    answer = Client(emulator.endpoint).call(method, "/_emulator/stores/media", raw)
    assert answer.status == 400


@pytest.mark.parametrize("name", ["a%2Fb", "a%20b", "%00", "%C3%A9", "a" * 256])
def test_a_name_that_no_store_can_have_is_refused(emulator: Emulator, name: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        body = b"{}" if method in ("PUT", "PATCH") else None
        answer = Client(emulator.endpoint).call(method, f"/_emulator/stores/{name}", body)
        assert answer.status == 400
        assert "Invalid store name" in answer.json()["message"]


def test_a_later_revision_has_fields_that_cannot_change(start: Start) -> None:
    emulator = start(cache="memory", api_revision=LATER)
    emulator.stores.create("media", document("media"))
    with pytest.raises(ValueError, match="cannot be changed"):
        emulator.stores.update("media", {"storage_config": {"s3": {"bucket_name": "other"}}})


def test_a_cluster_must_exist_where_the_service_says_so(start: Start) -> None:
    emulator = start(cache="memory", api_revision=LATER, strict_clusters=None, clusters="b,a")
    made = emulator.stores.create("media")
    assert made["cache_config"] == {"valkey_cluster": {"cluster_name": "a"}}
    missing = {"cache_config": {"valkey_cluster": {"cluster_name": "none"}}}
    with pytest.raises(ValueError, match="there is no cluster 'none'"):
        emulator.stores.create("other", missing)


def test_a_new_store_is_in_the_cluster_of_the_first_one(start: Start) -> None:
    emulator = start(cache="memory")
    emulator.stores.create(
        "a", document("a", cache_config={"valkey_cluster": {"cluster_name": "somewhere"}})
    )
    made = emulator.stores.create("b")
    assert made["cache_config"] == {"valkey_cluster": {"cluster_name": "somewhere"}}


def test_there_are_at_most_as_many_stores_as_the_account_may_have(start: Start) -> None:
    emulator = start(cache="memory", max_stores=1)
    assert control(emulator, "PUT", "/stores/a").status == 201
    assert control(emulator, "PUT", "/stores/b").status == 429
    assert control(emulator, "PUT", "/stores/a").status == 200
