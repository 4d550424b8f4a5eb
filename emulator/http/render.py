"""From what the service says to HTTP responses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from aiohttp import hdrs, web

from emulator.backends.storage.base import BodyStream
from emulator.errors import ServiceError
from emulator.model import ObjectInfo

DEFAULT_CONTENT_TYPE = "application/octet-stream"
"""The ``Content-Type`` of an object that was stored without one (D09)."""


def json_response(document: object, *, status: int = 200) -> web.Response:
    """A response with a JSON body."""
    return web.Response(
        status=status, body=json.dumps(document).encode(), content_type="application/json"
    )


def error_response(status: int, message: str) -> web.Response:
    """An error in the form of D02."""
    return json_response({"message": message}, status=status)


def service_error(error: ServiceError) -> web.Response:
    """The response for a request that the service refused."""
    return error_response(error.status, error.message)


def not_found(path: str) -> web.Response:
    """The response for a path that the service does not have (D25)."""
    return error_response(
        404, f"Unknown path {path}: objects are at /objectstore/{{store}}/{{key}}"
    )


def method_not_allowed(method: str, allowed: Iterable[str]) -> web.Response:
    """The response for a method that a path does not have (D25)."""
    names = ", ".join(sorted(allowed))
    response = error_response(405, f"Method {method} is not allowed here; allowed are {names}")
    response.headers[hdrs.ALLOW] = names
    return response


async def object_response(
    request: web.BaseRequest, info: ObjectInfo, body: bytes | BodyStream
) -> web.StreamResponse:
    """Get Object's success: the body, and the metadata as the real headers."""
    headers = {
        "content-type": DEFAULT_CONTENT_TYPE,
        **info.metadata,
        "content-length": str(info.size),  # aiohttp leaves out a zero when the method is HEAD.
    }
    if isinstance(body, bytes):
        whole = web.Response(body=body, headers=headers)
        await whole.prepare(request)  # Here, so that a header that cannot be sent is a 500.
        return whole
    try:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await _send(request, response, body, info.size)
        await response.write_eof()
        return response
    finally:
        await body.close()


async def _send(
    request: web.BaseRequest, response: web.StreamResponse, body: BodyStream, size: int
) -> None:
    if body.file is not None and request.transport is not None:
        try:
            sent = await asyncio.get_running_loop().sendfile(request.transport, body.file, 0, size)
        except NotImplementedError:
            pass
        else:
            if sent < size:
                raise ConnectionError("the file was cut short while it was sent")
            return
    async for chunk in body.chunks():
        await response.write(chunk)
