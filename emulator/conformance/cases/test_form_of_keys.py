"""API keys on the wire: what the text of a key is made of, and how it is sent."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import pytest

from emulator.conformance.target import Target

from .expecting import expect_success


@pytest.fixture(scope="module")
def api_key(target: Target, viewer_id: str) -> str:
    """A key that the Auth APIs made."""
    return str(target.new_key(viewer_id)["api_key"])


def decoded(part: str) -> Any:
    """One part of a JWT."""
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def payload(api_key: str) -> Any:
    return decoded(api_key.split(".")[1])


@pytest.mark.statement("CRED-V2-01")
def test_a_key_is_a_jwt(api_key: str) -> None:
    header, claims, signature = api_key.split(".")
    assert isinstance(decoded(header), dict)
    assert isinstance(decoded(claims), dict)
    assert signature


@pytest.mark.statement("CRED-V2-02", "KEYS-MIGRATE-02")
def test_a_key_says_that_it_is_of_version_2(api_key: str) -> None:
    assert payload(api_key)["t"] == "g"


@pytest.mark.statement("CRED-V2-03")
def test_a_key_has_an_id_of_its_own(target: Target, api_key: str, viewer_id: str) -> None:
    other = target.new_key(viewer_id)["api_key"]
    assert payload(api_key)["jti"]
    assert payload(api_key)["jti"] != payload(other)["jti"]


@pytest.mark.statement("CRED-V2-04")
def test_a_key_has_no_endpoint(target: Target, api_key: str) -> None:
    claims = payload(api_key)
    assert not {"endpoint", "c", "cp"} & claims.keys()
    assert target.host.partition(":")[0] not in str(claims)


@pytest.mark.statement("CRED-V2-05")
def test_a_key_is_signed_with_hs512(api_key: str) -> None:
    assert decoded(api_key.split(".")[0])["alg"] == "HS512"


@pytest.mark.statement("CRED-V2-06")
def test_a_key_is_not_base64_as_a_whole(api_key: str) -> None:
    with pytest.raises(binascii.Error):
        base64.b64decode(api_key, validate=True)


@pytest.mark.statement("CRED-HEADER-01", "AUTH-GENERAL-02")
@pytest.mark.parametrize("path", ["/api-keys", "/objectstore"])
def test_a_key_is_sent_with_nothing_in_front(target: Target, api_key: str, path: str) -> None:
    headers = [("Authorization", api_key)]
    expect_success(target.request("GET", path, headers=headers, key=None))
