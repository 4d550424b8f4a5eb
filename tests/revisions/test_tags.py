"""The tags of Put Object: which are taken, which are refused, and that no Get returns one."""

from __future__ import annotations

import pytest

from emulator.core.errors import BadRequestError
from emulator.service.tags import collect
from tests.contract.expect import OBJECT_NOT_FOUND, expect_error, expect_object, expect_refused
from tests.contract.stores import Store
from tests.support.raw_client import Fields

from .stores import EPHEMERAL, every_pair, flush, placed, tags_of

ELEVEN: Fields = [(f"mo-tag-key-{n}", f"value-{n}") for n in range(11)]
TEN = ELEVEN[:10]


def tagged(**tags: str | bytes) -> Fields:
    return [(f"mo-tag-{name.replace('_', '-')}", value) for name, value in tags.items()]


@every_pair
@pytest.mark.proves("Put Object: mo-tag-<key>, prefix stripped")
def test_a_tag_is_kept_without_its_prefix(store: Store) -> None:
    headers = [("mo-tag-team", "video"), ("MO-TAG-Cost-Centre", "4 2"), ("Mo-Tag-a", "")]
    assert store.put("key", b"body", headers=headers).status == 204
    assert tags_of(store) == {"team": "video", "cost-centre": "4 2", "a": ""}


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, at most 10 tags")
def test_ten_tags_are_kept_and_an_eleventh_is_refused(store: Store) -> None:
    expect_refused(store, lambda key: store.put(key, b"new", headers=ELEVEN), mentions=["10"])
    assert store.put("key", b"body", headers=TEN).status == 204
    assert tags_of(store) == {f"key-{n}": f"value-{n}" for n in range(10)}


@pytest.mark.proves("Put Object: mo-tag-*, key 1 to 128 characters")
@pytest.mark.parametrize("length", [1, 127, 128])
def test_a_key_may_have_1_to_128_characters(store: Store, length: int) -> None:
    headers = [(f"mo-tag-{'k' * length}", "value")]
    assert store.put("key", b"body", headers=headers).status == 204
    assert tags_of(store) == {"k" * length: "value"}


@pytest.mark.proves("Put Object: mo-tag-*, key 1 to 128 characters")
@pytest.mark.parametrize("length", [0, 129, 1000])
def test_a_key_of_another_length_is_refused(store: Store, length: int) -> None:
    headers = [(f"mo-tag-{'k' * length}", "value")]
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), mentions=["tag"])


VALUES = {
    "empty": "",
    "256": "v" * 256,
    "256 of two bytes": "é" * 256,
    "256 of four bytes": "\U00020000" * 256,
}


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, value 0 to 256 characters")
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_may_have_0_to_256_characters(store: Store, value: str) -> None:
    assert store.put("key", b"body", headers=tagged(a=value.encode())).status == 204
    assert tags_of(store) == {"a": value}


