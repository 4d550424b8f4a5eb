"""HTTP/2 connections, frame by frame: ready, refused, timed out, drained."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import h2.connection
import h2.events
import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from momento_wire_types import auth_pb2

from emulator import Emulator
from emulator.core.failures import ConfigurationError
from emulator.core.installation import install_command
from tests.support.certificates import certificate
from tests.support.waiting import wait_until
from tests.tls.client import get, tls_port, trusting, tunnel

from .calls import NEVER, SUPER_USER

HOST = "cache.emulator.test"
GENERATE = "/auth.Auth/GenerateApiToken"

E = TypeVar("E", bound=h2.events.Event)


class Http2:
    """One connection with every frame in our hands."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._socket = connection
        self.h2 = h2.connection.H2Connection()
        self.seen: list[h2.events.Event] = []
        self.h2.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self._socket.sendall(self.h2.data_to_send())

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(self, path: str, *, is_last: bool = True, kind: str = "application/grpc") -> int:
        stream = self.h2.get_next_available_stream_id()
        headers = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", HOST),
            (":path", path),
            ("content-type", kind),
        ]
        self.h2.send_headers(stream, headers, end_stream=is_last)
        self.flush()
        return stream

    def wait_for(self, kind: type[E], stream: int | None = None) -> E:
        """Read until there is such an event."""
        while True:
            for event in self.seen:
                if isinstance(event, kind) and stream in (None, getattr(event, "stream_id", None)):
                    self.seen.remove(event)
                    return event
            data = self._socket.recv(65536)
            assert data, self.seen
            self.seen += self.h2.receive_data(data)
            self.flush()

    def read_to_end(self) -> None:
        """Read until the server closes the connection."""
        while data := self._socket.recv(65536):
            self.seen += self.h2.receive_data(data)

    def headers(self, stream: int) -> dict[str, str]:
        event = self.wait_for(h2.events.ResponseReceived, stream)
        return {name.decode(): value.decode() for name, value in event.headers}


@pytest.fixture
def connection(emulator: Emulator) -> Iterator[Http2]:
    with _connect(emulator) as connection:
        yield Http2(connection)


def generate_message(emulator: Emulator) -> bytes:
    """The framed message of a call that makes a super-user's key."""
    asked: bytes = auth_pb2._GenerateApiTokenRequest(
        never=NEVER, permissions=SUPER_USER, auth_token=emulator.api_key()
    ).SerializeToString()
    return struct.pack(">BI", 0, len(asked)) + asked


def _connect(emulator: Emulator, host: str = HOST) -> ssl.SSLSocket:
    context = trusting(emulator, ["h2", "http/1.1"])
    return context.wrap_socket(tunnel(emulator, host), server_hostname=host)


@pytest.mark.proves("D150")
@pytest.mark.parametrize(
    ("host", "agreed"),
    [
        ("cache.emulator.test", "h2"),
        ("control.emulator.test", "h2"),
        ("token.cell-us-east-1-1.prod.a.momentohq.com", "h2"),
        ("api.cache.emulator.test", "http/1.1"),
        ("emulator.test", "http/1.1"),
    ],
)
def test_the_hosts_of_grpc_alone_prefer_http_2(emulator: Emulator, host: str, agreed: str) -> None:
    with _connect(emulator, host) as connection:
        assert connection.selected_alpn_protocol() == agreed


def test_a_host_of_grpc_serves_http_1_1_to_who_offers_only_that(emulator: Emulator) -> None:
    context = trusting(emulator, ["http/1.1"])
    with context.wrap_socket(tunnel(emulator, HOST), server_hostname=HOST) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert get(connection, emulator) == 200


def test_the_port_of_tls_has_http_2_without_a_tunnel(emulator: Emulator) -> None:
    plain = socket.create_connection(("127.0.0.1", tls_port(emulator)), timeout=20)
    context = trusting(emulator, ["h2"])
    with context.wrap_socket(plain, server_hostname=HOST) as connection:
        Http2(connection).wait_for(h2.events.RemoteSettingsChanged)


