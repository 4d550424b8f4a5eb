"""Access logs and metrics over HTTP. They take no API key; ``guard`` says who may look at them."""

from __future__ import annotations

from aiohttp import hdrs, web

from emulator.control.telemetry import Telemetry
from emulator.core.documents import unknown
from emulator.core.routes import Resource, conditions
from emulator.http.endpoint import Incoming, Table
from emulator.http.guard import ControlEndpoints, Guard
from emulator.http.render import json_response
from emulator.service.names import parse_segment

LOG_FORMATS = ("json", "jsonl")
METRICS_FORMATS = ("json", "prometheus")


class TelemetryHandlers:
    """One handler for each operation."""

    def __init__(self, telemetry: Telemetry, guard: Guard) -> None:
        self._telemetry = telemetry
        self._endpoints = ControlEndpoints(guard)

    def table(self) -> Table:
        """Every operation by resource and method."""
        doors = self._endpoints
        return {
            Resource.LOG_GROUPS: {
                **doors.getting(self._list_log_groups),
                hdrs.METH_DELETE: doors.guarded(self._clear_logs),
            },
            Resource.LOG_GROUP: doors.getting(self._read_log, "format"),
            Resource.METRICS: {
                **doors.getting(self._read_metrics, "format"),
                hdrs.METH_DELETE: doors.guarded(self._clear_metrics),
            },
            Resource.DELIVER: {hdrs.METH_POST: doors.guarded(self._deliver)},
        }

    async def _list_log_groups(self, _incoming: Incoming) -> web.StreamResponse:
        return json_response({"log_groups": await self._telemetry.log_groups()})

    async def _read_log(self, incoming: Incoming) -> web.StreamResponse:
        log_group = parse_segment(incoming.target.item, "log group")
        form = conditions(incoming.target.query).get("format", "json")
        if form == "json":
            return json_response(await self._telemetry.log(log_group))
        if form == "jsonl":
            lines = await self._telemetry.log_lines(log_group)
            return web.Response(body=lines.encode(), content_type="application/x-ndjson")
        raise unknown("format", str(form), LOG_FORMATS)

    async def _clear_logs(self, _incoming: Incoming) -> web.StreamResponse:
        self._telemetry.clear_logs()
        return json_response({})

    async def _read_metrics(self, incoming: Incoming) -> web.StreamResponse:
        form = conditions(incoming.target.query).get("format", "json")
        if form == "json":
            return json_response(await self._telemetry.describe_metrics())
        if form == "prometheus":
            text, content_type = await self._telemetry.exposition()
            return web.Response(body=text, headers={hdrs.CONTENT_TYPE: content_type})
        raise unknown("format", str(form), METRICS_FORMATS)

    async def _deliver(self, _incoming: Incoming) -> web.StreamResponse:
        await self._telemetry.deliver()
        return json_response({})

    async def _clear_metrics(self, _incoming: Incoming) -> web.StreamResponse:
        self._telemetry.clear_metrics()
        return json_response({})
