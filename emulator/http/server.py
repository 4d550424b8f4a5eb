"""The HTTP server: listens, hands requests to handlers, and finishes them before it stops.

Connections (`choice.py`) parse requests, and have them answered here.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from aiohttp import EMPTY_PAYLOAD, hdrs
from multidict import CIMultiDict, CIMultiDictProxy

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
from emulator.http.choice import connection_class, require_own_connections
from emulator.http.closing import cut_off, is_out_of_step
from emulator.http.connections import Connections
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.head import HTTP_1_1, render_head
from emulator.http.in_flight import InFlight
from emulator.http.malformed import MalformedError, framing_error, refuse
from emulator.http.message import Peer, Request, Response
from emulator.http.render import (
    add_headers,
    method_not_allowed,
    not_found,
    service_error,
)
from emulator.http.sending import is_small, send, send_at_once
from emulator.http.timeouts import DEFAULT_TIMEOUTS, Timeouts
from emulator.service.completion import Completion

if TYPE_CHECKING:
    from emulator.http.calls import Calls
    from emulator.http.https import Https
    from emulator.tls.parts import Tls

logger = logging.getLogger(__name__)

_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)

_NO_TARGET = Target(None, "", "")

_FRONTS = ("/", "/_emulator")
"""What somebody may type who looks for the console."""

OnUnknown = Callable[[Incoming, Response], Awaitable[Response]]
"""Returns the answer to a request of an unknown path or method, given the usual one."""

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
        tls: TLS beside it or behind its proxy, if wanted.
        calls: answers calls of gRPC inside of TLS; required with it.
        front: answers requests of ``/`` and ``/_emulator``; those that it returns None for are
            unknown.
        on_unknown: changes the answers to unknown paths and methods.
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
        tls: Tls | None = None,
        calls: Calls | None = None,
        front: Callable[[Request], Response | None] | None = None,
        on_unknown: OnUnknown | None = None,
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
        self._draining = False
        self._tls = tls
        self._calls = calls
        self._front = front
        self._on_unknown = on_unknown
        self._https: Https | None = None
        self.addresses: Sequence[tuple[str, int]] = ()
        """The addresses and the port that it listens on."""
        self.tls_addresses: Sequence[tuple[str, int]] = ()
        """Those for TLS."""

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Listen, and return the first bound address; port 0 takes a free one.

        ``host`` may be several addresses and names, separated by commas; all get the same port.
        With ``reuse_port``, other processes that set it too may listen on the same port.

        Raises:
            OSError: an address cannot be bound; ``filename`` is the address, if it is known.
        """
        self._server = Connections(connection_class(), self, self._timeouts)
        if self._tls is not None:
            require_own_connections()
            from emulator.http.https import Https

            assert self._calls is not None
            self._https = Https(self._tls, self._server, self, self._calls, self._timeouts)
            self._server.requests = self._https.requests
        self.addresses = await self._server.listen(host, port, reuse_port=reuse_port)
        return self.addresses[0]

    async def start_tls(self, host: str, port: int, *, reuse_port: bool = False) -> None:
        """Listen for TLS too, on another port, after ``start``.

        Raises:
            OSError: an address cannot be bound; then it listens on no port any more.
        """
        assert self._https is not None
        try:
            self.tls_addresses = await self._https.listen(host, port, reuse_port=reuse_port)
        except BaseException:
            await self._server.stop_listening()
            raise

    async def stop(self, *, grace_seconds: float, cut_seconds: float = 1.0) -> None:
        """Stop listening, finish the requests that have begun, and close every connection (D121).

        Requests that still run after ``grace_seconds`` are cut off, and have ``cut_seconds`` to
        end.
        """
        if self._https is not None:
            await self._https.stop()
        await self._server.stop_listening()
        self._draining = True
        await self._server.drain(grace_seconds=grace_seconds)
        if running := self._server.running:
            logger.warning("Cut off %d requests that did not finish", running)
        await self._server.cut(seconds=cut_seconds)

    async def handle(self, request: Request) -> None:
        """Answer one request.

        Raises:
            ConnectionError: the connection is to be closed.
        """
        if request.version != HTTP_1_1 or hdrs.TRANSFER_ENCODING in request.headers:
            error = framing_error(request)
            if error is not None:
                self._refuse(request, error)
                return
        target = parse_target(request.target, self._templates)
        endpoints = self._table.get(target.resource) if target.resource is not None else None
        if endpoints is None and target.resource is not None:
            target = target._replace(resource=None)  # Only another revision has it.
        endpoint = None if endpoints is None else endpoints.get(request.method)
        is_control = target.resource in self._control
        if self._in_flight.is_paused and not is_control:
            await self._in_flight.wait()
        authorization = request.headers.getall(hdrs.AUTHORIZATION, ())
        exchange = self._exchange(request, target, endpoint, authorization)
        is_unknown_control = target.resource is None and target.is_control
        if self._recorder is not None and not is_control and not is_unknown_control:
            self._recorder(exchange)
        incoming = Incoming(request, target, exchange, exchange.operation, self._clock)
        task, working = request.peer.task, self._in_flight.tasks
        try:
            if not is_control:
                working.add(task)
            response = await self._respond(incoming, endpoint)
            working.discard(task)
            is_in_step = request.content.is_eof() or not is_out_of_step(request)
            is_last = request.peer.is_ending and request.peer.is_last
            if self._draining or is_last or not is_in_step:
                response.closes = True
            if is_small(response, exchange):
                send_at_once(request, response, exchange, self._clock)
                if request.peer.is_full:
                    await request.peer.drain()
                exchange.whole = True
            else:
                await send(request, response, exchange, self._clock)
            if response.closes:
                request.keeps_alive = False
        except CutOffError as cut:
            cut_off(request.peer, cut)
            raise
        except ConnectionError:
            raise
        except Exception as error:  # The answer cannot be completed.
            self._log_failure(incoming, error)
            cut_off(request.peer, CutOffError())
            raise CutOffError from None
        finally:
            working.discard(task)
            exchange.received, exchange.body = request.content.total_bytes, None
            exchange.ended = self._clock.ticks()

    def _exchange(
        self,
        request: Request,
        target: Target,
        endpoint: Endpoint | None,
        authorization: Sequence[str],
    ) -> Exchange:
        operation = Operation(
            "" if endpoint is None else endpoint.operation,
            target.store,
            target.key,
            self._clock.now(),
            credentials=Credentials(authorization, request.peer.remote),
        )
        return Exchange(
            operation,
            request.method,
            request.target,
            request.version,
            request.octets,
            self._clock.ticks(),
            request.content,
        )

    async def _respond(self, incoming: Incoming, endpoint: Endpoint | None) -> Response:
        """The answer, or the error that replaces it; how the operation ends is decided here."""
        operation, worked_until = incoming.operation, None
        response: Response | None = None
        error: BaseException | None = None
        try:
            if endpoint is None:
                response = self._unknown(incoming.target, incoming.request)
                if self._on_unknown is not None:
                    response = await self._on_unknown(incoming, response)
                _note_refusal(incoming.exchange, response)
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
                if response is not None:
                    await response.close()
                response = self._failed(incoming, error)
                _note_refusal(incoming.exchange, response)
        finally:
            error = None  # Its traceback refers to this frame: leave no cycle behind.
        assert response is not None
        if (self._cors or operation.request_id) and incoming.target.resource is Resource.OBJECT:
            add_headers(response, operation, cors=self._cors)
        return response

    def _unknown(self, target: Target, request: Request) -> Response:
        """The answer for an unknown path or method, whoever asks (D32)."""
        if target.resource is None:
            front = self._front if target.path in _FRONTS else None
            return (None if front is None else front(request)) or not_found(target.path)
        return method_not_allowed(request.method, target.path, self._table[target.resource])

    def _failed(self, incoming: Incoming, error: BaseException) -> Response:
        """The answer that says ``error``.

        Raises:
            BaseException: there is none to be given.
        """
        if isinstance(error, ServiceError):
            return service_error(error, incoming.target.path)
        if isinstance(error, CutOffError) or not isinstance(error, Exception):
            raise error
        self._log_failure(incoming, error)
        return service_error(InternalError(), incoming.target.path)

    def refuse(self, peer: Peer, error: MalformedError) -> None:
        """Answer what is no request."""
        headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        request = Request("", "", HTTP_1_1, headers, (), False, EMPTY_PAYLOAD, peer)
        self._refuse(request, error)

    def _refuse(self, request: Request, error: MalformedError) -> None:
        """Answer what is no request, or none that this server understands."""
        request.version, request.keeps_alive = HTTP_1_1, False
        response = refuse(error, self._table, self._templates, cors=self._cors)
        head = render_head(request, response)
        if self._recorder is not None:
            exchange = self._exchange(request, _NO_TARGET, None, ())
            self._completion.end(exchange.operation, response.status)
            exchange.target, exchange.response_headers = "", response.headers
            _note_refusal(exchange, response)
            exchange.answered = exchange.ended = exchange.begun
            exchange.sent, exchange.whole = response.size or 0, True
            exchange.sent_head = len(head)
            exchange.received, exchange.body = request.content.total_bytes, None
            self._recorder(exchange)
        assert isinstance(response.body, bytes)
        request.peer.write(head + response.body)

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


def _note_refusal(exchange: Exchange, response: Response) -> None:
    """Keep the body of an error for the journal."""
    if isinstance(response.body, bytes):
        exchange.refusal = response.body


def _is_out_of_descriptors(error: BaseException | None) -> bool:
    """Whether a failure is due to a lack of file descriptors."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _OUT_OF_DESCRIPTORS:
            return True
        error = error.__cause__ or error.__context__
    return False
