"""One HTTP/2 connection: it receives calls, has them answered side by side, and times out.

The protocol itself is the library ``h2``, which does no input and output.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingAckReceived,
    PingReceived,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error, ProtocolError

from emulator.core.response_fault import CutOffError
from emulator.http.calls import Call, Calls, Headers
from emulator.http.closing import reset_at_once
from emulator.http.serving import Owner, remote_of
from emulator.http.timeouts import Timeouts
from emulator.http.tls import close_inside_of
from emulator.http.unlogged_headers import unlogged

logger = logging.getLogger(__name__)

_PINGS = (PingReceived, PingAckReceived)
"""Clients send these by themselves, also while they have stopped in the middle of a call."""


class Http2Connection(asyncio.Protocol):
    """One connection inside of TLS.

    Args:
        carrier: the transport that carries TLS.
        calls: answers its calls.
        owner: knows all connections.
        timeouts: how long its client may take.
        loop: the event loop.
    """

    def __init__(
        self,
        carrier: asyncio.Transport,
        calls: Calls,
        owner: Owner,
        timeouts: Timeouts,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.carrier = carrier
        self._calls = calls
        self._owner = owner
        self._timeouts = timeouts
        self._loop = loop
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.transport: asyncio.Transport | None = None
        self.remote: str | None = None
        self._arriving: dict[int, Call] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._is_new = True
        self._since = loop.time()
        """When the client has last sent something but pings, or a call was answered."""
        self._room: asyncio.Future[None] | None = None
        """Done when the client may have made room for more of an answer."""

    @property
    def is_idle(self) -> bool:
        """Whether there is no call, whole or in part."""
        return not self._arriving and not self._running

    @property
    def is_running(self) -> bool:
        """Whether a call is being answered."""
        return bool(self._running)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the server's preface."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.remote = remote_of(transport)
        self._owner.add(self)
        self._h2.initiate_connection()
        self._flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End; calls that run go on, and their answers fail."""
        del exc
        self.transport = None
        self._arriving.clear()
        self._wake_up()
        self._owner.remove(self)

    def data_received(self, data: bytes) -> None:
        """Take frames."""
        if self.transport is None or self.transport.is_closing():
            return
        try:
            with unlogged():
                events = self._h2.receive_data(data)
            self._is_new = False
            if not events or not all(isinstance(event, _PINGS) for event in events):
                self._since = self._loop.time()
            for event in events:
                self._take(event)
        except ProtocolError:  # The goodbye that says why is ready to be sent.
            self._end_connection()
            return
        except Exception:
            logger.exception("An HTTP/2 connection failed")
            self._end_connection()
            return
        self._flush()

    def eof_received(self) -> bool:
        """The client sends no more: in TLS, that is the end of both directions."""
        return False

    def pause_writing(self) -> None:
        """Take no more frames while the client takes no answers: most frames have one, and a
        client could fill the memory with them."""
        if self.transport is not None:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Take frames again."""
        if self.transport is not None:
            self.transport.resume_reading()

    def look(self, now: float) -> None:
        """Close the connection if its client has taken too long until ``now``."""
        if self._is_new:
            limit = self._timeouts.head
        elif self._arriving or self._room is not None:
            limit = self._timeouts.body
        elif self._running:
            return
        else:
            limit = self._timeouts.keep_alive
        if now - self._since >= limit:
            self.close()

    def close(self) -> None:
        """Say goodbye, and close the connection."""
        if self.transport is None or self.transport.is_closing():
            return
        with contextlib.suppress(H2Error):  # It has been said.
            self._h2.close_connection()
        self._end_connection()

    def _end_connection(self) -> None:
        self._flush()
        if self.transport is not None:
            close_inside_of(self.transport, self.carrier)

    def send_headers(self, call: Call, headers: Headers, *, is_last: bool = False) -> None:
        """Send the head of an answer, or its trailers.

        Raises:
            ConnectionError: nobody takes it any more.
        """
        with self._sending():
            self._h2.send_headers(call.stream, headers, end_stream=is_last)
        if is_last and not call.is_whole:
            self._refuse_rest(call)
        self._flush()

    async def send_data(self, call: Call, data: bytes) -> None:
        """Send a part of an answer's body as the client takes it.

        Raises:
            ConnectionError: nobody takes it any more.
        """
        while data:
            with self._sending():
                window = self._h2.local_flow_control_window(call.stream)
                size = min(window, self._h2.max_outbound_frame_size, len(data))
                if size > 0:
                    self._h2.send_data(call.stream, data[:size])
                    data = data[size:]
            self._flush()
            if size <= 0:
                await self._wait_for_room()

    def _take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._begin(event)
        elif isinstance(event, DataReceived):
            self._keep(event)
        elif isinstance(event, StreamEnded):
            self._end(event)
        elif isinstance(event, StreamReset):
            self._arriving.pop(event.stream_id or 0, None)
            self._wake_up()
        elif isinstance(event, (WindowUpdated, RemoteSettingsChanged)):
            self._wake_up()
        elif isinstance(event, ConnectionTerminated) and self.is_idle:
            self._loop.call_soon(self.close)

    def _begin(self, event: RequestReceived) -> None:
        stream = event.stream_id or 0
        if self._calls.is_draining:
            self._h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            return
        headers = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
        call = Call(stream, headers, self, is_whole=event.stream_ended is not None)
        if self._calls.wants_body(call):
            self._arriving[stream] = call
        else:
            self._start(call)

    def _keep(self, event: DataReceived) -> None:
        stream, data = event.stream_id or 0, event.data or b""
        self._h2.acknowledge_received_data(event.flow_controlled_length or 0, stream)
        call = self._arriving.get(stream)
        if call is None:
            return
        call.total_bytes += len(data)
        if call.is_too_long:
            call.body.clear()
            self._start(self._arriving.pop(stream))
        else:
            call.body += data

    def _end(self, event: StreamEnded) -> None:
        call = self._arriving.pop(event.stream_id or 0, None)
        if call is not None:
            call.is_whole = True
            self._start(call)

    def _start(self, call: Call) -> None:
        task = self._loop.create_task(self._answer(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._owner.add_task(task)

    async def _answer(self, call: Call) -> None:
        try:
            await self._calls.answer(call)
        except CutOffError as cut:
            self._cut_off(reset=cut.reset)
        except ConnectionError:
            """The client has given it up."""
        except Exception:
            logger.exception("A call failed")
            self.close()
        except BaseException:
            if self.transport is not None:
                self.transport.abort()
            raise
        self._since = self._loop.time()

    def _cut_off(self, *, reset: bool) -> None:
        """Close the connection, or reset it, without a goodbye."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if reset:
            reset_at_once(transport)
        else:
            close_inside_of(transport, self.carrier)

    def _refuse_rest(self, call: Call) -> None:
        """Tell a client that has got its answer to send no more."""
        with contextlib.suppress(H2Error):
            self._h2.reset_stream(call.stream, ErrorCodes.NO_ERROR)

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("Connection lost")
        try:
            with unlogged():
                yield
        except H2Error as error:
            raise ConnectionResetError("The call was given up") from error

    async def _wait_for_room(self) -> None:
        if self._room is None:
            self._room = self._loop.create_future()
        await asyncio.shield(self._room)

    def _wake_up(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.set_result(None)

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)
