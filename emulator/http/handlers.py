"""The operations over HTTP: each handler parses, calls and renders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from aiohttp import hdrs, web

from emulator.http.render import json_response, object_response
from emulator.http.request import credentials, json_document, new_object, object_request
from emulator.http.routing import Resource, Target
from emulator.service.control_plane import ControlPlane
from emulator.service.data_plane import DataPlane

Handler = Callable[[web.BaseRequest, Target], Awaitable[web.StreamResponse]]
Health = Callable[[], Awaitable[dict[str, Any]]]


class Handlers:
    """One method for each operation.

    Args:
        health: gives the body of ``/_emulator/health``.
    """

    def __init__(self, data_plane: DataPlane, control_plane: ControlPlane, health: Health) -> None:
        self._data_plane = data_plane
        self._control_plane = control_plane
        self._health = health

    def table(self) -> Mapping[Resource, Mapping[str, Handler]]:
        """Every operation by resource and method. HEAD is GET without its body (D17)."""
        return {
            Resource.OBJECT: {  # No DELETE in this revision (D16).
                hdrs.METH_GET: self.get_object,
                hdrs.METH_HEAD: self.get_object,
                hdrs.METH_PUT: self.put_object,
            },
            Resource.STORE: {
                hdrs.METH_GET: self.describe_store,
                hdrs.METH_HEAD: self.describe_store,
                hdrs.METH_PUT: self.put_store,
                hdrs.METH_DELETE: self.delete_store,
            },
            Resource.STORES: {
                hdrs.METH_GET: self.list_stores,
                hdrs.METH_HEAD: self.list_stores,
            },
            Resource.HEALTH: {
                hdrs.METH_GET: self.health,
                hdrs.METH_HEAD: self.health,
            },
        }

    async def get_object(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        info, body = await self._data_plane.get_object(object_request(request, target))
        return await object_response(request, info, body)

    async def put_object(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        await self._data_plane.put_object(
            object_request(request, target), new_object(request, target)
        )
        return web.Response(status=204)

    async def put_store(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        description, created = await self._control_plane.put_store(
            credentials(request), target.store, partial(json_document, request)
        )
        return json_response(description, status=201 if created else 200)

    async def describe_store(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(
            await self._control_plane.describe_store(credentials(request), target.store)
        )

    async def delete_store(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        await self._control_plane.delete_store(credentials(request), target.store)
        return web.Response(status=200)  # Without a body (D37).

    async def list_stores(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(await self._control_plane.list_stores(credentials(request)))

    async def health(self, _request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(await self._health())
