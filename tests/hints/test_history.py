"""Hints that depend on the requests before: from the journal's order and its times alone."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control.hints.history import PAUSE_NANOSECONDS
from emulator.control.journal import Journal
from emulator.core.exchange import Exchange
from tests.suites import examples
from tests.support.connections import Upload
from tests.support.emulators import Start, client

from .exchanges import MILLISECOND, a_journal, an_exchange, end, hints_of

pytestmark = pytest.mark.proves("D166")

RETRY, DURING = "retry-without-pause", "get-during-put"

REFUSED = 100 * MILLISECOND
"""When a request was refused with 429."""


def refused(begun: int = REFUSED - MILLISECOND, ended: int = REFUSED) -> Exchange:
    return an_exchange("GetObject", begun, ended, status=429)


async def last_hints(*exchanges: Exchange) -> list[str]:
    return (await hints_of(a_journal(exchanges)))[-1]


@pytest.mark.parametrize("after", [0, 1, PAUSE_NANOSECONDS])
async def test_a_retry_at_once_after_a_429_has_a_hint(after: int) -> None:
    again = an_exchange("GetObject", REFUSED + after, REFUSED + after + 1)
    assert await last_hints(refused(), again) == [RETRY]


async def test_each_retry_of_a_row_has_a_hint() -> None:
    row = [refused(REFUSED + each, REFUSED + each + 1) for each in range(1, 10, 2)]
    assert await hints_of(a_journal(row)) == [[], *[[RETRY]] * 4]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(an_exchange("GetObject", REFUSED + PAUSE_NANOSECONDS + 1), id="after a pause"),
        pytest.param(an_exchange("GetObject", REFUSED, key="other"), id="another object"),
        pytest.param(an_exchange("PutObject", REFUSED), id="another method"),
        pytest.param(an_exchange("GetObject", REFUSED, caller="other"), id="another caller"),
        pytest.param(an_exchange("GetObject", REFUSED - 1), id="before the answer"),
    ],
)
async def test_another_request_is_no_retry(other: Exchange) -> None:
    assert await last_hints(refused(), other) == []


@pytest.mark.parametrize("status", [200, 404, 500, 503])
async def test_after_another_answer_nobody_has_to_wait(status: int) -> None:
    first = an_exchange("GetObject", 1, REFUSED, status=status)
    assert await last_hints(first, an_exchange("GetObject", REFUSED)) == []


async def test_a_get_while_the_put_runs_has_a_hint() -> None:
    put = an_exchange("PutObject", 1)
    assert await last_hints(put, an_exchange("GetObject", 2, 3)) == [DURING]


async def test_a_get_keeps_its_hint_when_the_put_has_ended() -> None:
    put = an_exchange("PutObject", 1, 10, status=204)
    assert await last_hints(put, an_exchange("GetObject", 9, 11)) == [DURING]


@pytest.mark.parametrize(
    ("put", "get"),
    [
        pytest.param(an_exchange("PutObject", 1, 2), an_exchange("GetObject", 2), id="ended"),
        pytest.param(
            an_exchange("PutObject", 1, 9, status=403), an_exchange("GetObject", 2), id="refused"
        ),
        pytest.param(
            an_exchange("PutObject", 1), an_exchange("GetObject", 2, key="b"), id="another object"
        ),
        pytest.param(an_exchange("PutObject", 1), an_exchange("PutObject", 2), id="a Put"),
    ],
)
async def test_another_put_means_nothing_to_a_get(put: Exchange, get: Exchange) -> None:
    assert await last_hints(put, get) == []


async def test_a_get_before_the_put_has_no_hint() -> None:
    get, put = an_exchange("GetObject", 1, 3), an_exchange("PutObject", 2, 4)
    assert await hints_of(a_journal([get, put])) == [[], []]


def test_a_get_during_a_real_upload_has_the_hint(start: Start) -> None:
    emulator = start()
    owner = client(emulator)
    owner.create_store("media")
    with Upload(owner, "media", "segment", size=4) as upload:
        upload.send(b"ha")
        assert owner.get("media", "segment").status == 404
        assert hints_of_gets(emulator) == [[DURING]]
        upload.send(b"lf")
        assert upload.finish() == 204
    owner.get("media", "segment")
    assert hints_of_gets(emulator) == [[DURING], []]


def hints_of_gets(emulator: Emulator) -> list[list[str]]:
    calls = emulator.journal.calls(operation="GetObject")
    return [[hint.id for hint in call.hints] for call in calls]


class Step(NamedTuple):
    """A request, how long after the one before it comes, and how long it takes, in milliseconds;
    whether somebody reads the journal then."""

    name: str
    key: str
    status: int
    pause: int
    lasts: int
    is_read: bool


STEPS = st.builds(
    Step,
    st.sampled_from(["GetObject", "GetObject", "PutObject", "CreateOrUpdateObjectStore"]),
    st.sampled_from("ab"),
    st.sampled_from([200, 200, 429]),
    st.integers(0, 6),
    st.integers(1, 12),
    st.booleans(),
)


async def read(journal: Journal, exchanges: list[tuple[Exchange, int]], now: int) -> None:
    """Read the journal when those have ended whose end has come."""
    for exchange, ends in exchanges:
        if not exchange.ended and ends <= now:
            end(exchange, ends)
    await journal.calls({})


@settings(max_examples=examples(100))
@given(st.lists(STEPS, max_size=25))
async def test_hints_do_not_depend_on_when_the_journal_is_read(steps: list[Step]) -> None:
    now, begun = 1, a_journal()
    exchanges: list[tuple[Exchange, int]] = []
    for step in steps:
        now += step.pause * MILLISECOND
        exchange = an_exchange(step.name, now, status=step.status, key=step.key)
        exchanges.append((exchange, now + step.lasts * MILLISECOND))
        begun.record(exchange)
        if step.is_read:
            await read(begun, exchanges, now)
    await read(begun, exchanges, now + 100 * MILLISECOND)
    at_once = a_journal(exchange for exchange, _ in exchanges)
    assert await hints_of(begun) == await hints_of(at_once)


async def test_what_was_dropped_is_not_known() -> None:
    journal = a_journal([refused()], size=1)
    journal.record(an_exchange("GetObject", REFUSED, REFUSED + 1))
    assert await hints_of(journal) == [[]]


async def test_a_cleared_journal_begins_again() -> None:
    journal = a_journal([refused()])
    assert await hints_of(journal) == [[]]
    journal.clear()
    journal.record(an_exchange("GetObject", REFUSED, REFUSED + 1))
    assert await hints_of(journal) == [[]]
    journal.record(refused(REFUSED + 2, REFUSED + 3))
    journal.record(an_exchange("GetObject", REFUSED + 4, REFUSED + 5))
    assert await hints_of(journal) == [[], [], [RETRY]]


async def test_a_journal_that_is_read_all_the_time_does_not_grow() -> None:
    journal = a_journal(size=10)
    for number in range(1, 500):
        begun = number * MILLISECOND
        store = an_exchange("CreateOrUpdateObjectStore", begun, begun + 1)
        store.operation.store = f"store-{number}"
        journal.record(store)
        journal.record(an_exchange("PutObject", begun, begun + 4))
        journal.record(an_exchange("GetObject", begun + 1, begun + 4))
        assert (await hints_of(journal))[-1] == [DURING]
    assert journal._hints is not None
    history = journal._hints._history
    assert max(len(history._past), len(history._creations)) < 200
    assert sum(map(len, history._puts._by_place.values())) < 5
    assert sum(map(len, history._refused._by_place.values())) < 5
