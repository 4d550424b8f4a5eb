"""The service over aiohttp's own server: the same answers, from the same code.

The full suite runs `tests/contract` and this folder over it, as far as they are not about what is
aiohttp's own there; what that is stands in `tests/support/without_parser.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.core.clock import Clock
from emulator.core.routes import Resource
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.message import Response
from emulator.http.public_connection import PublicConnection
from emulator.http.request import Body
from emulator.http.server import HttpServer
from emulator.service.completion import Completion
from tests.support.client import Client
from tests.support.connections import Download, Raw, Upload
from tests.support.emulators import as_new, client
from tests.support.environment import environment
from tests.support.loop_time import LoopTime

LARGE = bytes(range(256)) * 12_000
"""About 3 MB: more than any buffer between a client and the service."""


@pytest.fixture(scope="module", autouse=True)
def _over_aiohttps_own_server() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emulator.http.server.connection_class", lambda: PublicConnection)
        patch.setattr("emulator.http.connections._LOOK_SECONDS", 0.01)
        yield


@pytest.fixture(scope="module")
def running(
    _over_aiohttps_own_server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("data")
    with Emulator(storage="filesystem", data_dir=directory, fsync=False) as emulator:
        yield emulator


@pytest.fixture
def owner(running: Emulator) -> Client:
    owner = client(as_new(running))
    owner.create_store("store")
    return owner


def test_objects_are_stored_served_described_and_deleted_over_one_connection(
    owner: Client,
) -> None:
    path = "/objectstore/store/a%2Fb"
    with closing(owner.connect()) as connection:
        put = owner.call("PUT", path, b"body", {"mo-meta-x": "é".encode()}, over=connection)
        got = owner.call("GET", path, over=connection)
        head = owner.call("HEAD", path, over=connection)
        deleted = owner.call("DELETE", "/objectstore/store", over=connection)
        gone = owner.call("GET", path, over=connection)
    assert [each.status for each in (put, got, deleted, gone)] == [204, 200, 200, 404]
    assert (got.body, got.header("x")) == (b"body", "é")
    assert (head.status, head.body, head.header("Content-Length")) == (200, b"", "4")


@pytest.mark.parametrize("size", [len(LARGE), None], ids=["length", "chunked"])
def test_large_bodies_come_and_go_whole(owner: Client, size: int | None) -> None:
    with Upload(owner, "store", "key", size=size) as upload:  # It asks for 100 Continue.
        for start in range(0, len(LARGE), 500_000):
            upload.send(LARGE[start : start + 500_000])
        assert upload.finish() == 204
    assert owner.get("store", "key").body == LARGE


def test_a_body_is_stored_as_it_was_sent_whatever_its_encoding(owner: Client) -> None:
    encoded = {"Content-Encoding": "gzip"}
    assert owner.call("PUT", "/objectstore/store/key", b"no gzip", encoded).status == 204
    assert owner.get("store", "key").body == b"no gzip"


def test_a_client_that_takes_its_answer_late_gets_all_of_it(owner: Client) -> None:
    owner.put("store", "key", LARGE)
    with Download(owner, "store", "key") as download:
        assert owner.get("store", "key").body == LARGE
        download.socket.shutdown(socket.SHUT_WR)
        assert download.rest() == LARGE


def test_errors_are_json_and_the_journal_has_them(running: Emulator, owner: Client) -> None:
    answers = [
        owner.get("store", "missing"),
        owner.call("PATCH", "/objectstore/store/key"),
        Client(owner.endpoint).get("store", "key"),
        owner.call("PUT", "/objectstore/other", b"{", {"Content-Type": "application/json"}),
    ]
    assert [answer.status for answer in answers] == [404, 405, 401, 400]
    assert all(answer.json().keys() == {"message"} for answer in answers)
    assert [call.status for call in running.journal.calls()][-4:] == [404, 405, 401, 400]


def test_requests_at_once_are_answered_in_their_order_also_after_the_end_of_what_is_sent(
    owner: Client,
) -> None:
    for number in range(3):
        owner.put("store", str(number), b"body %d" % number)
    lines = f"HTTP/1.1\r\nHost: h\r\nAuthorization: {owner.api_key}\r\n\r\n"
    requests = "".join(f"GET /objectstore/store/{number} {lines}" for number in range(3))
    with Raw(owner) as connection:
        bodies = connection.exchange(requests.encode()).split(b"\r\n\r\n")[1:]
    assert [body[:6] for body in bodies] == [b"body 0", b"body 1", b"body 2"]


def test_a_fault_cuts_an_answer_off(running: Emulator, owner: Client) -> None:
    owner.put("store", "key", LARGE)
    running.faults.add({"type": "truncate", "after_bytes": 1000})
    with closing(owner.connect()) as connection:
        connection.request(
            "GET", "/objectstore/store/key", headers={"Authorization": owner.api_key or ""}
        )
        response = connection.getresponse()
        assert response.getheader("Content-Length") == str(len(LARGE))
        with contextlib.suppress(ConnectionError):
            assert len(response.read1()) <= 1000


def test_what_is_no_http_is_400_and_the_log_quotes_nothing_of_it(
    owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Raw(owner) as connection:
        answer = connection.exchange(b"GET / HTTP/1.1\r\nAuthorization secret\r\n\r\n")
    assert answer.split(b" ")[1] == b"400"
    assert "secret" not in caplog.text


class Uploads:
    """A server of uploads, and one connection to it."""

    async def __aenter__(self) -> Uploads:
        self.read: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        table: Table = {Resource.OBJECT: {"PUT": Endpoint(self._answer, "PutObject")}}
        self.server = HttpServer(table, Clock(), Completion(Clock()), InFlight())
        address = await self.server.start("127.0.0.1", 0)
        self.reader, self.writer = await asyncio.open_connection(*address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.server.stop(grace_seconds=0)

    async def _answer(self, incoming: Incoming) -> Response:
        try:
            size = sum([len(piece) async for piece in Body(incoming)])
        except BaseException as error:
            self.read.set_result(type(error).__name__)
            raise
        return Response(200, str(size).encode())

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        for _ in range(100):
            await asyncio.sleep(0)


PUT = b"PUT /objectstore/s/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"


async def test_a_stop_finishes_an_upload_that_has_begun_and_leaves_no_task() -> None:
    async with Uploads() as uploads:
        await uploads.send(PUT + bytes(500))
        stopping = asyncio.ensure_future(uploads.server.stop(grace_seconds=3600))
        await uploads.send(bytes(500))
        assert (await asyncio.wait_for(uploads.reader.read(), 30)).endswith(b"\r\n\r\n1000")
        await asyncio.wait_for(stopping, 30)
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stop_cuts_off_an_upload_that_does_not_go_on_and_leaves_no_task() -> None:
    async with Uploads() as uploads:
        await uploads.send(PUT + bytes(500))
        await asyncio.wait_for(uploads.server.stop(grace_seconds=0.01), 30)
        assert uploads.read.done()
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_body_that_stops_coming_ends_its_request_and_its_connection() -> None:
    async with Uploads() as uploads:
        await uploads.send(PUT + bytes(500))
        LoopTime(asyncio.get_running_loop()).advance(61)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(uploads.reader.read(), 30) == b""
        assert await uploads.read == "BadRequestError"


async def test_a_head_that_stops_coming_is_408() -> None:
    async with Uploads() as uploads:
        await uploads.send(PUT[:20])
        LoopTime(asyncio.get_running_loop()).advance(31)
        answer = await asyncio.wait_for(uploads.reader.read(), 30)
        assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow(seconds=60)
def test_the_contract_holds_over_aiohttps_own_server(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "tests.support.without_parser", "--basetemp", str(tmp_path / "base")]
    run = subprocess.run(
        [*command, "tests/contract", "tests/http"],
        env=environment({}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_a_stream_of_events_goes_on_and_its_end_is_noticed(
    running: Emulator, owner: Client
) -> None:
    with Raw(owner) as listener:
        listener.socket.sendall(b"GET /_emulator/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while b"retry: 1000" not in received:
            received += listener.socket.recv(65536)
        assert owner.list_stores().status == 200
        while b"event: call" not in received:
            received += listener.socket.recv(65536)
    while running._call(requests_running(running)):
        """The listener is gone."""


async def requests_running(emulator: Emulator) -> int:
    return emulator._running()._server._server.running
