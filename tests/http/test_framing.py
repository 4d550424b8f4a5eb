"""Versions, transfer encodings, half-closed connections and offered upgrades, byte for byte.

aiohttp has two parsers, which differ in what they let pass: the full suite runs this file over the
one in Python too.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.emulators import client
from tests.support.environment import environment
from tests.support.raw_client import Client, Response, Wire
from tests.support.waiting import wait_until

HOST = "Host: h"
LINGERING_SECONDS = 8.0
"""Less than a connection is kept for the rest of the body of a request that is answered."""

HALF = b"PUT /objectstore/store/key HTTP/1.1\r\nHost: h\r\n"


@pytest.fixture
def emulator(momento_emulator: Emulator) -> Emulator:
    return momento_emulator


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def get(path: str, *headers: str) -> bytes:
    return head(f"GET {path} HTTP/1.1", HOST, *headers)


def wire(emulator: Emulator) -> Wire:
    return Client(emulator.endpoint).wire()


def only_answer(emulator: Emulator, request: bytes) -> Response:
    """The one answer to ``request``, after which the emulator closes the connection."""
    with wire(emulator) as connection:
        connection.send(request)
        connection.finish_sending()
        answer = connection.answer()
        assert connection.read_to_end() == b""
    return answer


def expect_refusal(answer: Response, status: int) -> None:
    assert answer.status == status
    assert answer.media_type == "application/json"
    assert answer.json.keys() == {"message"}
    assert answer.headers.get("Connection") == "close"


VERSIONS = ["", " ", " HTTP/0.9", " HTTP/1", " HTTP/1.2", " HTTP/2.0", " HTTP/3.0", " HTP/1.1"]


@pytest.mark.proves("D119")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("target", ["/", "/objectstore", "/objectstore/store/key"])
def test_a_request_line_of_another_version_or_none_is_400_in_http_1_1(
    emulator: Emulator, target: str, version: str
) -> None:
    with wire(emulator) as connection:
        connection.send(head(f"GET {target}{version}", HOST))
        received = connection.read_to_end()
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert received.count(b"\r\n\r\n") == 1


@pytest.mark.proves("D119")
def test_a_request_without_a_version_behind_a_whole_one_is_400_or_unanswered(
    emulator: Emulator,
) -> None:
    with wire(emulator) as connection:
        connection.send(get("/objectstore") + head("GET /objectstore", HOST))
        statuses = connection.read_to_end().split(b"HTTP/1.1 ")[1:]
    assert [status[:3] for status in statuses] in ([b"401", b"400"], [b"400"])


ENCODINGS = {
    "gzip, chunked": 501,
    "deflate,chunked": 501,
    "gzip, br, chunked": 501,
    "GZIP, Chunked": 501,
    "chunked, chunked": 400,
    "chunked, gzip": 400,
    "gzip": 400,
    "identity": 400,
    "xchunked": 400,
    "": 400,
}


@pytest.mark.proves("D119")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_transfer_encoding_other_than_chunked_is_refused_and_stores_nothing(
    emulator: Emulator, encoding: str
) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.1", HOST, f"Transfer-Encoding: {encoding}")
    answer = only_answer(emulator, start + b"5\r\nhello\r\n0\r\n\r\n")
    expect_refusal(answer, ENCODINGS[encoding])
    assert emulator.journal.calls(operation="PutObject") == []


@pytest.mark.proves("D119")
@pytest.mark.parametrize("encoding", ["chunked", "gzip, chunked"])
def test_a_chunked_body_in_http_1_0_is_400(emulator: Emulator, encoding: str) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.0", HOST, f"Transfer-Encoding: {encoding}")
    expect_refusal(only_answer(emulator, start + b"5\r\nhello\r\n0\r\n\r\n"), 400)


@pytest.mark.proves("D119")
def test_the_journal_has_what_was_refused_for_its_framing(emulator: Emulator) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked")
    only_answer(emulator, start + b"5\r\nhello\r\n0\r\n\r\n")
    assert [call.status for call in emulator.journal.calls()] == [501]


@pytest.mark.parametrize(
    "refused",
    [
        head("PUT /objectstore/s/k HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked"),
        head("PUT /objectstore/s/k HTTP/1.0", HOST, "Transfer-Encoding: chunked"),
        head("GET /objectstore/s/k", HOST),
        head("GET /objectstore/s/k HTTP/1.1", HOST, "no colon"),
    ],
)
def test_the_journal_keeps_no_body_of_what_was_refused(emulator: Emulator, refused: bytes) -> None:
    with wire(emulator) as connection:
        connection.send(refused + b"5\r\nhello\r\n")
        assert connection.answer().status in (400, 501)
    app = emulator._app
    assert app is not None
    [exchange] = app.control.journal._exchanges
    assert exchange.body is None


@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "CHUNKED"])
def test_chunked_is_read_however_it_is_spelt(emulator: Emulator, encoding: str) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.1", HOST, f"Transfer-Encoding: {encoding}")
    assert only_answer(emulator, start + b"5\r\nhello\r\n0\r\n\r\n").status == 401


@pytest.mark.proves("D119")
@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_that_closes_its_direction_after_its_request_gets_the_answer(
    emulator: Emulator, version: str, pieces: int
) -> None:
    request = head(f"GET /objectstore HTTP/{version}", HOST, f"Authorization: {emulator.api_key()}")
    with wire(emulator) as connection:
        if pieces == 2:
            connection.send(request[:20])
        connection.send(request[20:] if pieces == 2 else request)
        connection.finish_sending()
        assert connection.answer().json == {"object_stores": []}
        assert connection.read_to_end() == b""


@pytest.mark.proves("D119")
def test_a_client_that_closes_its_direction_gets_the_answer_to_a_whole_upload(
    emulator: Emulator,
) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.1", HOST, "Content-Length: 5")
    assert only_answer(emulator, start + b"hello").status == 401


@pytest.mark.proves("D119")
def test_a_client_that_closes_its_direction_gets_every_answer(emulator: Emulator) -> None:
    with wire(emulator) as connection:
        connection.send(get("/objectstore") * 3)
        connection.finish_sending()
        statuses = [connection.answer().status for _ in range(3)]
        assert connection.read_to_end() == b""
    assert statuses == [401, 401, 401]


@pytest.mark.proves("D119")
def test_a_client_that_closes_its_direction_during_a_delay_gets_its_answer(
    emulator: Emulator,
) -> None:
    emulator.faults.add({"type": "latency", "seconds": 0.05})
    request = get("/objectstore", f"Authorization: {emulator.api_key()}")
    assert only_answer(emulator, request).json == {"object_stores": []}


@pytest.mark.proves("D119")
@pytest.mark.proves("D33")
def test_a_client_that_closes_its_direction_is_told_what_was_no_request(
    emulator: Emulator,
) -> None:
    with wire(emulator) as connection:
        send_the_wrong_behind_what_is_delayed(emulator, connection)
        connection.finish_sending()
        statuses = [connection.answer().status for _ in range(3)]
        assert connection.read_to_end() == b""
    assert statuses == [200, 200, 400]


def test_a_client_that_is_gone_before_it_is_told_is_no_failure(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with wire(emulator) as connection:
        send_the_wrong_behind_what_is_delayed(emulator, connection)
    wait_until(lambda: [each.status for each in emulator.journal] == [200, 200, 400], "the calls")
    assert client(emulator).list_stores().status == 200
    assert caplog.records == []


def send_the_wrong_behind_what_is_delayed(emulator: Emulator, connection: Wire) -> None:
    """Send two requests, of which the first has to wait, and then what is no HTTP."""
    emulator.faults.add({"type": "latency", "seconds": 0.2}, nth=1)
    connection.send(get("/objectstore", f"Authorization: {emulator.api_key()}") * 2)
    wait_until(lambda: emulator.journal.count == 1, "the request")
    connection.send(b"no HTTP\r\n\r\n")


@pytest.mark.parametrize("start", [b"", b"GET", HALF], ids=len)
def test_a_client_that_closes_its_direction_within_a_head_is_let_go(
    emulator: Emulator, start: bytes
) -> None:
    with wire(emulator) as connection:
        connection.send(start)
        connection.finish_sending()
        assert connection.read_to_end() == b""


@pytest.mark.proves("D119")
@pytest.mark.parametrize("framing", ["Content-Length: 99", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("more", [b"", b"5\r\nhello\r\n"], ids=["no-body", "half"])
def test_a_client_that_ends_within_a_body_that_is_refused_is_let_go_at_once(
    emulator: Emulator, framing: str, more: bytes
) -> None:
    request = head("PUT /objectstore/s/k HTTP/1.1", HOST, framing)
    with wire(emulator) as connection:
        connection.send(request + more)
        assert connection.answer().status == 401
        connection.finish_sending()
        before = time.monotonic()
        assert connection.read_to_end() == b""
        assert time.monotonic() - before < LINGERING_SECONDS


@pytest.mark.proves("D119")
def test_a_client_that_ends_within_a_body_of_an_unknown_encoding_is_refused_and_let_go(
    emulator: Emulator,
) -> None:
    start = head("PUT /objectstore/s/k HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked")
    before = time.monotonic()
    expect_refusal(only_answer(emulator, start + b"5\r\nhello\r\n"), 501)
    assert time.monotonic() - before < LINGERING_SECONDS


UPGRADES = ["h2c", "TLS/1.0", "unknown", "H2C"]
BODIES = {
    "no-body": ("GET", b"", ""),
    "body": ("PUT", b"hello", "Content-Length: 5"),
}


def offering(method: str, protocol: str, framing: str) -> bytes:
    path = "/objectstore/s/k" if method == "PUT" else "/objectstore"
    more = [framing] if framing else []
    offer = ("Connection: Upgrade", f"Upgrade: {protocol}")
    return head(f"{method} {path} HTTP/1.1", HOST, *offer, *more)


def statuses_of(emulator: Emulator, *segments: bytes) -> list[bytes]:
    """The statuses of all answers to ``segments``, of which the last asks to close."""
    with wire(emulator) as connection:
        for segment in segments:
            connection.send(segment)
        received = connection.read_to_end()
    return [each[:3] for each in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.proves("D119")
@pytest.mark.parametrize("protocol", UPGRADES)
@pytest.mark.parametrize(("method", "body", "framing"), BODIES.values(), ids=BODIES)
def test_a_request_behind_one_that_offers_an_upgrade_is_answered(
    emulator: Emulator, method: str, body: bytes, framing: str, protocol: str
) -> None:
    first = offering(method, protocol, framing) + body
    last = get("/no/such/path", "Connection: close")
    assert statuses_of(emulator, first + last) == [b"401", b"404"]


@pytest.mark.proves("D119")
def test_requests_around_several_that_offer_an_upgrade_are_all_answered(
    emulator: Emulator,
) -> None:
    offer = offering("GET", "h2c", "")
    put = head("PUT /objectstore/s/k HTTP/1.1", HOST, "Content-Length: 5") + b"\r\n\r\nx"
    last = get("/no/such/path", "Connection: close")
    assert statuses_of(emulator, put + offer + offer + put + offer + last) == [
        *[b"401"] * 5,
        b"404",
    ]


@pytest.mark.proves("D119")
@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
@pytest.mark.parametrize("cut", [10, 60, 85])
def test_a_request_behind_an_upgrade_in_two_segments_is_answered_or_its_connection_is_closed(
    emulator: Emulator, protocol: str, cut: int
) -> None:
    both = offering("GET", protocol, "") + get("/no/such/path", "Connection: close")
    statuses = statuses_of(emulator, both[:cut], both[cut:])
    assert statuses in ([b"401"], [b"401", b"404"])


@pytest.mark.proves("D119")
@pytest.mark.parametrize("protocol", UPGRADES)
def test_a_client_that_closes_its_direction_after_an_offered_upgrade_gets_every_answer(
    emulator: Emulator, protocol: str
) -> None:
    with wire(emulator) as connection:
        connection.send(offering("GET", protocol, "") + get("/no/such/path"))
        connection.finish_sending()
        received = connection.read_to_end()
    assert [each[:3] for each in received.split(b"HTTP/1.1 ")[1:]] == [b"401", b"404"]


@pytest.mark.proves("D119")
def test_an_upgrade_that_is_offered_does_not_end_the_connection(emulator: Emulator) -> None:
    with wire(emulator) as connection:
        for _ in range(2):
            connection.send(offering("GET", "h2c", ""))
            assert connection.answer().status == 401


@pytest.mark.slow
def test_all_of_this_holds_with_the_parser_in_python(tmp_path: Path) -> None:
    own_name = test_all_of_this_holds_with_the_parser_in_python.__name__
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    run = subprocess.run(
        [*command, "--deselect", f"{__file__}::{own_name}", "--basetemp", str(tmp_path / "base")],
        env=environment({"AIOHTTP_NO_EXTENSIONS": "1"}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
