"""Names of object stores (D04)."""

from __future__ import annotations

import json
import random
import string

import pytest

from tests.support.raw_client import Client

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object, expect_store
from .stores import JSON, LIST, Stores, configuration, listed, unique_name

pytestmark = pytest.mark.proves("D04")

ALLOWED = string.ascii_letters + string.digits + "-_.~"
FORBIDDEN = [
    *(f"%{ord(c):02X}" for c in " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}"),
    *"!$&'()*+,:;=@",
    *("%00", "%0A", "%1F", "%7F"),
    *("%C3%A9", "%EF%BC%A1", "%F0%9F%8E%AC", "%FF", "%zz", "%"),
]


@pytest.mark.parametrize("filler", ["a", "~", "."])
def test_a_store_name_may_have_255_characters(stores: Stores, filler: str) -> None:
    name = unique_name().ljust(255, filler)
    config = configuration()
    store = stores.named(name)
    expect_store(store.configure(config), 201, name, config)
    expect_store(store.describe(), 200, name, config)
    assert store.put("key", b"body").status == 204
    expect_object(store.get("key"), b"body")


def test_a_store_name_may_have_one_character(stores: Stores, owner: Client) -> None:
    taken = set(listed(owner))
    name = random.choice([c for c in string.ascii_letters + string.digits if c not in taken])
    store = stores.create(name=name)
    assert store.put("key", b"body").status == 204
    expect_object(store.get("key"), b"body")


def test_a_store_name_may_have_all_allowed_characters(stores: Stores, owner: Client) -> None:
    config = configuration()
    store = stores.named(ALLOWED + unique_name())
    expect_store(store.configure(config), 201, store.name, config)
    assert store.name in listed(owner)


@pytest.mark.parametrize("start", [".", "..", "-", "--", "_", "~", "0"])
def test_a_store_name_may_start_with_any_allowed_character(stores: Stores, start: str) -> None:
    store = stores.create(name=start + unique_name())
    assert store.put("key", b"body").status == 204
    expect_object(store.get("key"), b"body")


@pytest.mark.parametrize("name", [".", ".."])
def test_dots_are_a_store_name_and_no_way_up(owner: Client, name: str) -> None:
    expect_error(owner.get(f"{LIST}/{name}"), 404, STORE_NOT_FOUND)
    expect_error(owner.get(f"{LIST}/{name}/key"), 404, STORE_NOT_FOUND)


def test_store_names_that_differ_in_case_are_two_stores(stores: Stores) -> None:
    name = unique_name("Contract")
    store, other = stores.create(name=name), stores.named(name.lower())
    expect_error(other.describe(), 404, STORE_NOT_FOUND)
    assert other.configure(configuration()).status == 201
    assert store.put("key", b"body").status == 204
    expect_error(other.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_a_store_name_with_any_other_character_is_400(owner: Client, text: str) -> None:
    mark = unique_name()
    expect_refused_name(owner, f"{mark}{text}x")
    expect_refused_name(owner, f"{mark}{text}")
    assert not [name for name in listed(owner) if mark in name]


@pytest.mark.parametrize("length", [256, 257, 1000])
def test_a_store_name_of_more_than_255_characters_is_400(owner: Client, length: int) -> None:
    mark = unique_name()
    expect_refused_name(owner, mark.ljust(length, "a"))
    assert not [name for name in listed(owner) if mark in name]


def test_an_empty_store_name_is_400(owner: Client) -> None:
    expect_refused_name(owner, "")
    assert "" not in listed(owner)


def expect_refused_name(client: Client, name: str) -> None:
    """No operation takes `name`, which arrives percent-encoded."""
    path = f"{LIST}/{name}"
    config = json.dumps(configuration()).encode()
    expect_error(client.put(path, config, headers=JSON), 400)
    expect_error(client.get(path), 400)
    expect_error(client.delete(path), 400)
    expect_error(client.put(f"{path}/key", b"body"), 400)
    expect_error(client.get(f"{path}/key"), 400)
    assert client.head(path).status == 400
