"""The HTTP server: it listens, hands requests to handlers, and finishes them before it stops.

It sits on aiohttp's low-level server. Routing by the raw path and errors in JSON would leave
nothing for aiohttp's application to do, and that costs throughput.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from urllib.parse import unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from emulator.core.clock import Clock
from emulator.core.errors import InternalError, ServiceError
from emulator.core.exchange import Exchange
from emulator.core.failures import EngineUnavailableError
from emulator.core.operation import Credentials, Operation
from emulator.core.outcome import Outcome
from emulator.core.path_templates import PathTemplates
from emulator.core.redaction import redact
from emulator.core.response_fault import CutOffError
from emulator.core.routes import Resource, Target, parse_target
from emulator.http.connections import Connections, cut_off, is_out_of_step
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.in_flight import InFlight
from emulator.http.malformed import LIMITS, refuse
from emulator.http.render import add_headers, method_not_allowed, not_found, service_error
from emulator.http.request import credentials
from emulator.http.sending import replaced, send

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.01

_CUT_OFF_SECONDS = 1.0
"""How long a request may take to end at a stop: first by itself, then again once cancelled."""

_NO_TARGET = Target(None, "", "")

Recorder = Callable[[Exchange], None]
"""Is told of a request when it comes; what becomes of it is filled in later."""


class HttpServer:
    """Serves a table of endpoints on one address.

    Args:
        table: the endpoints.
        clock: of the service.
        in_flight: says when requests may begin, and is told of them.
        recorder: is told of every request when it comes, but of those for what only an emulator
            has.
        cors: whether pages from anywhere may use the data plane.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        in_flight: InFlight,
        recorder: Recorder | None = None,
        *,
        cors: bool = False,
    ) -> None:
        self._cors = cors
        self._in_flight = in_flight
        self._table = table
        self._templates = PathTemplates(each for each in table if isinstance(each, str))
        self._control = frozenset(
            resource
            for resource, endpoints in table.items()
            if not any(endpoint.operation for endpoint in endpoints.values())
        )
        self._clock = clock
        self._recorder = recorder
        self._busy: dict[asyncio.BaseProtocol, web.BaseRequest] = {}
        self._draining = False

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Listen, and return the address that was bound: port 0 takes a free one.

        With ``reuse_port`` others may listen there too, who do the same.

        Raises:
            OSError: the address cannot be bound.
        """
        self._server = Connections(
            self.handle,
            self,
            access_log=None,
            auto_decompress=False,  # D38: a body is stored as it was sent.
            **LIMITS,
        )
        return await self._server.listen(host, port, reuse_port=reuse_port)

    async def stop(self, *, grace_seconds: float) -> None:
        """Stop listening, finish the requests that are running, and close every connection.

        Requests that still run after ``grace_seconds`` are cut off.
        """
        # aiohttp's own clean-up drops what still arrives on a connection, and so would leave an
        # upload waiting for the rest of its body. It gets only the connections that are done.
        await self._server.stop_listening()
        self._draining = True
        for connection in self._server.connections:
            if connection not in self._busy:
                connection.close()
        await self._wait_for_quiet(grace_seconds)
        if self._busy:
            logger.warning("Cut off %d requests that did not finish", len(self._busy))
        await self._server.end(seconds=_CUT_OFF_SECONDS)

    async def _wait_for_quiet(self, grace_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace_seconds
        while (self._busy or self._server.has_unsent()) and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)  # A transport tells nobody that it has sent all.

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        target = parse_target(request.raw_path, self._templates)
        if target.resource is not None and target.resource not in self._table:
            target = target._replace(resource=None)  # Another revision has it.
        endpoint = self._endpoint(request.method, target)
        is_control = target.resource in self._control
        if self._in_flight.is_paused and not is_control:
            await self._in_flight.wait()
        exchange = self._exchange(request, target, endpoint, credentials(request))
        if (
            self._recorder is not None
            and not is_control
            and (target.resource or not target.is_control)
        ):
            self._recorder(exchange)
        connection = request.protocol
        self._busy[connection] = request
        try:
            incoming = Incoming(request, target, exchange, exchange.operation, self._clock)
            response = await self._worked_on(incoming, endpoint, is_control=is_control)
            return await self._send(incoming, response)
        except CutOffError as cut:
            cut_off(request, cut)
            raise
        finally:
            del self._busy[connection]
            exchange.received, exchange.body = request.content.total_bytes, None
            exchange.ended = self._clock.ticks()

    def _endpoint(self, method: str, target: Target) -> Endpoint | None:
        return None if target.resource is None else self._table[target.resource].get(method)

    def _exchange(
        self,
        request: web.BaseRequest,
        target: Target,
        endpoint: Endpoint | None,
        shown: Credentials,
    ) -> Exchange:
        operation = Operation(
            "" if endpoint is None else endpoint.operation,
            target.store,
            target.key,
            self._clock.now(),
            credentials=shown,
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

    async def _worked_on(
        self, incoming: Incoming, endpoint: Endpoint | None, *, is_control: bool
    ) -> web.StreamResponse:
        if is_control:
            return await self._respond(incoming, endpoint)
        self._in_flight.begin()
        try:
            return await self._respond(incoming, endpoint)
        finally:
            self._in_flight.end()

    async def _send(self, incoming: Incoming, response: web.StreamResponse) -> web.StreamResponse:
        request = incoming.request
        self._complete(incoming, response)
        if self._draining or is_out_of_step(request):
            response.force_close()
        try:
            return await send(request, response, incoming.exchange, self._clock)
        except ConnectionError:
            raise
        except Exception:
            response = self._failed(incoming)
            self._complete(incoming, response)
            return await send(request, response, incoming.exchange, self._clock)

    def _complete(self, incoming: Incoming, response: web.StreamResponse) -> None:
        if incoming.target.resource is Resource.OBJECT:
            add_headers(response, incoming.operation, cors=self._cors)

    def body_is_malformed(self, connection: asyncio.BaseProtocol) -> None:
        """Tell the request that ``connection`` is in that the rest of its body will not come."""
        request = self._busy.get(connection)
        if request is not None and not request.content.is_eof():
            request.content.set_exception(web.RequestPayloadError("malformed body"))

    def refuse(
        self, request: web.BaseRequest, error: BaseException | None, message: str | None
    ) -> web.StreamResponse:
        """Answer what aiohttp could not parse as a request."""
        response = refuse(error, message, self._table, self._templates, cors=self._cors)
        response.force_close()
        if self._recorder is not None and isinstance(error, HttpProcessingError):
            exchange = self._exchange(request, _NO_TARGET, None, Credentials((), request.remote))
            exchange.target = ""
            exchange.status, exchange.response_headers = response.status, response.headers
            exchange.answered = exchange.ended = exchange.begun
            exchange.sent, exchange.whole = response.content_length or 0, True
            self._recorder(exchange)
        return response

    async def _respond(self, incoming: Incoming, endpoint: Endpoint | None) -> web.StreamResponse:
        # D32: whether there is such an operation does not depend on who asks.
        request, target, _, operation, _ = incoming
        if target.resource is None:
            return not_found(target.path)
        if endpoint is None:
            return method_not_allowed(request.method, target.path, self._table[target.resource])
        response: web.StreamResponse
        try:
            response = await endpoint.handle(incoming)
            operation.status = response.status
            if operation.outcome is None:
                operation.outcome = Outcome.OK
        except ServiceError as error:
            operation.status, operation.outcome = error.status, error.outcome
            _decode_names(operation, target)
            response = service_error(error, target.path)
        except CutOffError:
            raise
        except Exception:
            operation.status, operation.outcome = 500, Outcome.INTERNAL_ERROR
            response = self._failed(incoming)
        if operation.response_fault is not None:
            return await replaced(response, operation, target.path)
        return response

    def _failed(self, incoming: Incoming) -> web.StreamResponse:
        """The answer to a request of which the service itself failed: the log has the cause."""
        request, target, *_ = incoming
        error = sys.exc_info()[1]
        logger.error(
            "%s %s failed: %s",
            request.method,
            redact(unquote(target.path)),
            error,
            exc_info=not isinstance(error, EngineUnavailableError),
        )
        if request.writer.output_size > 0:
            raise CutOffError from None  # The answer has begun.
        return service_error(InternalError(), target.path)


def _is_unknown_control(target: Target) -> bool:
    return target.resource is None and target.is_control


def _decode_names(operation: Operation, target: Target) -> None:
    """Have an operation that was refused before its names were looked at say them as people do."""
    if "%" in operation.store and operation.store == target.store:
        operation.store = unquote(operation.store)
    if "%" in operation.key and operation.key == target.key:
        operation.key = unquote(operation.key)
