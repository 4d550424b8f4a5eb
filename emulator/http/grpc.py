"""gRPC: answers the calls by which SDKs make credentials, and says of others that there are none.

The framing of a call with one message each way is small, so no gRPC server is needed: its threads
would be alive in the process of a test, and in its forks.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from emulator.core.clock import Clock
from emulator.core.errors import BadRequestError
from emulator.core.exchange import Exchange
from emulator.core.one_line import one_line
from emulator.core.operation import Credentials, Operation
from emulator.core.redaction import redact
from emulator.core.response_fault import CutOffError
from emulator.http.calls import LONGEST_BODY, Call
from emulator.http.grpc_replies import (
    CONTENT_TYPE,
    OK,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
    Reply,
    message_in,
    note_head,
    reply_of_failure,
    send_reply,
)
from emulator.http.in_flight import InFlight
from emulator.service.completion import Completion
from emulator.service.console import Console
from emulator.service.sdk_keys import SdkKeys
from emulator.tls.hosts import OWN_NAME

if TYPE_CHECKING:
    from emulator.http.grpc_messages import Method
    from emulator.http.server import Recorder

logger = logging.getLogger(__name__)

_PATHS = frozenset(
    {
        "/auth.Auth/GenerateApiToken",
        "/auth.Auth/RefreshApiToken",
        "/token.Token/GenerateDisposableToken",
    }
)

_EXTRA = "grpc"
"""The extra with the messages of the calls."""


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
                reply = await self._respond(call, method, exchange)
                if reply.status != OK:
                    exchange.refusal = json.dumps({"message": reply.text}).encode()
                await send_reply(call, exchange, reply, self._clock)
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
            except ModuleNotFoundError as error:
                from emulator.core.installation import missing_package

                logger.warning("%s", missing_package(path, error.name, _EXTRA))
                self._methods = {}
            except Exception:  # They refuse versions of gRPC's library that do not fit.
                logger.exception("The messages of the extra [%s] cannot be used", _EXTRA)
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

    async def _respond(self, call: Call, method: Method | None, exchange: Exchange) -> Reply:
        operation = exchange.operation
        if method is None:
            self._completion.end(operation, 501)
            return Reply(UNIMPLEMENTED, _unknown(_path(call)))
        if call.is_too_long:
            error = BadRequestError(f"The message is longer than {LONGEST_BODY} bytes")
            self._completion.end(operation, error=error)
            return Reply(RESOURCE_EXHAUSTED, error.message)
        task = self._in_flight.enter()
        try:
            return await self._work(call, method, operation)
        finally:
            self._in_flight.tasks.discard(task)

    async def _work(self, call: Call, method: Method, operation: Operation) -> Reply:
        """Do what the call asks for; how the operation ends is decided here."""
        error: BaseException | None = None
        message, worked_until = b"", None

        async def read() -> bytes:
            fault = operation.response_fault
            if fault is not None and fault.received is not None:
                raise CutOffError(reset=fault.reset)
            return message_in(bytes(call.body))

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
            if error is None:
                return Reply(OK, message=message)
            return reply_of_failure(method.operation, error)
        finally:
            error = None  # Its traceback refers to this frame: leave no cycle behind.

    def _cell(self, call: Call) -> str:
        """The cell that the client calls."""
        return self._cell_of(_text(call, b":authority").partition(":")[0]) or OWN_NAME

    def _refuse(self, call: Call, exchange: Exchange) -> None:
        """Answer what is no call of gRPC."""
        self._completion.end(exchange.operation, 415)
        headers = [(b":status", b"415"), (b"content-length", b"0")]
        call.connection.send_headers(call, headers, is_last=True)
        note_head(exchange, self._clock, headers)


def _is_grpc(call: Call) -> bool:
    kinds = call.header(b"content-type")
    return len(kinds) == 1 and kinds[0].startswith(CONTENT_TYPE)


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
            key = method.key_in(message_in(bytes(call.body)))
        except BadRequestError:
            key = ""
        sent = [key] if key else []
    return Credentials(sent, call.connection.remote)


def _unknown(path: str) -> str:
    if path in _PATHS:
        return (
            f"{path} requires the extra [{_EXTRA}] of the emulator: its log says how to install it"
        )
    return (
        f"The emulator has no {one_line(redact(path[:200]))}: over gRPC it has only "
        f"{', '.join(sorted(each[1:] for each in _PATHS))}"
    )
