"""The control operations over HTTP, as their table has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from inspect import isawaitable

from aiohttp import hdrs

from emulator.control.operation import JSON, MEDIA_TYPES, ControlOperation
from emulator.control.operations import OPERATIONS
from emulator.control.parts import Control
from emulator.core.errors import BadRequestError
from emulator.core.event_loop import others_recorded
from emulator.core.routes import Resource, conditions
from emulator.core.slices import Pace, to_json
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.message import Response
from emulator.http.request import MAX_DOCUMENT_BYTES, Body, authority, json_document_if_any

MAX_STATE_BYTES = 4 * 1024**3
"""The largest document that holds objects."""


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
        given = operation.read_target(
            target.parts, conditions(target.query), lambda: f"http://{authority(incoming)}"
        )
        if operation.reads_body:
            operation.read_body(await self._document_of(operation, incoming), given)
        answer = operation.forms.get(given.form, operation.do)(self._control, given)
        if isawaitable(answer):
            answer = await answer
        if isinstance(answer, str):
            media_type = {"Content-Type": MEDIA_TYPES[given.form]}
            return Response(200, answer.encode(), media_type)
        if isinstance(answer, Iterator):
            return Response(200, answer, {"Content-Type": MEDIA_TYPES[given.form]})
        text = await to_json(_document(operation, answer))
        media_type = {"Content-Type": MEDIA_TYPES[JSON]}
        return Response(operation.status, text.encode(), media_type)

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


def _document(operation: ControlOperation, answer: object) -> Mapping[str, object]:
    if answer is None or isinstance(answer, Mapping):
        return answer or {}
    (name,) = operation.answer
    return {name: answer}
