"""The emulator's clock over HTTP, for tests that are not in its process.

These operations take no API key. What keeps strangers out is that they have to come from this
machine: not through a browser that shows somebody else's page, and not through a name that
somebody else has pointed here (D56).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import hdrs, web

from emulator.control.clock import ClockControl
from emulator.errors import ForbiddenError
from emulator.http.handlers import Handler
from emulator.http.render import json_response
from emulator.http.request import any_json_document, host_name
from emulator.http.routing import Resource, Target


class ControlHandlers:
    """One handler for each operation.

    Args:
        clock: what is controlled.
        host: the address or name that the emulator was told to listen on.
    """

    def __init__(self, clock: ClockControl, host: str) -> None:
        self._clock = clock
        self._host = host

    def table(self) -> Mapping[Resource, Mapping[str, Handler]]:
        """Every operation by resource and method."""
        return {
            Resource.CLOCK: {hdrs.METH_GET: self._reading, hdrs.METH_HEAD: self._reading},
            Resource.CLOCK_FREEZE: {hdrs.METH_POST: self._changing(self._clock.freeze)},
            Resource.CLOCK_ADVANCE: {hdrs.METH_POST: self._changing(self._clock.advance)},
            Resource.CLOCK_RELEASE: {hdrs.METH_POST: self._changing(self._clock.release)},
        }

    async def _reading(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        self._require_local(request)
        return json_response(self._clock.describe())

    def _changing(self, change: Callable[[object], dict[str, Any]]) -> Handler:
        async def handler(request: web.BaseRequest, _target: Target) -> web.StreamResponse:
            self._require_local(request)
            body = await any_json_document(request) if request.body_exists else {}
            return json_response(change(body))

        return handler

    def _require_local(self, request: web.BaseRequest) -> None:
        if not _is_loopback(self._host):
            raise ForbiddenError(
                "The clock is open only where the emulator listens on a loopback address"
            )
        host = request.headers.get(hdrs.HOST, "")
        name = host_name(host) or ""
        if name.lower() != self._host.lower() and not _is_loopback(name):
            raise ForbiddenError(
                "The Host of the request is not an address or name of this emulator"
            )
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            raise ForbiddenError("The Origin of the request is not this emulator")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
