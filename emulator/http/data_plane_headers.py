"""The headers that answers under an object's path have beside the object's own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from emulator.operation import Operation

CORS: Mapping[str, str] = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, PUT, DELETE, OPTIONS, HEAD",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Expose-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }
)
"""What lets pages from anywhere use the data plane ("CORS")."""

REQUEST_ID = "mo-request-id"


def add_headers(response: web.StreamResponse, operation: Operation, *, cors: bool) -> None:
    """Add CORS headers and the operation's request id, where there is one, to the answer. Metadata
    of the same names gives way."""
    if cors:
        response.headers.update(CORS)
    if operation.request_id is not None:
        response.headers[REQUEST_ID] = operation.request_id
