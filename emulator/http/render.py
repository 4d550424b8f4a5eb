"""Renders the service's results and errors as HTTP responses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from aiohttp import hdrs

from emulator.backends.storage.base import BodyStream
from emulator.core.errors import NotFoundError, ServiceError
from emulator.core.headers import CORS, REQUEST_ID
from emulator.core.object_info import ObjectInfo
from emulator.core.operation import Operation
from emulator.core.redaction import redact
from emulator.core.slices import SLICE_ITEMS, to_json
from emulator.http.message import Response

DEFAULT_CONTENT_TYPE = "application/octet-stream"
"""The ``Content-Type`` of an object that was stored without one (D09)."""

_CORS = dict(CORS)  # A dictionary is copied several times as fast as a view of one.
_CORS_NAMES = tuple(name.lower() for name in CORS)
_REQUEST_ID_NAME = REQUEST_ID.lower()

_WITH_CODE = (
    "/api-keys",
    "/roles",
    "/_emulator/api-keys",
    "/_emulator/tokens",
    "/_emulator/account",
)
"""Prefixes of the paths where errors have the form of the Auth APIs."""


def json_response(document: object, *, status: int = 200) -> Response:
    """A response with a JSON body."""
    return _with_json(json.dumps(document), status)


async def long_json_response(document: Mapping[str, object]) -> Response:
    """A response with a JSON object that has a list of many short items: others have their turn
    while it is encoded."""
    return _with_json(await to_json(document, SLICE_ITEMS), 200)


def _with_json(text: str, status: int) -> Response:
    headers: dict[str, str] = {hdrs.CONTENT_TYPE: "application/json"}
    return Response(status, text.encode(), headers)


def error_response(status: int, message: str, code: str | None = None) -> Response:
    """An error in the form of D02 or, with a code, of the Auth APIs.

    Anything that looks like an API key is redacted from the message.
    """
    form = {} if code is None else {"code": code}
    return json_response({**form, "message": redact(message)}, status=status)


def service_error(error: ServiceError, path: str = "") -> Response:
    """The response for a refused request to ``path``."""
    code = error.code if path.startswith(_WITH_CODE) else None
    return error_response(error.status, error.message, code)


def not_found(path: str) -> Response:
    """The response for an unknown path (D25).

    It does not repeat the path, which may hold an API key in any encoding.
    """
    return service_error(
        NotFoundError(
            "Unknown path: objects are at /objectstore/{store}/{key}, "
            "Valkey clusters at /ec-cluster, API keys and roles at /api-keys and /roles, "
            "the control API is at /_emulator/"
        ),
        path,
    )


def method_not_allowed(method: str, path: str, allowed: Iterable[str]) -> Response:
    """The response for a method that the path does not support (D25)."""
    names = ", ".join(sorted(allowed))
    code = "MethodNotAllowed" if path.startswith(_WITH_CODE) else None
    message = f"Method {method} is not allowed here; allowed are {names}"
    response = error_response(405, message, code)
    response.headers[hdrs.ALLOW] = names
    return response


_SPLITS_HEADERS = re.compile(r"[\r\n\0]")


def object_response(info: ObjectInfo, body: bytes | BodyStream) -> Response:
    """Get Object's success: the body, and the metadata as the real headers.

    Raises:
        ValueError: metadata that somebody else has stored would split a header.
    """
    for value in info.metadata.values():
        if _SPLITS_HEADERS.search(value):
            raise ValueError("metadata holds a line break")
    headers = {
        "content-type": DEFAULT_CONTENT_TYPE,
        **info.metadata,
        "content-length": str(info.size),
    }
    return Response(200, body, headers, info.size)


def add_headers(response: Response, operation: Operation, *, cors: bool) -> None:
    """Add the CORS headers and the operation's request id; they win over metadata of the same
    name, which is in lower case."""
    headers = response.headers
    if cors:
        for name in _CORS_NAMES:
            headers.pop(name, None)
        headers.update(_CORS)
    if operation.request_id is not None:
        headers.pop(_REQUEST_ID_NAME, None)
        headers[REQUEST_ID] = operation.request_id
