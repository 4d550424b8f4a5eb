"""Control of the account's API keys, roles, members and invitations, without an API key (D159)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.core.clock import Clock
from emulator.core.documents import invalid
from emulator.core.instants import parse_seconds
from emulator.core.operation import Operation
from emulator.service.account import api_keys, members, roles
from emulator.service.account.services import AccountServices
from emulator.service.console import Console, Sender
from emulator.tls.hosts import OWN_NAME


class AccountControl:
    """The account, with the account's own authority. Objects are as in the Auth APIs.

    Args:
        console: does the operations of the console, for callers without a key.
        changing: a lock, held while the whole state is changed.
    """

    def __init__(
        self, console: Console, account: AccountServices, clock: Clock, changing: asyncio.Lock
    ) -> None:
        self._console = console
        self._account = account
        self._clock = clock
        self._changing = changing

    async def keys(self) -> list[dict[str, Any]]:
        """Describe the API keys that have not expired, in the order of their creation."""
        account_id = await self._account.account_id()
        active = await self._account.api_keys.active()
        return [api_keys.describe(each.record, account_id) for each in active]

    async def create_key(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Create an API key; return it, this once, and its description.

        ``expires_in`` is in seconds, and may be given instead of ``expires_in_seconds``.

        Raises:
            BadRequestError: a member is not valid.
            NotFoundError: there is no such role.
        """
        body = {name: value for name, value in given.items() if value is not None}
        expires_in = body.pop("expires_in", None)
        if expires_in is not None:
            if "expires_in_seconds" in body:
                invalid("expires_in", "expires_in_seconds is given too")
            seconds = parse_seconds(expires_in, "expires_in")
            if seconds % 1:
                invalid("expires_in", "it must be a whole number of seconds")
            body["expires_in_seconds"] = int(seconds)
        async with self._changing:
            operation = self._operation("CreateApiKeyOfEitherVersion")
            return await self._console.create_key(operation, _reader(body), OWN_NAME)

    async def revoke_key(self, key_id: str) -> None:
        """Revoke an API key: it is refused from the next request on.

        Raises:
            NotFoundError: there is no key of this id.
        """
        async with self._changing:
            await self._account.api_keys.revoke_id(key_id)

    async def roles(self) -> list[dict[str, Any]]:
        """Describe the system roles, then the custom ones, with what each allows."""
        custom = [each.record for each in await self._account.roles.custom()]
        return [roles.describe(each) for each in (*SYSTEM_ROLES.values(), *custom)]

    async def members(self) -> list[dict[str, Any]]:
        """Describe the members of the account, in the order in which they joined."""
        return [members.describe(each) for each in await self._account.members.all()]

    async def accept_invitation(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Make the invited person a member.

        Raises:
            NotFoundError: the invitation is not open.
        """
        async with self._changing:
            sender = self._sender("AcceptInvitation")
            return await self._console.accept_invitation(sender, _reader(given))

    async def change_member(self, user_name: str, role: object) -> dict[str, Any]:
        """Give a member another system role, by its id or name.

        Raises:
            BadRequestError: there is no such system role.
            NotFoundError: there is no such member.
            FailedPreconditionError: it is the last Owner.
        """
        role_id = members.parse_system_role(_id_of(role), "role")
        async with self._changing:
            await self._account.members.require(user_name)
            changed = await self._account.members.change_role(user_name, role_id)
        return members.describe(changed)

    async def remove_member(self, user_name: str) -> None:
        """Remove a member.

        Raises:
            NotFoundError: there is no such member.
            FailedPreconditionError: it is the last Owner.
        """
        async with self._changing:
            await self._account.members.remove(user_name)

    async def invitations(self) -> list[dict[str, Any]]:
        """Describe the open invitations, in the order of their creation."""
        found = await self._account.members.invitations()
        return [members.describe_invitation(each) for each in found]

    async def invite(self, user_name: object, role: object = None) -> dict[str, Any]:
        """Invite a person, by default with the role Viewer.

        Raises:
            BadRequestError: the name or the role is not valid.
            AlreadyExistsError: the person is already a member or invited.
        """
        body = {"user_name": user_name} | ({} if role is None else {"role_id": _id_of(role)})
        async with self._changing:
            return await self._console.invite(self._sender("InviteMember"), _reader(body))

    async def revoke_invitation(self, invitation_id: str) -> None:
        """Revoke an invitation.

        Raises:
            NotFoundError: it is not open.
        """
        async with self._changing:
            await self._account.members.revoke_invitation(invitation_id)

    def _operation(self, name: str) -> Operation:
        return Operation(name, "", "", self._clock.now())

    def _sender(self, name: str) -> Sender:
        return Sender(self._operation(name))


def _id_of(role: object) -> object:
    """Return the id of a system role that is given by its name; anything else as it is."""
    named = (each.role_id for each in SYSTEM_ROLES.values() if each.role_name == role)
    return next(named, role)


def _reader(document: Mapping[str, object]) -> Any:
    async def read_body() -> object:
        return {name: value for name, value in document.items() if value is not None}

    return read_body
