"""API keys as they are on the wire: their forms, and what is kept of them."""

from __future__ import annotations

import base64
import hashlib
import json

import jwt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.auth.keys import digest, inner_key, mint_v1, mint_v2, new_signing_secret, sign
from tests.suites import examples
from tests.support.keys import envelope, enveloped

SECRET = new_signing_secret()
V2 = mint_v2("key-id", SECRET)
ENDPOINT = "cell-1.example.com"


def claims(key: str) -> dict[str, object]:
    """What the key says, its signature checked."""
    return jwt.decode(key, SECRET, algorithms=["HS512"], options={"verify_exp": False})


@given(
    st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())),
    st.none() | st.integers(min_value=0),
)
@settings(max_examples=examples(100))
def test_a_signed_jwt_is_the_one_that_pyjwt_makes(
    content: dict[str, object], expires_at: int | None
) -> None:
    expiry = {} if expires_at is None else {"exp": expires_at}

    assert sign(content, SECRET, expires_at) == jwt.encode(
        {**content, **expiry}, SECRET, algorithm="HS512"
    )


@pytest.mark.proves("credentials: v2 API key")
def test_a_v2_key_is_a_signed_jwt_that_says_so_and_names_no_endpoint() -> None:
    assert claims(V2) == {"t": "g", "jti": "key-id"}
    assert jwt.get_unverified_header(V2)["alg"] == "HS512"


@pytest.mark.proves("credentials: v2 API key")
def test_a_v2_key_is_not_base64_as_a_whole() -> None:
    for index in range(20):
        key = mint_v2(f"key-{index}", SECRET)
        with pytest.raises(ValueError, match=r"base64|padding"):
            base64.b64decode(key, validate=True)


@pytest.mark.proves("credentials: v1 API key")
def test_a_v1_key_is_an_envelope_of_an_endpoint_and_a_jwt() -> None:
    document = envelope(mint_v1("key-id", SECRET, ENDPOINT))
    assert set(document) == {"endpoint", "api_key"}
    assert document["endpoint"] == ENDPOINT
    assert claims(document["api_key"]) == {"jti": "key-id"}


@pytest.mark.proves("credentials: expiry")
@pytest.mark.parametrize("expires_at", [None, 0, 1, 4_102_444_800])
def test_a_key_says_when_it_expires_only_if_it_does(expires_at: int | None) -> None:
    expected = {} if expires_at is None else {"exp": expires_at}
    v2 = mint_v2("key-id", SECRET, expires_at=expires_at)
    assert claims(v2) == {"t": "g", "jti": "key-id", **expected}
    v1 = mint_v1("key-id", SECRET, ENDPOINT, expires_at=expires_at)
    assert claims(envelope(v1)["api_key"]) == {"jti": "key-id", **expected}


def test_no_two_signing_secrets_are_the_same_and_each_is_long() -> None:
    secrets = {new_signing_secret() for _ in range(10)}
    assert len(secrets) == 10
    assert all(len(secret) >= 64 for secret in secrets)


@pytest.mark.proves("credentials: v2 API key")
def test_the_inner_key_of_a_v2_key_is_itself() -> None:
    assert inner_key(V2) == V2


@pytest.mark.proves("credentials: v1 API key")
def test_the_inner_key_of_a_v1_key_is_what_its_envelope_holds() -> None:
    whole = mint_v1("key-id", SECRET, ENDPOINT)
    inner = envelope(whole)["api_key"]
    assert inner_key(whole) == inner
    assert inner_key(inner) == inner


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"endpoint": ENDPOINT, "api_key": V2, "more": 1}, id="another-member"),
        pytest.param({"api_key": V2, "endpoint": ENDPOINT}, id="another-order"),
    ],
)
def test_the_envelope_of_a_v1_key_is_read_by_its_members(document: object) -> None:
    assert inner_key(enveloped(document)) == V2


