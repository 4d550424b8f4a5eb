"""API keys of the roles Owner, Operator and Viewer: what each may do."""

from __future__ import annotations

import pytest

from emulator.conformance.statements import FIRST
from emulator.conformance.target import Store, Target

from .auth_api import KEYS, create_key, listed_key, listed_roles, revoke_key


@pytest.mark.statement("KEYS-ROLE-01")
def test_there_are_the_roles_owner_operator_and_viewer(target: Target) -> None:
    names = {role["role_name"] for role in listed_roles(target, "?type=system")}
    assert {"Owner", "Operator", "Viewer"} <= names


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("owner", marks=pytest.mark.statement("KEYS-ROLE-02")),
        pytest.param("operator", marks=pytest.mark.statement("KEYS-ROLE-05")),
    ],
)
def test_a_key_may_do_everything_with_stores_and_objects(
    target: Target, role: str, key: str
) -> None:
    store, body = Store(target, target.fresh_name()), target.store_body()
    assert store.configure(body, api_key=role).status == 201
    assert store.configure(body, api_key=role).status == 200
    assert store.describe(api_key=role).status == 200
    assert target.request("GET", "/objectstore", key=role).status == 200
    assert store.put(key, b"body", api_key=role).status == 204
    assert store.get(key, api_key=role).body == b"body"
    if target.revision != FIRST:
        assert store.delete(key, api_key=role).status == 204
    assert store.remove(api_key=role).status == 200


@pytest.mark.statement("KEYS-ROLE-03")
def test_an_owner_may_make_list_and_revoke_keys(target: Target) -> None:
    owner = target.new_key(target.role_id("owner"))["api_key"]
    document = {"role_id": target.role_id("viewer"), "description": "", "expiry": "never"}
    made = target.send_json("POST", KEYS, document, key=owner)
    assert made.status == 200
    assert target.request("GET", KEYS, key=owner).status == 200
    assert revoke_key(target, made.json()["key_info"]["key_id"], key=owner).status == 200


@pytest.mark.statement("KEYS-ROLE-07")
def test_a_viewer_may_read_objects(target: Target, store: Store, key: str) -> None:
    store.put(key, b"body")
    answer = store.get(key, api_key="viewer")
    assert (answer.status, answer.body) == (200, b"body")


@pytest.mark.statement("KEYS-ROLE-08")
def test_a_viewer_may_list_and_describe_stores(target: Target, store: Store) -> None:
    assert store.describe(api_key="viewer").status == 200
    stores = target.request("GET", "/objectstore", key="viewer").json()["object_stores"]
    assert store.name in [each["name"] for each in stores]


@pytest.mark.statement("KEYS-ROLE-09")
def test_a_viewer_may_list_keys(target: Target) -> None:
    assert target.request("GET", KEYS, key="viewer").status == 200


@pytest.mark.statement("KEYS-ROLE-10")
def test_a_viewer_may_not_put_objects(store: Store, key: str) -> None:
    store.put(key, b"old")
    assert store.put(key, b"new", api_key="viewer").status == 403
    assert store.get(key).body == b"old"


@pytest.mark.statement("KEYS-ROLE-11")
def test_a_viewer_may_not_make_or_change_stores(target: Target, store: Store) -> None:
    before = store.describe().json()
    assert store.configure(target.store_body(), api_key="viewer").status == 403
    assert store.describe().json() == before
    other = Store(target, target.fresh_name())
    assert other.configure(target.store_body(), api_key="viewer").status == 403
    assert other.describe().status == 404


@pytest.mark.statement("KEYS-ROLE-11")
def test_a_viewer_may_not_delete_stores(target: Target) -> None:
    with target.new_store() as store:
        assert store.remove(api_key="viewer").status >= 400
        assert store.describe().status == 200


@pytest.mark.statement("KEYS-ROLE-12")
def test_a_viewer_may_not_make_keys(target: Target) -> None:
    document = {
        "role_id": target.role_id("viewer"),
        "description": target.fresh_name(),
        "expiry": "never",
    }
    assert target.send_json("POST", KEYS, document, key="viewer").status == 403


@pytest.mark.statement("KEYS-ROLE-12")
def test_a_viewer_may_not_revoke_keys(target: Target) -> None:
    key_id = target.new_key(target.role_id("viewer"))["key_info"]["key_id"]
    assert revoke_key(target, key_id, key="viewer").status == 403
    assert listed_key(target, key_id) is not None


@pytest.mark.statement("KEYS-ROLE-13", "KEYS-LIFE-04")
@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
def test_a_key_gets_the_role_that_its_maker_chose(target: Target, role: str) -> None:
    role_id = target.role_id(role)
    info = create_key(target, role_id).json()["key_info"]
    assert info["role_id"] == role_id
    found = listed_key(target, info["key_id"])
    assert found is not None
    assert found["role_id"] == role_id
