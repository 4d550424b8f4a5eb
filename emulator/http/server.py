"""The HTTP server: listens, hands requests to handlers, and finishes them before it stops.

It sits on aiohttp's low-level server. Routing by the raw path and errors in JSON would leave
nothing for aiohttp's application to do, and that costs throughput.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Sequence

from aiohttp import hdrs, web
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import HttpProcessingError

from emulator.core.clock import Clock
from emulator.core.errors import InternalError, ServiceError
from emulator.core.exchange import Exchange
from emulator.core.failures import EngineUnavailableError
from emulator.core.one_line import one_line
from emulator.core.operation import Credentials, Operation
from emulator.core.path_templates import PathTemplates
from emulator.core.rate_limited_log import RateLimitedLogger
from emulator.core.redaction import redact
from emulator.core.response_fault import CutOffError
from emulator.core.routes import Resource, Target, parse_target
from emulator.http.connection import (
    DEFAULT_TIMEOUTS,
    Connection,
    Timeouts,
    answer_as_http_1_1,
    cut_off,
    is_out_of_step,
)
from emulator.http.connections import Connections
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.malformed import LATE_HEAD, LIMITS, FramingError, framing_error, refuse
from emulator.http.render import (
    StreamedObject,
    add_headers,
    method_not_allowed,
    not_found,
    service_error,
)
from emulator.http.sending import send
from emulator.service.completion import Completion

logger = logging.getLogger(__name__)

_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)

_NO_TARGET = Target(None, "", "")

Recorder = Callable[[Exchange], None]
"""Called with each request when it arrives; the rest of the exchange is filled in later."""


class HttpServer:
    """Serves a table of endpoints on one address.

    Args:
        table: the endpoints by resource and method.
        clock: the clock of the service.
        completion: decides how each operation ends.
        in_flight: knows the running requests, and may hold new ones back.
        recorder: called with every request except control requests.
        cors: whether pages of any origin may use the data plane.
        timeouts: how long clients may take.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        completion: Completion,
        in_flight: InFlight,
        recorder: Recorder | None = None,
        *,
        cors: bool = False,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._cors = cors
        self._timeouts = timeouts
        self._in_flight = in_flight
        self._table = table
        self._templates = PathTemplates(each for each in table if isinstance(each, str))
        self._control = frozenset(
            resource
            for resource, endpoints in table.items()
            if not any(endpoint.operation for endpoint in endpoints.values())
        )
        self._clock = clock
        self._completion = completion
        self._recorder = recorder
        self._log = RateLimitedLogger(logger)
        self._busy: dict[asyncio.BaseProtocol, web.BaseRequest] = {}
        self._draining = False
        self.addresses: Sequence[tuple[str, int]] = ()
        """The addresses and the port that it listens on."""

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Listen, and return the first bound address; port 0 takes a free one.

        ``host`` may be several addresses and names, separated by commas; all get the same port.
        With ``reuse_port``, other processes that set it too may listen on the same port.

        Raises:
            OSError: an address cannot be bound; ``filename`` is the address, if it is known.
        """
        self._server = Connections(
            self.handle,
            self,
            self._timeouts,
            late_head=LATE_HEAD,
            access_log=None,
            auto_decompress=False,  # D38: a body is stored as it was sent.
            **LIMITS,
        )
        self.addresses = await self._server.listen(host, port, reuse_port=reuse_port)
        return self.addresses[0]

    async def stop(self, *, grace_seconds: float, cut_seconds: float = 1.0) -> None:
        """Stop listening, finish the requests that have begun, and close every connection (D121).

        Requests that still run after ``grace_seconds`` are cut off, and have ``cut_seconds`` to
        end.
        """
        # aiohttp's own shutdown drops data that still arrives, so an upload would wait for the rest
        # of its body for ever.
        await self._server.stop_listening()
        self._draining = True
        await self._server.drain(grace_seconds=grace_seconds)
        if self._busy:
            logger.warning("Cut off %d requests that did not finish", len(self._busy))
        await self._server.cut(seconds=cut_seconds)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.version != HttpVersion11 or hdrs.TRANSFER_ENCODING in request.headers:
            error = framing_error(request)
            if error is not None:
                return await self._refuse_framing(request, error)
        target = parse_target(request.raw_path, self._templates)
        endpoints = self._table.get(target.resource) if target.resource is not None else None
        if endpoints is None and target.resource is not None:
            target = target._replace(resource=None)  # Only another revision has it.
        endpoint = None if endpoints is None else endpoints.get(request.method)
        is_control = target.resource in self._control
        if self._in_flight.is_paused and not is_control:
            await self._wait_to_begin(request)
        authorization = request.headers.getall(hdrs.AUTHORIZATION, ())
        exchange = self._exchange(request, target, endpoint, authorization)
        is_unknown_control = target.resource is None and target.is_control
        if self._recorder is not None and not is_control and not is_unknown_control:
            self._recorder(exchange)
        incoming = Incoming(request, target, exchange, exchange.operation, self._clock)
        connection: Connection = request.protocol  # type: ignore[assignment]
        task, working = asyncio.current_task(), self._in_flight.tasks
        self._busy[connection] = request
        try:
            if not is_control:
                working.add(task)
            response = await self._respond(incoming, endpoint)
            working.discard(task)
            is_read = request.content.is_eof()
            is_last = connection.is_ending and connection.is_last
            if self._draining or is_last or (not is_read and is_out_of_step(request)):
                response.force_close()
            sent = await send(request, response, exchange, self._clock)
            if not is_read:
                connection.linger(request.content)
            return sent
        except CutOffError as cut:
            cut_off(request, cut)
            raise
        except ConnectionError:
            raise
        except Exception as error:  # The answer cannot be completed.
            self._log_failure(incoming, error)
            cut_off(request, CutOffError())
            raise CutOffError from None
        finally:
            working.discard(task)
            del self._busy[connection]
            exchange.received, exchange.body = request.content.total_bytes, None
            exchange.ended = self._clock.ticks()

    async def _refuse_framing(
        self, request: web.BaseRequest, error: FramingError
    ) -> web.StreamResponse:
        connection: Connection = request.protocol  # type: ignore[assignment]
        response = self.refuse(request, error, None)
        await response.prepare(request)
        await response.write_eof()
        connection.linger(request.content)
        return response

    async def _wait_to_begin(self, request: web.BaseRequest) -> None:
        self._busy[request.protocol] = request
        try:
            await self._in_flight.wait()
        finally:
            del self._busy[request.protocol]

    def _exchange(
        self,
        request: web.BaseRequest,
        target: Target,
        endpoint: Endpoint | None,
        authorization: Sequence[str],
    ) -> Exchange:
        operation = Operation(
            "" if endpoint is None else endpoint.operation,
            target.store,
            target.key,
            self._clock.now(),
            credentials=Credentials(authorization, request.remote),
        )
        return Exchange(
            operation,
            request.method,
            request.raw_path,
            request.version,
            request.raw_headers,
            self._clock.ticks(),
            request.content,
        )

    async def _respond(self, incoming: Incoming, endpoint: Endpoint | None) -> web.StreamResponse:
        """The answer, or the error that replaces it; how the operation ends is decided here."""
        operation, worked_until = incoming.operation, None
        response: web.StreamResponse | None = None
        error: BaseException | None = None
        try:
            if endpoint is None:
                response = self._unknown(incoming.target, incoming.request.method)
            else:
                response = await endpoint.handle(incoming)
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
            status = 0 if response is None else response.status
            error = self._completion.end(operation, status, error, worked_until=worked_until)
            if error is not None:
                if isinstance(response, StreamedObject):
                    await response.stream.close()
                response = self._failed(incoming, error)
        finally:
            error = None  # Its traceback refers to this frame: leave no cycle behind.
        assert response is not None
        if (self._cors or operation.request_id) and incoming.target.resource is Resource.OBJECT:
            add_headers(response, operation, cors=self._cors)
        return response

    def _unknown(self, target: Target, method: str) -> web.StreamResponse:
        """The answer for an unknown path or method, whoever asks (D32)."""
        if target.resource is None:
            return not_found(target.path)
        return method_not_allowed(method, target.path, self._table[target.resource])

    def _failed(self, incoming: Incoming, error: BaseException) -> web.StreamResponse:
        """The answer that says ``error``.

        Raises:
            BaseException: there is none to be given.
        """
        if isinstance(error, ServiceError):
            return service_error(error, incoming.target.path)
        if isinstance(error, CutOffError) or not isinstance(error, Exception):
            raise error
        self._log_failure(incoming, error)
        if incoming.request.writer.output_size > 0:
            raise CutOffError from None  # The answer has begun.
        return service_error(InternalError(), incoming.target.path)

    def is_running(self, connection: Connection) -> bool:
        """Whether a request on ``connection`` is being answered."""
        return connection in self._busy

    def lacks_body(self, connection: Connection) -> bool:
        """Whether the body of the request that runs on ``connection`` has not come to its end."""
        request = self._busy.get(connection)
        return request is not None and not request.content.is_eof()

    def end_body(self, connection: Connection, error: Exception) -> None:
        """Tell the request on ``connection`` that the rest of its body will not come."""
        if self.lacks_body(connection):
            connection.is_ending = connection.is_broken = True
            self._busy[connection].content.set_exception(error)

    def refuse(
        self, request: web.BaseRequest, error: BaseException | None, message: str | None
    ) -> web.StreamResponse:
        """Answer what is no request, or none that this server understands."""
        answer_as_http_1_1(request)
        response = refuse(error, message, self._table, self._templates, cors=self._cors)
        response.force_close()
        if self._recorder is not None and isinstance(error, HttpProcessingError):
            exchange = self._exchange(request, _NO_TARGET, None, ())
            exchange.target = ""
            self._completion.end(exchange.operation, response.status)
            exchange.response_headers = response.headers
            exchange.answered = exchange.ended = exchange.begun
            exchange.sent, exchange.whole = response.content_length or 0, True
            exchange.received, exchange.body = request.content.total_bytes, None
            self._recorder(exchange)
        return response

    def _log_failure(self, incoming: Incoming, error: Exception) -> None:
        if _is_out_of_descriptors(error):  # So is every request for a file, for some time.
            self._log.warn("A request failed", error)
            return
        logger.error(
            "%s %s failed: %s",
            incoming.request.method,
            one_line(redact(incoming.target.path)),
            error,
            exc_info=None if isinstance(error, EngineUnavailableError) else error,
        )


def _is_out_of_descriptors(error: BaseException | None) -> bool:
    """Whether a failure is due to a lack of file descriptors."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _OUT_OF_DESCRIPTORS:
            return True
        error = error.__cause__ or error.__context__
    return False
