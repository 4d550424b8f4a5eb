"""`ttl_seconds`: what it may be, and when an object is gone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Wire

from .expect import OBJECT_NOT_FOUND, expect_error, expect_object, expect_refused
from .stores import Store, Stores, configuration

CLOCKS_SECONDS = 0.02
"""How far two clocks may drift apart within a second of a test."""

LARGE = 9 * 1024 * 1024


def watch(wire: Wire, path: str, until: float) -> Iterator[tuple[float, int, float]]:
    """Look at an object until it is gone, or at least until `until`, and never for long after.

    Yields, for every look, when it began, the status, and when it ended.
    """
    status, end = 200, time.monotonic()
    while status == 200 and end < until + 5:
        begin = time.monotonic()
        status = wire.request("HEAD", path).status
        end = time.monotonic()
        yield begin, status, end


def expect_expiry(store: Store, sent: float, acknowledged: float) -> None:
    """The object `key` lives for one second from its acknowledgement, and not longer."""
    with store.client.wire() as wire:
        looks = list(watch(wire, store.path_of("key"), until=acknowledged + 1))
    assert [status for _, status, _ in looks] == [200] * (len(looks) - 1) + [404]
    assert len(looks) > 1
    gone = looks[-1][2]
    assert gone - sent >= 1 - CLOCKS_SECONDS, "it was gone early"
    last_seen = looks[-2][0]
    assert last_seen - acknowledged <= 1 + CLOCKS_SECONDS, "it was seen late"


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


@pytest.mark.real_time
@pytest.mark.proves("D06")
@pytest.mark.proves("D07")
@pytest.mark.parametrize("size", [10, LARGE])
def test_an_object_is_gone_when_its_ttl_is_over(store: Store, size: int) -> None:
    some_bytes(size)
    sent = time.monotonic()
    assert store.put("key", some_bytes(size), query="ttl_seconds=1").status == 204
    expect_expiry(store, sent, acknowledged=time.monotonic())
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    assert store.put("key", b"again").status == 204
    expect_object(store.get("key"), b"again")


@pytest.mark.real_time
@pytest.mark.proves("D08")
def test_put_object_replaces_the_ttl(stores: Stores) -> None:
    extended, shortened = stores.create(), stores.create()
    assert extended.put("key", b"short", query="ttl_seconds=1").status == 204
    first = time.monotonic()
    assert extended.put("key", b"for ever").status == 204
    assert shortened.put("key", b"long", query="ttl_seconds=3600").status == 204
    sent = time.monotonic()
    assert shortened.put("key", b"short", query="ttl_seconds=1").status == 204
    expect_expiry(shortened, sent, acknowledged=time.monotonic())
    assert time.monotonic() > first + 1
    expect_object(extended.get("key"), b"for ever")


@pytest.mark.real_time
@pytest.mark.proves("D19")
def test_an_object_found_in_the_bucket_is_gone_when_its_ttl_is_over(stores: Stores) -> None:
    config = configuration()
    writer, reader = stores.create(config), stores.create(config)
    sent = time.monotonic()
    assert writer.put("key", b"body", query="ttl_seconds=1").status == 204
    acknowledged = time.monotonic()
    expect_object(reader.get("key"), b"body")
    expect_expiry(reader, sent, acknowledged)
    expect_error(writer.get("key"), 404, OBJECT_NOT_FOUND)
