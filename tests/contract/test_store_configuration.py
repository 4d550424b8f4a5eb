"""The JSON that a store's PUT takes, and what it does not take (D13)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.raw_client import Fields

from .expect import STORE_NOT_FOUND, expect_error, expect_store
from .stores import JSON, LIST, Configuration, Stores, configuration

pytestmark = pytest.mark.proves("D13")

S3 = ("storage_config", "s3")
VALKEY = ("cache_config", "valkey_cluster")
OBJECTS: list[tuple[str, ...]] = [("storage_config",), S3, ("cache_config",), VALKEY]
STRINGS: list[tuple[str, ...]] = [
    (*S3, "bucket_name"),
    (*S3, "iam_role_arn"),
    (*VALKEY, "cluster_name"),
]
PREFIX = (*S3, "prefix")


def named(path: tuple[str, ...]) -> str:
    return ".".join(path)


def edited(path: tuple[str, ...], edit: Callable[[dict[str, Any], str], None]) -> Configuration:
    config = copy.deepcopy(configuration(prefix="prefix"))
    parent = config
    for member in path[:-1]:
        parent = parent[member]
    edit(parent, path[-1])
    return config


def without(path: tuple[str, ...]) -> Configuration:
    return edited(path, lambda parent, member: parent.pop(member))


def with_value(path: tuple[str, ...], value: object) -> Configuration:
    return edited(path, lambda parent, member: parent.update({member: value}))


def expect_refused(
    stores: Stores, body: bytes, headers: Fields = JSON, mentions: tuple[str, ...] = ()
) -> None:
    """`body` creates no store and changes none."""
    absent, config = stores.named(), configuration(prefix="kept")
    present = stores.create(config)
    for store in (absent, present):
        answer = store.client.put(store.path, body, headers=headers)
        expect_error(answer, 400, mentions=mentions)
    expect_error(absent.describe(), 404, STORE_NOT_FOUND)
    expect_store(present.describe(), 200, present.name, config)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" ", id="space"),
        pytest.param(b"{", id="cut-short"),
        pytest.param(b"not json", id="words"),
        pytest.param(b"{'storage_config': {}}", id="single-quotes"),
        pytest.param(b"\xff\xfe{}", id="not-utf-8"),
        pytest.param(b'{"storage_config": "\xff"}', id="not-utf-8-inside"),
        pytest.param(json.dumps(configuration()).encode()[:-1], id="last-brace-missing"),
        pytest.param(json.dumps(configuration()).encode() + b"}", id="a-brace-too-many"),
        pytest.param(json.dumps(configuration()).encode() * 2, id="twice"),
        pytest.param(b"storage_config=x&cache_config=y", id="form"),
        pytest.param(b"\0" * 100, id="nuls"),
        pytest.param(b"[" * 100_000, id="deep-array"),
        pytest.param(b'{"a":' * 100_000, id="deep-object"),
    ],
)
def test_a_body_that_is_not_json_is_400(stores: Stores, body: bytes) -> None:
    expect_refused(stores, body)


@pytest.mark.parametrize(
    "body", [b"[]", b'"storage_config"', b"null", b"true", b"0", b"1.5", b"[{}]"]
)
def test_json_that_is_no_object_is_400(stores: Stores, body: bytes) -> None:
    expect_refused(stores, body)


@pytest.mark.parametrize("path", OBJECTS + STRINGS, ids=named)
def test_a_missing_member_is_400_and_named(stores: Stores, path: tuple[str, ...]) -> None:
    expect_refused(stores, json.dumps(without(path)).encode(), mentions=(path[-1],))


def test_an_empty_json_object_is_400(stores: Stores) -> None:
    expect_refused(stores, b"{}", mentions=("_config",))


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "text", "", [], [{}]], ids=repr)
@pytest.mark.parametrize("path", OBJECTS, ids=named)
def test_an_object_of_another_type_is_400_and_named(
    stores: Stores, path: tuple[str, ...], value: object
) -> None:
    body = json.dumps(with_value(path, value)).encode()
    expect_refused(stores, body, mentions=(path[-1],))


@pytest.mark.parametrize("value", [None, True, 0, 1, 1.5, [], ["text"], {}], ids=repr)
@pytest.mark.parametrize("path", STRINGS, ids=named)
def test_a_string_of_another_type_is_400_and_named(
    stores: Stores, path: tuple[str, ...], value: object
) -> None:
    body = json.dumps(with_value(path, value)).encode()
    expect_refused(stores, body, mentions=(path[-1],))


@pytest.mark.parametrize("value", [False, True, 0, 1, 1.5, [], ["text"], {}], ids=repr)
def test_a_prefix_of_another_type_is_400_and_named(stores: Stores, value: object) -> None:
    body = json.dumps(with_value(PREFIX, value)).encode()
    expect_refused(stores, body, mentions=("prefix",))


@pytest.mark.parametrize("path", STRINGS, ids=named)
def test_an_empty_string_is_400_and_named(stores: Stores, path: tuple[str, ...]) -> None:
    body = json.dumps(with_value(path, "")).encode()
    expect_refused(stores, body, mentions=(path[-1],))


@pytest.mark.parametrize(
    "arn",
    [
        "role",
        "MomentoObjectStoreRole",
        "arn",
        "arn:aws:iam::123456789012",
        "arn:aws:iam::123456789012:role",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:user/someone",
        "arn:aws:iam::12345678901:role/eleven-digits",
        "arn:aws:iam::1234567890123:role/thirteen-digits",
        "arn:aws:iam::account:role/name",
        "arn:aws:iam:::role/no-account",
        "arn:aws:s3:::bucket",
        "aws:iam::123456789012:role/name",
        " arn:aws:iam::123456789012:role/name",
        "arn:aws:iam::123456789012:role/name\n",
        "arn:aws:iam::123456789012:role/two words",
    ],
)
def test_a_role_that_is_no_arn_of_a_role_is_400_and_named(stores: Stores, arn: str) -> None:
    expect_refused(stores, json.dumps(configuration(role=arn)).encode(), mentions=("iam_role_arn",))


@pytest.mark.proves("Create or Update Object Store: iam_role_arn")
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::123456789012:role/MomentoObjectStoreRole",
        "arn:aws:iam::000000000000:role/a",
        "arn:aws:iam::123456789012:role/a/path/to/a-role",
        "arn:aws:iam::123456789012:role/All+Signs=Of,A.Name@Role_1-2",
    ],
)
def test_the_arn_of_any_role_is_taken(stores: Stores, arn: str) -> None:
    store, config = stores.named(), configuration(role=arn)
    expect_store(store.configure(config), 201, store.name, config)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="none"),
        pytest.param((("Content-Type", ""),), id="empty"),
        pytest.param((("Content-Type", "text/plain"),), id="text"),
        pytest.param((("Content-Type", "text/json"),), id="text-json"),
        pytest.param((("Content-Type", "application/octet-stream"),), id="octet-stream"),
        pytest.param((("Content-Type", "application/x-www-form-urlencoded"),), id="form"),
        pytest.param((("Content-Type", "application/jsonp"),), id="jsonp"),
        pytest.param((("Content-Type", "application/merge-patch+json"),), id="plus-json"),
        pytest.param((("Content-Type", "json"),), id="json"),
        pytest.param((("Content-Type", "text/plain; application/json"),), id="as-parameter"),
    ],
)
def test_a_content_type_other_than_json_is_400_and_named(stores: Stores, headers: Fields) -> None:
    body = json.dumps(configuration()).encode()
    expect_refused(stores, body, headers=headers, mentions=("content-type",))


@pytest.mark.proves("Create or Update Object Store: Content-Type")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json ; charset=utf-8",
    ],
)
def test_json_is_taken_with_parameters_and_in_any_case(stores: Stores, content_type: str) -> None:
    store, config = stores.named(), configuration()
    headers = [("Content-Type", content_type)]
    answer = store.client.put(store.path, json.dumps(config).encode(), headers=headers)
    expect_store(answer, 201, store.name, config)


@pytest.mark.proves("Create or Update Object Store: request body")
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_configuration_may_come_in_chunks(stores: Stores, size: int) -> None:
    store, config = stores.named(), configuration()
    body = json.dumps(config).encode()
    parts = (body[at : at + size] for at in range(0, len(body), size))
    expect_store(store.client.put(store.path, parts, headers=JSON), 201, store.name, config)


@pytest.mark.proves("Create or Update Object Store: request body")
@pytest.mark.parametrize(
    "style",
    [{"indent": 4}, {"separators": (",", ":")}, {"sort_keys": True}, {"ensure_ascii": False}],
    ids=str,
)
def test_a_configuration_may_be_written_in_any_style(stores: Stores, style: dict[str, Any]) -> None:
    store, config = stores.named(), configuration(prefix="préfixe/🎬")
    body = json.dumps(config, **style).encode()
    expect_store(store.client.put(store.path, body, headers=JSON), 201, store.name, config)


@pytest.mark.proves("Create or Update Object Store: 400")
def test_a_refused_configuration_is_not_listed(stores: Stores) -> None:
    store = stores.named()
    expect_error(store.configure({}), 400)
    assert store.name.encode() not in store.client.get(LIST).body
