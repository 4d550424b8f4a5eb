"""Whatever a client sends over HTTP/2, its connection goes on or ends, and others go on."""

from __future__ import annotations

import contextlib
import struct

import pytest
from h2.connection import H2Connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.suites import examples
from tests.tls.client import trusting, tunnel

from .calls import Sdk

HOST = "control.emulator.test"


PING = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00answered"
ANSWER = b"\x00\x00\x08\x06\x01\x00\x00\x00\x00answered"


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A frame of any type, for any of a few calls."""
    payload = draw(st.binary(max_size=60))
    kind, flags = draw(st.integers(0, 12)), draw(st.integers(0, 255))
    stream = draw(st.sampled_from([0, 1, 1, 3, 2]))
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def beginning() -> bytes:
    """The preface of a client, and a call whose message has not come."""
    client = H2Connection()
    client.initiate_connection()
    headers = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", "/auth.Auth/GenerateApiToken"),
        ("content-type", "application/grpc"),
    ]
    client.send_headers(client.get_next_available_stream_id(), headers)
    return bytes(client.data_to_send())


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(frames(), min_size=1, max_size=5))
def test_any_frames_leave_the_emulator_as_it_was(
    emulator: Emulator, sdk: Sdk, caplog: pytest.LogCaptureFixture, sent: list[bytes]
) -> None:
    context = trusting(emulator, ["h2"])
    with (
        context.wrap_socket(tunnel(emulator, HOST), server_hostname=HOST) as connection,
        contextlib.suppress(ConnectionError),  # The server may end it at any of them.
    ):
        connection.sendall(b"".join([beginning(), *sent, PING]))
        received = b""
        while ANSWER not in received and (piece := connection.recv(65536)):
            received += piece

    assert sdk.dispose().api_key
    assert caplog.records == []
