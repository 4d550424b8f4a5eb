"""Revoke API key: it stops authenticating at once, and nothing else does."""

from __future__ import annotations

import base64
import json

import pytest

from .api import HOUR, KEYS, NOW, Api, Clock
from .expect import expect_document, expect_refusal

pytestmark = [
    pytest.mark.proves("Auth APIs: DELETE /api-keys"),
    pytest.mark.proves("Key lifecycle: Revoke"),
]


def test_a_revoked_key_stops_authenticating(owner: Api) -> None:
    key, other = owner.new_key(), owner.new_key()
    expect_document(owner.revoke_key(key.key_id), {})
    expect_refusal(owner.with_key(key.api_key).list_keys(), 401)
    assert owner.with_key(other.api_key).list_keys().status == 200


def test_a_revoked_key_stops_authenticating_on_an_open_connection(owner: Api) -> None:
    key = owner.new_key()
    with owner.client.with_key(key.api_key).wire() as wire:
        assert wire.request("GET", KEYS).status == 200
        owner.revoke_key(key.key_id)
        expect_refusal(wire.request("GET", KEYS), 401)
        expect_refusal(wire.request("GET", KEYS), 401)


def test_a_key_may_revoke_itself(owner: Api) -> None:
    key = owner.new_key("operator")
    with owner.client.with_key(key.api_key).wire() as wire:
        expect_document(wire.request("DELETE", f"{KEYS}/{key.key_id}"), {})
        expect_refusal(wire.request("GET", KEYS), 401)
        expect_refusal(wire.request("DELETE", f"{KEYS}/{key.key_id}"), 401)
    assert key.key_id not in [entry["key_id"] for entry in owner.all_keys()]


def test_revoking_twice_is_404(owner: Api) -> None:
    key = owner.new_key()
    assert owner.revoke_key(key.key_id).status == 200
    expect_refusal(owner.revoke_key(key.key_id), 404)


@pytest.mark.parametrize("key_id", ["unknown", "0" * 32, "*", "%2A", "a%2Fb", "%00", "x" * 5000])
def test_an_unknown_id_is_404(owner: Api, key_id: str) -> None:
    before = owner.all_keys()
    expect_refusal(owner.revoke_key(key_id), 404)
    assert owner.all_keys() == before


def test_an_empty_id_is_404(owner: Api) -> None:
    before = owner.all_keys()
    expect_refusal(owner.revoke_key(""), 404)
    assert owner.all_keys() == before


def test_the_id_of_another_accounts_key_is_404(owner: Api, stranger: Api) -> None:
    expect_refusal(owner.revoke_key(stranger.new_key().key_id), 404)


@pytest.mark.parametrize("malformed", ["%", "%zz", "%2", "%FF", "%C3%28"])
def test_a_malformed_id_is_400(owner: Api, malformed: str) -> None:
    expect_refusal(owner.revoke_key(malformed), 400)


def test_an_id_may_be_percent_encoded(owner: Api) -> None:
    for encode in ("%{:02x}", "%{:02X}"):
        key = owner.new_key()
        spelled = "".join(encode.format(byte) for byte in key.key_id.encode())
        expect_document(owner.revoke_key(spelled), {})
        expect_refusal(owner.with_key(key.api_key).list_keys(), 401)


def test_an_id_is_decoded_once(owner: Api) -> None:
    key = owner.new_key()
    twice = "".join(f"%25{byte:02X}" for byte in key.key_id.encode())
    expect_refusal(owner.revoke_key(twice), 404)
    assert owner.with_key(key.api_key).list_keys().status == 200


@pytest.mark.proves("D42")
def test_an_expired_key_can_still_be_revoked(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    key = owner.new_key(expiry=NOW + HOUR)
    clock.advance(HOUR)
    expect_document(owner.revoke_key(key.key_id), {})
    expect_refusal(owner.revoke_key(key.key_id), 404)
    clock.freeze(NOW)
    expect_refusal(owner.with_key(key.api_key).list_keys(), 401)


@pytest.mark.parametrize("index", range(3))
def test_a_key_that_the_account_began_with_can_be_revoked(owner: Api, index: int) -> None:
    helper = owner.with_key(owner.new_key("owner").api_key)
    first = helper.all_keys()[index]
    expect_document(helper.revoke_key(first["key_id"]), {})
    assert first not in helper.all_keys()


@pytest.mark.proves("credentials: v1 API key")
def test_a_revoked_v1_key_stops_authenticating_in_both_its_forms(owner: Api) -> None:
    key = owner.new_v1_key("viewer")
    inner = json.loads(base64.b64decode(key.api_key))["api_key"]
    for form in (key.api_key, inner):
        assert owner.with_key(form).list_keys().status == 200
    expect_document(owner.revoke_key(key.key_id), {})
    for form in (key.api_key, inner):
        expect_refusal(owner.with_key(form).list_keys(), 401)


def test_who_may_not_revoke_keys_revokes_none(owner: Api, viewer: Api, nobody: Api) -> None:
    key = owner.new_key()
    expect_refusal(viewer.revoke_key(key.key_id), 403)
    expect_refusal(nobody.revoke_key(key.key_id), 401)
    assert owner.with_key(key.api_key).list_keys().status == 200
