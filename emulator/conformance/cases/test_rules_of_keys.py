"""Permission sets at work: what a key may do by the rules and conditions of its role."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store, Target

from .auth_api import READING, key_with, new_role, objects
from .expecting import expect_object, expect_refused, expect_success

pytestmark = pytest.mark.usefixtures("tidy")

EVERYWHERE = ("0.0.0.0/0", "::/0")
NOWHERE = ("192.0.2.0/24", "2001:db8::/32")
"""Ranges that are for documentation only."""


def key_from(target: Target, *ranges: str) -> str:
    """A key that may read objects, from these ranges."""
    condition = {"ip_filter": {"allowed_cidr_ranges": list(ranges)}}
    role = new_role(target, READING | {"conditions": [condition]})
    return str(target.new_key(role["role_id"])["api_key"])


@pytest.mark.statement("AUTH-PERM-02")
def test_conditions_may_be_left_out(target: Target, store: Store, key: str) -> None:
    store.put(key, b"body")
    role = new_role(target, {"rules": [objects("read")]})
    assert not role["permissions"].get("conditions")
    api_key = target.new_key(role["role_id"])["api_key"]
    expect_object(store.get(key, api_key=api_key), b"body")


@pytest.mark.statement("AUTH-PERM-23")
def test_a_rule_for_a_store_permits_nothing_in_another(
    target: Target, store: Store, key: str
) -> None:
    store.put(key, b"old")
    here = key_with(target, objects("read", "write", stores={"name": store.name}))
    expect_object(store.get(key, api_key=here), b"old")
    there = key_with(target, objects("read", "write", stores={"name": target.fresh_name()}))
    expect_refused(store.get(key, api_key=there))
    expect_refused(store.put(key, b"new", api_key=there))
    expect_object(store.get(key), b"old")


@pytest.mark.parametrize(
    ("selector", "inside", "outside"),
    [
        pytest.param("key", "a", "ab", marks=pytest.mark.statement("AUTH-PERM-24")),
        pytest.param("key_prefix", "ab", "b", marks=pytest.mark.statement("AUTH-PERM-25")),
    ],
)
def test_a_rule_for_keys_permits_nothing_with_others(
    target: Target, store: Store, key: str, selector: str, inside: str, outside: str
) -> None:
    store.put(f"{key}/{outside}", b"old")
    api_key = key_with(target, objects("read", "write", items={selector: f"{key}/a"}))
    expect_success(store.put(f"{key}/{inside}", b"new", api_key=api_key))
    expect_object(store.get(f"{key}/{inside}", api_key=api_key), b"new")
    expect_refused(store.put(f"{key}/{outside}", b"new", api_key=api_key))
    expect_refused(store.get(f"{key}/{outside}", api_key=api_key))


@pytest.mark.statement("AUTH-PERM-29")
def test_a_caller_within_the_ranges_is_admitted(target: Target, store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_object(store.get(key, api_key=key_from(target, *EVERYWHERE)), b"body")


@pytest.mark.statement("AUTH-PERM-30")
def test_a_caller_outside_of_the_ranges_is_refused(target: Target, store: Store, key: str) -> None:
    store.put(key, b"body")
    expect_refused(store.get(key, api_key=key_from(target, *NOWHERE)))
