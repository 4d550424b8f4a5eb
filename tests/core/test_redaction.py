"""What people read later or elsewhere: no key or token is left in it, and all else is."""

from __future__ import annotations

import json
import uuid
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.auth.keys import inner_key, mint_v1, mint_v2, new_signing_secret
from emulator.auth.tokens import mint_token
from emulator.core.redaction import redact
from tests.suites import examples

from .permission_sets import Document, a_set, permission_sets

SECRET = new_signing_secret()
PART = 20
"""Of how many characters a part of a key is recognisable."""

endpoints = st.sampled_from(["localhost:8080", "127.0.0.1", "[::1]:1", "ü.example", "a~b>c?d", ""])
ids = st.one_of(st.uuids().map(lambda value: value.hex), st.text(max_size=10))
expiries = st.none() | st.integers(0, 2**40)
credentials = st.one_of(
    st.builds(lambda key_id, exp: mint_v2(key_id, SECRET, expires_at=exp), ids, expiries),
    st.builds(
        lambda key_id, host, exp: mint_v1(key_id, SECRET, host, expires_at=exp),
        ids,
        endpoints,
        expiries,
    ),
    st.builds(
        lambda token_id, host, document: mint_token(
            token_id, SECRET, host, permissions=document, expires_at=2**31
        ),
        ids,
        endpoints,
        permission_sets,
    ),
)
with_their_insides = credentials.flatmap(
    lambda whole: st.sampled_from(sorted({whole, inner_key(whole) or whole}))
)
texts = st.text(max_size=15) | st.sampled_from(["Bearer ", '"', "Authorization:", "\\n", "ey", "x"])


def parts(secret: str) -> set[str]:
    return {secret[index : index + PART] for index in range(len(secret) - PART + 1)}


@settings(max_examples=examples(150))
@given(before=texts, credential=with_their_insides, after=texts)
def test_of_a_key_or_token_in_a_text_nothing_is_left(
    before: str, credential: str, after: str
) -> None:
    shown = redact(f"{before}{credential}{after}")
    assert not any(part in shown for part in parts(credential))
    assert "[redacted]" in shown


@settings(max_examples=examples(50))
@given(st.lists(with_their_insides, min_size=2, max_size=3), st.sampled_from([" ", ",", "", "\n"]))
def test_of_several_in_one_text_nothing_is_left(found: list[str], between: str) -> None:
    shown = redact(between.join(found))
    assert not any(part in shown for credential in found for part in parts(credential))


def encoded(text: str, times: int, *, wholly: bool = False) -> str:
    """The text, percent-encoded so many times: all of its characters, or those that need it."""
    for _ in range(times):
        text = "".join(f"%{ord(each):02x}" for each in text) if wholly else quote(text, safe="")
    return text


@settings(max_examples=examples(50))
@given(with_their_insides, st.integers(1, 40))
def test_of_a_key_that_is_percent_encoded_any_number_of_times_nothing_is_left(
    credential: str, times: int
) -> None:
    once_more = redact(f"GET /?a=%20&key={encoded(credential, times)} 401")
    assert not any(part in once_more for part in parts(credential))
    assert "[redacted]" in once_more


@settings(max_examples=examples(20))
@given(with_their_insides, st.integers(1, 3))
def test_of_a_key_of_which_every_character_is_encoded_again_and_again_nothing_is_left(
    credential: str, times: int
) -> None:
    shown = redact(f"key={encoded(credential[:60], times, wholly=True)}")
    assert shown == "key=[redacted]"


@settings(max_examples=examples(50))
@given(with_their_insides, st.integers(1, 5), st.data())
def test_of_a_key_of_which_one_character_is_encoded_nothing_is_left(
    credential: str, times: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(credential) - 1))
    hidden = encoded(encoded(credential[index], 1, wholly=True), times - 1)
    shown = redact(f"{credential[:index]}{hidden}{credential[index + 1 :]}")
    assert not any(part in shown for part in parts(credential))


def test_a_text_that_takes_too_many_rounds_to_decode_is_not_shown() -> None:
    """Each round decodes one digit of the next one's escape."""
    assert redact("%" * 9 + "3" * 8 + "41") == "%" * 9 + "3" * 8 + "41"
    assert redact("%" * 30 + "3" * 29 + "41") == "[redacted]"


def test_escapes_that_hide_no_key_stay_as_they_are() -> None:
    key = mint_v2("id", SECRET)
    for text in ("GET /a%20b%2Fc%252F 200", "100% of 50%", "%", "%zz", "%25%25"):
        assert redact(text) == text
    assert redact(f"/a%20b?key={key}") == "/a%20b?key=[redacted]"


@settings(max_examples=examples(50))
@given(with_their_insides)
def test_of_a_key_in_a_document_or_a_repr_nothing_is_left(credential: str) -> None:
    document = {"error": f"no\n{credential}\t", "keys": [credential]}
    for text in (json.dumps(document), repr(document), repr(credential.encode())):
        assert not any(part in redact(text) for part in parts(credential))
    assert set(json.loads(redact(json.dumps(document)))) == set(document)


def test_what_stands_around_a_key_stays() -> None:
    key = mint_v2("id", SECRET)
    assert redact(f'GET /?key="{key}" 401') == 'GET /?key="[redacted]" 401'
    assert redact(f"{key}\nthe next line") == "[redacted]\nthe next line"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "They say that every key of the monkey is grey.",
        "GET /objectstore/store/eye.png HTTP/1.1",
        "/var/lib/momento/objects/3f/2a/3f2a9c",
        "/home/harvey/projects/objectstore-emulator/tests/unit/test_keys.py",
        "/opt/valkey/persistent/data/of/the/first/cluster/appendonly.aof",
        "surveys/2026/august/customer-satisfaction-north-america.json",
        "keyboard-shortcuts-of-the-most-common-editors",
        'File "/usr/lib/python3/site-packages/keyring/backends/SecretService.py", line 17',
        "arn:aws:iam::123456789012:role/MoneyMarketReadOnlyRoleForObjectStores",
        "urn:uuid:80000000-0000-4000-8000-000000000011",
        "e" * 64,
        "sha256:" + "0123456789abcdef" * 8,
    ],
)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


words = st.sampled_from(
    ["the", "key", "they", "monkey", "Valkey", "eye", "survey", "store", "is", "grey", "role"]
)


@settings(max_examples=examples(100))
@given(st.lists(words, max_size=20), st.binary(max_size=40), st.uuids())
@example([], bytes(64), uuid.UUID(int=0))
def test_sentences_hexadecimal_ids_and_uuids_stay_as_they_are(
    sentence: list[str], identifier: bytes, other: uuid.UUID
) -> None:
    for text in (" ".join(sentence), identifier.hex(), str(other), f"{identifier.hex()}-{other}"):
        assert redact(text) == text


@settings(max_examples=examples(100))
@given(st.lists(words, min_size=1, max_size=12))
def test_a_path_of_ordinary_words_stays_as_it_is(names: list[str]) -> None:
    for text in ("/" + "/".join(names), "-".join(names) + ".json"):
        assert redact(text) == text


def test_a_permission_set_in_a_text_stays_as_it_is() -> None:
    document: Document = a_set()
    assert redact(json.dumps(document)) == json.dumps(document)
