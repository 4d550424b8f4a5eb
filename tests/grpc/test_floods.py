"""A client that sends frames and takes no answers: it cannot fill the emulator's memory."""

from __future__ import annotations

import asyncio
import socket
import struct

import h2.connection
import h2.events

from emulator.http.calls import Call
from emulator.http.http2 import Http2Connection
from emulator.http.timeouts import DEFAULT_TIMEOUTS
from tests.support.waiting import wait_until_async

PINGS = 50_000
"""More than all buffers hold."""

MOST_UNSENT = 1 << 19
"""Bytes of answers that the emulator may keep: what came in one piece is answered whole."""


class _Owner:
    """Knows no connections."""

    def add(self, connection: object) -> None: ...
    def remove(self, connection: object) -> None: ...
    def add_task(self, task: object) -> None: ...


class _NoCalls:
    is_draining = False

    def wants_body(self, call: Call) -> bool:
        raise AssertionError(call)

    async def answer(self, call: Call) -> None:
        raise AssertionError(call)


async def _ping(pings: int) -> int:
    """Send so many pings before any answer is read; return how many are answered in the end."""
    loop = asyncio.get_running_loop()
    client, server = socket.socketpair()
    client.setblocking(False)
    carrier, _ = await loop.create_connection(
        lambda: Http2Connection(asyncio.Transport(), _NoCalls(), _Owner(), DEFAULT_TIMEOUTS, loop),
        sock=server,
    )
    protocol = h2.connection.H2Connection()
    protocol.initiate_connection()
    greeting = protocol.data_to_send()
    for number in range(pings):
        protocol.ping(struct.pack(">Q", number))
    sending = loop.create_task(loop.sock_sendall(client, greeting + protocol.data_to_send()))
    await wait_until_async(lambda: not carrier.is_reading(), "the emulator reads no more")
    assert carrier.get_write_buffer_size() < MOST_UNSENT

    answered = 0
    while answered < pings:
        events = protocol.receive_data(await loop.sock_recv(client, 1 << 20))
        answered += sum(isinstance(each, h2.events.PingAckReceived) for each in events)
    await sending
    carrier.abort()
    client.close()
    return answered


def test_pings_are_not_read_while_their_answers_are_not_taken() -> None:
    assert asyncio.run(_ping(PINGS)) == PINGS
