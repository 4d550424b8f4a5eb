"""The emulator's clock over HTTP, for tests that are not in its process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import hdrs, web

from emulator.control.clock import ClockControl
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.render import json_response
from emulator.http.request import json_document_if_any
from emulator.http.routing import Resource


class ControlHandlers:
    """One handler for each operation. They take no API key; ``guard`` says who may use them."""

    def __init__(self, clock: ClockControl, guard: Guard) -> None:
        self._clock = clock
        self._guard = guard

    def table(self) -> Table:
        """Every operation by resource and method."""
        reading = Endpoint(self._reading)
        return {
            Resource.CLOCK: {hdrs.METH_GET: reading, hdrs.METH_HEAD: reading},
            Resource.CLOCK_FREEZE: {hdrs.METH_POST: self._changing(self._clock.freeze)},
            Resource.CLOCK_SET: {hdrs.METH_POST: self._changing(self._clock.set)},
            Resource.CLOCK_ADVANCE: {hdrs.METH_POST: self._changing(self._clock.advance)},
            Resource.CLOCK_RELEASE: {hdrs.METH_POST: self._changing(self._clock.release)},
        }

    async def _reading(self, incoming: Incoming) -> web.StreamResponse:
        self._guard.admit(incoming.request)
        return json_response(self._clock.describe())

    def _changing(self, change: Callable[[object], dict[str, Any]]) -> Endpoint:
        async def handler(incoming: Incoming) -> web.StreamResponse:
            self._guard.admit(incoming.request)
            return json_response(change(await json_document_if_any(incoming)))

        return Endpoint(handler)
