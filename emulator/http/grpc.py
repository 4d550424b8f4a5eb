"""gRPC: answers the calls by which SDKs make credentials, and says of others that there are none.

The framing of a call with one message each way is small, so no gRPC server is needed: its threads
would be alive in the process of a test, and in its forks.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from emulator.core.clock import Clock
from emulator.core.errors import BadRequestError, InternalError, ServiceError
from emulator.core.exchange import Exchange
from emulator.core.failures import EngineUnavailableError
from emulator.core.one_line import one_line
from emulator.core.operation import Credentials, Operation
from emulator.core.redaction import redact
from emulator.core.response_fault import CutOffError, ResponseFault
from emulator.http.calls import LONGEST_BODY, Call
from emulator.http.faulty_sending import PACE_SECONDS
from emulator.http.in_flight import InFlight
from emulator.service.completion import Completion
from emulator.service.console import Console
from emulator.service.sdk_keys import SdkKeys
from emulator.tls.hosts import OWN_NAME

if TYPE_CHECKING:
    from emulator.http.grpc_messages import Method

logger = logging.getLogger(__name__)

_OK, _RESOURCE_EXHAUSTED, _UNIMPLEMENTED, _INTERNAL = 0, 8, 12, 13

_STATUSES: Mapping[int, int] = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    404: 5,  # NOT_FOUND
    408: 4,  # DEADLINE_EXCEEDED
    409: 6,  # ALREADY_EXISTS
    412: 9,  # FAILED_PRECONDITION
    429: _RESOURCE_EXHAUSTED,
    500: _INTERNAL,
    503: 14,  # UNAVAILABLE
}
"""gRPC's status of each error, by its HTTP status."""

_CONTENT_TYPE = b"application/grpc"

_PATHS = frozenset(
    {
        "/auth.Auth/GenerateApiToken",
        "/auth.Auth/RefreshApiToken",
        "/token.Token/GenerateDisposableToken",
    }
)

_EXTRA = "pip install 'momento-objectstore-emulator[grpc]'"

Recorder = Callable[[Exchange], None]


class _Reply(NamedTuple):
    """What a call is answered with."""

    status: int
    text: str = ""
    message: bytes = b""


class GrpcCalls:
    """Answers gRPC calls: each is an operation like those of HTTP (D150).

    Args:
        console: creates disposable tokens.
        keys: creates and refreshes keys.
        clock: the clock of the service.
        completion: decides how each operation ends.
        in_flight: knows the running requests, and may hold new ones back.
        recorder: called with every call.
        cell_of: returns the cell of a host that the emulator plays, or None.
    """

    def __init__(
        self,
        console: Console,
        keys: SdkKeys,
        clock: Clock,
        completion: Completion,
        in_flight: InFlight,
        recorder: Recorder,
        cell_of: Callable[[str], str | None],
    ) -> None:
        self.is_draining = False
        self._console = console
        self._keys = keys
        self._clock = clock
        self._completion = completion
        self._in_flight = in_flight
        self._recorder = recorder
        self._cell_of = cell_of
        self._methods: Mapping[str, Method] | None = None

    def wants_body(self, call: Call) -> bool:
        """Whether there is such a method, whose message is to be read."""
        return _is_grpc(call) and self._method(_path(call)) is not None

    async def answer(self, call: Call) -> None:
        """Answer a call.

        Raises:
            ConnectionError: the connection is lost, or is to be closed.
        """
        if self._in_flight.is_paused:
            await self._in_flight.wait()
        method = self._method(_path(call)) if _is_grpc(call) else None
        exchange = self._exchange(call, method)
        self._recorder(exchange)
        try:
            if not _is_grpc(call):
                self._refuse(call, exchange)
            else:
                await self._send(call, exchange, await self._respond(call, method, exchange))
            exchange.whole = True
        finally:
            exchange.received, exchange.body = call.total_bytes, None
            exchange.ended = self._clock.ticks()

    def _method(self, path: str) -> Method | None:
        """The method of that path, if there is one and its messages are installed."""
        if path not in _PATHS:
            return None
        if self._methods is None:
            try:
                from emulator.http.grpc_messages import methods_of
            except ModuleNotFoundError:
                self._methods = {}
            else:
                self._methods = methods_of(self._console, self._keys)
        return self._methods.get(path)

    def _exchange(self, call: Call, method: Method | None) -> Exchange:
        operation = Operation(
            "" if method is None else method.operation,
            "",
            "",
            self._clock.now(),
            credentials=_credentials(call, method),
        )
        headers = [
            (b"host" if name == b":authority" else name, value)
            for name, value in call.headers
            if name == b":authority" or not name.startswith(b":")
        ]
        return Exchange(
            operation,
            _text(call, b":method"),
            _path(call),
            (2, 0),
            headers,
            self._clock.ticks(),
            call,
        )

    async def _respond(self, call: Call, method: Method | None, exchange: Exchange) -> _Reply:
        operation = exchange.operation
        if method is None:
            self._completion.end(operation, 501)
            return _Reply(_UNIMPLEMENTED, _unknown(_path(call)))
        if call.is_too_long:
            error: BaseException | None = BadRequestError("the message is too long")
            self._completion.end(operation, error=error)
            return _Reply(_RESOURCE_EXHAUSTED, f"The message is longer than {LONGEST_BODY} bytes")
        task = self._in_flight.enter()
        try:
            return await self._work(call, method, operation)
        finally:
            self._in_flight.tasks.discard(task)

    async def _work(self, call: Call, method: Method, operation: Operation) -> _Reply:
        """Do what the call asks for; how the operation ends is decided here."""
        error: BaseException | None = None
        message, worked_until = b"", None

        async def read() -> bytes:
            fault = operation.response_fault
            if fault is not None and fault.received is not None:
                raise CutOffError(reset=fault.reset)
            return _message_in(bytes(call.body))

        try:
            message = await method.run(operation, read, self._cell(call))
        except Exception as failure:
            error = failure
        except BaseException as failure:  # Cancelled: nobody is answered.
            self._completion.end(operation, error=failure)
            raise
        try:
            fault = operation.response_fault
            if fault is not None and fault.answer_delay and not isinstance(error, CutOffError):
                worked_until = self._clock.now()
                try:
                    await fault.wait(fault.answer_delay)
                except BaseException as failure:
                    error = failure
            error = self._completion.end(operation, 200, error, worked_until=worked_until)
            return _Reply(_OK, message=message) if error is None else _failed(method, error)
        finally:
            error = None  # Its traceback refers to this frame: leave no cycle behind.

    def _cell(self, call: Call) -> str:
        """The cell that the client calls."""
        return self._cell_of(_text(call, b":authority").partition(":")[0]) or OWN_NAME

    async def _send(self, call: Call, exchange: Exchange, reply: _Reply) -> None:
        head = [(b":status", b"200"), (b"content-type", _CONTENT_TYPE)]
        trailers = [(b"grpc-status", str(reply.status).encode())]
        if reply.text:
            trailers.append(
                (b"grpc-message", quote(reply.text, safe=" !#$&'()*+,/:;=?@[]").encode())
            )
        send = call.connection.send_headers
        if reply.status != _OK:
            send(call, [*head, *trailers], is_last=True)
            self._note(exchange, [*head, *trailers])
            return
        send(call, head)
        self._note(exchange, [*head, *trailers])
        framed = struct.pack(">BI", 0, len(reply.message)) + reply.message
        fault = exchange.operation.response_fault
        if fault is None or fault.spares_the_body:
            await call.connection.send_data(call, framed)
            exchange.sent = len(framed)
        else:
            await _send_badly(call, exchange, framed, fault)
        send(call, trailers, is_last=True)

    def _refuse(self, call: Call, exchange: Exchange) -> None:
        """Answer what is no call of gRPC."""
        self._completion.end(exchange.operation, 415)
        headers = [(b":status", b"415"), (b"content-length", b"0")]
        call.connection.send_headers(call, headers, is_last=True)
        self._note(exchange, headers)

    def _note(self, exchange: Exchange, headers: list[tuple[bytes, bytes]]) -> None:
        exchange.answered = self._clock.ticks()
        exchange.response_headers = {
            name.decode(): value.decode() for name, value in headers if name != b":status"
        }
        exchange.sent_head = sum(len(name) + len(value) for name, value in headers)


