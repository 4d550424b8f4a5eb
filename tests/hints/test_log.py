"""The log of ``serve`` names each kind of hint once, and requests do not pay for it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from emulator.control.hints.finder import Hints
from emulator.control.hints.hint import PAGE
from emulator.control.hints.news import NewHints
from emulator.control.hints.seen import Setting
from emulator.control.journal import Journal
from emulator.core.exchange import Exchange
from emulator.core.revisions import FIRST
from emulator.handles.following_hints import BUSY, CALM_TURNS, MOST_TURNS, FollowingHints
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

from .cases import OBJECT
from .exchanges import an_exchange, end

pytestmark = pytest.mark.proves("D166")

T = TypeVar("T")


RANGE, IF_NONE_MATCH, IF_MODIFIED_SINCE = b"range", b"if-none-match", b"if-modified-since"


def a_get(*headers: bytes, ended: int = 2) -> Exchange:
    """A Get with headers of these names."""
    exchange = an_exchange("GetObject", 1, ended)
    exchange.request_headers = [(name, b"x") for name in headers]
    return exchange


@pytest.fixture
def journal() -> Journal:
    return Journal(1000)


def new_hints(journal: Journal) -> NewHints:
    setting = Setting(enforces_limits=True, cache_max_object_bytes=1)
    return NewHints(journal, Hints(journal, FIRST, setting))


@pytest.fixture
def new(journal: Journal) -> NewHints:
    return new_hints(journal)


def told(new: NewHints, most: int = 100) -> list[tuple[int, str]]:
    return [(number, hint.id) for number, hint in new.look(most)]


def test_each_kind_is_told_once(journal: Journal, new: NewHints) -> None:
    for headers in ([RANGE], [RANGE], [RANGE, IF_NONE_MATCH]):
        journal.record(a_get(*headers))
    assert told(new) == [(1, "range-ignored"), (3, "if-none-match-ignored")]
    journal.record(a_get(RANGE))
    assert told(new) == []


def test_a_request_is_looked_at_when_it_has_ended(journal: Journal, new: NewHints) -> None:
    exchange = a_get(RANGE, ended=0)
    journal.record(exchange)
    assert told(new) == []
    assert not new.is_up_to_date
    end(exchange, 2)
    assert told(new) == [(1, "range-ignored")]
    assert new.is_up_to_date


def test_a_look_is_for_so_many_requests_and_the_next_one_for_the_others(
    journal: Journal, new: NewHints
) -> None:
    for headers in ([RANGE], [], [IF_NONE_MATCH]):
        journal.record(a_get(*headers))
    assert told(new, most=2) == [(1, "range-ignored")]
    assert not new.is_up_to_date
    assert told(new, most=2) == [(3, "if-none-match-ignored")]
    assert new.is_up_to_date


def test_hints_of_several_requests_are_told_too(journal: Journal, new: NewHints) -> None:
    journal.record(an_exchange("GetObject", 1, 2, status=429))
    assert told(new) == []
    journal.record(an_exchange("GetObject", 3, 4, status=429))
    assert told(new) == [(2, "retry-without-pause")]


def test_requests_that_were_dropped_meanwhile_are_passed_over() -> None:
    journal = Journal(2)
    new = new_hints(journal)
    for _ in range(5):
        journal.record(a_get(RANGE))
    assert told(new) == [(4, "range-ignored")]
    assert new.is_up_to_date


def test_a_look_after_nothing_has_nothing_to_do(journal: Journal, new: NewHints) -> None:
    assert new.is_up_to_date
    assert told(new) == []
    journal.record(a_get())
    assert not new.is_up_to_date


def test_a_cleared_journal_does_not_repeat_what_was_told(journal: Journal, new: NewHints) -> None:
    journal.record(a_get(RANGE))
    assert told(new) == [(1, "range-ignored")]
    journal.clear()
    journal.record(a_get(RANGE))
    journal.record(a_get(IF_NONE_MATCH))
    assert told(new) == [(2, "if-none-match-ignored")]


class Turns:
    """What looks at a journal, turn by turn, in this thread."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.looks = 0
        self._following = FollowingHints(journal, self._run)

    def _run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work(None)

        self.looks += 1
        return asyncio.run(run())

    def take(self, *headers: bytes, requests: int) -> list[str]:
        """The ids that are told after so many more requests with these headers."""
        for _ in range(requests):
            self.journal.record(a_get(*headers))
        return [hint.id for _, hint in self._following.turn()]


