"""Store names and object keys, as a raw path has them."""

from __future__ import annotations

import random
import string
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.service.names import (
    MAX_KEY_BYTES,
    check_key,
    parse_key,
    parse_store_name,
    shown,
)
from tests.suites import examples

STORE_NAME_CHARACTERS = string.ascii_letters + string.digits + "-_.~"

keys = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.text("%/.~+ 2Fa\\é日🎬", min_size=1),
    st.sampled_from("aé日🎬").flatmap(
        lambda letter: st.integers(1, MAX_KEY_BYTES // len(letter.encode())).map(
            lambda count: letter * count
        )
    ),
).filter(lambda key: len(key.encode()) <= MAX_KEY_BYTES)


def encoded(text: str, randomness: random.Random) -> str:
    """`text` percent-encoded as some client might: what must be, and more of it at will."""
    result = []
    for character in text:
        must = not character.isascii() or character == "%"
        if must or randomness.random() < 0.3:
            form = randomness.choice(["%{:02x}", "%{:02X}"])
            result += [form.format(byte) for byte in character.encode()]
        else:
            result.append(character)
    return "".join(result)


@pytest.mark.proves("D04")
@settings(max_examples=examples(100))
@given(st.text(STORE_NAME_CHARACTERS, min_size=1, max_size=255))
@example("a")
@example("~" * 255)
@example("..")
def test_a_store_name_stands_for_itself(name: str) -> None:
    assert parse_store_name(name) == name


@pytest.mark.proves("D04")
@settings(max_examples=examples(100))
@given(st.text(STORE_NAME_CHARACTERS, min_size=1, max_size=255), st.randoms(use_true_random=False))
def test_a_store_name_may_be_percent_encoded(name: str, randomness: random.Random) -> None:
    assert parse_store_name(encoded(name, randomness)) == name


@pytest.mark.proves("D04")
@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a" * 256,
        "%61" * 256,
        "a b",
        "a%20b",
        "a+b",
        "a/b",
        "a%2Fb",
        "a%00",
        "é",
        "%C3%A9",
        "%FF",
        "a%",
        "a%6",
        "a%6g",
        "a%2561",
        "name\n",
        "name%0A",
        "a:b",
        "a@b",
        "a*",
        "\u0661",
        "\uff41",
        "\udcff",
    ],
)
def test_what_is_no_store_name_is_refused(raw: str) -> None:
    with pytest.raises(BadRequestError, match="store name"):
        parse_store_name(raw)


@pytest.mark.proves("D04")
@settings(max_examples=examples(200))
@given(st.characters(exclude_categories=["Cs"]))
def test_only_url_safe_characters_make_a_store_name(character: str) -> None:
    assume(character not in STORE_NAME_CHARACTERS)
    for raw in (character, quote(character, safe=""), f"a{character}", f"{character}a"):
        if raw != "%":
            with pytest.raises(BadRequestError):
                parse_store_name(raw)


@pytest.mark.proves("D05")
@settings(max_examples=examples(150))
@given(keys, st.randoms(use_true_random=False))
def test_a_key_percent_encoded_in_any_way_is_that_key(key: str, randomness: random.Random) -> None:
    assert parse_key(encoded(key, randomness)) == key


@pytest.mark.proves("D05")
@settings(max_examples=examples(200))
@given(keys)
@example("%41")
@example("%2541")
@example("100%25")
@example("+")
def test_a_key_is_decoded_exactly_once(key: str) -> None:
    once = quote(key, safe="")
    assert parse_key(once) == key
    if len(once) <= MAX_KEY_BYTES:
        assert parse_key(quote(once, safe="")) == once


@pytest.mark.proves("D05")
@pytest.mark.parametrize(
    "key",
    ["..", ".", "a/../b", "./a", "//a", "a//", "/", "a/", "A", "a+b", " ", "a\\b", "a?b#c;d=e&f"],
)
def test_nothing_in_a_key_means_anything(key: str) -> None:
    assert parse_key(key) == parse_key(quote(key, safe="")) == key


@pytest.mark.proves("D05")
@pytest.mark.parametrize("letter", ["a", "é", "日", "🎬"])
def test_a_key_may_have_1024_bytes_after_decoding_and_no_more(letter: str) -> None:
    size = len(letter.encode())
    longest = "x" * (1024 % size) + letter * (1024 // size)
    assert len(longest.encode()) == 1024
    assert parse_key(quote(longest, safe="")) == longest
    check_key(longest)
    for raw in (quote(longest + "x", safe=""), "%78" + quote(longest)):
        with pytest.raises(BadRequestError, match="at most 1024 bytes"):
            parse_key(raw)


@pytest.mark.proves("D05")
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "empty"),
        ("%00", "NUL"),
        ("a%00b", "NUL"),
        ("a\0b", "NUL"),
        ("%FF", "UTF-8"),
        ("%C3", "UTF-8"),
        ("a%C3/b", "UTF-8"),
        ("%ED%A0%80", "UTF-8"),
        ("%C0%80", "UTF-8"),
        ("%F4%90%80%80", "UTF-8"),
        ("\udcff", "UTF-8"),
        ("\udcc3%A9%FF", "UTF-8"),
        ("%", "hex"),
        ("%4", "hex"),
        ("a%zz", "hex"),
        ("%u0041", "hex"),
        ("%%41", "hex"),
        ("% 41", "hex"),
        ("%+41", "hex"),
        ("%\uff14\uff11", "hex"),
    ],
)
def test_what_is_no_key_is_refused_with_the_reason(raw: str, reason: str) -> None:
    with pytest.raises(BadRequestError, match=f"key.*{reason}"):
        parse_key(raw)


@pytest.mark.proves("D05")
def test_bytes_beyond_ascii_that_were_not_encoded_are_part_of_a_key() -> None:
    assert parse_key("é") == "é"
    assert parse_key("é".encode().decode("ascii", "surrogateescape")) == "é"


@pytest.mark.proves("D05")
@settings(max_examples=examples(200))
@given(st.binary(min_size=1, max_size=40))
def test_a_path_of_any_bytes_is_a_key_or_refused(path: bytes) -> None:
    raw = path.decode("utf-8", "surrogateescape")
    try:
        key = parse_key(raw)
    except BadRequestError:
        return
    if b"%" not in path:
        assert key.encode() == path


def test_a_path_that_is_not_utf8_is_shown_with_a_mark_in_place_of_its_bytes() -> None:
    assert shown("caf\udce9/%E9/%41") == "caf\ufffd/\ufffd/A"
