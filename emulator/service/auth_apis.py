"""The Auth APIs: the operations on API keys and roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.core.clock import Clock
from emulator.core.errors import BadRequestError
from emulator.core.operation import Operation
from emulator.service.account import api_keys, members, roles
from emulator.service.account.pages import PageRequest, Pages
from emulator.service.account.services import AccountServices
from emulator.service.admission import Admitted, ReadBody
from emulator.service.credential_admission import CredentialAdmission
from emulator.service.names import parse_segment


class AuthApis:
    """The operations on API keys and roles.

    Ids are as in the raw path. Every method returns the body of its answer, and raises a
    ``ServiceError`` as documented for its operation.
    """

    def __init__(
        self, admission: CredentialAdmission, account: AccountServices, clock: Clock
    ) -> None:
        self._admission = admission
        self._account = account
        self._clock = clock

    async def create_key(self, operation: Operation, read_body: ReadBody) -> dict[str, Any]:
        """Create API key, of whatever role (D53): the key, this once, and its description."""
        body = await self._admission.body_of_change(operation, read_body)
        definition = api_keys.parse_definition(body, self._clock.now())
        created = await self._account.api_keys.create(
            definition.role_id,
            description=definition.description,
            expires_at=definition.expires_at,
        )
        return api_keys.describe_new(created, await self._account.account_id())

    async def list_keys(self, operation: Operation, request: PageRequest) -> dict[str, Any]:
        """List API keys: those that are active, a page at a time (D42, D43)."""
        await self._admission.admit_list(operation)
        active = await self._account.api_keys.active()
        pages = Pages("api-keys", await self._account.signing_secret())
        keys, next_token = pages.take([(key.created, key.record) for key in active], request)
        account_id = await self._account.account_id()
        described = [api_keys.describe(key, account_id) for key in keys]
        return _page("key_info", described, next_token)

    async def revoke_key(self, operation: Operation, raw_key_id: str) -> dict[str, Any]:
        """Revoke API key: it is refused from the next request on."""
        admitted = await self._admit_change(operation, raw_key_id)
        await self._account.api_keys.revoke_id(admitted.names)
        return {}

    async def create_role(self, operation: Operation, read_body: ReadBody) -> dict[str, Any]:
        """Create role."""
        body = await self._admission.body_of_change(operation, read_body)
        definition = roles.parse_definition(body)
        return roles.describe(await self._account.roles.create(definition))

    async def list_roles(
        self, operation: Operation, role_type: Sequence[str], request: PageRequest
    ) -> dict[str, Any]:
        """List roles: the system roles and then the custom ones, or one type of them, a page at a
        time (D24, D43)."""
        await self._admission.admit_list(operation)
        wanted = _role_type(role_type)
        entries = []
        if wanted != "custom":  # Their places are before whatever is created.
            entries += list(enumerate(SYSTEM_ROLES.values(), start=-len(SYSTEM_ROLES)))
        if wanted != "system":
            custom = await self._account.roles.custom()
            entries += [(role.created, role.record) for role in custom]
        pages = Pages(f"roles {wanted}", await self._account.signing_secret())
        found, next_token = pages.take(entries, request)
        return _page("roles", [roles.describe(role) for role in found], next_token)

    async def replace_role(
        self, operation: Operation, raw_role_id: str, read_body: ReadBody
    ) -> dict[str, Any]:
        """Replace role; it holds for its keys from their next request."""
        admitted = await self._admit_change(operation, raw_role_id)
        role_id = admitted.names
        await self._account.roles.require_custom(role_id)
        body = await self._admission.body(admitted, read_body)
        definition = roles.parse_definition(body)
        return roles.describe(await self._account.roles.replace(role_id, definition))

    async def delete_role(self, operation: Operation, raw_role_id: str) -> dict[str, Any]:
        """Delete role, or say who still uses it."""
        role_id = (await self._admit_change(operation, raw_role_id)).names
        while True:
            role = await self._account.roles.require_custom(role_id)
            users = await self._users(role_id)
            if any(users.values()):
                return {"status": "blocked", **users}
            if await self._account.roles.delete(role):
                return {"status": "deleted"}

    async def _users(self, role_id: str) -> dict[str, list[dict[str, Any]]]:
        account_id = await self._account.account_id()
        return {
            "account_members": [
                members.describe(member)
                for member in await self._account.members.all()
                if member.role_id == role_id
            ],
            "invitations": [
                members.describe_invitation(invitation)
                for invitation in await self._account.members.invitations()
                if invitation.role_id == role_id
            ],
            "api_keys": [
                api_keys.describe(entry.record, account_id)
                for entry in await self._account.api_keys.active()
                if entry.record.role_id == role_id
            ],
        }

    async def _admit_change(self, operation: Operation, raw_id: str) -> Admitted[str]:
        """Admit a change of what has that id; ``names`` is the id, decoded."""

        def parse(_operation: Operation) -> str:
            return parse_segment(raw_id, "id")

        return await self._admission.admit_change(operation, parse)


def _role_type(values: Sequence[str]) -> str:
    if not values:
        return "all"
    if len(values) > 1 or values[0] not in ("system", "custom"):
        raise BadRequestError("Invalid type: it must be system or custom, given once")
    return values[0]


def _page(name: str, entries: list[dict[str, Any]], next_token: str | None) -> dict[str, Any]:
    return {name: entries} if next_token is None else {name: entries, "next_token": next_token}
