"""The control operations over HTTP, as their table has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from inspect import isawaitable

from aiohttp import hdrs

from emulator.backends.storage.base import StoredObject
from emulator.control.answer import EventStream, WithStatus
from emulator.control.operation import JSON, MEDIA_TYPES, ControlOperation
from emulator.control.operations import OPERATIONS
from emulator.control.parts import Control
from emulator.core.errors import BadRequestError
from emulator.core.event_loop import others_recorded
from emulator.core.headers import HARMLESS
from emulator.core.routes import Resource, conditions
from emulator.core.slices import Pace, to_json
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.message import Response
from emulator.http.render import object_response
from emulator.http.request import MAX_DOCUMENT_BYTES, Body, endpoint_of, json_document_if_any
from emulator.service.data_plane import NewObject
from emulator.service.parameters import sent_parameters

MAX_STATE_BYTES = 4 * 1024**3
"""The largest document that holds objects."""

_NOT_OF_OBJECTS = (
    *(name.lower() for name in HARMLESS),
    "accept-ch",
    "alt-svc",
    "clear-site-data",
    "content-security-policy-report-only",
    "link",
    "location",
    "nel",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "set-cookie",
    "sourcemap",
    "speculation-rules",
    "strict-transport-security",
)
"""Metadata that are no headers of such an answer: they would change what a browser does with the
emulator's own pages."""

_OF_EVENTS: Mapping[str, str] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold the events back.
}


class ControlHandlers:
    """Does the control operations. They take no API key; ``guard`` says who may use them."""

    def __init__(self, control: Control, guard: Guard) -> None:
        self._control = control
        self._guard = guard

    def table(self) -> Table:
        """Every operation by path and method. HEAD is GET without its body."""
        table: dict[Resource | str, dict[str, Endpoint]] = {}
        for operation in OPERATIONS:
            endpoint = Endpoint(partial(self._handle, operation))
            methods = table.setdefault(operation.path, {})
            methods[operation.method] = endpoint
            if operation.method == hdrs.METH_GET:
                methods[hdrs.METH_HEAD] = endpoint
        return table

    async def _handle(self, operation: ControlOperation, incoming: Incoming) -> Response:
        self._guard.admit(incoming.request)
        await others_recorded()
        target = incoming.target
        # The service ignores parameters of Put Object that it does not know.
        query = {} if operation.body == "object" else conditions(target.query)
        given = operation.read_target(target.parts, query, lambda: endpoint_of(incoming))
        given.header = incoming.request.headers.get
        if operation.body == "object":
            operation.read_body(_new_object(incoming), given)
        elif operation.reads_body:
            operation.read_body(await self._document_of(operation, incoming), given)
        answer = operation.forms.get(given.form, operation.do)(self._control, given)
        if isawaitable(answer):
            answer = await answer
        status = operation.status
        if isinstance(answer, WithStatus):
            status, answer = answer
        return await _response(operation, given.form, answer, status)

    async def _document_of(self, operation: ControlOperation, incoming: Incoming) -> object:
        at_most = MAX_STATE_BYTES if operation.carries_objects else MAX_DOCUMENT_BYTES
        if operation.reader is None:
            return await json_document_if_any(incoming, at_most=at_most)
        reader, pace, received = operation.reader(self._control), Pace(), 0
        async for chunk in Body(incoming):
            received += len(chunk)
            if received > at_most:
                raise BadRequestError(f"The body is too large: at most {at_most} bytes")
            reader.feed(chunk)
            await pace.step()
        return reader.close()


async def _response(
    operation: ControlOperation, form: str, answer: object, status: int
) -> Response:
    """Render the answer of an operation; ``Do`` says what it may be."""
    if isinstance(answer, StoredObject):
        return _body_response(answer)
    if isinstance(answer, EventStream):
        return Response(status, answer.pieces, dict(_OF_EVENTS))
    if status == 204:
        return Response(status)
    if isinstance(answer, str):
        return Response(status, answer.encode(), {"Content-Type": MEDIA_TYPES[form]})
    if isinstance(answer, Iterator):
        return Response(status, answer, {"Content-Type": MEDIA_TYPES[form]})
    text = await to_json(_document(operation, answer))
    return Response(status, text.encode(), {"Content-Type": MEDIA_TYPES[JSON]})


def _body_response(found: StoredObject) -> Response:
    """Render an object as Get Object does, except that it can do nothing in a browser (D157)."""
    response = object_response(found.info, found.body)
    for name in _NOT_OF_OBJECTS:
        response.headers.pop(name, None)
    response.headers.update(HARMLESS)
    return response


def _new_object(incoming: Incoming) -> NewObject:
    request, body = incoming.request, Body(incoming)
    sent = sent_parameters(request.headers.items(), incoming.target.query)
    return NewObject(sent, request.content_length, body, body.lost, body.at_once)


def _document(operation: ControlOperation, answer: object) -> Mapping[str, object]:
    if answer is None or isinstance(answer, Mapping):
        return answer or {}
    (name,) = operation.answer
    return {name: answer}
