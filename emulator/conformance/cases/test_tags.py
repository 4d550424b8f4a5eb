"""Tags of Put Object: which are taken, which are refused, and that no Get returns one."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store

from .expecting import expect_error

SIGNS_OF_KEYS = "_.+-"
"""Those of the allowed signs that the name of a header can have."""

SIGNS = "_.:/=+-@"


@pytest.mark.statement("OS12-PUT-10")
def test_a_get_returns_no_tag(store: Store, key: str) -> None:
    headers = [("mo-tag-secret", "hidden"), ("mo-meta-author", "somebody")]
    assert store.put(key, b"body", headers=headers).status == 204
    answer = store.get(key)
    assert answer.all("author") == ["somebody"]
    assert not [field for field in answer.fields if "secret" in field[0].lower()]
    assert not [field for field in answer.fields if "hidden" in field[1].lower()]


@pytest.mark.statement("OS12-PUT-11")
@pytest.mark.parametrize(("count", "status"), [(10, 204), (11, 400)])
def test_an_object_has_at_most_ten_tags(store: Store, key: str, count: int, status: int) -> None:
    headers = [(f"mo-tag-number-{number}", "value") for number in range(count)]
    assert store.put(key, b"body", headers=headers).status == status


@pytest.mark.statement("OS12-PUT-12")
@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 204), (128, 204), (129, 400)])
def test_the_key_of_a_tag_has_1_to_128_characters(
    store: Store, key: str, length: int, status: int
) -> None:
    headers = [("mo-tag-" + "k" * length, "value")]
    assert store.put(key, b"body", headers=headers).status == status


@pytest.mark.statement("OS12-PUT-13")
@pytest.mark.parametrize(("length", "status"), [(0, 204), (256, 204), (257, 400)])
def test_the_value_of_a_tag_has_0_to_256_characters(
    store: Store, key: str, length: int, status: int
) -> None:
    headers = [("mo-tag-name", "v" * length)]
    assert store.put(key, b"body", headers=headers).status == status


@pytest.mark.statement("OS12-PUT-22")
@pytest.mark.parametrize("value", ["Some words 7", "Größe ٣ 日本"])
def test_a_tag_may_have_letters_digits_and_white_space(store: Store, key: str, value: str) -> None:
    headers = [("mo-tag-name7", value.encode())]
    assert store.put(key, b"body", headers=headers).status == 204


@pytest.mark.statement("OS12-PUT-23")
def test_a_tag_may_have_the_allowed_signs(store: Store, key: str) -> None:
    headers = [(f"mo-tag-name{SIGNS_OF_KEYS}", f"a{SIGNS}b")]
    assert store.put(key, b"body", headers=headers).status == 204


@pytest.mark.statement("OS12-PUT-15")
@pytest.mark.parametrize(
    ("name", "value"), [("a!b", "value"), ("a~b", "value"), ("name", "a!b"), ("name", "a;b")]
)
def test_a_tag_with_another_character_is_refused(
    store: Store, key: str, name: str, value: str
) -> None:
    expect_error(store.put(key, b"body", headers=[(f"mo-tag-{name}", value)]), 400)
