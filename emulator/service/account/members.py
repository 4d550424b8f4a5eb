"""Who belongs to the account: its members, and the invitations that are open (D52)."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any

from emulator.auth.system_roles import OWNER, SYSTEM_ROLES
from emulator.backends.account.base import (
    INVITATIONS,
    MEMBERS,
    AccountBackend,
    Change,
    ConflictError,
    Versioned,
    in_creation_order,
)
from emulator.core.documents import refuse, text
from emulator.core.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
)
from emulator.core.model import Invitation, Member

FOUNDER = "owner@example.com"
"""The first member of an account for which nobody named one."""

LONGEST_USER_NAME = 255


def parse_user_name(value: object) -> str:
    """A user name in a request.

    Raises:
        BadRequestError: it is no text of 1 to 255 characters.
    """
    return text(value, "user_name", longest=LONGEST_USER_NAME)


def parse_system_role(value: object, path: str = "role_id") -> str:
    """The id of a member's role in a request.

    Raises:
        BadRequestError: it is not that of a system role: members have no others.
    """
    role_id = text(value, path)
    if role_id not in SYSTEM_ROLES:
        refuse(path, f"a member has a system role, one of {', '.join(SYSTEM_ROLES)}")
    return role_id


def describe(member: Member) -> dict[str, Any]:
    """A member as the Auth APIs show one."""
    role = SYSTEM_ROLES.get(member.role_id)
    return {
        "user_name": member.user_name,
        "role_id": member.role_id,
        "role_name": role.role_name if role else member.role_id,
    }


def describe_invitation(invitation: Invitation) -> dict[str, Any]:
    """An invitation as the Auth APIs show one."""
    return {
        "id": invitation.invitation_id,
        "account_member": describe(Member(invitation.user_name, invitation.role_id)),
    }


class Members:
    """The members of the account and the open invitations. There is always an Owner."""

    def __init__(self, account: AccountBackend) -> None:
        self._account = account

    async def all(self) -> list[Member]:
        """The members, in the order in which they came (D24)."""
        return [entry.record for entry in in_creation_order(await self._account.entries(MEMBERS))]

    async def invitations(self) -> list[Invitation]:
        """The open invitations, in the order in which they were made (D24)."""
        return [
            entry.record for entry in in_creation_order(await self._account.entries(INVITATIONS))
        ]

    async def find(self, user_name: str) -> Member | None:
        """The member of that name, if there is one."""
        found = await self._account.get(MEMBERS, user_name)
        return None if found is None else found.record

    async def require(self, user_name: str) -> Versioned[Member]:
        """The member of that name.

        Raises:
            NotFoundError: there is none.
        """
        found = await self._account.get(MEMBERS, user_name)
        if found is None:
            raise NotFoundError(f"There is no member {user_name}")
        return found

    async def ensure_owner(self) -> None:
        """Make sure that the account has an Owner: every account begins with one."""
        if not any(member.role_id == OWNER.role_id for member in await self.all()):
            await self.put(Member(FOUNDER, OWNER.role_id))

    async def put(self, member: Member) -> None:
        """Have that member, whoever had the name before. For what an account begins with."""
        while True:
            found = await self._account.get(MEMBERS, member.user_name)
            invited = await self._account.get(INVITATIONS, member.user_name)
            changes: list[Change[Any]] = [
                Change(MEMBERS, member.user_name, member, found.version if found else None)
            ]
            if invited is not None:
                changes.append(Change(INVITATIONS, member.user_name, None, invited.version))
            try:
                await self._account.commit(*changes)
            except ConflictError:
                continue
            return

    async def put_invitation(self, user_name: str, role_id: str) -> None:
        """Have that person invited who is not a member yet. For what an account begins with."""
        found = await self._account.get(INVITATIONS, user_name)
        if found is not None and found.record.role_id == role_id:
            return
        with contextlib.suppress(AlreadyExistsError, NotFoundError):  # Others may do the same.
            if found is not None:
                await self.revoke_invitation(found.record.invitation_id)
            await self.invite(user_name, role_id)

    async def change_role(self, user_name: str, role_id: str) -> Member:
        """Give a member another system role.

        Raises:
            NotFoundError: there is no such member.
            FailedPreconditionError: it is the last Owner.
        """
        changed = Member(user_name, role_id)
        await self._change(user_name, changed, leaves_owners=role_id != OWNER.role_id)
        return changed

    async def remove(self, user_name: str) -> None:
        """Remove a member.

        Raises:
            NotFoundError: there is no such member.
            FailedPreconditionError: it is the last Owner.
        """
        await self._change(user_name, None, leaves_owners=True)

    async def invite(self, user_name: str, role_id: str) -> Invitation:
        """Invite a person; who does not answer stays invited.

        Raises:
            AlreadyExistsError: the person is a member, or invited already.
        """
        invitation = Invitation(uuid.uuid4().hex, user_name, role_id)
        try:
            await self._account.commit(
                Change(MEMBERS, user_name, None, None),  # Who becomes a member now is not invited.
                Change(INVITATIONS, user_name, invitation, None),
            )
        except ConflictError:
            raise AlreadyExistsError(f"{user_name} is a member, or invited, already") from None
        return invitation

    async def revoke_invitation(self, invitation_id: str) -> None:
        """Take an invitation back.

        Raises:
            NotFoundError: it is not open.
        """
        invitation = await self._invitation(invitation_id)
        try:
            await self._account.commit(
                Change(INVITATIONS, invitation.record.user_name, None, invitation.version)
            )
        except ConflictError:
            raise _no_invitation(invitation_id) from None

    async def accept(self, invitation_id: str) -> Member:
        """Make the person a member who was invited.

        Raises:
            NotFoundError: the invitation is not open.
        """
        invitation = await self._invitation(invitation_id)
        member = Member(invitation.record.user_name, invitation.record.role_id)
        try:
            await self._account.commit(
                Change(INVITATIONS, member.user_name, None, invitation.version),
                Change(MEMBERS, member.user_name, member, None),
            )
        except ConflictError:
            raise _no_invitation(invitation_id) from None
        return member

    async def _invitation(self, invitation_id: str) -> Versioned[Invitation]:
        for entry in (await self._account.entries(INVITATIONS)).values():
            if entry.record.invitation_id == invitation_id:
                return entry
        raise _no_invitation(invitation_id)

    async def _change(self, user_name: str, changed: Member | None, *, leaves_owners: bool) -> None:
        while True:
            found = await self.require(user_name)
            changes: list[Change[Any]] = [Change(MEMBERS, user_name, changed, found.version)]
            if leaves_owners and found.record.role_id == OWNER.role_id:
                changes.append(await self._another_owner(user_name))
            try:
                await self._account.commit(*changes)
            except ConflictError:
                continue
            return

    async def _another_owner(self, user_name: str) -> Change[Member]:
        """Another Owner, written again as it is: so that of two who go at the same time, each the
        other's last, only one can."""
        for entry in (await self._account.entries(MEMBERS)).values():
            if entry.record.role_id == OWNER.role_id and entry.record.user_name != user_name:
                return Change(MEMBERS, entry.record.user_name, entry.record, entry.version)
        raise FailedPreconditionError(
            f"{user_name} is the account's last Owner, who can be neither removed nor demoted"
        )


def _no_invitation(invitation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no open invitation with the id {invitation_id}")
