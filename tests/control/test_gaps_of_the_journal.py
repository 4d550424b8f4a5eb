"""What is easily left out of a journal: requests that never became one, keys in odd places, huge
numbers, and what the formats and endpoints say of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest

from emulator import Emulator
from emulator.control.journal import Journal
from emulator.core.errors import FailedPreconditionError
from emulator.core.exchange import Exchange
from emulator.core.operation import Operation
from tests.support.connections import Download, Upload
from tests.support.emulators import Start, client, control, wire
from tests.support.waiting import wait_until

from . import har

MIB = 1024 * 1024

REFUSED: dict[str, tuple[bytes, int]] = {
    "a method that HTTP does not have": (b"BREW /objectstore HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "a header without a colon": (b"GET /objectstore HTTP/1.1\r\nHost: a\r\nBad\r\n\r\n", 400),
    "a target that is too long": (
        b"GET /objectstore/store/" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        400,
    ),
    "octets in the target": (b"GET /objectstore/s/\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_cannot_be_parsed_and_is_answered_is_in_the_journal(
    emulator: Emulator, sent: bytes, status: int
) -> None:
    with wire(emulator) as connection:
        connection.send(sent)
        assert connection.answer().status == status
    (call,) = emulator.journal
    assert (call.operation, call.status) == (None, status)
    for form in ("json", "jsonl", "har"):
        assert control(emulator, "GET", f"/journal?format={form}").status == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_method_that_a_console_door_does_not_have_is_in_the_journal(
    emulator: Emulator, method: str
) -> None:
    assert client(emulator).call(method, "/_emulator/account/members").status == 405
    (call,) = emulator.journal
    assert (call.operation, call.method, call.status) == (None, method, 405)


def test_a_request_that_is_running_says_how_much_of_its_body_has_come(stocked: Emulator) -> None:
    with Upload(client(stocked), "store", "slow", size=100) as upload:
        upload.send(b"hello")
        wait_until(lambda: stocked.journal.last().request_size == 5)


def test_a_key_in_the_name_of_a_header_is_left_out(stocked: Emulator) -> None:
    key = stocked.create_api_key("viewer")
    client(stocked).call("GET", "/objectstore", headers={f"mo-meta-{key}": "x"})
    assert key.lower() not in stocked.journal.to_json_lines().lower()


ESCAPES: dict[str, Callable[[str], str]] = {
    "its dots": lambda key: key.replace(".", "%2E"),
    "all of it": lambda key: "".join(f"%{ord(character):02X}" for character in key),
    "its first letter": lambda key: f"%65{key[1:]}",
}


@pytest.mark.parametrize("place", ["/objectstore/store/{}", "/objectstore?token={}", "/{}"])
@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_key_that_is_escaped_more_than_it_needs_to_be_is_left_out(
    stocked: Emulator, escape: Callable[[str], str], place: str
) -> None:
    escaped = escape(stocked.create_api_key("viewer"))
    client(stocked).call("GET", place.format(escaped))
    signature = escaped.rpartition("%2E")[2][-60:]
    assert signature not in stocked.journal.last().target


MISTAKES: list[Callable[[str], dict[str, str]]] = [
    lambda key: {"key": key},
    lambda key: {"request_header": f"authorization: {key}"},
    lambda key: {"target": f"*{key}*"},
]


@pytest.mark.parametrize("conditions", MISTAKES)
def test_a_key_that_was_asked_for_is_left_out_of_the_complaint(
    stocked: Emulator, conditions: Callable[[str], dict[str, Any]]
) -> None:
    key = stocked.create_api_key("viewer")
    with pytest.raises(AssertionError) as complaint:
        stocked.journal.assert_called(**conditions(key))
    assert key not in str(complaint.value)


@pytest.mark.parametrize("field", ["operation", "outcome", "since", "running", "status"])
def test_a_key_that_is_no_value_is_left_out_of_the_refusal(stocked: Emulator, field: str) -> None:
    key = stocked.create_api_key("viewer")
    wanted: dict[str, Any] = {field: key}
    with pytest.raises(ValueError, match=field) as refusal:
        stocked.journal.calls(**wanted)
    assert key not in str(refusal.value)


@pytest.mark.parametrize("field", ["status", "min_duration_ms", "number", "since", "until"])
def test_a_number_beyond_all_measure_is_no_error_of_the_emulator(
    emulator: Emulator, field: str
) -> None:
    answer = control(emulator, "POST", "/journal/assert", {field: 10**400, "times": 0})
    assert answer.status in (200, 400)
    beyond: dict[str, Any] = {field: 10**400}
    with suppress(ValueError):
        assert emulator.journal.calls(**beyond) == []


@pytest.mark.parametrize("member", ["since", "until"])
def test_a_fault_from_beyond_all_measure_is_refused(emulator: Emulator, member: str) -> None:
    answer = control(emulator, "POST", "/faults", {"effect": "close", member: 10**400})
    assert answer.status == 400
    assert member in answer.json()["message"]


def test_a_name_that_is_no_field_is_refused_whatever_is_wanted_of_it(emulator: Emulator) -> None:
    assert control(emulator, "POST", "/journal/assert", {"colour": None}).status == 400
    with pytest.raises(ValueError, match="colour"):
        emulator.journal.calls(colour=None)  # type: ignore[call-arg]


@pytest.mark.parametrize("times", [-1, "1", 1.5, True])
def test_a_count_that_is_none_is_refused(emulator: Emulator, times: object) -> None:
    with pytest.raises(ValueError, match="times"):
        emulator.journal.assert_called(times=times)  # type: ignore[arg-type]
    answer = control(emulator, "POST", "/journal/assert", {"times": times})
    assert answer.status == 400
    assert "times" in answer.json()["message"]


def full_journal(size: int = 10_000) -> Journal:
    journal = Journal(size)
    for number in range(size):
        name = "GetObject" if number % 2 else "PutObject"
        operation = Operation(name, "store", "key", 0)
        journal.record(Exchange(operation, "GET", "/objectstore/store/key", (1, 1), (), 1))
    return journal


async def test_an_assertion_that_fails_on_a_full_journal_holds_nobody_up() -> None:
    begun = time.perf_counter()
    with pytest.raises(FailedPreconditionError):
        await full_journal().require({"operation": "GetObject"}, 5001)
    assert time.perf_counter() - begun < 5


READERS: dict[str, Callable[[Journal], Coroutine[Any, Any, object]]] = {
    "calls": lambda journal: journal.calls({}),
    "document": lambda journal: journal.describe({}),
    "lines": lambda journal: journal.json_lines({}),
    "archive": lambda journal: journal.har({}, "http://127.0.0.1"),
    "assertion": lambda journal: journal.require({}),
}


@pytest.mark.parametrize("reads", READERS.values(), ids=READERS)
async def test_others_have_their_turn_while_a_full_journal_is_read(
    reads: Callable[[Journal], Coroutine[Any, Any, object]],
) -> None:
    reading, turns = asyncio.ensure_future(reads(full_journal(4000))), 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    await reading
    assert turns >= 5


async def test_who_reads_the_journal_gets_it_as_it_was_in_the_beginning() -> None:
    journal = full_journal(4000)
    reading = asyncio.ensure_future(journal.calls({}))
    await asyncio.sleep(0)
    journal.clear()
    assert [call.number for call in await reading] == list(range(1, 4001))


def test_an_archive_is_one_of_har_while_an_answer_is_on_its_way(stocked: Emulator) -> None:
    owner = client(stocked)
    owner.put("store", "large", bytes(20 * MIB))
    with Download(owner, "store", "large"):
        entry = har.check(stocked.journal.to_har(running=True))[0]
        assert entry["response"]["bodySize"] == -1


def test_an_archive_says_which_version_of_http_was_spoken(emulator: Emulator) -> None:
    with wire(emulator) as connection:
        connection.send(b"GET /objectstore HTTP/1.0\r\nHost: a\r\n\r\n")
        assert connection.answer().status == 401
    (entry,) = har.check(emulator.journal.to_har())
    assert entry["request"]["httpVersion"] == "HTTP/1.0"


def test_a_tier_in_the_query_is_not_overheard(stocked: Emulator) -> None:
    path = f"/objects/store/{quote('placed')}?tier=storage"
    answer = control(stocked, "PUT", path, {"text": "hello"})
    placed = [each for each in stocked.tiers.objects("store") if each.key == "placed"]
    if answer.status == 200:
        assert [each.cache for each in placed] == [None]
    else:
        assert (answer.status, placed) == (400, [])


def test_a_filter_on_what_is_to_be_forgotten_is_not_overheard(stocked: Emulator) -> None:
    client(stocked).list_stores()
    client(stocked).get("store", "key")
    answer = control(stocked, "DELETE", "/journal?operation=GetObject")
    left = [call.operation for call in stocked.journal]
    assert (answer.status, left) in [
        (200, ["ListObjectStores"]),
        (400, ["ListObjectStores", "GetObject"]),
    ]


def test_an_object_larger_than_the_service_takes_is_put_nowhere(start: Start) -> None:
    emulator = start(max_object_bytes=10)
    assert client(emulator).create_store("store").status == 201
    for tier in ("storage", "cache", None):
        with pytest.raises(ValueError, match="too large"):
            emulator.tiers.put("store", "key", bytes(11), tier=tier)
    assert emulator.tiers.objects("store") == []


def test_a_short_key_that_was_given_is_left_out(start: Start) -> None:
    key = "eyB0ZXN0.a.b"
    emulator = start(owner_key=key)
    client(emulator).call("GET", f"/objectstore?token={key}")
    assert emulator.journal.last().status == 200
    assert key not in emulator.journal.to_json_lines()


@pytest.mark.parametrize("instant", [9_000_000_000_081_260, 20_000_000_000_998_958])
def test_a_far_instant_is_told_to_the_microsecond(emulator: Emulator, instant: int) -> None:
    emulator.clock.freeze(instant)
    client(emulator).list_stores()
    time_in_text = emulator.journal.last().document()["time"]
    assert time_in_text.endswith(f".{instant % 1_000_000:06}Z")
    assert len(emulator.journal.calls(since=time_in_text)) == 1
    assert emulator.journal.calls(until=time_in_text) == []