def test_settings_and_pings_are_acknowledged(connection: Http2) -> None:
    connection.wait_for(h2.events.RemoteSettingsChanged)
    connection.wait_for(h2.events.SettingsAcknowledged)
    connection.h2.ping(b"12345678")
    connection.flush()

    assert connection.wait_for(h2.events.PingAckReceived).ping_data == b"12345678"


def test_what_is_no_grpc_is_415(emulator: Emulator, connection: Http2) -> None:
    stream = connection.ask("/objectstore", kind="application/json")

    assert connection.headers(stream)[":status"] == "415"
    connection.wait_for(h2.events.StreamEnded, stream)
    wait_until(lambda: not emulator.journal.calls()[0].running, "its end")
    [call] = emulator.journal.calls()
    assert (call.operation, call.target, call.status) == (None, "/objectstore", 415)


def test_an_answer_does_not_wait_for_a_body_that_nobody_reads(connection: Http2) -> None:
    stream = connection.ask("/cache_client.Scs/Set", is_last=False)

    assert connection.headers(stream)["grpc-status"] == "12"
    reset = connection.wait_for(h2.events.StreamReset, stream)
    assert reset.error_code == ErrorCodes.NO_ERROR


def test_a_call_without_a_message_is_refused(connection: Http2) -> None:
    stream = connection.ask(GENERATE)

    answered = connection.headers(stream)
    assert answered["grpc-status"] == "16"
    assert answered["grpc-message"].startswith("Missing API key")


def test_an_answer_is_sent_as_the_client_makes_room(emulator: Emulator, connection: Http2) -> None:
    connection.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 50})
    connection.flush()
    connection.wait_for(h2.events.SettingsAcknowledged)
    stream = connection.ask(GENERATE, is_last=False)
    connection.h2.send_data(stream, generate_message(emulator), end_stream=True)
    connection.flush()

    received = b""
    while len(received) < 5 or len(received) < 5 + struct.unpack(">I", received[1:5])[0]:
        event = connection.wait_for(h2.events.DataReceived, stream)
        assert len(event.data) <= 50
        received += event.data
        connection.h2.increment_flow_control_window(50, stream)
        connection.flush()

    made = auth_pb2._GenerateApiTokenResponse.FromString(received[5:])
    assert made.api_key
    trailers = connection.wait_for(h2.events.TrailersReceived, stream)
    assert (b"grpc-status", b"0") in trailers.headers


