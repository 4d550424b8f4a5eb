"""The Auth APIs over HTTP, and what goes with them: each handler parses, calls and renders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from aiohttp import hdrs, web

from emulator.http.handlers import Handler
from emulator.http.render import json_response
from emulator.http.request import (
    any_json_document,
    authority,
    credentials,
    page_request,
    parameter,
    sender,
)
from emulator.http.routing import Resource, Target
from emulator.service.auth_apis import AuthApis
from emulator.service.console import Console


class AuthHandlers:
    """One method for each operation. Every success is a 200."""

    def __init__(self, auth_apis: AuthApis, console: Console) -> None:
        self._apis = auth_apis
        self._console = console

    def table(self) -> Mapping[Resource, Mapping[str, Handler]]:
        """Every operation by resource and method. HEAD is GET without its body (D17)."""
        return {
            Resource.API_KEYS: {
                hdrs.METH_GET: self.list_keys,
                hdrs.METH_HEAD: self.list_keys,
                hdrs.METH_POST: self.create_key,
            },
            Resource.API_KEY: {hdrs.METH_DELETE: self.revoke_key},
            Resource.ROLES: {
                hdrs.METH_GET: self.list_roles,
                hdrs.METH_HEAD: self.list_roles,
                hdrs.METH_POST: self.create_role,
            },
            Resource.ROLE: {
                hdrs.METH_PUT: self.replace_role,
                hdrs.METH_DELETE: self.delete_role,
            },
            Resource.KEYS_OF_EITHER_VERSION: {hdrs.METH_POST: self.create_key_of_either_version},
            Resource.TOKENS: {hdrs.METH_POST: self.create_token},
            Resource.MEMBERS: {
                hdrs.METH_GET: self.list_members,
                hdrs.METH_HEAD: self.list_members,
                hdrs.METH_POST: self.accept_invitation,
            },
            Resource.MEMBER: {
                hdrs.METH_PUT: self.change_member,
                hdrs.METH_DELETE: self.remove_member,
            },
            Resource.INVITATIONS: {
                hdrs.METH_GET: self.list_invitations,
                hdrs.METH_HEAD: self.list_invitations,
                hdrs.METH_POST: self.invite,
            },
            Resource.INVITATION: {hdrs.METH_DELETE: self.revoke_invitation},
        }

    async def create_key(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(
            await self._apis.create_key(credentials(request), partial(any_json_document, request))
        )

    async def list_keys(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(await self._apis.list_keys(credentials(request), page_request(target)))

    async def revoke_key(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(await self._apis.revoke_key(credentials(request), target.item))

    async def create_role(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(
            await self._apis.create_role(credentials(request), partial(any_json_document, request))
        )

    async def list_roles(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(
            await self._apis.list_roles(
                credentials(request), parameter(target.query, "type"), page_request(target)
            )
        )

    async def replace_role(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(
            await self._apis.replace_role(
                credentials(request), target.item, partial(any_json_document, request)
            )
        )

    async def delete_role(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(await self._apis.delete_role(credentials(request), target.item))

    async def create_key_of_either_version(
        self, request: web.BaseRequest, _target: Target
    ) -> web.StreamResponse:
        return json_response(
            await self._console.create_key(
                credentials(request), partial(any_json_document, request), authority(request)
            )
        )

    async def create_token(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(
            await self._console.create_token(
                credentials(request), partial(any_json_document, request), authority(request)
            )
        )

    async def list_members(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(await self._console.list_members(sender(request)))

    async def change_member(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(
            await self._console.change_member(
                sender(request), target.item, partial(any_json_document, request)
            )
        )

    async def remove_member(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        return json_response(await self._console.remove_member(sender(request), target.item))

    async def accept_invitation(
        self, request: web.BaseRequest, _target: Target
    ) -> web.StreamResponse:
        return json_response(
            await self._console.accept_invitation(
                sender(request), partial(any_json_document, request)
            )
        )

    async def list_invitations(
        self, request: web.BaseRequest, _target: Target
    ) -> web.StreamResponse:
        return json_response(await self._console.list_invitations(sender(request)))

    async def invite(self, request: web.BaseRequest, _target: Target) -> web.StreamResponse:
        return json_response(
            await self._console.invite(sender(request), partial(any_json_document, request))
        )

    async def revoke_invitation(
        self, request: web.BaseRequest, target: Target
    ) -> web.StreamResponse:
        return json_response(await self._console.revoke_invitation(sender(request), target.item))
