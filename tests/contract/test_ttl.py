"""`ttl_seconds`: what it may be, and when an object is gone."""

from __future__ import annotations

import pytest

from tests.support.bodies import some_bytes

from .expect import expect_object, expect_refused
from .stores import Store

LARGE = 9 * 1024 * 1024


@pytest.mark.proves("D06")
@pytest.mark.parametrize(
    "ttl", ["1", "9", "10", "3600", "31536000", str(2**31), str(2**32), str(10**12), str(2**63)]
)
def test_a_ttl_is_a_decimal_integer_from_1(store: Store, ttl: str) -> None:
    assert store.put("key", b"body", query=f"ttl_seconds={ttl}").status == 204


@pytest.mark.proves("Put Object: ttl_seconds")
@pytest.mark.parametrize("size", [10, LARGE])
@pytest.mark.parametrize("ttl", ["60", "3600", str(10**12), str(2**63)])
def test_an_object_is_there_before_its_ttl_is_over(store: Store, ttl: str, size: int) -> None:
    assert store.put("key", some_bytes(size), query=f"ttl_seconds={ttl}").status == 204
    expect_object(store.get("key"), some_bytes(size))


@pytest.mark.proves("D06")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("0", id="zero"),
        pytest.param("00", id="zeros"),
        pytest.param("-1", id="negative"),
        pytest.param("-0", id="minus-zero"),
        pytest.param("1.5", id="fraction"),
        pytest.param("1.0", id="fraction-zero"),
        pytest.param("1e3", id="exponent"),
        pytest.param("abc", id="word"),
        pytest.param("5s", id="unit"),
        pytest.param("", id="empty"),
        pytest.param("+5", id="plus"),
        pytest.param("%2B5", id="encoded-plus"),
        pytest.param("%205", id="leading-space"),
        pytest.param("5%20", id="trailing-space"),
        pytest.param("5%0A", id="trailing-line-end"),
        pytest.param("%095", id="leading-tab"),
        pytest.param("0x10", id="hexadecimal"),
        pytest.param("0b1", id="binary"),
        pytest.param("1_000", id="underscore"),
        pytest.param("1,000", id="comma"),
        pytest.param("%D9%A3", id="arabic-digit"),
        pytest.param("%EF%BC%95", id="full-width-digit"),
        pytest.param("%C2%B2", id="superscript-digit"),
        pytest.param("5%00", id="nul"),
        pytest.param("%FF", id="not-utf-8"),
        pytest.param("%zz", id="broken-escape"),
        pytest.param("null", id="null"),
        pytest.param("inf", id="infinity"),
        pytest.param("nan", id="not-a-number"),
    ],
)
def test_any_other_ttl_is_400(store: Store, value: str) -> None:
    expect_refused(
        store,
        lambda key: store.put(key, b"new", query=f"ttl_seconds={value}"),
        mentions=["ttl_seconds"],
    )


@pytest.mark.proves("D06")
@pytest.mark.parametrize(
    "query",
    [
        "ttl_seconds",
        "ttl_seconds=5&ttl_seconds=5",
        "ttl_seconds=5&ttl_seconds=abc",
        "ttl_seconds=abc&ttl_seconds=5",
        "ttl_seconds=5&ttl_seconds=",
        "other=1&ttl_seconds=0",
    ],
)
def test_a_ttl_without_a_value_or_given_twice_is_400(store: Store, query: str) -> None:
    expect_refused(store, lambda key: store.put(key, b"new", query=query), mentions=["ttl_seconds"])


@pytest.mark.proves("D06")
def test_a_ttl_of_thousands_of_digits_is_no_fault_of_the_service(store: Store) -> None:
    assert store.put("key", b"body", query="ttl_seconds=" + "9" * 5000).status in (204, 400)
