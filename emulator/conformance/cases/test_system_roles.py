"""Owner, Operator and Viewer: what a key of each may do."""

from __future__ import annotations

import pytest

from emulator.conformance.statements import FIRST
from emulator.conformance.target import Store, Target

from .auth_api import (
    KEYS,
    ROLES,
    every_call,
    listed_key,
    listed_roles,
    listed_system_role,
    send,
)
from .expecting import (
    expect_nothing,
    expect_object,
    expect_refused,
    expect_success,
    names_in,
)

pytestmark = pytest.mark.usefixtures("tidy")

STORES = "/objectstore"


@pytest.mark.statement("KEYS-ROLE-01")
def test_there_are_the_roles_owner_operator_and_viewer(target: Target) -> None:
    names = {role["role_name"] for role in listed_roles(target, "?type=system")}
    assert {"Owner", "Operator", "Viewer"} <= names


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("owner", marks=pytest.mark.statement("KEYS-ROLE-02", "AUTH-SYSTEM-01")),
        pytest.param("operator", marks=pytest.mark.statement("KEYS-ROLE-05", "AUTH-SYSTEM-03")),
    ],
)
def test_a_key_may_do_everything_with_stores(target: Target, role: str) -> None:
    store, body = Store(target, target.fresh_name()), target.store_body()
    expect_success(store.configure(body, api_key=role))
    expect_success(store.configure(body, api_key=role))
    expect_success(store.describe(api_key=role))
    expect_success(target.request("GET", STORES, key=role))
    expect_success(store.remove(api_key=role))
    expect_nothing(store.describe())


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("owner", marks=pytest.mark.statement("KEYS-ROLE-02", "AUTH-SYSTEM-01")),
        pytest.param("operator", marks=pytest.mark.statement("KEYS-ROLE-05", "AUTH-SYSTEM-04")),
    ],
)
def test_a_key_may_do_everything_with_objects(
    target: Target, store: Store, key: str, role: str
) -> None:
    expect_success(store.put(key, b"body", api_key=role))
    expect_object(store.get(key, api_key=role), b"body")
    if target.revision != FIRST:
        expect_success(store.delete(key, api_key=role))


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("owner", marks=pytest.mark.statement("KEYS-ROLE-03", "AUTH-SYSTEM-01")),
        pytest.param("operator", marks=pytest.mark.statement("AUTH-SYSTEM-02")),
    ],
)
def test_a_key_may_manage_keys_and_roles(target: Target, role: str) -> None:
    api_key = target.new_key(target.role_id(role))["api_key"]
    for call in every_call(target).values():
        expect_success(send(target, call, api_key))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Operator", marks=pytest.mark.statement("AUTH-SYSTEM-05")),
        pytest.param("Viewer", marks=pytest.mark.statement("AUTH-SYSTEM-06")),
    ],
)
def test_a_role_may_only_read_the_account(target: Target, name: str) -> None:
    rules = listed_system_role(target, name)["permissions"]["rules"]
    granted = {
        permission
        for rule in rules
        if rule["type"] == "account_management"
        for permission in rule["permissions"]
    }
    assert "read" in granted
    assert granted <= {"read", "list"}


@pytest.mark.statement("KEYS-ROLE-09", "AUTH-SYSTEM-07")
def test_a_viewer_may_list_keys_and_roles(target: Target) -> None:
    expect_success(target.request("GET", KEYS, key="viewer"))
    expect_success(target.request("GET", ROLES, key="viewer"))


@pytest.mark.statement("AUTH-SYSTEM-07")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("make-key", marks=pytest.mark.statement("KEYS-ROLE-12")),
        pytest.param("revoke-key", marks=pytest.mark.statement("KEYS-ROLE-12")),
        "make-role",
        "replace-role",
        "delete-role",
    ],
)
def test_a_viewer_may_not_change_keys_or_roles(target: Target, name: str) -> None:
    expect_refused(send(target, every_call(target)[name], "viewer"))


@pytest.mark.statement("KEYS-ROLE-12")
def test_a_key_that_a_viewer_would_revoke_is_still_there(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    target.request("DELETE", f"{KEYS}/{key_id}", key="viewer")
    assert listed_key(target, key_id) is not None


@pytest.mark.statement("KEYS-ROLE-08", "AUTH-SYSTEM-08")
def test_a_viewer_may_list_and_describe_stores(target: Target, store: Store) -> None:
    expect_success(store.describe(api_key="viewer"))
    assert store.name in names_in(target.request("GET", STORES, key="viewer"))


@pytest.mark.statement("KEYS-ROLE-11", "AUTH-SYSTEM-08")
def test_a_viewer_may_not_make_stores(target: Target) -> None:
    store = Store(target, target.fresh_name())
    expect_refused(store.configure(target.store_body(), api_key="viewer"))
    expect_nothing(store.describe())


@pytest.mark.statement("KEYS-ROLE-11", "AUTH-SYSTEM-08")
def test_a_viewer_may_not_update_stores(store: Store) -> None:
    body = {name: value for name, value in store.describe().json().items() if name != "name"}
    expect_refused(store.configure(body, api_key="viewer"))


@pytest.mark.statement("KEYS-ROLE-11", "AUTH-SYSTEM-08")
def test_a_viewer_may_not_delete_stores(target: Target) -> None:
    with target.new_store() as store:
        expect_refused(store.remove(api_key="viewer"))
        expect_success(store.describe())


@pytest.mark.statement("KEYS-ROLE-07", "AUTH-SYSTEM-09")
def test_a_viewer_may_read_objects(store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_object(store.get(key, api_key="viewer"), b"body")


@pytest.mark.statement("KEYS-ROLE-10", "AUTH-SYSTEM-09")
def test_a_viewer_may_not_put_objects(store: Store, key: str) -> None:
    store.put(key, b"old")
    expect_refused(store.put(key, b"new", api_key="viewer"))
    expect_object(store.get(key), b"old")
