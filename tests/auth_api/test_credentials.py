"""The `Authorization` header of the Auth APIs: what is none of the account's keys is 401."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from emulator import Emulator
from tests.contract.expect import expect_error
from tests.contract.stores import LIST
from tests.support.keys import enveloped, inner_key, unsigned, v1
from tests.support.raw_client import Response

from .api import Api
from .expect import expect_refusal
from .jwts import alterations, signed_with, with_claims
from .permission_sets import READING

pytestmark = pytest.mark.proves("Auth APIs: 401")

OPERATIONS: dict[str, Callable[[Api], Response]] = {
    "POST /api-keys": lambda api: api.create_key("viewer"),
    "GET /api-keys": lambda api: api.list_keys(),
    "DELETE /api-keys": lambda api: api.revoke_key("unknown"),
    "GET /roles": lambda api: api.list_roles(),
    "POST /roles": lambda api: api.create_role("custom", READING),
    "PUT /roles": lambda api: api.replace_role("viewer", "custom", READING),
    "DELETE /roles": lambda api: api.delete_role("viewer"),
    "POST a v1 key": lambda api: api.call("POST", "/_emulator/api-keys", {"role": "viewer"}),
    "POST a token": lambda api: api.create_token(READING),
    "GET members": lambda api: api.client.get("/_emulator/account/members"),
    "GET invitations": lambda api: api.client.get("/_emulator/account/invitations"),
}
GARBAGE = "x" * 8 * 1024

FORGED: dict[str, Callable[[str], str | bytes | None]] = {
    "none": lambda _: None,
    "empty": lambda _: "",
    "unknown": lambda _: "unknown",
    "cut-short": lambda key: key[:-1],
    "flipped": lambda key: key[:-20] + ("A" if key[-20] != "A" else "B") + key[-19:],
    "alg-none": unsigned,
    "alg-None": lambda key: unsigned(key, "None"),
    "without-signature": lambda key: key.rpartition(".")[0] + ".",
    "signed-with-another-secret": lambda key: signed_with(key, b"a guess"),
    "signed-with-an-empty-secret": lambda key: signed_with(key, b""),
    "with-a-role": lambda key: with_claims(key, role="owner", role_id="owner"),
    "with-permissions": lambda key: with_claims(key, permissions={"super_user": True}),
    "with-another-id": lambda key: with_claims(key, jti="0" * 32),
    "encoded-anew": with_claims,
    "as-a-token": lambda key: with_claims(key, t="d", exp=9_999_999_999, permissions=READING),
    "v1-of-a-forged-key": lambda key: v1(with_claims(key, role="owner")),
    "v1-without-a-key": lambda _: enveloped({"endpoint": "cell.example.com"}),
    "v1-without-an-endpoint": lambda key: enveloped({"api_key": key}),
    "v1-of-null": lambda _: v1(None),
    "v1-of-a-number": lambda _: v1(1),
    "v1-of-an-empty-key": lambda _: v1(""),
    "v1-of-a-list": lambda key: enveloped([key]),
    "v1-of-a-text": enveloped,
    "v1-of-an-envelope": lambda key: v1(v1(key)),
    "v1-of-no-json": lambda _: base64.b64encode(b"{endpoint").decode(),
    "v1-not-base64": lambda key: v1(key)[:10] + "*" + v1(key)[11:],
    "v1-in-base64-of-urls": lambda _: base64.urlsafe_b64encode(b"\xfb\xff" * 60).decode(),
    "v1-as-plain-json": lambda key: json.dumps({"endpoint": "cell", "api_key": key}),
    "8-KiB-of-garbage": lambda _: GARBAGE,
    "8-KiB-of-base64": lambda _: base64.b64encode(b"{" * 6 * 1024).decode(),
    "8-KiB-of-a-jwt": lambda key: ".".join(part * 24 for part in key.split("."))[: 8 * 1024],
    "bytes-that-are-not-utf-8": lambda _: b"\xff\xfe\x80",
    "bearer": lambda key: f"Bearer {key}",
    "key-id": lambda key: json.loads(base64.urlsafe_b64decode(key.split(".")[1] + "=="))["jti"],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_every_operation_is_closed_to_what_is_no_key(
    owner: Api, forge: Callable[[str], str | bytes | None]
) -> None:
    stranger = owner.with_key(forge(str(owner.client.key)))
    for name, operation in OPERATIONS.items():
        answer = operation(stranger)
        assert answer.status == 401, name
        expect_refusal(answer, 401)


@pytest.mark.parametrize("form", ["v2", "v1"])
def test_no_alteration_of_a_key_is_a_key(owner: Api, form: str) -> None:
    key = owner.new_key("owner").api_key
    with owner.client.with_key(None).wire() as wire:
        for altered in alterations(key):
            presented = altered if form == "v2" else v1(altered)
            answer = wire.request("GET", "/api-keys", headers=[("Authorization", presented)])
            assert answer.status == 401, altered


@pytest.mark.parametrize("role_id", ["owner", "viewer"])
def test_the_key_of_another_emulator_is_401(owner: Api, stranger: Api, role_id: str) -> None:
    key = stranger.new_key(role_id).api_key
    assert stranger.with_key(key).list_keys().status == 200
    for presented in (key, v1(key), stranger.new_v1_key(role_id).api_key):
        expect_refusal(owner.with_key(presented).list_keys(), 401)
        expect_error(owner.client.with_key(presented).get(LIST), 401)


@pytest.mark.proves("D47")
def test_a_key_of_an_account_that_started_anew_is_401(owner: Api, emulator: Emulator) -> None:
    key = owner.new_key("owner").api_key
    assert owner.with_key(key).list_keys().status == 200
    emulator.reset()
    expect_refusal(owner.with_key(key).list_keys(), 401)


@pytest.mark.parametrize("order", ["valid-first", "valid-last", "both-valid"])
def test_two_authorization_headers_are_401(owner: Api, order: str) -> None:
    valid = str(owner.client.key)
    keys = {
        "valid-first": (valid, "unknown"),
        "valid-last": ("unknown", valid),
        "both-valid": (valid, valid),
    }[order]
    headers = [("Authorization", key) for key in keys]
    for path in ("/api-keys", "/roles", "/_emulator/account/members"):
        expect_refusal(owner.with_key(None).client.get(path, headers=headers), 401)


@pytest.mark.proves("D03")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_after_bearer_is_told_that_the_header_holds_the_key_itself(
    owner: Api, scheme: str
) -> None:
    answer = owner.with_key(f"{scheme} {owner.client.key!s}").list_keys()
    expect_refusal(answer, 401, mentions=["authorization", "bearer"])


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_a_v1_key_is_accepted_whole_and_as_what_it_holds(owner: Api, role_id: str) -> None:
    key = owner.new_v1_key(role_id)
    assert key.info["role_id"] == role_id
    for presented in (key.api_key, inner_key(key.api_key), v1(inner_key(key.api_key))):
        caller = owner.with_key(presented)
        assert caller.list_keys().status == 200
        assert caller.create_key("viewer").status == (403 if role_id == "viewer" else 200)


@pytest.mark.proves("credentials: v1 API key")
def test_a_v1_key_has_no_mark_of_a_v2_key(owner: Api) -> None:
    key = owner.new_v1_key("viewer").api_key
    envelope = json.loads(base64.b64decode(key, validate=True))
    assert envelope.keys() == {"endpoint", "api_key"}
    assert envelope["endpoint"] == "emulator.test"


def test_an_operation_that_is_refused_changes_nothing(owner: Api) -> None:
    before = (owner.all_keys(), owner.all_roles())
    forged = owner.with_key(with_claims(str(owner.client.key), role="owner"))
    for operation in OPERATIONS.values():
        assert operation(forged).status == 401
    assert (owner.all_keys(), owner.all_roles()) == before
