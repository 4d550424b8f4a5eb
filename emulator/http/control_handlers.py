"""What only an emulator has, over HTTP: for tests that are not in its process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import hdrs, web

from emulator.control import state_file
from emulator.control.call_filter import FIELDS
from emulator.control.clock import ClockControl
from emulator.control.faults import Faults
from emulator.control.journal import Journal
from emulator.control.state import StateControl
from emulator.control.tiers import Tiers, parse_new, parse_tier
from emulator.core.documents import member, members, only, refuse, text, unknown
from emulator.core.routes import Resource, conditions
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import ControlEndpoints, Guard
from emulator.http.render import json_response
from emulator.http.request import authority, json_document_if_any
from emulator.service.names import parse_key, parse_segment, parse_store_name

Document = dict[str, Any]

MAX_STATE_BYTES = 4 * 1024**3
"""The largest document that holds objects."""

JOURNAL_FORMATS = ("json", "jsonl", "har")


class ControlHandlers:
    """One handler for each operation. They take no API key; ``guard`` says who may use them."""

    def __init__(
        self,
        clock: ClockControl,
        journal: Journal,
        faults: Faults,
        state: StateControl,
        tiers: Tiers,
        guard: Guard,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._state = state
        self._tiers = tiers
        self._endpoints = ControlEndpoints(guard)

    def table(self) -> Table:
        """Every operation by resource and method."""
        return {
            Resource.CLOCK: self._endpoints.getting(self._read_clock),
            Resource.CLOCK_FREEZE: {hdrs.METH_POST: self._changing(self._clock.freeze)},
            Resource.CLOCK_SET: {hdrs.METH_POST: self._changing(self._clock.set)},
            Resource.CLOCK_ADVANCE: {hdrs.METH_POST: self._changing(self._clock.advance)},
            Resource.CLOCK_RELEASE: {hdrs.METH_POST: self._changing(self._clock.release)},
            Resource.JOURNAL: {
                **self._endpoints.getting(self._read_journal, "format", *FIELDS),
                hdrs.METH_DELETE: self._endpoints.guarded(self._clear_journal),
            },
            Resource.JOURNAL_ASSERT: {hdrs.METH_POST: self._endpoints.guarded(self._assert)},
            Resource.FAULTS: {
                **self._endpoints.getting(self._list_faults),
                hdrs.METH_POST: self._endpoints.guarded(self._add_fault),
                hdrs.METH_DELETE: self._endpoints.guarded(self._clear_faults),
            },
            Resource.FAULT: {
                **self._endpoints.getting(self._describe_fault),
                hdrs.METH_DELETE: self._endpoints.guarded(self._remove_fault),
            },
            Resource.RESET: {hdrs.METH_POST: self._endpoints.guarded(self._reset)},
            Resource.CHECKPOINTS: self._endpoints.getting(self._list_checkpoints),
            Resource.CHECKPOINT: {
                **self._endpoints.getting(self._describe_checkpoint),
                hdrs.METH_PUT: self._endpoints.guarded(self._checkpoint),
                hdrs.METH_POST: self._endpoints.guarded(self._restore),
                hdrs.METH_DELETE: self._endpoints.guarded(self._drop_checkpoint),
            },
            Resource.STATE: {
                **self._endpoints.getting(self._export),
                hdrs.METH_PUT: self._endpoints.guarded(self._import),
            },
            Resource.PLACED_OBJECTS: self._endpoints.getting(self._list_objects),
            Resource.PLACED_OBJECT: {
                hdrs.METH_PUT: self._endpoints.guarded(self._put_object, "tier"),
                hdrs.METH_DELETE: self._endpoints.guarded(self._drop_object, "tier"),
            },
            Resource.COUNTS: self._endpoints.getting(self._counts, "store"),
            Resource.FLUSH: {hdrs.METH_POST: self._endpoints.guarded(self._flush)},
        }

    def _changing(self, change: Callable[[object], Document]) -> Endpoint:
        async def handle(incoming: Incoming) -> web.StreamResponse:
            return json_response(change(await json_document_if_any(incoming)))

        return self._endpoints.guarded(handle)

    async def _read_clock(self, _incoming: Incoming) -> web.StreamResponse:
        return json_response(self._clock.describe())

    async def _read_journal(self, incoming: Incoming) -> web.StreamResponse:
        wanted = conditions(incoming.target.query)
        form = wanted.pop("format", "json")
        if form == "json":
            return json_response(self._journal.describe(wanted))
        if form == "jsonl":
            return web.Response(
                body=self._journal.json_lines(wanted).encode(),
                content_type="application/x-ndjson",
            )
        if form == "har":
            return json_response(self._journal.har(wanted, f"http://{authority(incoming)}"))
        raise unknown("format", str(form), JOURNAL_FORMATS)

    async def _clear_journal(self, _incoming: Incoming) -> web.StreamResponse:
        self._journal.clear()
        return json_response({})

    async def _assert(self, incoming: Incoming) -> web.StreamResponse:
        wanted = dict(members(await json_document_if_any(incoming), "request body"))
        times = wanted.pop("times", None)
        return json_response({"count": self._journal.require(wanted, times)})

    async def _list_faults(self, _incoming: Incoming) -> web.StreamResponse:
        return json_response({"faults": self._faults.all()})

    async def _add_fault(self, incoming: Incoming) -> web.StreamResponse:
        added = await self._faults.add(await json_document_if_any(incoming))
        return json_response(added, status=201)

    async def _clear_faults(self, _incoming: Incoming) -> web.StreamResponse:
        self._faults.clear()
        return json_response({})

    async def _describe_fault(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(self._faults.describe(_item(incoming)))

    async def _remove_fault(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(self._faults.remove(_item(incoming)))

    async def _reset(self, incoming: Incoming) -> web.StreamResponse:
        only(members(await json_document_if_any(incoming), "request body"), "", ())
        await self._state.reset()
        return json_response({})

    async def _list_checkpoints(self, _incoming: Incoming) -> web.StreamResponse:
        return json_response({"checkpoints": self._state.checkpoints.all()})

    async def _checkpoint(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(await self._state.checkpoint(_item(incoming)))

    async def _describe_checkpoint(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(self._state.checkpoints.describe(_item(incoming)))

    async def _restore(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(await self._state.restore(_item(incoming)))

    async def _drop_checkpoint(self, incoming: Incoming) -> web.StreamResponse:
        return json_response(await self._state.drop(_item(incoming)))

    async def _export(self, _incoming: Incoming) -> web.StreamResponse:
        exported = state_file.to_text(await self._state.export())
        return web.Response(body=exported.encode(), content_type="application/json")

    async def _import(self, incoming: Incoming) -> web.StreamResponse:
        await self._state.import_(await json_document_if_any(incoming, at_most=MAX_STATE_BYTES))
        return json_response({})

    async def _list_objects(self, incoming: Incoming) -> web.StreamResponse:
        placed = await self._tiers.objects(parse_store_name(incoming.target.store))
        return json_response({"objects": [each.document() for each in placed]})

    async def _put_object(self, incoming: Incoming) -> web.StreamResponse:
        store, key = _object(incoming)
        document = await json_document_if_any(incoming, at_most=MAX_STATE_BYTES)
        tier = conditions(incoming.target.query)
        body = members(document, "request body")
        if tier and "tier" in body:
            refuse("tier", "it is in the query and in the body")
        await self._tiers.put(store, key, parse_new({**body, **tier}))
        return json_response({})

    async def _drop_object(self, incoming: Incoming) -> web.StreamResponse:
        wanted = conditions(incoming.target.query)
        store, key = _object(incoming)
        await self._tiers.drop(store, key, parse_tier(wanted.get("tier")))
        return json_response({})

    async def _counts(self, incoming: Incoming) -> web.StreamResponse:
        store = conditions(incoming.target.query).get("store")
        return json_response(
            await self._tiers.counts(None if store is None else text(store, "store"))
        )

    async def _flush(self, incoming: Incoming) -> web.StreamResponse:
        body = members(await json_document_if_any(incoming), "request body")
        only(body, "", ("cluster",))
        await self._tiers.flush(text(member(body, "cluster"), "cluster"))
        return json_response({})


def _item(incoming: Incoming) -> str:
    return parse_segment(incoming.target.item, "path")


def _object(incoming: Incoming) -> tuple[str, str]:
    target = incoming.target
    return parse_store_name(target.store), parse_key(target.key)
