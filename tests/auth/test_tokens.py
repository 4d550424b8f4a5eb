"""Disposable tokens: what is said in one comes back, and what was not made here is none."""

from __future__ import annotations

import base64
import json
import string
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.auth.keys import key_proper, mint_v1, mint_v2, new_signing_secret
from emulator.auth.tokens import mint_token, verify_token
from emulator.core.permission_set import Access
from tests.core.permission_sets import (
    EVERY_PERMISSION,
    KEYS,
    STORE_NAMES,
    Document,
    a_rule,
    a_set,
    allows,
    permission_sets,
)
from tests.suites import examples

pytestmark = pytest.mark.proves("D51")

SECRET = new_signing_secret()
EXPIRES_AT = 2_000_000_000


def a_token(document: Document | None = None) -> str:
    """The JWT of a token, as a client sends it."""
    whole = mint_token(
        "token-id", SECRET, "host:1", permissions=document or a_set(), expires_at=EXPIRES_AT
    )
    inner = key_proper(whole)
    assert inner is not None
    return inner


def signed(claims: Document, secret: str = SECRET, algorithm: str = "HS512") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def claims(**others: Any) -> Document:
    """What a token says, with other claims; those that are None are left out."""
    said = {"t": "d", "jti": "id", "exp": EXPIRES_AT, "permissions": a_set(), **others}
    return {name: value for name, value in said.items() if value is not None}


@settings(max_examples=examples(100))
@given(
    document=permission_sets,
    token_id=st.text(max_size=40),
    expires_at=st.integers(0, 253_402_300_799),
)
def test_a_token_says_what_it_was_made_with(
    document: Document, token_id: str, expires_at: int
) -> None:
    whole = mint_token(token_id, SECRET, "[::1]:8080", permissions=document, expires_at=expires_at)
    found = verify_token(key_proper(whole) or "", SECRET)
    assert found is not None
    assert (found.token_id, found.expires_at) == (token_id, expires_at)
    assert found.permissions.document == document
    for type_name, permission in EVERY_PERMISSION:
        for store, key in zip(STORE_NAMES, KEYS, strict=False):
            expected = allows(document, type_name, permission, store, key)
            assert found.permissions.allows(Access(type_name, permission), store, key) == expected


def test_a_token_comes_in_the_envelope_of_a_v1_key() -> None:
    whole = mint_token("id", SECRET, "host:1", permissions=a_set(), expires_at=1)
    envelope = json.loads(base64.b64decode(whole, validate=True))
    assert set(envelope) == {"endpoint", "api_key"}
    assert envelope["endpoint"] == "host:1"
    assert verify_token(envelope["api_key"], SECRET) is not None
    assert verify_token(whole, SECRET) is None


def test_the_expiry_of_a_token_is_not_checked_with_its_signature() -> None:
    found = verify_token(signed(claims(exp=1)), SECRET)
    assert found is not None
    assert found.expires_at == 1


def test_what_another_account_made_is_no_token() -> None:
    assert verify_token(a_token(), new_signing_secret()) is None
    assert verify_token(signed(claims(), new_signing_secret()), SECRET) is None


@settings(max_examples=examples(150))
@given(data=st.data())
def test_a_token_with_another_character_anywhere_is_none(data: st.DataObject) -> None:
    token = a_token()
    place = data.draw(st.integers(0, len(token) - 1))
    alphabet = {*string.ascii_letters, *string.digits, "-", "_", ".", "="}
    other = data.draw(st.sampled_from(sorted(alphabet - {token[place]})))
    altered = f"{token[:place]}{other}{token[place + 1 :]}"
    assert verify_token(altered, SECRET) is None


def test_a_token_with_the_part_of_another_is_none() -> None:
    mine = a_token(a_set(a_rule(stores={"name": "mine"}))).split(".")
    other = signed(claims(jti="other"), algorithm="HS384").split(".")
    for place in range(3):
        mixed = [*mine]
        mixed[place] = other[place]
        assert verify_token(".".join(mixed), SECRET) is None


def unsigned(header: object, said: Document) -> str:
    parts = (json.dumps(part).encode() for part in (header, said))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, "HS512", ["HS512"], {}])
def test_a_token_without_a_signature_is_none(algorithm: object) -> None:
    body = unsigned({"typ": "JWT", "alg": algorithm}, claims())
    for signature in ("", "AA", a_token().rpartition(".")[2]):
        assert verify_token(f"{body}.{signature}", SECRET) is None


@pytest.mark.parametrize("algorithm", ["HS256", "HS384"])
def test_a_token_of_another_algorithm_is_none(algorithm: str) -> None:
    assert verify_token(signed(claims(), algorithm=algorithm), SECRET) is None


@pytest.mark.parametrize("expires_at", [None, EXPIRES_AT])
def test_an_api_key_is_no_token_however_it_is_signed(expires_at: int | None) -> None:
    v1 = mint_v1("id", SECRET, "host:1", expires_at=expires_at)
    inner = key_proper(v1)
    assert inner is not None
    for key in (mint_v2("id", SECRET, expires_at=expires_at), v1, inner):
        assert verify_token(key, SECRET) is None


WITHOUT_A_CLAIM = [{"exp": None}, {"jti": None}, {"t": None}, {"permissions": None}]
OTHER_CLAIMS = [{"t": "g"}, {"t": "D"}, {"t": ["d"]}, {"t": 1}]
NO_SETS: list[Any] = [
    {},
    [],
    "*",
    5,
    {"rules": []},
    {"rules": [a_rule()], "more": 1},
    {"rules": [{"type": "everything"}]},
    {"super_user": True},
    a_set(conditions=[{}]),
]


@pytest.mark.parametrize(
    "others",
    [*WITHOUT_A_CLAIM, *OTHER_CLAIMS, *({"permissions": value} for value in NO_SETS)],
    ids=str,
)
def test_what_does_not_say_all_that_a_token_says_is_none(others: Document) -> None:
    assert verify_token(signed(claims()), SECRET) is not None
    assert verify_token(signed(claims(**others)), SECRET) is None


DEEP = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")


@pytest.mark.parametrize(
    "key", ["", "a", "..", "a.b.c", "é.é.é", f"{DEEP}.e30.AA", f"e30.{DEEP}.AA", "e30.e30.AA"]
)
def test_any_other_text_is_no_token(key: str) -> None:
    assert verify_token(key, SECRET) is None


@pytest.mark.parametrize("said", ["[]", '"d"', "null", "17", "{", "\xff", "[" * 5000])
def test_a_signed_text_that_is_no_object_is_no_token(said: str) -> None:
    signature = jwt.api_jws.encode(said.encode("latin-1"), SECRET, algorithm="HS512")
    assert verify_token(signature, SECRET) is None