@pytest.fixture
def turns() -> Turns:
    setting = Setting(enforces_limits=True, cache_max_object_bytes=1)
    return Turns(Journal(1000, hints=lambda record: Hints(record, FIRST, setting)))


def test_a_turn_without_a_request_does_not_look(turns: Turns) -> None:
    assert turns.take(requests=0) == []
    assert turns.looks == 0
    assert turns.take(RANGE, requests=1) == ["range-ignored"]
    assert turns.take(requests=0) == []
    assert turns.looks == 1


def test_while_many_requests_come_and_shortly_after_there_is_no_look(turns: Turns) -> None:
    assert turns.take(RANGE, requests=BUSY + 1) == []
    for _ in range(CALM_TURNS - 1):
        assert turns.take(RANGE, requests=1) == []
    assert turns.looks == 0
    assert turns.take(RANGE, requests=1) == ["range-ignored"]


def test_under_load_without_an_end_there_is_a_short_look_now_and_then(turns: Turns) -> None:
    for _ in range(MOST_TURNS - 1):
        assert turns.take(RANGE, requests=BUSY + 1) == []
    assert turns.looks == 0
    assert turns.take(RANGE, requests=BUSY + 1) == ["range-ignored"]
    assert turns.take(IF_NONE_MATCH, requests=BUSY + 1) == []
    assert turns.looks == 1


def test_as_many_requests_as_a_person_sends_are_looked_at_at_once(turns: Turns) -> None:
    assert turns.take(RANGE, requests=BUSY) == ["range-ignored"]
    assert turns.take(IF_NONE_MATCH, requests=BUSY) == ["if-none-match-ignored"]


def test_a_cleared_journal_is_followed_from_its_beginning(turns: Turns) -> None:
    turns.journal.record(a_get())
    turns.journal.clear()
    assert turns.take(RANGE, requests=1) == ["range-ignored"]


def ask(running: Running) -> None:
    """Send three requests that have a hint, of two kinds."""
    owner = running.client()
    owner.create_store("media")
    owner.put("media", "key", b"hello")
    for headers in ({"Range": "bytes=0-1"}, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}):
        owner.call("GET", OBJECT, None, headers)


def test_the_log_names_each_kind_once(emulators: Launcher) -> None:
    running = emulators.start()
    ask(running)
    wait_until(lambda: "if-none-match-ignored" in running.stderr, "the hints")
    lines = [line for line in running.stop().splitlines() if "emulator.hints" in line]
    assert [re.findall(r"emulator.hints: (\S+) \(request (\d+)\)", line) for line in lines] == [
        [("range-ignored", "3")],
        [("if-none-match-ignored", "5")],
    ]
    assert all(f"See {PAGE}#" in line for line in lines)


def test_a_log_in_json_has_hints_as_json(emulators: Launcher) -> None:
    running = emulators.start("--log-format", "json")
    ask(running)
    documents = [json.loads(line) for line in running.stop().splitlines()]
    found = [each["message"] for each in documents if each.get("logger") == "emulator.hints"]
    assert [message.split()[0] for message in found] == [
        "range-ignored",
        "if-none-match-ignored",
    ]


def test_a_log_of_warnings_has_no_hints(emulators: Launcher) -> None:
    running = emulators.start("--log-level", "warning")
    ask(running)
    assert "range-ignored" not in running.stop()