def test_a_call_that_was_given_up_harms_no_other(connection: Http2) -> None:
    given_up = connection.ask(GENERATE, is_last=False)
    connection.h2.reset_stream(given_up, ErrorCodes.CANCEL)

    assert connection.headers(connection.ask(GENERATE))["grpc-status"] == "16"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",  # A window of 0 bytes more.
        b"\x00\x00\x01\x01\x04\x00\x00\x00\x01\xff",  # Headers that cannot be unpacked.
        b"\x00\x00\x01\x00\x00\x00\x00\x00\x00x",  # Data of no call.
    ],
)
def test_malformed_frames_end_the_connection_with_a_reason(
    connection: Http2, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    connection.send_raw(sent)

    connection.read_to_end()

    [goodbye] = [
        event for event in connection.seen if isinstance(event, h2.events.ConnectionTerminated)
    ]
    assert goodbye.error_code != ErrorCodes.NO_ERROR
    assert caplog.records == []


def test_a_client_that_begins_with_http_1_1_is_told_goodbye(emulator: Emulator) -> None:
    context = trusting(emulator, ["h2"])
    with context.wrap_socket(tunnel(emulator, HOST), server_hostname=HOST) as connection:
        connection.sendall(b"GET /objectstore HTTP/1.1\r\nHost: h\r\n\r\n")
        while connection.recv(65536):
            """Until it is closed."""


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(
        cache="memory",
        proxy=True,
        ca_dir=tmp_path / "ca",
        stop_timeout=4,
        head_timeout=0.2,
        body_timeout=0.2,
        keep_alive_timeout=0.2,
    ) as emulator:
        yield emulator


@pytest.mark.proves("D150")
@pytest.mark.parametrize("said", ["nothing", "the preface", "half a call"])
def test_a_slow_client_is_told_goodbye(impatient: Emulator, said: str) -> None:
    with _connect(impatient) as plain:
        if said == "nothing":
            while plain.recv(65536):
                """Until it is closed."""
            return
        connection = Http2(plain)
        if said == "half a call":
            connection.ask(GENERATE, is_last=False)
        connection.read_to_end()
        assert any(isinstance(each, h2.events.ConnectionTerminated) for each in connection.seen)


@pytest.mark.proves("D150")
@pytest.mark.parametrize("is_idle", [True, False])
def test_a_client_that_sends_nothing_but_pings_is_let_go(
    impatient: Emulator, is_idle: bool
) -> None:
    with _connect(impatient) as plain:
        connection = Http2(plain)
        if not is_idle:
            connection.ask(GENERATE, is_last=False)
        connection.h2.ping(b"12345678")
        ping = connection.h2.data_to_send()
        plain.settimeout(0.05)
        until = time.monotonic() + 15
        while time.monotonic() < until:
            try:
                plain.sendall(ping)
                while plain.recv(65536):
                    """What it answers."""
            except TimeoutError:
                continue
            except OSError:
                """It is closed, too."""
            return
    pytest.fail("the connection is still open")


@pytest.mark.proves("D150")
def test_a_stop_finishes_calls_that_have_begun_and_closes_connections(tmp_path: Path) -> None:
    with (
        Emulator(cache="memory", proxy=True, ca_dir=tmp_path / "ca", stop_timeout=30) as emulator,
        _connect(emulator) as idle,
        _connect(emulator) as busy,
    ):
        Http2(idle).wait_for(h2.events.SettingsAcknowledged)
        caller = Http2(busy)
        stream = caller.ask(GENERATE, is_last=False)
        caller.wait_for(h2.events.SettingsAcknowledged)
        message = generate_message(emulator)
        stopping = threading.Thread(target=emulator.stop)
        stopping.start()
        while idle.recv(65536):
            """Until it is closed."""

        late = caller.ask("/other.Service/Call")
        refused = caller.wait_for(h2.events.StreamReset, late)
        caller.h2.send_data(stream, message, end_stream=True)
        caller.flush()

        assert refused.error_code == ErrorCodes.REFUSED_STREAM
        assert caller.headers(stream)[":status"] == "200"
        caller.read_to_end()
        seen = [type(event) for event in caller.seen]
        assert h2.events.TrailersReceived in seen
        assert h2.events.ConnectionTerminated in seen
        stopping.join()


@pytest.fixture
def without_h2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h2", None)


@pytest.mark.usefixtures("without_h2")
def test_without_the_extra_a_start_says_how_to_have_it(tmp_path: Path) -> None:
    said = f"--proxy requires h2, .*{re.escape(install_command('tls'))}"
    with (
        pytest.raises(ConfigurationError, match=said),
        Emulator(proxy=True, ca_dir=tmp_path / "ca"),
    ):
        """It does not start."""


@pytest.mark.usefixtures("without_h2")
def test_without_the_extra_a_certificate_of_ones_own_has_http_1_1_alone(tmp_path: Path) -> None:
    own, key = certificate(tmp_path, "own")
    with Emulator(cache="memory", tls=True, tls_certificate=own, tls_key=key) as emulator:
        context = ssl.create_default_context(cafile=own)
        context.check_hostname = False
        context.set_alpn_protocols(["h2", "http/1.1"])
        plain = socket.create_connection(("127.0.0.1", tls_port(emulator)), timeout=20)
        with context.wrap_socket(plain, server_hostname=HOST) as connection:
            assert connection.selected_alpn_protocol() == "http/1.1"
            assert get(connection, emulator) == 200
