"""Handlers of the operations on objects and stores: each parses, calls a plane and renders."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import Any, Protocol

from aiohttp import hdrs

from emulator.core.headers import READ_CONCERN
from emulator.core.revisions import FIRST, Revision, store_deletion_status
from emulator.core.routes import Resource, has_method
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.message import Response
from emulator.http.render import json_response, long_json_response, object_response
from emulator.http.request import Body, json_document
from emulator.http.routers import routers_by_zone
from emulator.service.control_plane import ControlPlane
from emulator.service.data_plane import DataPlane, NewObject
from emulator.service.parameters import sent_parameters


class Health(Protocol):
    """Returns the body of ``/_emulator/health``."""

    def __call__(self, *, with_causes: bool) -> Awaitable[dict[str, Any]]: ...


class Handlers:
    """One method for each operation.

    Args:
        guard: says who may see the health, and who all of it.
        routers: how many routers clients are told of (D146).
    """

    read_json = staticmethod(json_document)
    """Reads the JSON document in the body of a request."""

    def __init__(
        self,
        data_plane: DataPlane,
        control_plane: ControlPlane,
        health: Health,
        guard: Guard,
        *,
        revision: Revision = FIRST,
        routers: int = 1,
    ) -> None:
        self._data_plane = data_plane
        self._control_plane = control_plane
        self._health = health
        self._guard = guard
        self._revision = revision
        self._routers = routers
        self._sent_parameters = sent_parameters
        self._deletion_status = store_deletion_status(revision)

    def table(self) -> Table:
        """Every operation by resource and method. HEAD is GET without its body (D17)."""
        get_object = Endpoint(self.get_object, "GetObject")
        describe_store = Endpoint(self.describe_store, "DescribeObjectStore")
        list_stores = Endpoint(self.list_stores, "ListObjectStores")
        list_endpoints = Endpoint(self.list_endpoints, "ListEndpoints")
        health = Endpoint(self.health)
        latest = {
            Resource.OBJECT: {
                hdrs.METH_GET: get_object,
                hdrs.METH_HEAD: get_object,
                hdrs.METH_PUT: Endpoint(self.put_object, "PutObject"),
                hdrs.METH_DELETE: Endpoint(self.delete_object, "DeleteObject"),
                hdrs.METH_OPTIONS: Endpoint(self.preflight),
            },
            Resource.STORE: {
                hdrs.METH_GET: describe_store,
                hdrs.METH_HEAD: describe_store,
                hdrs.METH_PUT: Endpoint(self.put_store, "CreateOrUpdateObjectStore"),
                hdrs.METH_DELETE: Endpoint(self.delete_store, "DeleteObjectStore"),
            },
            Resource.STORES: {hdrs.METH_GET: list_stores, hdrs.METH_HEAD: list_stores},
            Resource.ENDPOINTS: {hdrs.METH_GET: list_endpoints, hdrs.METH_HEAD: list_endpoints},
            Resource.HEALTH: {hdrs.METH_GET: health, hdrs.METH_HEAD: health},
        }
        table: dict[Resource | str, dict[str, Endpoint]] = {}
        for resource, endpoints in latest.items():
            for method, endpoint in endpoints.items():
                if has_method(self._revision, resource, method):
                    table.setdefault(resource, {})[method] = endpoint
        return table

    async def get_object(self, incoming: Incoming) -> Response:
        concern = incoming.request.headers.getall(READ_CONCERN, ())
        return object_response(*await self._data_plane.get_object(incoming.operation, concern))

    async def put_object(self, incoming: Incoming) -> Response:
        request = incoming.request
        sent = self._sent_parameters(request.headers.items(), incoming.target.query)
        body = Body(incoming)
        new = NewObject(sent, request.content_length, body, body.lost, body.at_once)
        await self._data_plane.put_object(incoming.operation, new)
        return Response(204)

    async def delete_object(self, incoming: Incoming) -> Response:
        await self._data_plane.delete_object(incoming.operation)
        return Response(204)

    async def preflight(self, _incoming: Incoming) -> Response:
        return Response(204)  # It has the same CORS headers as every answer.

    async def put_store(self, incoming: Incoming) -> Response:
        description, created = await self._control_plane.put_store(
            incoming.operation, partial(self.read_json, incoming)
        )
        return json_response(description, status=201 if created else 200)

    async def describe_store(self, incoming: Incoming) -> Response:
        return json_response(await self._control_plane.describe_store(incoming.operation))

    async def delete_store(self, incoming: Incoming) -> Response:
        await self._control_plane.delete_store(incoming.operation)
        return Response(self._deletion_status)  # Without a body (D37).

    async def list_stores(self, incoming: Incoming) -> Response:
        stores = await self._control_plane.list_stores(incoming.operation)
        return await long_json_response(stores)

    async def list_endpoints(self, incoming: Incoming) -> Response:
        await self._control_plane.list_endpoints(incoming.operation)
        return json_response(routers_by_zone(incoming, self._routers))

    async def health(self, incoming: Incoming) -> Response:
        with_causes = self._guard.admit_to_health(incoming.request)
        return json_response(await self._health(with_causes=with_causes))
