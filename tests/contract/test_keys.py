"""Object keys: which there are, and which spellings of a path mean the same one (D05)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .expect import OBJECT_NOT_FOUND, expect_error, expect_object
from .stores import Store, Stores

pytestmark = pytest.mark.proves("D05")

DISTINCT = [
    "a",
    "A",
    "a/",
    "a//",
    "/a",
    "/",
    "//",
    "a/b",
    "a//b",
    "a/b/",
    "A/b",
    ".",
    "..",
    "...",
    "./x",
    "../x",
    "../../x",
    "../../etc/passwd",
    "x",
    "x/.",
    "x/..",
    "x/./y",
    "x/../y",
    "x/y",
    "y",
    "..%5Cx",
    "C%3A%5Cx",
    "~",
    "%20",
    "%20%20",
    "a%20b",
    "a+b",
    "+",
    "%25",
    "%2525",
    "%252F",
    "%2520",
    "%25zz",
    "%2500",
    "%3F",
    "a%3Fttl_seconds=5",
    "a%3Fb",
    "%23",
    "a%23b",
    ";",
    "a;b",
    "a;b=c",
    "&",
    "a&b=c",
    "=",
    ":",
    "a:b",
    "@",
    "!$'()*,",
    "%22%3C%3E%5E%60%7B%7C%7D%5B%5D",
    "%01",
    "%09",
    "%0A",
    "%0D%0A",
    "%7F",
    "%C3%A9",
    "e%CC%81",
    "%C3%89",
    "%E3%83%8F%E3%82%9A",
    "%E3%83%91",
    "%F0%9F%8E%AC",
    "%F0%9F%8E%AC/%F0%9F%90%88",
    "%EF%BB%BFa",
    "%EF%BF%BD",
    "%C2%85",
    "%C2%A0",
    "%E2%80%AEabc",
    "%F4%8F%BF%BF",
    "NUL",
    "con.txt",
    "key.tmp",
    ".hidden",
    "a.",
    "a%20",
    "-rf",
    "objectstore",
    "folder/subfolder/file.txt",
]
MALFORMED = [
    pytest.param("", id="empty"),
    pytest.param("%00", id="nul"),
    pytest.param("a%00b", id="nul-inside"),
    pytest.param("a%00", id="nul-at-the-end"),
    pytest.param("%FF", id="not-utf-8"),
    pytest.param("a/%FE/b", id="not-utf-8-inside"),
    pytest.param("%C3", id="utf-8-cut-short"),
    pytest.param("%C3%28", id="utf-8-broken"),
    pytest.param("%80", id="stray-continuation"),
    pytest.param("%C0%AF", id="overlong-slash"),
    pytest.param("%C0%80", id="overlong-nul"),
    pytest.param("%ED%A0%80", id="surrogate"),
    pytest.param("%F4%90%80%80", id="beyond-unicode"),
    pytest.param("%zz", id="broken-escape"),
    pytest.param("a%zzb", id="broken-escape-inside"),
    pytest.param("%", id="percent"),
    pytest.param("a%", id="percent-at-the-end"),
    pytest.param("a%2", id="escape-cut-short"),
    pytest.param("%2G", id="half-an-escape"),
    pytest.param("%+1", id="escape-with-sign"),
    pytest.param("%u0041", id="escape-of-no-standard"),
    pytest.param("%%41", id="percent-before-escape"),
    pytest.param("a" * 1025, id="1025-bytes"),
    pytest.param("%61" * 1025, id="1025-bytes-escaped"),
    pytest.param(quote("🎬" * 256 + "a"), id="1025-bytes-of-emoji"),
    pytest.param(quote("é" * 513), id="1026-bytes-of-513-characters"),
    pytest.param("/" * 1025, id="1025-slashes"),
]


def test_every_key_is_an_object_of_its_own(store: Store) -> None:
    for key in DISTINCT:
        assert store.put(key, key.encode()).status == 204, key
    for key in DISTINCT:
        answer = store.get(key)
        assert (answer.status, answer.body) == (200, key.encode()), key


@pytest.mark.parametrize("key", DISTINCT)
def test_a_key_holds_what_was_put_there(store: Store, key: str) -> None:
    expect_error(store.get(key), 404, OBJECT_NOT_FOUND)
    assert store.put(key, b"first", headers=[("mo-meta-mark", "x")]).status == 204
    expect_object(store.get(key), b"first")
    assert store.put(key, b"second").status == 204
    answer = store.get(key)
    expect_object(answer, b"second")
    assert "mark" not in answer.headers


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("a/b", "a%2Fb"),
        ("a/b", "a%2fb"),
        ("a/", "a%2F"),
        ("/a", "%2Fa"),
        ("a//b", "a/%2Fb"),
        ("../x", "%2e%2e/x"),
        ("../x", "%2E%2E%2Fx"),
        ("../x", ".%2E/x"),
        ("./x", "%2e/x"),
        (".", "%2E"),
        ("..", "%2e%2E"),
        ("a", "%61"),
        ("A", "%41"),
        ("~", "%7E"),
        ("-_.", "%2D%5F%2E"),
        ("+", "%2B"),
        (";", "%3B"),
        ("&=", "%26%3D"),
        (":@", "%3A%40"),
        ("!$'()*,", "%21%24%27%28%29%2A%2C"),
        ("%F0%9F%8E%AC", "%f0%9f%8e%ac"),
        ("%5C", "%5c"),
    ],
)
def test_two_spellings_of_a_path_are_one_key(store: Store, spelling: str, other: str) -> None:
    assert store.put(spelling, b"one").status == 204
    expect_object(store.get(other), b"one")
    assert store.put(other, b"two").status == 204
    expect_object(store.get(spelling), b"two")


@pytest.mark.parametrize(
    ("key", "other"),
    [
        pytest.param("A", "a", id="case"),
        pytest.param("%C3%89", "%C3%A9", id="case-beyond-ascii"),
        pytest.param("%C3%A9", "e%CC%81", id="unicode-normalisation"),
        pytest.param("+", "%20", id="plus-is-no-space"),
        pytest.param("%2525", "%25", id="decoded-once"),
        pytest.param("a%252Fb", "a/b", id="slash-decoded-once"),
        pytest.param("a/", "a", id="trailing-slash"),
        pytest.param("/a", "a", id="leading-slash"),
        pytest.param("a//b", "a/b", id="double-slash"),
        pytest.param("./a", "a", id="dot-segment"),
        pytest.param("b/../a", "a", id="dot-dot-segment"),
        pytest.param("%2e%2e/a", "a", id="encoded-dot-dot-segment"),
        pytest.param("a%3Fx", "a", id="question-mark"),
        pytest.param("a%23x", "a", id="hash"),
        pytest.param("a;x", "a", id="semicolon"),
        pytest.param("a%20", "a", id="trailing-space"),
        pytest.param("a.", "a", id="trailing-dot"),
        pytest.param("a%5Cb", "a/b", id="backslash"),
        pytest.param("%EF%BB%BFa", "a", id="byte-order-mark"),
    ],
)
def test_keys_that_look_alike_are_keys_of_their_own(store: Store, key: str, other: str) -> None:
    assert store.put(key, b"body").status == 204
    expect_error(store.get(other), 404, OBJECT_NOT_FOUND)
    expect_object(store.get(key), b"body")


@pytest.mark.parametrize("climb", ["../{}/key", "%2e%2e/{}/key", "%2E%2E%2F{}%2Fkey"])
def test_no_key_reaches_another_store(stores: Stores, climb: str) -> None:
    one, other = stores.create(), stores.create()
    assert other.put("key", b"other").status == 204
    key = climb.format(other.name)
    expect_error(one.get(key), 404, OBJECT_NOT_FOUND)
    assert one.put(key, b"one").status == 204
    expect_object(other.get("key"), b"other")
    expect_object(one.get(key), b"one")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("k" * 1024, id="ascii"),
        pytest.param(quote("🎬" * 256), id="emoji"),
        pytest.param("%61" * 1024, id="escaped"),
        pytest.param("/" * 1024, id="slashes"),
        pytest.param("../" * 341 + "x", id="dot-dot-segments"),
        pytest.param("%25" * 1024, id="percents"),
        pytest.param("%0A" * 1024, id="line-ends"),
    ],
)
def test_a_key_may_have_1024_bytes(store: Store, key: str) -> None:
    assert store.put(key, b"body").status == 204
    expect_object(store.get(key), b"body")


def test_long_keys_differ_by_their_last_character(store: Store) -> None:
    keys = [
        "k" * (length - 1) + last
        for length in (100, 200, 254, 255, 256, 257, 300, 768, 1023, 1024)
        for last in "ab"
    ]
    for key in keys:
        assert store.put(key, key.encode()).status == 204
    for key in keys:
        expect_object(store.get(key), key.encode())


@pytest.mark.proves("Put Object: 400")
@pytest.mark.proves("Get Object: 400")
@pytest.mark.parametrize("key", MALFORMED)
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_a_malformed_key_is_400(store: Store, method: str, key: str) -> None:
    body = b"body" if method == "PUT" else None
    answer = store.client.request(method, store.path_of(key), body=body)
    if method == "HEAD":
        assert answer.status == 400
    else:
        expect_error(answer, 400)


@pytest.mark.parametrize(
    ("malformed", "similar"),
    [("%zz", "%25zz"), ("a%", "a%25"), ("a%2", "a%252"), ("%FF", "%25FF"), ("a%00", "a")],
)
def test_nothing_is_stored_for_a_malformed_key(store: Store, malformed: str, similar: str) -> None:
    expect_error(store.put(malformed, b"body"), 400)
    expect_error(store.get(similar), 404, OBJECT_NOT_FOUND)


@pytest.mark.parametrize("raw", ["é".encode(), b"\xe9", "🎬".encode(), b"a\xffb", b"\x80"])
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_a_byte_beyond_ascii_in_the_path_is_400(store: Store, method: str, raw: bytes) -> None:
    client = store.client
    body = b"body" if method == "PUT" else None
    with client.wire() as wire:
        wire.send_head(method, store.path_of("").encode() + raw, client.fields((), body))
        wire.send(body or b"")
        expect_error(wire.answer(method), 400)
    try:
        key = quote(raw.decode())
    except UnicodeDecodeError:
        return
    expect_error(store.get(key), 404, OBJECT_NOT_FOUND)


def test_the_query_is_no_part_of_the_key(store: Store) -> None:
    assert store.put("key", b"body", query="ttl_seconds=3600").status == 204
    expect_object(store.get("key"), b"body")
    expect_error(store.get("key%3Fttl_seconds=3600"), 404, OBJECT_NOT_FOUND)
