"""Which `mo-meta-*` headers are kept, under which name, and with which value."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.service.metadata import collect
from tests.suites import examples

BLOCKED = [
    # HTTP protocol headers
    *("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"),
    "te",
    # Security headers
    *("set-cookie", "cookie", "authorization", "www-authenticate", "content-security-policy"),
    *("x-frame-options", "strict-transport-security"),
    # CORS headers
    *("access-control-allow-origin", "access-control-allow-credentials"),
    # Proxy headers
    *("host", "x-forwarded-for", "x-real-ip", "via"),
]
"""The names that Put Object's "Blocked Metadata Headers" gives."""

BLOCKED_BY_ETC = [
    *("access-control-allow-methods", "access-control-allow-headers", "access-control-max-age"),
    *("access-control-expose-headers", "access-control-request-method", "access-control-any"),
    *("x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-any"),
    *("proxy-authenticate", "proxy-authorization", "proxy-connection", "proxy-any"),
    *("forwarded", "set-cookie2"),
]

ALLOWED = [
    *("content-type", "content-encoding", "content-language", "content-disposition"),
    *("cache-control", "expires", "etag", "last-modified", "link", "vary", "age", "date"),
    *("server", "location", "author", "x-anything", "mo-meta-x"),
    *("access-control", "x-forwarded", "proxy", "forward", "trailers", "cookies", "hosts"),
    *("set-cookie3", "x-host", "via-x", "not-content-length", "x-set-cookie", "tea"),
]

names = st.text(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~", min_size=1, max_size=20)
values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@pytest.mark.proves("Put Object: blocked metadata headers")
@pytest.mark.parametrize("name", BLOCKED)
def test_a_name_that_the_reference_blocks_is_ignored(name: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        assert collect([(spelling, "no"), ("kept", "yes")]) == {"kept": "yes"}


@pytest.mark.proves("D10")
@pytest.mark.parametrize("name", BLOCKED_BY_ETC)
def test_a_name_of_a_family_that_the_reference_blocks_is_ignored(name: str) -> None:
    for spelling in (name, name.upper(), name.title()):
        assert collect([(spelling, "no"), ("kept", "yes")]) == {"kept": "yes"}


@pytest.mark.proves("D10")
@pytest.mark.parametrize("name", ALLOWED)
def test_a_name_that_only_looks_like_a_blocked_one_is_kept(name: str) -> None:
    assert collect([(name, "yes")]) == {name: "yes"}


@pytest.mark.proves("D10")
@pytest.mark.parametrize("value", ["\x00", "\udcff", "a\r\nb"])
def test_the_value_of_a_blocked_or_empty_name_does_not_matter(value: str) -> None:
    assert collect([("cookie", value), ("", value), ("x-forwarded-for", value)]) == {}


@pytest.mark.proves("D11")
def test_the_values_of_a_repeated_name_are_joined_in_their_order() -> None:
    headers = [("a", "1"), ("b", "x"), ("A", "2"), ("a", ""), ("a", "3, 4")]
    assert collect(headers) == {"a": "1, 2, , 3, 4", "b": "x"}


@pytest.mark.proves("D11")
def test_an_empty_name_is_ignored() -> None:
    assert collect([("", "no"), ("kept", "yes"), ("", "no")]) == {"kept": "yes"}


@pytest.mark.proves("D11")
def test_an_empty_value_is_kept() -> None:
    assert collect([("empty", "")]) == {"empty": ""}


@pytest.mark.proves("D30")
@settings(max_examples=examples(100))
@given(st.lists(st.tuples(names, values), max_size=6))
def test_names_come_out_in_small_letters_however_they_are_spelt(
    headers: list[tuple[str, str]],
) -> None:
    kept = collect(headers)
    assert all(name == name.lower() for name in kept)
    for respell in (str.lower, str.upper, str.swapcase):
        assert collect((respell(name), value) for name, value in headers) == kept


@pytest.mark.proves("D31")
@settings(max_examples=examples(200))
@given(values)
def test_a_value_is_kept_as_it_came(value: str) -> None:
    assert collect([("name", value)]) == {"name": value}


@pytest.mark.proves("D31")
@pytest.mark.parametrize("value", ["{}", "a{}", "{}a", "日{}"])
@pytest.mark.parametrize("codes", [range(0x20), range(0x7F, 0xA0)], ids=["C0", "C1"])
def test_a_value_with_a_control_character_is_refused(codes: range, value: str) -> None:
    for code in codes:
        with pytest.raises(BadRequestError, match=r"'name'.*control character"):
            collect([("Name", value.format(chr(code)))])


@pytest.mark.proves("D31")
@settings(max_examples=examples(200))
@given(st.binary(max_size=20))
def test_a_value_is_kept_byte_for_byte_or_refused(value: bytes) -> None:
    text = value.decode("utf-8", "surrogateescape")
    try:
        kept = collect([("name", text)])
    except BadRequestError:
        return
    assert kept["name"].encode() == value


@pytest.mark.proves("D31")
@pytest.mark.parametrize("value", [b"\xff", b"caf\xe9", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_a_value_that_is_not_utf_8_is_refused(value: bytes) -> None:
    with pytest.raises(BadRequestError, match="'name'"):
        collect([("name", value.decode("utf-8", "surrogateescape"))])


@pytest.mark.parametrize("name", [" ", "a b", "a:b", "a\n", "é", "a\x00", "(a)", "\u212a", "a,b"])
def test_a_name_that_no_header_could_have_is_refused(name: str) -> None:
    with pytest.raises(BadRequestError, match="not a header name"):
        collect([(name, "value")])


@given(st.lists(st.tuples(names, values), max_size=4))
@settings(max_examples=examples(200), deadline=None)
def test_equal_headers_are_collected_equally_each_time(headers: list[tuple[str, str]]) -> None:
    first = collect(headers)
    assert collect(list(headers)) == first
    assert first == collect.__wrapped__(headers)  # type: ignore[attr-defined]


def test_equal_metadata_is_one_mapping_unless_it_is_long() -> None:
    assert collect([("Content-Type", "a")]) is collect([("Content-Type", "a")])
    assert collect([]) is collect([])
    long = [("author", "x" * 600)]
    assert collect(long) == {"author": "x" * 600}
    assert collect(long) is not collect(long)


def test_metadata_that_is_refused_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(BadRequestError, match="control character"):
            collect([("author", "a\nb")])
