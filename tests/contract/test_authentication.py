"""The `Authorization` header: which credentials are taken, and how others are refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

import pytest

from tests.support.bodies import some_bytes
from tests.support.keys import enveloped, jwt_part, unpadded, unsigned, v1
from tests.support.raw_client import Client

from .expect import OBJECT_NOT_FOUND, expect_error, expect_object, expect_store
from .service import ROLES, Service
from .stores import LIST, OPERATIONS, Store, Stores, configuration


def flipped(key: str, at: int) -> str:
    """`key` with another character at `at`."""
    at %= len(key)
    return key[:at] + ("A" if key[at] != "A" else "B") + key[at + 1 :]


def signed_by_a_stranger(key: str) -> str:
    message = ".".join(key.split(".")[:2])
    signature = hmac.digest(b"not the service's secret", message.encode(), hashlib.sha512)
    return f"{message}.{unpadded(signature)}"


INVALID: dict[str, Callable[[str], str | bytes | None]] = {
    "none": lambda _: None,
    "empty": lambda _: "",
    "unknown": lambda _: "unknown",
    "cut-short": lambda key: key[:-1],
    "first-half": lambda key: key[: len(key) // 2],
    "too-long": lambda key: key + "A",
    "twice": lambda key: key + key,
    "two-in-a-list": lambda key: f"{key}, {key}",
    "flipped-in-the-header": lambda key: flipped(key, 5),
    "flipped-in-the-payload": lambda key: flipped(key, len(key) // 3),
    "flipped-in-the-signature": lambda key: flipped(key, -20),
    "without-signature": lambda key: key.rpartition(".")[0] + ".",
    "two-parts": lambda key: key.rpartition(".")[0],
    "upper-case": lambda key: key.upper(),
    "quoted": lambda key: f'"{key}"',
    "alg-none": unsigned,
    "signed-by-a-stranger": signed_by_a_stranger,
    "dots": lambda _: "..",
    "7-KiB-of-garbage": lambda _: "x" * 7 * 1024,
    "7-KiB-of-dots": lambda _: "." * 7 * 1024,
    "bytes-that-are-not-utf-8": lambda _: b"\xff\xfe\x80",
    "utf-8": lambda _: "🔑".encode(),
    "bearer": lambda key: f"Bearer {key}",
    "bearer-only": lambda _: "Bearer",
    "basic": lambda key: "Basic " + base64.b64encode(f"key:{key}".encode()).decode(),
    "v1-of-an-unknown-key": lambda _: v1("unknown"),
    "v1-of-an-unsigned-key": lambda key: v1(unsigned(key)),
    "v1-of-a-flipped-key": lambda key: v1(flipped(key, -20)),
    "v1-of-an-empty-key": lambda _: v1(""),
    "v1-without-a-key": lambda _: enveloped({"endpoint": "cell-1.example.com"}),
    "v1-of-a-number": lambda _: v1(1),
    "v1-of-a-list": lambda _: enveloped([1]),
    "v1-of-null": lambda _: enveloped(None),
    "v1-of-no-json": lambda _: base64.b64encode(b"\xff not json").decode(),
    "v1-of-deep-json": lambda _: base64.b64encode(b"[" * 5000).decode(),
    "v1-cut-short": lambda key: v1(key)[:-5],
}
COMMON = ("none", "empty", "unknown", "bearer", "alg-none", "v1-of-an-unknown-key")


@pytest.mark.proves("Put Object: 401")
@pytest.mark.proves("Get Object: 401")
@pytest.mark.parametrize("credential", INVALID)
def test_an_object_is_closed_to_an_invalid_credential(store: Store, credential: str) -> None:
    assert store.put("key", b"old").status == 204
    stranger = store.seen_by(store.client.with_key(INVALID[credential](str(store.client.key))))
    expect_error(stranger.get("key"), 401)
    expect_error(stranger.put("key", b"new"), 401)
    expect_error(stranger.put("other", b"new"), 401)
    expect_object(store.get("key"), b"old")
    expect_error(store.get("other"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Authentication")
@pytest.mark.proves("Create or Update Object Store: 401")
@pytest.mark.proves("Describe Object Store: 401")
@pytest.mark.proves("Delete Object Store: 401")
@pytest.mark.proves("List Object Stores: 401")
@pytest.mark.parametrize("credential", COMMON)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_closed_to_an_invalid_credential(
    stores: Stores, operation: str, credential: str
) -> None:
    config = configuration()
    store = stores.create(config)
    stranger = store.seen_by(store.client.with_key(INVALID[credential](str(store.client.key))))
    expect_error(OPERATIONS[operation](stranger), 401)
    expect_store(store.describe(), 200, store.name, config)


@pytest.mark.proves("Create or Update Object Store: 401")
def test_no_store_is_created_with_an_invalid_credential(stores: Stores, owner: Client) -> None:
    store = stores.named()
    stranger = store.seen_by(owner.with_key("unknown"))
    expect_error(stranger.configure(configuration()), 401)
    expect_error(store.describe(), 404)


@pytest.mark.proves("Authentication")
@pytest.mark.parametrize("credential", ["none", "unknown"])
def test_a_large_upload_with_an_invalid_credential_gets_its_401(
    store: Store, credential: str
) -> None:
    stranger = store.seen_by(store.client.with_key(INVALID[credential]("")))
    expect_error(stranger.put("key", some_bytes(9 * 1024 * 1024)), 401)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Authentication")
@pytest.mark.parametrize("order", ["valid-first", "valid-last", "both-valid"])
def test_two_authorization_headers_are_401(store: Store, order: str) -> None:
    valid = str(store.client.key)
    keys = {
        "valid-first": (valid, "unknown"),
        "valid-last": ("unknown", valid),
        "both-valid": (valid, valid),
    }[order]
    nobody = store.client.with_key(None)
    fields = nobody.fields([("Authorization", key) for key in keys])
    with nobody.wire() as wire:
        wire.send_head("GET", store.path, fields)
        expect_error(wire.answer(), 401)


@pytest.mark.proves("D03")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_after_bearer_is_401_and_told_that_the_header_holds_the_key_itself(
    owner: Client, scheme: str
) -> None:
    bearer = owner.with_key(f"{scheme} {owner.key!s}").get(LIST)
    unknown = owner.with_key("unknown").get(LIST)
    expect_error(bearer, 401, mentions=["authorization"])
    assert bearer.message != unknown.message


@pytest.mark.proves("D03")
@pytest.mark.parametrize("shown", ["undefined", "null", "None"])
def test_the_text_of_a_missing_value_is_told_from_a_wrong_key(owner: Client, shown: str) -> None:
    expect_error(owner.with_key(shown).get(LIST), 401, mentions=[shown, "unset variable"])


@pytest.mark.proves("Authentication")
@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_the_name_of_the_authorization_header_has_no_case(owner: Client, name: str) -> None:
    headers = [(name, str(owner.key))]
    assert owner.with_key(None).get(LIST, headers=headers).status == 200


@pytest.mark.proves("Authentication")
def test_a_key_anywhere_else_is_401(owner: Client) -> None:
    nobody, key = owner.with_key(None), str(owner.key)
    for name in ("X-Api-Key", "Cookie", "X-Amz-Security-Token", "Proxy-Authorization"):
        expect_error(nobody.get(LIST, headers=[(name, key)]), 401)
    for query in ("token", "api_key", "authorization"):
        expect_error(nobody.get(f"{LIST}?{query}={key}"), 401)


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.parametrize("role", ROLES)
def test_an_api_key_is_a_jwt_as_the_sdks_read_it(service: Service, role: str) -> None:
    key = service.keys[role]
    assert len(key.split(".")) == 3
    assert jwt_part(key, 0)["alg"] == "HS512"
    assert jwt_part(key, 1)["t"] == "g"
    assert isinstance(jwt_part(key, 1)["jti"], str)
    assert jwt_part(key, 1)["jti"]
    assert not {"c", "cp", "endpoint"} & set(jwt_part(key, 1))
    with pytest.raises(binascii.Error):
        base64.b64decode(key, validate=True)


@pytest.mark.proves("credentials: v2 API key")
def test_api_keys_are_distinct(service: Service) -> None:
    keys = [service.keys[role] for role in ROLES]
    assert len(set(keys)) == len(ROLES)
    assert len({jwt_part(key, 1)["jti"] for key in keys}) == len(ROLES)
