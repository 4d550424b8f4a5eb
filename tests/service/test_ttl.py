"""`ttl_seconds`: what is a time to live, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.service.ttl import MAX_TTL_SECONDS, parse_ttl
from tests.suites import examples


@pytest.mark.proves("Put Object: ttl_seconds")
def test_without_the_parameter_an_object_stays_for_ever() -> None:
    assert parse_ttl([]) is None


@pytest.mark.proves("D06")
@settings(max_examples=examples(100))
@given(st.integers(1, MAX_TTL_SECONDS), st.integers(0, 5))
def test_a_decimal_integer_of_at_least_1_is_that_many_seconds(seconds: int, zeros: int) -> None:
    assert parse_ttl(["0" * zeros + str(seconds)]) == seconds


@pytest.mark.proves("D06")
@pytest.mark.parametrize(
    "value", [str(MAX_TTL_SECONDS), str(MAX_TTL_SECONDS + 1), str(2**63), "9" * 19, "9" * 10_000]
)
def test_a_ttl_that_nobody_will_see_the_end_of_counts_as_the_longest(value: str) -> None:
    assert parse_ttl([value]) == MAX_TTL_SECONDS


@pytest.mark.proves("D06")
def test_the_ttl_below_the_longest_counts_as_it_is() -> None:
    assert parse_ttl([str(MAX_TTL_SECONDS - 1)]) == MAX_TTL_SECONDS - 1


@pytest.mark.proves("D06")
@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "00", "-1", "+1", "1.0", "1.5", "1e3", "0x10", "1_000", "1,000", " 1", "1 "),
        *("1\n", "1\0", "a", "1a", "null", "true", "inf", "nan"),
        *("\u0661", "\uff11", "\u00b2", "\u2460"),
    ],
)
def test_what_is_no_decimal_integer_of_at_least_1_is_refused(value: str) -> None:
    with pytest.raises(BadRequestError, match="ttl_seconds"):
        parse_ttl([value])


@pytest.mark.proves("D06")
@pytest.mark.parametrize("values", [["1", "1"], ["1", "2"], ["1", ""], ["", ""], ["a", "b", "c"]])
def test_a_ttl_that_is_given_more_than_once_is_refused(values: list[str]) -> None:
    with pytest.raises(BadRequestError, match=r"ttl_seconds.*more than once"):
        parse_ttl(values)


@pytest.mark.proves("D06")
@settings(max_examples=examples(200))
@given(st.text(max_size=12))
def test_any_text_is_a_ttl_or_refused(value: str) -> None:
    try:
        seconds = parse_ttl([value])
    except BadRequestError:
        return
    assert seconds == int(value) >= 1
