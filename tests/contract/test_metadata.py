"""Metadata: `mo-meta-*` headers of Put Object, which Get Object gives back."""

from __future__ import annotations

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Fields, Response

from .expect import expect_metadata, expect_object, expect_refused
from .stores import Store

LARGE = 9 * 1024 * 1024


@pytest.mark.proves("Put Object: mo-meta-*")
def test_metadata_comes_back_without_the_prefix(store: Store) -> None:
    expect_metadata(store, [("mo-meta-author", "Ada")], {"author": ["Ada"]})
    assert not [n for n in store.get("key").headers.names() if n.lower().startswith("mo-meta")]


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize("prefix", ["mo-meta-", "MO-META-", "Mo-Meta-", "mO-mEtA-"])
def test_the_prefix_of_metadata_is_taken_in_any_spelling(store: Store, prefix: str) -> None:
    expect_metadata(store, [(f"{prefix}author", "Ada")], {"author": ["Ada"]})


@pytest.mark.proves("D30")
@pytest.mark.parametrize("name", ["colour-of-ink", "COLOUR-OF-INK", "Colour-Of-Ink"])
def test_metadata_names_are_lower_cased(store: Store, name: str) -> None:
    expect_metadata(store, [(f"mo-meta-{name}", "Blue")], {name: ["Blue"]})
    assert "colour-of-ink" in store.get("key").headers.names()


@pytest.mark.proves("Put Object: mo-meta-*")
def test_the_prefix_of_metadata_is_stripped_once(store: Store) -> None:
    expect_metadata(store, [("mo-meta-mo-meta-x", "1")], {"mo-meta-x": ["1"], "x": []})


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize("name", ["author", "mo-author", "mo-meta", "mo-metadata", "x-mo-meta-a"])
def test_headers_without_the_prefix_are_not_metadata(store: Store, name: str) -> None:
    expect_metadata(store, [(name, "no"), ("mo-meta-kept", "yes")], {"kept": ["yes"]})
    assert "no" not in [value for _, value in store.get("key").headers.fields]


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "image/png"),
        ("Content-Type", "text/plain"),
        ("Content-Type", "text/html; charset=iso-8859-1"),
        ("Content-Type", "application/json"),
        ("Content-Type", "no media type"),
        ("Cache-Control", "max-age=86400"),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "br"),
        ("Content-Language", "de, fr"),
        ("Content-Disposition", 'attachment; filename="a b.png"'),
        ("ETag", '"an entity tag"'),
        ("Expires", "Thu, 01 Dec 1994 16:00:00 GMT"),
        ("Last-Modified", "Thu, 01 Dec 1994 16:00:00 GMT"),
        ("Link", "<https://example.com/>; rel=next"),
    ],
)
@pytest.mark.parametrize("size", [10, LARGE])
def test_metadata_comes_back_as_real_headers(
    store: Store, name: str, value: str, size: int
) -> None:
    sent = [(f"mo-meta-{name.lower()}", value)]
    assert store.put("key", some_bytes(size), headers=sent).status == 204
    for _ in range(2):
        answer = store.get("key")
        expect_object(answer, some_bytes(size))
        assert answer.headers.all(name) == [value]


@pytest.mark.proves("Put Object: mo-meta-*")
def test_many_metadata_come_back(store: Store) -> None:
    values = {f"name-{number}": f"value {number}" for number in range(50)}
    sent = [(f"mo-meta-{name}", value) for name, value in values.items()]
    expect_metadata(store, sent, {name: [value] for name, value in values.items()})


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize("name", ["0", "a.b_c", "x!#$%&'*+^`|~9", "-", "a-"])
def test_metadata_names_hold_whatever_a_header_name_may(store: Store, name: str) -> None:
    expect_metadata(store, [(f"mo-meta-{name}", "value")], {name: ["value"]})


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "a: b",
        "a, b",
        "a;b=c",
        '"quoted"',
        "\\",
        "%41",
        "+",
        "in  side",
        pytest.param("x" * 2000, id="2000-characters"),
    ],
)
def test_metadata_values_come_back_unchanged(store: Store, value: str) -> None:
    expect_metadata(store, [("mo-meta-name", value)], {"name": [value]})


@pytest.mark.proves("D11")
@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        pytest.param([("mo-meta-n", "a"), ("mo-meta-n", "b")], "a, b", id="two"),
        pytest.param([("mo-meta-n", v) for v in "cab"], "c, a, b", id="order-of-sending"),
        pytest.param([("mo-meta-n", "a"), ("mo-meta-n", "a")], "a, a", id="the-same-twice"),
        pytest.param([("mo-meta-n", "a"), ("MO-META-N", "b")], "a, b", id="two-spellings"),
        pytest.param([("mo-meta-n", "a, b"), ("mo-meta-n", "c")], "a, b, c", id="lists"),
        pytest.param(
            [("mo-meta-n", "a"), ("mo-meta-other", "x"), ("mo-meta-n", "b")], "a, b", id="apart"
        ),
    ],
)
def test_repeated_metadata_are_joined(store: Store, sent: Fields, returned: str) -> None:
    expect_metadata(store, sent, {"n": [returned]})