@pytest.mark.proves("Put Object: mo-tag-*, value 0 to 256 characters")
@pytest.mark.parametrize("value", ["v" * 257, "é" * 257, "v" * 10_000], ids=len)
def test_a_longer_value_is_refused(store: Store, value: str) -> None:
    headers = tagged(a=value.encode())
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), mentions=["256"])


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize(
    "name", ["a_b", "a.b", "a+b", "a-b", "_", ".", "+", "-", "9", "aws", "aws-x"]
)
def test_a_key_may_have_the_signs_that_a_header_may(store: Store, name: str) -> None:
    assert store.put("key", b"body", headers=[(f"mo-tag-{name}", "value")]).status == 204
    assert tags_of(store) == {name: "value"}


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize("sign", "!#$%&'*^`|~")
def test_a_key_with_another_sign_that_a_header_may_have_is_refused(store: Store, sign: str) -> None:
    headers = [(f"mo-tag-a{sign}b", "value")]
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), mentions=["tag"])


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize(
    "value",
    [
        "_.:/=+-@",
        "arn:aws:iam::123456789012:role/Name",
        "aws:x",
        "two words",
        "Größe 7",
        "日本語",
        "мир",
        "٣ ½ Ⅷ ²",
        "no\u00a0break",
        "wide\u3000space",
        "line\u2028separator",
        "ʰ ǅ ª",
    ],
)
def test_a_value_may_have_letters_digits_white_space_and_signs(store: Store, value: str) -> None:
    assert store.put("key", b"body", headers=tagged(a=value.encode())).status == 204
    assert tags_of(store) == {"a": value}


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize(
    "value", [*"!\"#$%&'()*,;<>?[\\]^`{|}~€😀", "a\u0301", "\u00d7", "\u200b", "\ue000"]
)
def test_a_value_with_another_character_is_refused(store: Store, value: str) -> None:
    headers = tagged(a=value.encode())
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), mentions=["'a'"])


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize(
    "value", [b"a\xff", b"\xe9", b"a\tb", b"a\x01b", b"a\x7fb", b"a\xc2\x85b", b"\xed\xa0\x80"]
)
def test_a_value_of_no_utf_8_or_with_a_control_character_is_refused(
    store: Store, value: bytes
) -> None:
    expect_refused(store, lambda key: store.put(key, b"new", headers=tagged(a=value)))


@pytest.mark.proves("Put Object: mo-tag-*, D95")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("AB", "aB")])
def test_a_key_that_is_given_twice_is_refused(store: Store, names: tuple[str, str]) -> None:
    headers = [(f"mo-tag-{name}", "value") for name in names]
    expect_refused(store, lambda key: store.put(key, b"new", headers=headers), mentions=["once"])


@pytest.mark.proves("Put Object: mo-tag-*, the key may not begin with aws:")
@pytest.mark.parametrize("key", ["aws:", "aws:x", "AWS:x", "Aws:created-by"])
def test_a_key_may_not_begin_with_aws(key: str) -> None:
    """No header can have a colon in its name, so this is seen below HTTP alone."""
    with pytest.raises(BadRequestError, match="may not begin with aws:"):
        collect([(key, "value")])


@pytest.mark.proves("Put Object: mo-tag-*, the key may not begin with aws:")
def test_aws_may_stand_elsewhere() -> None:
    given = {"aws": "aws:x", "x-aws:": "aws:", "awsx:": "", " aws:": ""}
    assert collect(given.items()) == given


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
def test_below_http_a_key_may_have_everything_that_a_value_may() -> None:
    given = {"größe 日本_.:/=+-@": "größe 日本_.:/=+-@", "é" * 128: "é" * 256}
    assert collect(given.items()) == given


@pytest.mark.proves("Put Object: mo-tag-*, the characters, D95")
@pytest.mark.parametrize("key", ["é" * 129, "a&b", "a\tb", "a\ud800", "a😀", ""])
def test_below_http_a_key_is_checked_as_a_value_is(key: str) -> None:
    with pytest.raises(BadRequestError, match="tag"):
        collect([(key, "value")])


