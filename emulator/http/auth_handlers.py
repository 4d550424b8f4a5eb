"""Handlers of the Auth APIs and the console: each parses, calls a plane and renders."""

from __future__ import annotations

from functools import partial

from aiohttp import hdrs

from emulator.core.routes import Resource, parameter
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.message import Response
from emulator.http.render import json_response
from emulator.http.request import (
    CellOf,
    any_json_document,
    asked_cell,
    document_for_cell,
    json_document,
    page_request,
    sender,
)
from emulator.service.auth_apis import AuthApis
from emulator.service.console import Console


class AuthHandlers:
    """One method for each operation. Every success is a 200.

    Args:
        cell_of: returns the cell of a host that the emulator plays, or None.
    """

    read_json = staticmethod(json_document)
    """Reads the JSON document in the body of a request."""

    def __init__(self, auth_apis: AuthApis, console: Console, cell_of: CellOf) -> None:
        self._apis = auth_apis
        self._console = console
        self._cell_of = cell_of

    def table(self) -> Table:
        """Every operation by resource and method. HEAD is GET without its body (D17)."""
        list_keys = Endpoint(self.list_keys, "ListApiKeys")
        list_roles = Endpoint(self.list_roles, "ListRoles")
        list_members = Endpoint(self.list_members, "ListMembers")
        list_invitations = Endpoint(self.list_invitations, "ListInvitations")
        return {
            Resource.API_KEYS: {
                hdrs.METH_GET: list_keys,
                hdrs.METH_HEAD: list_keys,
                hdrs.METH_POST: Endpoint(self.create_key, "CreateApiKey"),
            },
            Resource.API_KEY: {hdrs.METH_DELETE: Endpoint(self.revoke_key, "RevokeApiKey")},
            Resource.ROLES: {
                hdrs.METH_GET: list_roles,
                hdrs.METH_HEAD: list_roles,
                hdrs.METH_POST: Endpoint(self.create_role, "CreateRole"),
            },
            Resource.ROLE: {
                hdrs.METH_PUT: Endpoint(self.replace_role, "ReplaceRole"),
                hdrs.METH_DELETE: Endpoint(self.delete_role, "DeleteRole"),
            },
            Resource.KEYS_OF_EITHER_VERSION: {
                hdrs.METH_POST: Endpoint(
                    self.create_key_of_either_version, "CreateApiKeyOfEitherVersion"
                )
            },
            Resource.TOKENS: {hdrs.METH_POST: Endpoint(self.create_token, "CreateDisposableToken")},
            Resource.MEMBERS: {
                hdrs.METH_GET: list_members,
                hdrs.METH_HEAD: list_members,
                hdrs.METH_POST: Endpoint(self.accept_invitation, "AcceptInvitation"),
            },
            Resource.MEMBER: {
                hdrs.METH_PUT: Endpoint(self.change_member, "ChangeMember"),
                hdrs.METH_DELETE: Endpoint(self.remove_member, "RemoveMember"),
            },
            Resource.INVITATIONS: {
                hdrs.METH_GET: list_invitations,
                hdrs.METH_HEAD: list_invitations,
                hdrs.METH_POST: Endpoint(self.invite, "InviteMember"),
            },
            Resource.INVITATION: {
                hdrs.METH_DELETE: Endpoint(self.revoke_invitation, "RevokeInvitation")
            },
        }

    async def create_key(self, incoming: Incoming) -> Response:
        return json_response(
            await self._apis.create_key(incoming.operation, partial(self.read_json, incoming))
        )

    async def list_keys(self, incoming: Incoming) -> Response:
        return json_response(await self._apis.list_keys(incoming.operation, page_request(incoming)))

    async def revoke_key(self, incoming: Incoming) -> Response:
        return json_response(await self._apis.revoke_key(incoming.operation, incoming.target.item))

    async def create_role(self, incoming: Incoming) -> Response:
        return json_response(
            await self._apis.create_role(incoming.operation, partial(self.read_json, incoming))
        )

    async def list_roles(self, incoming: Incoming) -> Response:
        return json_response(
            await self._apis.list_roles(
                incoming.operation,
                parameter(incoming.target.query, "type"),
                page_request(incoming),
            )
        )

    async def replace_role(self, incoming: Incoming) -> Response:
        return json_response(
            await self._apis.replace_role(
                incoming.operation, incoming.target.item, partial(self.read_json, incoming)
            )
        )

    async def delete_role(self, incoming: Incoming) -> Response:
        return json_response(await self._apis.delete_role(incoming.operation, incoming.target.item))

    async def create_key_of_either_version(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.create_key(
                incoming.operation,
                partial(document_for_cell, incoming),
                asked_cell(incoming, self._cell_of),
            )
        )

    async def create_token(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.create_token(
                incoming.operation,
                partial(document_for_cell, incoming),
                asked_cell(incoming, self._cell_of),
            )
        )

    async def list_members(self, incoming: Incoming) -> Response:
        return json_response(await self._console.list_members(sender(incoming)))

    async def change_member(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.change_member(
                sender(incoming), incoming.target.item, partial(any_json_document, incoming)
            )
        )

    async def remove_member(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.remove_member(sender(incoming), incoming.target.item)
        )

    async def accept_invitation(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.accept_invitation(
                sender(incoming), partial(any_json_document, incoming)
            )
        )

    async def list_invitations(self, incoming: Incoming) -> Response:
        return json_response(await self._console.list_invitations(sender(incoming)))

    async def invite(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.invite(sender(incoming), partial(any_json_document, incoming))
        )

    async def revoke_invitation(self, incoming: Incoming) -> Response:
        return json_response(
            await self._console.revoke_invitation(sender(incoming), incoming.target.item)
        )