@pytest.mark.proves("D11")
@pytest.mark.parametrize("name", ["mo-meta-", "MO-META-"])
def test_metadata_with_an_empty_name_are_ignored(store: Store, name: str) -> None:
    expect_metadata(store, [(name, "nameless"), ("mo-meta-kept", "yes")], {"kept": ["yes"]})
    fields = store.get("key").headers.fields
    assert not [field for field in fields if not field[0] or field[1] == "nameless"]


@pytest.mark.proves("D31")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Grüße", id="latin"),
        pytest.param("\u0445\u043e\u0445\u043e", id="cyrillic-with-byte-85"),
        pytest.param("日本語", id="japanese"),
        pytest.param("🎬 🐈‍⬛", id="emoji"),
        pytest.param("e\u0301 is not é", id="combining"),
        pytest.param("a\u00a0b", id="no-break-space-inside"),
        pytest.param("\u00a0\u2003x\u3000\u00a0", id="unicode-spaces-around"),
        pytest.param("a\u2028b", id="line-separator"),
        pytest.param("\ufeffx\ufffe", id="byte-order-mark"),
        pytest.param("\U0010ffff", id="last-code-point"),
    ],
)
@pytest.mark.parametrize("size", [10, LARGE])
def test_utf_8_values_come_back_byte_for_byte(store: Store, text: str, size: int) -> None:
    sent: Fields = [("mo-meta-text", text.encode()), ("mo-meta-plain", "plain")]
    assert store.put("key", some_bytes(size), headers=sent).status == 204
    with store.client.wire() as wire:
        answer = wire.request("GET", store.path_of("key"))
    assert answer.headers.octets("text") == text.encode()
    assert answer.headers.octets("plain") == b"plain"


@pytest.mark.proves("D31")
def test_repeated_utf_8_values_are_joined_byte_for_byte(store: Store) -> None:
    sent = [("mo-meta-text", "å".encode()), ("mo-meta-text", "→".encode())]
    assert store.put("key", b"", headers=sent).status == 204
    assert store.get("key").headers.octets("text") == "å, →".encode()


@pytest.mark.proves("D31")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"caf\xe9", id="latin-1"),
        pytest.param(b"\xff\xfe", id="never-in-utf-8"),
        pytest.param(b"\xc3", id="cut-short"),
        pytest.param(b"a\x80b", id="stray-continuation"),
        pytest.param(b"\xc0\xaf", id="overlong"),
        pytest.param(b"\xed\xa0\x80", id="surrogate"),
        pytest.param(b"\xf4\x90\x80\x80", id="beyond-unicode"),
    ],
)
def test_values_that_are_not_utf_8_are_400(store: Store, value: bytes) -> None:
    sent: Fields = [("mo-meta-good", "good"), ("mo-meta-bad", value)]
    expect_refused(store, lambda key: store.put(key, b"new", headers=sent))


@pytest.mark.proves("D31")
@pytest.mark.parametrize("code", [0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x0D, 0x1B, 0x1F, 0x7F])
def test_values_with_control_characters_are_400(store: Store, code: int) -> None:
    value = b"a" + bytes([code]) + b"b"
    fields = store.client.fields([("mo-meta-bad", value)], b"new")

    def attempt(key: str) -> Response:
        with store.client.wire() as wire:
            wire.send_head("PUT", store.path_of(key), fields)
            wire.send(b"new")
            return wire.answer("PUT")

    expect_refused(store, attempt)


@pytest.mark.proves("D08")
@pytest.mark.parametrize("size", [10, LARGE])
def test_put_object_replaces_the_metadata_as_a_whole(store: Store, size: int) -> None:
    body = some_bytes(size)
    first = [("mo-meta-content-type", "image/png"), ("mo-meta-a", "1"), ("mo-meta-b", "1")]
    assert store.put("key", body, headers=first).status == 204
    assert store.put("key", body, headers=[("mo-meta-b", "2"), ("mo-meta-c", "2")]).status == 204
    headers = store.get("key").headers
    assert (headers.all("a"), headers.all("b"), headers.all("c")) == ([], ["2"], ["2"])
    assert headers.all("Content-Type") == ["application/octet-stream"]


@pytest.mark.proves("D08")
@pytest.mark.parametrize("size", [10, LARGE])
def test_put_object_without_metadata_leaves_none(store: Store, size: int) -> None:
    store.put("bare", some_bytes(size))
    store.put("key", some_bytes(size), headers=[("mo-meta-a", "1"), ("mo-meta-b", "2")])
    assert store.put("key", some_bytes(size)).status == 204
    given, bare = store.get("key").headers, store.get("bare").headers
    assert sorted(given.names()) == sorted(bare.names())


@pytest.mark.proves("Put Object: mo-meta-*")
def test_metadata_belong_to_one_object(store: Store) -> None:
    store.put("one", b"", headers=[("mo-meta-author", "Ada")])
    store.put("other", b"")
    assert "author" not in store.get("other").headers
    assert "author" not in store.get("missing").headers
