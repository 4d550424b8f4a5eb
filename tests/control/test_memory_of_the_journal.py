"""How much memory the journal takes: bounded in bytes, with large headers cut."""

from __future__ import annotations

import json

import pytest

from emulator import Emulator
from emulator.control.journal import Journal
from emulator.control.journal_memory import MAX_HEADER_BYTES, count
from emulator.core.exchange import Exchange
from emulator.core.operation import Credentials, Operation
from tests.support.emulators import Start, client, control, raw_client
from tests.support.keys import v2_key

pytestmark = pytest.mark.proves("D124")

LONG = "x" * 5000


def an_exchange(header_bytes: int = 0, *, ended: int = 1) -> Exchange:
    headers = [(b"x" * 100, b"y" * (header_bytes - 100))] if header_bytes else []
    return Exchange(
        Operation("GetObject", "store", "key", 0), "GET", "/", (1, 1), headers, 0, ended=ended
    )


async def test_the_oldest_requests_are_dropped_where_all_take_too_much_memory() -> None:
    one = count(an_exchange(4000))
    journal = Journal(1000, max_bytes=10 * one)
    for _ in range(25):
        journal.record(an_exchange(4000))
    assert [call.number for call in await journal.calls({})] == list(range(16, 26))
    assert (journal.count, journal.dropped) == (25, 15)


def test_requests_are_counted_in_the_meantime_although_nobody_asks() -> None:
    journal = Journal(10**6, max_bytes=100 * count(an_exchange(4000)))
    for _ in range(1000):
        journal.record(an_exchange(4000))
    assert len(journal._exchanges) < 150


async def test_a_request_that_runs_counts_once_it_has_ended() -> None:
    journal = Journal(1000, max_bytes=3 * count(an_exchange(4000)))
    running = [an_exchange(4000, ended=0) for _ in range(5)]
    for each in running:
        journal.record(each)
    assert len(await journal.calls({})) == 5
    for each in running:
        each.ended = 1
    assert [call.number for call in await journal.calls({})] == [3, 4, 5]


async def test_a_request_that_was_dropped_while_it_ran_counts_for_nothing() -> None:
    journal = Journal(1)
    dropped = an_exchange(4000, ended=0)
    journal.record(dropped)
    for _ in range(2):
        journal.record(an_exchange())
        assert len(await journal.calls({})) == 1
    dropped.ended = 1
    assert len(await journal.calls({})) == 1
    assert journal._bytes == count(an_exchange())


def test_a_cleared_journal_takes_nothing() -> None:
    journal = Journal(1000)
    for _ in range(100):
        journal.record(an_exchange(4000))
    journal.clear()
    assert (journal._bytes, journal.count, journal.dropped) == (0, 0, 0)


def test_credentials_count_too() -> None:
    exchange, credentials = an_exchange(), Credentials((LONG,))
    exchange.operation.credentials = credentials
    assert count(exchange) - count(an_exchange()) == len(LONG)


def test_ten_thousand_ordinary_requests_have_room_by_default(start: Start) -> None:
    emulator = start()
    owner = client(emulator)
    owner.create_store("store")
    owner.put("store", "a/segment/of/a/rendition_00001.ts", b"x", metadata={"content-type": "a/b"})
    owner.get("store", "a/segment/of/a/rendition_00001.ts")
    app = emulator._app
    assert app is not None
    journal = app.control.journal
    assert max(map(count, journal._exchanges)) * 10_000 < journal._max_bytes


def test_of_large_headers_a_request_keeps_the_first_ones_whole(stocked: Emulator) -> None:
    fields = [("x-first", LONG), ("x-second", LONG), ("x-third", "short")]
    raw_client(stocked).request("GET", "/objectstore/store/key", headers=fields)
    call = stocked.journal.last()
    kept = dict(call.request_headers)
    assert kept["x-first"] == LONG
    assert "x-second" not in kept
    assert sum(len(name) + len(value) for name, value in kept.items()) <= MAX_HEADER_BYTES
    assert call.request_headers_cut >= len("x-second") + len(LONG)
    assert (call.status, call.outcome) == (200, "cache_hit")


def test_cut_headers_are_marked_in_every_form(stocked: Emulator) -> None:
    fields = [("x-first", LONG), ("x-second", LONG)]
    raw_client(stocked).request("GET", "/objectstore/store/key", headers=fields)
    client(stocked).get("store", "key")
    cut, whole = control(stocked, "GET", "/journal").json()["calls"]
    assert cut["request_headers_cut"] >= len(LONG)
    assert whole["request_headers_cut"] == 0
    lines = stocked.journal.to_json_lines().splitlines()
    assert [json.loads(line)["request_headers_cut"] > 0 for line in lines] == [True, False]
    cut, whole = stocked.journal.to_har()["log"]["entries"]
    assert cut["request"]["_headersCut"] >= len(LONG)
    assert "_headersCut" not in whole["request"]


async def test_headers_of_just_the_limit_are_kept() -> None:
    exchange = an_exchange(MAX_HEADER_BYTES)
    journal = Journal(10)
    journal.record(exchange)
    (call,) = await journal.calls({})
    assert call.request_headers_cut == 0


def test_a_secret_stays_hidden_where_the_header_that_shows_it_is_cut(stocked: Emulator) -> None:
    secret = "a-secret-that-is-no-key-of-ours"
    raw_client(stocked).with_key(None).request(
        "GET",
        f"/objectstore/store/{secret}?key={v2_key('x')}",
        headers=[("x-copy", secret), ("x-first", LONG), ("Authorization", f"{secret} {LONG}")],
    )
    call = stocked.journal.last()
    assert call.request_headers_cut > len(LONG)
    assert dict(call.request_headers)["x-copy"] == "[redacted]"
    assert secret not in call.target + str(call)
    assert v2_key("x") not in call.target
