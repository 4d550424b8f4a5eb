"""Handlers of the operations on objects, stores and credentials by the answers of an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import hdrs

from emulator.core.answers import Answers
from emulator.core.headers import READ_CONCERN
from emulator.core.revisions import Revision
from emulator.core.routes import Resource
from emulator.http.auth_handlers import AuthHandlers
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.handlers import Handlers, Health
from emulator.http.message import Response
from emulator.http.render import json_response, not_found, object_response
from emulator.http.request import CellOf, any_json_document, json_document
from emulator.service.auth_apis import AuthApis
from emulator.service.console import Console
from emulator.service.control_plane import ControlPlane
from emulator.service.data_plane import DataPlane
from emulator.service.parameters import SentParameters, sent_parameters

from .conditional import Conditional

_AS_GET = "as GET"
_HEADS: Mapping[str, tuple[Resource, ...]] = {
    "D17.object": (Resource.OBJECT,),
    "D17.store": (Resource.STORE, Resource.STORES),
}
"""The resources whose HEAD a switch decides about."""

_KEPT_OF_UPLOADS = {
    "D09": ("that of the upload", "content-type"),
    "D38": ("returned", "content-encoding"),
}
"""By its switch, the answer with which a header of an upload is kept as metadata."""


class AnsweredHandlers(Handlers):
    """Operations on objects and stores by the answers D09, D13, D16, D17, D27, D37 and D38."""

    def __init__(
        self,
        data_plane: DataPlane,
        control_plane: ControlPlane,
        health: Health,
        guard: Guard,
        answers: Answers,
        *,
        revision: Revision,
        routers: int,
    ) -> None:
        super().__init__(
            data_plane, control_plane, health, guard, revision=revision, routers=routers
        )
        self._answers = answers
        self._conditional = Conditional(answers)
        self._default_type = str(answers["D09"])
        self._kept = {
            header for id, (kept, header) in _KEPT_OF_UPLOADS.items() if answers.has(id, kept)
        }
        self._sent_parameters = self._sent
        accepted = answers.has("D13.content-type", "accepted")
        self.read_json = any_json_document if accepted else json_document

    def table(self) -> Table:
        answers = self._answers
        table = {resource: dict(endpoints) for resource, endpoints in super().table().items()}
        for id, resources in _HEADS.items():
            for resource in resources if not answers.has(id, _AS_GET) else ():
                if answers.has(id, "405"):
                    del table[resource][hdrs.METH_HEAD]
                else:
                    table[resource][hdrs.METH_HEAD] = Endpoint(_unknown)
        objects = table[Resource.OBJECT]
        if hdrs.METH_DELETE not in objects and not answers.has("D16", "not allowed"):
            deletes = answers.has("D16", "deletes")
            objects[hdrs.METH_DELETE] = Endpoint(self.delete_object if deletes else _unknown)
        return table

    async def get_object(self, incoming: Incoming) -> Response:
        request = incoming.request
        concern = request.headers.getall(READ_CONCERN, ())
        info, body = await self._data_plane.get_object(incoming.operation, concern)
        response = object_response(info, body)
        if "content-type" not in info.metadata:
            if self._default_type == "none":
                del response.headers["content-type"]
            elif "/" in self._default_type:
                response.headers["content-type"] = self._default_type
        return await self._conditional.answer(request, info, response)

    async def delete_store(self, incoming: Incoming) -> Response:
        response = await super().delete_store(incoming)
        if response.status == 200 and self._answers.has("D37", "{}"):
            return json_response({})
        return response

    def _sent(self, headers: Iterable[tuple[str, str]], query: str) -> SentParameters:
        """The parameters of a Put; some of its own headers are metadata if nothing else says so."""
        given = list(headers)
        sent = sent_parameters(given, query)
        metadata = list(sent.metadata)
        names = {name.lower() for name, _ in metadata}
        metadata += [
            (name.lower(), value)
            for name, value in given
            if name.lower() in self._kept and name.lower() not in names
        ]
        return sent._replace(metadata=metadata)


class AnsweredAuthHandlers(AuthHandlers):
    """Operations on credentials by the answer D54."""

    def __init__(
        self, auth_apis: AuthApis, console: Console, cell_of: CellOf, answers: Answers
    ) -> None:
        super().__init__(auth_apis, console, cell_of)
        accepted = answers.has("D54", "accepted")
        self.read_json = any_json_document if accepted else json_document


async def _unknown(incoming: Incoming) -> Response:
    return not_found(incoming.target.path)