async def _send_badly(call: Call, exchange: Exchange, framed: bytes, fault: ResponseFault) -> None:
    """Send a message as ``fault`` has it. A part of one never looks like the whole.

    Raises:
        CutOffError: the connection is to be closed before the end.
    """
    end = len(framed) if fault.sent is None else fault.sent.of(len(framed))
    step = end if fault.rate is None else max(1, int(fault.rate * PACE_SECONDS))
    if fault.first_byte_delay:
        await fault.wait(fault.first_byte_delay)
    for begin in range(0, end, step or 1):
        piece = framed[begin : min(begin + step, end)]
        if fault.rate is not None:
            await fault.wait(len(piece) / fault.rate)
        await call.connection.send_data(call, piece)
        exchange.sent += len(piece)
    if end < len(framed):
        raise CutOffError(reset=fault.resets_the_body)


def _is_grpc(call: Call) -> bool:
    kinds = call.header(b"content-type")
    return len(kinds) == 1 and kinds[0].startswith(_CONTENT_TYPE)


def _text(call: Call, name: bytes) -> str:
    values = call.header(name)
    return values[0].decode("latin-1") if values else ""


def _path(call: Call) -> str:
    return _text(call, b":path")


def _credentials(call: Call, method: Method | None) -> Credentials:
    """Those of the metadata; without any, the key in the message, where some SDKs have it."""
    sent = [value.decode("latin-1") for value in call.header(b"authorization")]
    if not sent and method is not None:
        try:
            key = method.key_in(_message_in(bytes(call.body)))
        except BadRequestError:
            key = ""
        sent = [key] if key else []
    return Credentials(sent, call.connection.remote)


def _message_in(body: bytes) -> bytes:
    """The one message of a call.

    Raises:
        BadRequestError: it is not there, or compressed.
    """
    if len(body) < 5 or struct.unpack(">I", body[1:5])[0] != len(body) - 5:
        raise BadRequestError("The call must have one message")
    if body[0]:
        raise BadRequestError("The message is compressed; send it as it is")
    return body[5:]


def _unknown(path: str) -> str:
    if path in _PATHS:
        return f"{path} requires an extra of the emulator: {_EXTRA}"
    return (
        f"The emulator has no {one_line(redact(path[:200]))}: over gRPC it has only "
        f"{', '.join(sorted(each[1:] for each in _PATHS))}"
    )


def _failed(method: Method, error: BaseException) -> _Reply:
    """The reply that says ``error``.

    Raises:
        BaseException: there is none to be given.
    """
    if isinstance(error, ServiceError):
        return _Reply(_STATUSES.get(error.status, _INTERNAL), error.message)
    if isinstance(error, CutOffError) or not isinstance(error, Exception):
        raise error
    logger.error(
        "%s failed: %s",
        method.operation,
        error,
        exc_info=None if isinstance(error, EngineUnavailableError) else error,
    )
    return _Reply(_INTERNAL, InternalError().message)
