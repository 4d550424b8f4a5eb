"""What goes in one PutLogEvents, whatever waits."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.telemetry.cloudwatch_logs import (
    MAX_BYTES,
    MAX_EVENTS,
    MAX_SPAN,
    LogEvent,
    event_of,
    take_batch,
)

HOUR = 3600 * 1000

times = st.one_of(
    st.integers(0, 10),
    st.sampled_from([0, 12 * HOUR, 24 * HOUR, 24 * HOUR + 1, 48 * HOUR, 72 * HOUR]),
)
sizes = st.one_of(st.integers(27, 400), st.sampled_from([MAX_BYTES // 2, MAX_BYTES, MAX_BYTES + 1]))
waiting = st.lists(st.builds(LogEvent, times, st.text(max_size=3), sizes), max_size=40)


def batches(events: list[LogEvent]) -> list[list[LogEvent]]:
    queue = deque(events)
    found = []
    while batch := take_batch(queue):
        found.append(batch)
    assert not queue
    return found


@given(waiting)
def test_every_event_is_in_one_batch(events: list[LogEvent]) -> None:
    found = [event for batch in batches(events) for event in batch]
    assert sorted(found) == sorted(events)


@given(waiting)
def test_a_batch_is_in_the_order_of_time_and_within_a_day(events: list[LogEvent]) -> None:
    for batch in batches(events):
        found = [event.timestamp for event in batch]
        assert found == sorted(found)
        assert found[-1] - found[0] <= MAX_SPAN


@given(waiting)
def test_a_batch_has_a_mebibyte_at_most_or_one_event(events: list[LogEvent]) -> None:
    for batch in batches(events):
        assert len(batch) == 1 or sum(event.size for event in batch) <= MAX_BYTES


@given(waiting)
def test_events_of_one_time_stay_in_their_order(events: list[LogEvent]) -> None:
    together = [event._replace(timestamp=7) for event in events]
    assert [event for batch in batches(together) for event in batch] == together


def test_a_batch_has_no_more_events_than_a_call_may() -> None:
    events = [LogEvent(0, "", 27)] * (2 * MAX_EVENTS + 1)
    assert [len(batch) for batch in batches(events)] == [MAX_EVENTS, MAX_EVENTS, 1]


@pytest.mark.parametrize(("key", "length"), [("k", 1), ("ü", 2), ("🎬", 4), ("\udc80", 6)])
def test_an_event_counts_for_its_bytes_and_26(key: str, length: int) -> None:
    event = event_of({"timestamp": 5, "key": key})
    assert event.timestamp == 5
    assert event.size == len('{"timestamp":5,"key":""}') + length + 26