@pytest.mark.proves("Put Object: mo-tag-aws:x")
def test_a_header_with_a_colon_is_a_tag_named_aws(store: Store) -> None:
    """`mo-tag-aws:x: y` is the header `mo-tag-aws` with the value `x: y`."""
    with store.client.wire() as wire:
        fields = store.client.fields([("mo-tag-aws:x", "y"), ("Content-Length", "0")])
        wire.send_head("PUT", store.path_of("key"), fields)
        assert wire.answer("PUT").status == 204
    assert tags_of(store) == {"aws": "x: y"}


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, never returned on GET")
def test_no_get_or_head_returns_a_tag(store: Store) -> None:
    headers = [("mo-tag-secret-tag", "tag-value"), ("mo-meta-shown", "metadata-value")]
    assert store.put("key", b"body", headers=headers).status == 204
    for _ in range(2):  # From the cache, then from storage.
        for answer in (store.get("key"), store.head("key")):
            assert answer.status == 200
            assert answer.headers.get("shown") == "metadata-value"
            shown = repr(answer.headers.fields).lower()
            assert "secret-tag" not in shown
            assert "tag-value" not in shown
        flush(store)


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, D95")
def test_tags_are_in_storage_and_never_in_the_cache(store: Store) -> None:
    store.put("key", b"body", headers=tagged(a="b"))
    for _ in range(2):
        assert placed(store)["storage"]["tags"] == {"a": "b"}
        assert "tags" not in placed(store)["cache"]
        flush(store)
        expect_object(store.get("key"), b"body")  # Which is cached again.


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, D08, D95")
def test_a_put_replaces_all_tags_and_one_without_any_removes_them(store: Store) -> None:
    store.put("key", b"body", headers=tagged(a="1", b="2"))
    store.put("key", b"body", headers=tagged(b="3", c="4"))
    assert tags_of(store) == {"b": "3", "c": "4"}
    store.put("key", b"body")
    assert tags_of(store) == {}


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, D95")
def test_a_put_that_is_refused_leaves_the_tags(store: Store) -> None:
    store.put("key", b"body", headers=tagged(a="1"))
    for headers in (ELEVEN, tagged(b="v" * 257), [*tagged(b="2"), ("mo-persistence", "x")]):
        expect_error(store.put("key", b"new", headers=headers), 400)
    expect_error(store.put("key", b"new", query="ttl_seconds=0", headers=tagged(b="2")), 400)
    assert tags_of(store) == {"a": "1"}


@pytest.mark.proves("Put Object: mo-tag-*")
def test_tags_and_metadata_of_one_name_are_two_things(store: Store) -> None:
    headers = [("mo-tag-content-type", "text/plain"), ("mo-meta-content-type", "image/png")]
    store.put("key", b"body", headers=headers)
    assert tags_of(store) == {"content-type": "text/plain"}
    assert store.get("key").headers.all("content-type") == ["image/png"]
    store.put("key", b"body", headers=headers[:1])
    assert store.get("key").headers.all("content-type") == ["application/octet-stream"]


@every_pair
@pytest.mark.proves("Put Object: mo-tag-*, D95")
def test_the_tags_of_an_ephemeral_put_are_checked_and_go_nowhere(store: Store) -> None:
    for headers in (ELEVEN, tagged(a="v" * 257), [("mo-tag-", "")]):
        expect_error(store.put("key", b"body", headers=[*EPHEMERAL, *headers]), 400)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    store.put("key", b"durable", headers=tagged(a="1"))
    assert store.put("key", b"body", headers=[*EPHEMERAL, *tagged(b="2")]).status == 204
    assert "tags" not in placed(store)["cache"]
    assert tags_of(store) == {"a": "1"}


REFUSED: dict[str, Fields] = {
    "eleven": ELEVEN,
    "a key of 129 characters": [("mo-tag-" + "k" * 129, "value")],
    "a value of 257 characters": tagged(a="v" * 257),
    "a forbidden character in a key": [("mo-tag-a!", "value")],
    "a forbidden character in a value": tagged(a="b!"),
    "an empty key": [("mo-tag-", "value")],
    "one twice": [("mo-tag-a", "1"), ("mo-tag-a", "2")],
    "not UTF-8": tagged(a=b"\xff"),
}


@pytest.mark.proves("Put Object: mo-tag-*, the first revision")
@pytest.mark.parametrize("headers", [*REFUSED.values(), TEN], ids=[*REFUSED, "ten"])
def test_the_first_revision_ignores_tags(first_store: Store, headers: Fields) -> None:
    assert first_store.put("key", b"body", headers=headers).status == 204
    expect_object(first_store.get("key"), b"body")
    assert tags_of(first_store) == {}


@pytest.mark.proves("Put Object: mo-tag-*, rejected with 400")
@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_the_later_revision_refuses_what_the_first_ignores(store: Store, headers: Fields) -> None:
    expect_error(store.put("key", b"body", headers=headers), 400)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
