"""The stream of events, over real connections."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from emulator import Emulator
from emulator.control import event_stream
from emulator.control.journal import Journal
from emulator.control.journal_follower import JournalFollower
from tests.support.client import Client, create_store, put_configuration, store_configuration
from tests.support.emulators import Start, as_new, client, control

pytestmark = pytest.mark.proves("D158")

ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
TIMEOUT_SECONDS = 20


class Event(NamedTuple):
    name: str
    data: Any
    id: str | None = None


class Stream:
    """A listener: reads one event after the other."""

    def __init__(self, connection: HTTPConnection, path: str, headers: dict[str, str]) -> None:
        connection.request("GET", path, headers=headers)
        self.response = connection.getresponse()
        self.comments = 0

    def block(self) -> list[str]:
        """The lines up to the next empty one; none at the end of the stream."""
        lines: list[str] = []
        while line := self.response.readline().decode():
            if line == "\n":
                return lines
            lines.append(line.rstrip("\n"))
        return lines

    def next(self) -> Event:
        while True:
            fields = dict(line.partition(":")[::2] for line in self.block())
            assert fields, "the stream has ended"
            if "event" in fields:
                data = json.loads(fields["data"])
                number = fields.get("id")
                return Event(fields["event"].strip(), data, number and number.strip())
            self.comments += "" in fields


@contextmanager
def listening(
    emulator: Emulator, headers: dict[str, str] | None = None, **query: object
) -> Iterator[Stream]:
    connection = HTTPConnection(emulator.host, emulator.port, timeout=TIMEOUT_SECONDS)
    try:
        path = f"/_emulator/events?{urlencode(query)}"
        stream = Stream(connection, path, headers or {})
        assert stream.response.status == 200, stream.response.read()
        assert stream.block() == ["retry: 1000"]
        yield stream
    finally:
        connection.close()


@pytest.fixture(scope="module", params=["2026-02-05", "2026-08-12"])
def of_either_revision(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(
        cache="memory", api_revision=request.param, no_limits=True, journal_size=50
    ) as emulator:
        yield emulator


@pytest.fixture
def emulator(of_either_revision: Emulator) -> Emulator:
    emulator = as_new(of_either_revision)
    create_store(client(emulator), "store", cluster="my-valkey-cluster")
    emulator.journal.clear()
    return emulator


def test_a_call_is_told_once_it_has_ended_as_the_journal_has_it(emulator: Emulator) -> None:
    owner = client(emulator)
    owner.put("store", "before", b"")
    with listening(emulator) as stream:
        assert stream.response.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        assert stream.response.getheader("Cache-Control") == "no-store"
        owner.put("store", "key", b"body")
        owner.get("store", "none")
        told = [stream.next(), stream.next()]
    recorded = control(emulator, "GET", "/journal").json()["calls"]
    assert [each.data for each in told] == recorded[1:]
    assert [(each.name, each.id) for each in told] == [("call", "2"), ("call", "3")]


def test_a_key_cannot_end_a_line_of_the_stream(emulator: Emulator) -> None:
    owner = client(emulator)
    key = "a\n\nevent: call\ndata: {}\n\n\u2028\r"
    with listening(emulator) as stream:
        owner.put("store", key, b"")
        owner.get("store", "next")
        assert stream.next().data["key"] == key
        assert stream.next().data["key"] == "next"


def test_no_credential_is_told(emulator: Emulator) -> None:
    with listening(emulator) as stream:
        client(emulator).get("store", "key")
        assert emulator.api_key() not in json.dumps(stream.next().data)


def test_only_what_fulfils_the_conditions_is_told(emulator: Emulator) -> None:
    owner = client(emulator)
    with listening(emulator, operation="*Object", status="4xx", key="b*") as stream:
        owner.put("store", "b1", b"")
        owner.get("store", "a")
        owner.get("store", "b2")
        told = stream.next()
    assert (told.id, told.data["key"], told.data["status"]) == ("3", "b2", 404)


@pytest.mark.parametrize("query", ["x=1", "since=x", "since=-1", "calls=no", "status=x", "logs="])
def test_a_bad_condition_is_refused_before_anything_is_told(emulator: Emulator, query: str) -> None:
    answer = control(emulator, "GET", f"/events?{query}")
    assert answer.status == 400
    assert answer.header("Content-Type") == "application/json"


def test_a_listener_begins_behind_a_number_or_where_it_was(emulator: Emulator) -> None:
    owner = client(emulator)
    for number in range(4):
        owner.get("store", f"{number + 1}")
    with listening(emulator, since=2) as stream:
        assert [stream.next().id for _ in range(2)] == ["3", "4"]
    with listening(emulator, {"Last-Event-ID": "3"}, since=1) as stream:
        assert stream.next().id == "4"


@pytest.mark.parametrize("last", ["no number", "-1", "9" * 5000])
def test_what_is_no_number_of_a_call_begins_now(emulator: Emulator, last: str) -> None:
    with listening(emulator, {"Last-Event-ID": last}) as stream:
        client(emulator).get("store", "1")
        assert stream.next().id == "1"


def test_what_ended_while_nobody_listened_is_told_to_who_comes_back(emulator: Emulator) -> None:
    """Call 1 was running when call 2 was told."""
    with running_upload(emulator) as finish:
        client(emulator).get("store", "2")
        finish()
    with listening(emulator, {"Last-Event-ID": "2"}) as stream:
        told = stream.next()
    assert (told.id, told.data["operation"]) == ("1", "PutObject")


@contextmanager
def running_upload(emulator: Emulator) -> Iterator[Any]:
    """An upload whose body is missing, and a function that sends it and reads the answer."""
    with socket.create_connection((emulator.host, emulator.port), timeout=20) as connection:
        head = "PUT /objectstore/store/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        head += f"Authorization: {emulator.api_key()}\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")

        def finish() -> None:
            connection.sendall(b"x")
            assert connection.recv(65536).startswith(b"HTTP/1.1 204")

        yield finish


def test_calls_are_told_in_the_order_in_which_they_end(emulator: Emulator) -> None:
    with listening(emulator) as stream, running_upload(emulator) as finish:
        client(emulator).get("store", "quick")
        assert stream.next().data["key"] == "quick"
        finish()
        told = stream.next()
    assert (told.id, told.data["key"], told.data["running"]) == ("1", "slow", False)


def test_a_call_that_ran_when_the_listener_came_is_told_at_its_end(emulator: Emulator) -> None:
    with running_upload(emulator) as finish, listening(emulator) as stream:
        finish()
        assert stream.next().data["key"] == "slow"


def test_the_newest_call_of_a_listener_is_told_at_its_end_if_it_runs(emulator: Emulator) -> None:
    """The listener has read the journal before: it knows the call, but not its end."""
    with running_upload(emulator) as finish, listening(emulator, since=1) as stream:
        finish()
        told = stream.next()
    assert (told.id, told.data["key"], told.data["running"]) == ("1", "slow", False)


def test_a_cleared_journal_begins_again(emulator: Emulator) -> None:
    owner = client(emulator)
    owner.get("store", "key")
    with listening(emulator) as stream:
        emulator.journal.clear()
        assert stream.next() == Event("cleared", {"journal": True})
        owner.get("store", "key")
        assert stream.next().id == "1"
    with listening(emulator, since=99) as stream:
        assert stream.next() == Event("cleared", {"journal": True})
        assert stream.next().id == "1"


def test_a_restored_state_is_told_and_the_journal_goes_on(emulator: Emulator) -> None:
    emulator.checkpoint("x")
    with listening(emulator) as stream:
        emulator.restore("x")
        assert stream.next() == Event("cleared", {"journal": False})
        client(emulator).get("store", "key")
        assert stream.next().id == "1"
        emulator.import_state(emulator.export_state())
        assert stream.next() == Event("cleared", {"journal": False})
        emulator.reset()
        assert {stream.next().name, stream.next().name} == {"cleared"}


def test_a_listener_that_comes_back_late_learns_how_much_is_gone(emulator: Emulator) -> None:
    owner, connection = client(emulator), client(emulator).connect()
    for number in range(60):
        owner.get("store", f"{number}", over=connection)
    connection.close()
    with listening(emulator, since=5) as stream:
        told = [stream.next() for _ in range(51)]
    assert [int(each.id or 0) for each in told[:50]] == list(range(11, 61))
    assert told[50] == Event("dropped", {"count": 5})


def test_a_stream_is_alive_also_where_nothing_happens(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.0)
    with listening(emulator) as stream:
        assert stream.block() == [":"]
        assert stream.block() == [":"]


def test_the_heartbeat_is_often_enough() -> None:
    assert event_stream.HEARTBEAT_SECONDS + event_stream.LOOK_SECONDS < 15


def test_a_frozen_clock_stops_no_stream(emulator: Emulator) -> None:
    emulator.clock.freeze(1_000_000)
    with listening(emulator) as stream:
        client(emulator).get("store", "key")
        assert stream.next().data["time"] == "1970-01-01T00:00:01.000000Z"


def test_a_stream_ends_when_the_emulator_stops(start: Start) -> None:
    emulator = start(cache="memory")
    with listening(emulator) as stream:
        begun = time.monotonic()
        emulator.stop()
        assert stream.response.read() == b""
        assert time.monotonic() - begun < 2


def test_a_stream_over_http_1_0_has_no_chunks(emulator: Emulator) -> None:
    with socket.create_connection((emulator.host, emulator.port), timeout=20) as connection:
        connection.sendall(b"GET /_emulator/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        received = b""
        while not received.endswith(b"retry: 1000\n\n"):
            received += connection.recv(65536)
        assert b"chunked" not in received
        client(emulator).get("store", "key")
        assert connection.recv(65536).startswith(b"id: 1\nevent: call\ndata: {")


def test_head_begins_no_stream(emulator: Emulator) -> None:
    answer = control(emulator, "HEAD", "/events")
    assert (answer.status, answer.body) == (200, b"")
    wait_until_nobody_listens(emulator)


def wait_until_nobody_listens(emulator: Emulator) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while listeners(emulator):
        assert time.monotonic() < deadline


def listeners(emulator: Emulator) -> int:
    """How many requests are being answered."""
    server: Any = emulator._running()._server

    async def count() -> int:
        return int(server._server.running)

    return emulator._call(count())


@pytest.mark.parametrize("half", [True, False])
def test_a_listener_that_is_gone_costs_nothing_any_more(emulator: Emulator, half: bool) -> None:
    wait_until_nobody_listens(emulator)
    with socket.create_connection((emulator.host, emulator.port), timeout=20) as connection:
        connection.sendall(b"GET /_emulator/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not connection.recv(65536).endswith(b"retry: 1000\n\n\r\n"):
            """The head comes first."""
        assert listeners(emulator) == 1
        if half:
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(65536) == b""
        else:
            connection.close()
        wait_until_nobody_listens(emulator)


def test_a_stream_is_no_call_and_holds_up_no_reset(emulator: Emulator) -> None:
    with listening(emulator):
        emulator.reset()
        assert emulator.journal.calls() == []


def test_many_listeners_hear_the_same(emulator: Emulator) -> None:
    with listening(emulator) as one, listening(emulator) as two:
        client(emulator).get("store", "key")
        assert one.next() == two.next()


def test_a_listener_that_does_not_read_holds_nobody_up(emulator: Emulator) -> None:
    with listening(emulator, since=0):
        owner, connection = client(emulator), client(emulator).connect()
        done = threading.Event()

        def work() -> None:
            for number in range(300):
                owner.put("store", f"{number}" * 100, b"", over=connection)
            connection.close()
            done.set()

        threading.Thread(target=work).start()
        assert done.wait(TIMEOUT_SECONDS)
        assert emulator.journal.count == 300


class TestLogs:
    """Entries of access logs, which the later revision has."""

    @pytest.fixture
    def logging_emulator(self, start: Start) -> Emulator:
        emulator = start(
            cache="memory", api_revision="2026-08-12", access_log_size=3, no_limits=True
        )
        for name in ("one", "two"):
            logs = {"log_group_name": f"/log/{name}", "iam_role_arn": ROLE, "region": "us-east-1"}
            configuration = store_configuration(name)
            put_configuration(
                client(emulator),
                name,
                {**configuration, "access_logging_config": {"cloudwatch": logs}},
            )
        return emulator

    def test_the_entries_of_one_group_are_told(self, logging_emulator: Emulator) -> None:
        owner = client(logging_emulator)
        owner.get("one", "before")
        with listening(logging_emulator, logs="/log/one", calls="false") as stream:
            owner.get("two", "key")
            owner.put("one", "key", b"body")
            told = stream.next()
        assert told.name == "log"
        assert told.data["log_group"] == "/log/one"
        entries = logging_emulator.access_logs.entries("/log/one")
        assert told.data["entry"] == entries[-1]

    def test_the_entries_of_all_groups_are_told_beside_calls(
        self, logging_emulator: Emulator
    ) -> None:
        owner = client(logging_emulator)
        with listening(logging_emulator, logs="*", operation="GetObject") as stream:
            owner.get("two", "key")
            owner.get("one", "key")
            told = [stream.next() for _ in range(4)]
        assert sorted(each.name for each in told) == ["call", "call", "log", "log"]
        groups = {each.data["log_group"] for each in told if each.name == "log"}
        assert groups == {"/log/one", "/log/two"}

    def test_dropped_and_cleared_entries_do_not_come_again(
        self, logging_emulator: Emulator
    ) -> None:
        owner = client(logging_emulator)
        follower = logging_emulator._running().control.telemetry.follow(None)
        for number in range(5):
            owner.get("one", f"{number}")
        assert follower.lost() == [("/log/one", 2)]
        assert follower.lost() == []
        assert [entry["key"] for _, entry in follower.entries()] == ["2", "3", "4"]
        assert list(follower.entries()) == []
        logging_emulator.access_logs.clear()
        owner.get("one", "new")
        assert [entry["key"] for _, entry in follower.entries()] == ["new"]

    def test_what_is_dropped_while_others_are_told_is_told_as_lost(
        self, logging_emulator: Emulator
    ) -> None:
        owner = client(logging_emulator)
        follower = logging_emulator._running().control.telemetry.follow(None)
        for name in ("one", "two"):
            owner.get(name, "0")
        assert follower.lost() == []
        entries = follower.entries()
        assert next(entries)[0] == "/log/one"
        for number in range(1, 5):
            owner.get("two", f"{number}")
        assert [entry["key"] for _, entry in entries] == ["2", "3", "4"]
        assert follower.lost() == [("/log/two", 2)]

    def test_more_entries_than_are_held_are_told_once_each_in_their_order(
        self, start: Start
    ) -> None:
        emulator = start(cache="memory", api_revision="2026-08-12", no_limits=True)
        logs = {"log_group_name": "/log", "iam_role_arn": ROLE, "region": "us-east-1"}
        configuration = store_configuration("one")
        owner = client(emulator)
        put_configuration(
            owner, "one", {**configuration, "access_logging_config": {"cloudwatch": logs}}
        )
        follower = emulator._running().control.telemetry.follow("/log")
        connection = owner.connect()
        for number in range(250):
            owner.get("one", f"{number}", over=connection)
        connection.close()
        told = [entry["key"] for _, entry in follower.entries()]
        assert told == [f"{number}" for number in range(250)]

    def test_a_group_that_is_not_there_is_refused(self, logging_emulator: Emulator) -> None:
        answer = control(logging_emulator, "GET", "/events?logs=/log/none")
        assert answer.status == 404
        assert "/log/one" in answer.json()["message"]

    def test_an_earlier_revision_has_no_logs(self, start: Start) -> None:
        answer = control(start(cache="memory"), "GET", "/events?logs=*")
        assert answer.status == 404
        assert "--api-revision" in answer.json()["message"]


def test_a_follower_holds_numbers_only_so_that_the_journal_can_forget() -> None:
    follower = JournalFollower(Journal(10))
    assert {type(value) for value in vars(follower).values()} == {Journal, int, list}


def test_one_call_is_described_by_its_number(emulator: Emulator) -> None:
    owner = client(emulator)
    owner.put("store", "key", b"body")
    owner.get("store", "key")
    calls = control(emulator, "GET", "/journal").json()["calls"]
    for call in calls:
        assert control(emulator, "GET", f"/journal/{call['number']}").json() == call


@pytest.mark.parametrize("raw", ["x", "-1", "1.0", "", "9" * 30, "1/2"])
def test_what_is_no_number_names_no_call(emulator: Emulator, raw: str) -> None:
    answer = Client(emulator.endpoint).call("GET", f"/_emulator/journal/{raw}")
    assert answer.status in (400, 404)


def test_a_call_that_is_not_kept_is_not_found(emulator: Emulator) -> None:
    owner, connection = client(emulator), client(emulator).connect()
    for number in range(60):
        owner.get("store", f"{number}", over=connection)
    connection.close()
    for number, why in ((0, "the last one is 60"), (1, "it was dropped"), (61, "the last one is")):
        answer = control(emulator, "GET", f"/journal/{number}")
        assert answer.status == 404
        assert why in answer.json()["message"]
