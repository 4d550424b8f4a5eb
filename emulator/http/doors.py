"""Endpoints that only an emulator has: guarded, and with known parameters."""

from __future__ import annotations

from aiohttp import hdrs, web

from emulator.documents import unknown
from emulator.http.endpoint import Endpoint, Handler, Incoming
from emulator.http.guard import Guard
from emulator.http.request import conditions


class Doors:
    """Makes endpoints for those whom the guard admits."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def guarded(self, handle: Handler, *parameters: str) -> Endpoint:
        """An endpoint with these parameters in its query."""

        async def handler(incoming: Incoming) -> web.StreamResponse:
            self._guard.admit(incoming.request)
            for name in conditions(incoming.target.query):
                if name not in parameters:
                    raise unknown("parameter", name, parameters or ("none",))
            return await handle(incoming)

        return Endpoint(handler)

    def getting(self, handle: Handler, *parameters: str) -> dict[str, Endpoint]:
        """The endpoints of what can be looked at, with these parameters."""
        endpoint = self.guarded(handle, *parameters)
        return {hdrs.METH_GET: endpoint, hdrs.METH_HEAD: endpoint}
