"""Instants: as people write them, and as the emulator does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.core.clock import LAST_SECOND, MICROSECONDS
from emulator.core.errors import BadRequestError
from emulator.core.instants import parse_instant, to_text

SECOND = MICROSECONDS
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NOON = 1_893_499_200 * SECOND
YEAR_2100 = 4_102_444_800

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (0, 0),
        (0.0, 0),
        ("0", 0),
        (1, SECOND),
        (1.5, 1_500_000),
        ("1.5", 1_500_000),
        (" 1.5 ", 1_500_000),
        (0.000001, 1),
        (1_893_499_200, NOON),
        ("1893499200", NOON),
        ("2030-01-01T12:00:00Z", NOON),
        ("2030-01-01T12:00:00.000000Z", NOON),
        ("2030-01-01T12:00:00+00:00", NOON),
        ("2030-01-01T14:00:00+02:00", NOON),
        ("2030-01-01T06:30:00-05:30", NOON),
        ("2030-01-01 12:00:00Z", NOON),
        ("2030-01-01T12:00:00.000001Z", NOON + 1),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", LAST_SECOND * SECOND),
        (LAST_SECOND, LAST_SECOND * SECOND),
    ],
)
def test_an_instant_is_a_number_of_seconds_or_a_date_with_its_offset(
    value: Any, instant: int
) -> None:
    assert parse_instant(value, "since") == instant


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        [],
        {},
        "",
        "now",
        "noon",
        -1,
        -0.000001,
        "-1",
        LAST_SECOND + 1,
        float("nan"),
        float("inf"),
        float("-inf"),
        "nan",
        "inf",
        "1e400",
        "2030-01-01",
        "2030-01-01T12:00:00",
        "2030-01-01T25:00:00Z",
        "2030-02-30T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        b"0",
    ],
)
def test_what_is_no_instant_is_refused_by_the_name_of_its_member(value: Any) -> None:
    with pytest.raises(BadRequestError) as refused:
        parse_instant(value, "until")
    assert refused.value.message.startswith("Invalid until: ")
    assert "2030-01-01T00:00:00Z" in refused.value.message


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (NOON, "2030-01-01T12:00:00.000000Z"),
        (NOON + 123_456, "2030-01-01T12:00:00.123456Z"),
        (LAST_SECOND * SECOND, "9999-12-31T23:59:59.000000Z"),
        (LAST_SECOND * SECOND + 10**12, "9999-12-31T23:59:59.000000Z"),
    ],
)
def test_an_instant_is_written_with_microseconds_in_utc(instant: int, text: str) -> None:
    assert to_text(instant) == text


@given(st.integers(0, YEAR_2100 * SECOND))
def test_an_instant_that_is_written_is_read_as_the_same_instant(instant: int) -> None:
    assert parse_instant(to_text(instant), "since") == instant


@given(st.integers(0, LAST_SECOND))
def test_a_number_of_seconds_is_read_as_the_same_instant_in_every_form(seconds: int) -> None:
    assert parse_instant(seconds, "since") == seconds * SECOND
    assert parse_instant(str(seconds), "since") == seconds * SECOND
    assert parse_instant(to_text(seconds * SECOND), "since") == seconds * SECOND


@given(st.integers(24 * 3600, YEAR_2100), offsets)
def test_an_instant_is_the_same_in_every_place(seconds: int, place: timezone) -> None:
    text = (EPOCH + timedelta(seconds=seconds)).astimezone(place).isoformat()
    assert parse_instant(text, "since") == seconds * SECOND


@given(st.integers(0, YEAR_2100 * SECOND), st.integers(0, YEAR_2100 * SECOND))
def test_written_instants_sort_as_the_instants_do(one: int, other: int) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


@given(st.text() | st.integers(-(10**18), 10**18) | st.floats())
def test_any_value_is_an_instant_or_refused(value: Any) -> None:
    try:
        instant = parse_instant(value, "since")
    except BadRequestError:
        return
    assert 0 <= instant <= LAST_SECOND * SECOND


@given(st.integers(0, LAST_SECOND * SECOND))
@example(LAST_SECOND * SECOND - 1)
def test_an_instant_of_any_century_is_read_as_the_same_instant(instant: int) -> None:
    assert parse_instant(to_text(instant), "since") == instant


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["positive", "negative"])
def test_a_number_beyond_all_others_is_refused(value: int) -> None:
    with pytest.raises(BadRequestError, match="Invalid since"):
        parse_instant(value, "since")
