"""The members of the account, and its open invitations (D52)."""

from __future__ import annotations

import contextlib
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
from emulator.core.documents import invalid, text
from emulator.core.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from emulator.core.model import Invitation, Member
from emulator.core.private import new_id

FOUNDER = "owner@example.com"
"""The first member of an account, unless a seed names members."""

LONGEST_USER_NAME = 255


def parse_user_name(value: object) -> str:
    """Parse a user name in a request.

    Raises:
        BadRequestError: it is not text of 1 to 255 characters.
    """
    return text(value, "user_name", longest=LONGEST_USER_NAME)


def parse_system_role(value: object, path: str = "role_id") -> str:
    """Parse the id of a member's role in a request.

    Raises:
        BadRequestError: it is not that of a system role; members cannot have other roles.
    """
    role_id = text(value, path)
    if role_id not in SYSTEM_ROLES:
        invalid(path, f"it must be a system role, one of {', '.join(SYSTEM_ROLES)}")
    return role_id


def describe(member: Member) -> dict[str, Any]:
    """Return the member object of the Auth APIs."""
    role = SYSTEM_ROLES.get(member.role_id)
    return {
        "user_name": member.user_name,
        "role_id": member.role_id,
        "role_name": role.role_name if role else member.role_id,
    }


def describe_invitation(invitation: Invitation) -> dict[str, Any]:
    """Return the invitation object of the Auth APIs."""
    return {
        "id": invitation.invitation_id,
        "account_member": describe(Member(invitation.user_name, invitation.role_id)),
    }


class Members:
    """The members of the account and the open invitations. There is always an Owner."""

    def __init__(self, account: AccountBackend) -> None:
        self._account = account

    async def all(self) -> list[Member]:
        """List the members in the order in which they joined (D24)."""
        return [entry.record for entry in in_creation_order(await self._account.entries(MEMBERS))]

    async def invitations(self) -> list[Invitation]:
        """List the open invitations in the order of their creation (D24)."""
        return [
            entry.record for entry in in_creation_order(await self._account.entries(INVITATIONS))
        ]

    async def find(self, user_name: str) -> Member | None:
        """Return the member of this name, or None."""
        found = await self._account.get(MEMBERS, user_name)
        return None if found is None else found.record

    async def require(self, user_name: str) -> Versioned[Member]:
        """Return the member of this name.

        Raises:
            NotFoundError: there is none.
        """
        found = await self._account.get(MEMBERS, user_name)
        if found is None:
            raise NotFoundError(f"There is no member {user_name}")
        return found

    async def ensure_owner(self) -> None:
        """Add the founder as Owner if the account has no Owner."""
        if not any(member.role_id == OWNER.role_id for member in await self.all()):
            await self.put(Member(FOUNDER, OWNER.role_id))

    async def put(self, member: Member) -> None:
        """Add or replace a member; an invitation of the same name is removed. For the start."""
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
        """Invite a person, unless that is a member already. For the start."""
        found = await self._account.get(INVITATIONS, user_name)
        if found is not None and found.record.role_id == role_id:
            return
        # Other emulators may do the same now.
        with contextlib.suppress(AlreadyExistsError, NotFoundError):
            if found is not None:
                await self.revoke_invitation(found.record.invitation_id)
            await self.invite(user_name, role_id)

    async def change_role(self, user_name: str, role_id: str) -> Member:
        """Change a member's system role.

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

    async def leave(self, user_name: str) -> None:
        """Remove a member who leaves.

        Raises:
            NotFoundError: there is no such member.
            FailedPreconditionError: it is an Owner, the last one or not (D147).
        """
        while True:
            found = await self.require(user_name)
            if found.record.role_id == OWNER.role_id:
                raise FailedPreconditionError(
                    f"{user_name} is an Owner, who cannot leave: another Owner has to change that "
                    "role first"
                )
            try:
                await self._account.commit(Change(MEMBERS, user_name, None, found.version))
            except ConflictError:
                continue
            return

    async def invite(self, user_name: str, role_id: str) -> Invitation:
        """Invite a person. An invitation does not expire.

        Raises:
            AlreadyExistsError: the person is already a member or invited.
        """
        taken = {each.invitation_id for each in await self.invitations()}
        invitation = Invitation(new_id(taken), user_name, role_id)
        try:
            await self._account.commit(
                Change(MEMBERS, user_name, None, None),  # Conflicts if the person is a member now.
                Change(INVITATIONS, user_name, invitation, None),
            )
        except ConflictError:
            raise AlreadyExistsError(f"{user_name} is already a member or invited") from None
        return invitation

    async def revoke_invitation(self, invitation_id: str) -> None:
        """Revoke an invitation.

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
        """Accept an invitation: the invited person becomes a member.

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
        """Return a change that writes another Owner again unchanged: if the last two Owners leave
        at the same time, one of the commits conflicts."""
        for entry in (await self._account.entries(MEMBERS)).values():
            if entry.record.role_id == OWNER.role_id and entry.record.user_name != user_name:
                return Change(MEMBERS, entry.record.user_name, entry.record, entry.version)
        raise FailedPreconditionError(
            f"{user_name} is the account's last Owner, who cannot be removed or get another role"
        )


def _no_invitation(invitation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no open invitation with the id {invitation_id}")