NO_KEYS = {
    "nothing": "",
    "a word": "unknown",
    "base64 of a word": base64.b64encode(b"unknown").decode(),
    "two parts": V2.rpartition(".")[0],
    "four parts": f"{V2}.x",
    "no signature": V2.rpartition(".")[0] + ".",
    "dots": "..",
    "a blank before": f" {V2}",
    "a blank behind": f"{V2} ",
    "a line end behind": f"{V2}\n",
    "a scheme before": f"Bearer {V2}",
    "in quotes": f'"{V2}"',
    "another alphabet": V2.replace(".", "+", 1),
    "an envelope without endpoint": enveloped({"api_key": V2}),
    "an envelope without key": enveloped({"endpoint": ENDPOINT}),
    "an envelope of null": enveloped({"endpoint": ENDPOINT, "api_key": None}),
    "an envelope of a number": enveloped({"endpoint": ENDPOINT, "api_key": 17}),
    "an envelope of an envelope": enveloped(
        {"endpoint": ENDPOINT, "api_key": mint_v1("key-id", SECRET, ENDPOINT)}
    ),
    "an endpoint that is a number": enveloped({"endpoint": 17, "api_key": V2}),
    "a list": enveloped([ENDPOINT, V2]),
    "a text": enveloped(V2),
    "null": enveloped(None),
    "a number": enveloped(17),
    "JSON without end": base64.b64encode(b'{"endpoint": "').decode(),
    "deeply nested JSON": base64.b64encode(b"[" * 200_000).decode(),
    "a number of many digits": base64.b64encode(b"1" * 10_000).decode(),
    "an envelope with a line end": enveloped({"endpoint": ENDPOINT, "api_key": V2}) + "\n",
    "an envelope without padding": enveloped({"endpoint": "cell", "api_key": V2}).rstrip("="),
}


def test_the_envelope_that_lacks_its_padding_would_have_some() -> None:
    assert enveloped({"endpoint": "cell", "api_key": V2}).endswith("=")


@pytest.mark.proves("credentials: forms")
@pytest.mark.parametrize("presented", NO_KEYS.values(), ids=NO_KEYS)
def test_what_has_no_keys_form_has_no_inner_key(presented: str) -> None:
    assert inner_key(presented) is None


@pytest.mark.proves("credentials: forms")
@settings(max_examples=examples(200))
@given(
    st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60).map(lambda value: value.decode("utf-8", "surrogateescape")),
        st.binary(max_size=60).map(lambda value: base64.b64encode(value).decode()),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["endpoint", "api_key", "x"]), inner, max_size=3)
            ),
            max_leaves=5,
        ).map(enveloped),
        st.text("abc-_.=+/", max_size=20),
    )
)
@example("a.b.c")
def test_any_text_has_an_inner_key_or_none_and_a_digest(presented: str) -> None:
    proper = inner_key(presented)
    assert proper is None or proper.count(".") == 2
    assert len(digest(presented)) == 64


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.mark.proves("credentials: v1 API key")
@settings(max_examples=examples(100))
@given(endpoint=st.text("abc.", max_size=5), data=st.data())
def test_an_envelope_with_bits_that_nothing_stands_for_is_no_key(
    endpoint: str, data: st.DataObject
) -> None:
    whole = enveloped({"endpoint": endpoint, "api_key": V2})
    assert inner_key(whole) == V2
    text = whole.rstrip("=")
    free = {0: 1, 1: 4, 2: 16}[len(whole) - len(text)]
    last = ALPHABET.index(text[-1])
    for other in range(last, last + free):
        altered = text[:-1] + ALPHABET[other] + whole[len(text) :]
        assert base64.b64decode(altered) == base64.b64decode(whole)
        assert inner_key(altered) == (V2 if other == last else None)
    place = data.draw(st.integers(0, len(whole)))
    for junk in (" ", "\n", "\r\n", "=", "-", "_", ".", "é"):
        assert inner_key(whole[:place] + junk + whole[place:]) is None


@pytest.mark.proves("credentials: v1 API key")
def test_an_envelope_in_the_alphabet_of_addresses_is_no_key() -> None:
    document = json.dumps({"endpoint": "???>>>", "api_key": V2}).encode()
    assert inner_key(base64.b64encode(document).decode()) == V2
    in_addresses = base64.urlsafe_b64encode(document).decode()
    assert in_addresses != base64.b64encode(document).decode()
    assert inner_key(in_addresses) is None


@pytest.mark.proves("credentials: digest")
def test_what_is_kept_of_a_key_is_its_sha_256() -> None:
    assert digest(V2) == hashlib.sha256(V2.encode()).hexdigest()
    assert digest("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()


@pytest.mark.proves("credentials: digest")
@settings(max_examples=examples(100))
@given(st.binary(max_size=40))
def test_the_digest_of_a_header_is_that_of_its_bytes(header: bytes) -> None:
    presented = header.decode("utf-8", "surrogateescape")
    assert digest(presented) == hashlib.sha256(header).hexdigest()
