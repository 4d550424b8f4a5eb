"""Tokens are known by their signature alone, so what was changed about one is 401 (D51)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from tests.contract.expect import expect_error
from tests.contract.stores import LIST
from tests.support.keys import enveloped, inner_key, jwt_part, segment, unsigned, v1
from tests.support.raw_client import Client

from .api import Api
from .expect import expect_refusal
from .jwts import alterations, signed_with, with_claims
from .permission_sets import EVERYTHING, LIST_STORES, READING, allow, rule

pytestmark = [pytest.mark.proves("D51"), pytest.mark.proves("credentials: disposable token")]

FORGED: dict[str, Callable[[str], str]] = {
    "other-permissions": lambda jwt: with_claims(jwt, permissions=EVERYTHING),
    "super-user": lambda jwt: with_claims(jwt, permissions={"super_user": True}),
    "a-longer-life": lambda jwt: with_claims(jwt, exp=9_999_999_999),
    "no-expiry": lambda jwt: with_claims(jwt, exp=None),
    "another-id": lambda jwt: with_claims(jwt, jti="0" * 32),
    "encoded-anew-with-a-role": lambda jwt: with_claims(jwt, role_id="owner"),
    "alg-none": unsigned,
    "alg-NONE": lambda jwt: unsigned(jwt, "NONE"),
    "alg-none-with-signature": lambda jwt: unsigned(jwt) + jwt.split(".")[2],
    "alg-HS256": lambda jwt: ".".join([segment({"alg": "HS256"}), *jwt.split(".")[1:]]),
    "signed-with-another-secret": lambda jwt: signed_with(jwt, b"a guess"),
    "signed-with-an-empty-secret": lambda jwt: signed_with(jwt, b""),
    "as-an-api-key": lambda jwt: with_claims(jwt, t="g"),
}


@pytest.fixture
def token(owner: Api) -> str:
    return owner.new_token(allow(LIST_STORES))


def refuses(client: Client, presented: str) -> None:
    expect_error(client.with_key(presented).get(LIST), 401)
    expect_refusal(Api(client.with_key(presented)).list_keys(), 401)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_401(owner: Api, token: str, forge: Callable[[str], str]) -> None:
    forged = forge(inner_key(token))
    refuses(owner.client, forged)
    refuses(owner.client, v1(forged))


def test_no_alteration_of_a_token_is_a_token(owner: Api, token: str) -> None:
    with owner.client.with_key(None).wire() as wire:
        for altered in alterations(inner_key(token)):
            answer = wire.request("GET", LIST, headers=[("Authorization", altered)])
            assert answer.status == 401, altered


def test_the_parts_of_two_tokens_make_no_third(owner: Api, token: str) -> None:
    mine = inner_key(token).split(".")
    other = inner_key(owner.new_token(EVERYTHING)).split(".")
    refuses(owner.client, ".".join((mine[0], other[1], mine[2])))
    refuses(owner.client, ".".join((other[0], mine[1], other[2])))


def test_the_token_of_another_emulator_is_401(owner: Api, stranger: Api) -> None:
    token = stranger.new_token(allow(LIST_STORES))
    assert stranger.client.with_key(token).get(LIST).status == 200
    refuses(owner.client, token)
    refuses(owner.client, inner_key(token))


@pytest.mark.parametrize("member", ["endpoint", "api_key"])
def test_an_envelope_without_a_member_is_401(owner: Api, token: str, member: str) -> None:
    document = json.loads(base64.b64decode(token))
    del document[member]
    refuses(owner.client, enveloped(document))


@pytest.mark.parametrize("kind", ["v2", "v1"])
def test_a_revoked_api_key_is_not_taken_for_a_token(owner: Api, kind: str) -> None:
    key = owner.new_key("owner") if kind == "v2" else owner.new_v1_key("owner")
    jwt = key.api_key if kind == "v2" else inner_key(key.api_key)
    owner.revoke_key(key.key_id)
    for presented in (jwt, v1(jwt)):
        refuses(owner.client, presented)


def test_an_expired_api_key_is_not_taken_for_a_token(owner: Api) -> None:
    key = owner.new_v1_key("owner", expires_in_seconds=1)
    document = b'{"seconds": 1}'
    assert owner.client.request("POST", "/_emulator/clock/advance", body=document).status == 200
    refuses(owner.client, key.api_key)
    refuses(owner.client, inner_key(key.api_key))


def test_a_token_says_what_it_is_for_and_no_secret(owner: Api) -> None:
    permissions = allow(rule("auth_management", "list"))
    claims = jwt_part(inner_key(owner.new_token(permissions)), 1)
    assert permissions in claims.values()
    assert claims.get("t") != "g"
    assert not {"c", "cp", "endpoint"} & claims.keys()


def test_a_token_is_no_api_key_in_a_request_body(owner: Api, token: str) -> None:
    assert owner.create_key(inner_key(token)).status in (400, 404)
    expect_refusal(owner.create_role("custom", token), 400)
    assert owner.create_role("custom", READING).status == 200
