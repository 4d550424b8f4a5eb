"""The log of ``serve`` names each kind of hint once, and requests do not pay for it."""

from __future__ import annotations

import json
import re

import pytest

from emulator.control.hints.finder import Hints
from emulator.control.hints.news import MOST, NewHints
from emulator.control.hints.seen import Setting
from emulator.control.journal import Journal
from emulator.core.exchange import Exchange
from emulator.core.revisions import FIRST
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

from .cases import OBJECT
from .exchanges import an_exchange, end

pytestmark = pytest.mark.proves("D166")


RANGE, IF_NONE_MATCH, IF_MODIFIED_SINCE = b"range", b"if-none-match", b"if-modified-since"


def a_get(*headers: bytes, ended: int = 2) -> Exchange:
    """A Get with headers of these names."""
    exchange = an_exchange("GetObject", 1, ended)
    exchange.request_headers = [(name, b"x") for name in headers]
    return exchange


@pytest.fixture
def journal() -> Journal:
    return Journal(1000)


@pytest.fixture
def new(journal: Journal) -> NewHints:
    setting = Setting(enforces_limits=True, cache_max_object_bytes=1)
    return NewHints(journal, Hints(journal, FIRST, setting))


def told(new: NewHints) -> list[tuple[int, str]]:
    return [(number, hint.id) for number, hint in new.look()]


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


def test_of_many_requests_the_last_ones_are_looked_at(journal: Journal, new: NewHints) -> None:
    journal.record(a_get(RANGE))
    for _ in range(MOST - 1):
        journal.record(a_get(IF_NONE_MATCH))
    journal.record(a_get(IF_MODIFIED_SINCE))
    assert told(new) == [(2, "if-none-match-ignored"), (MOST + 1, "if-modified-since-ignored")]
    assert len(new._hints._history._past) == 0


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
    assert all("See docs/hints.md#" in line for line in lines)


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
