"""The console: what no documented HTTP API does, but Momento's console or SDKs do.

That is making v1 keys and disposable tokens (D51), and the membership of the account (D52).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emulator.auth.access import LIST_MEMBERS
from emulator.auth.authentication import Caller
from emulator.auth.system_roles import OWNER, VIEWER
from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import as_object, forbid_unknown, invalid, member, text, whole_number
from emulator.core.errors import BadRequestError, ForbiddenError
from emulator.core.model import Member
from emulator.core.operation import Operation
from emulator.service.account import api_keys, tokens
from emulator.service.account import members as membership
from emulator.service.account.roles import parse_description
from emulator.service.account.services import AccountServices
from emulator.service.admission import Admission, Admitted, ReadBody
from emulator.service.credential_admission import CredentialAdmission
from emulator.service.names import parse_segment


class Sender(NamedTuple):
    """The operation, and the user names that the request gives for the acting member."""

    operation: Operation
    acting: Sequence[str] = ()


class _Names(NamedTuple):
    """The decoded path segment, and whether it is the name of the acting member."""

    decoded: str
    is_own: bool


class Console:
    """The operations of the console.

    User names and ids are as in the raw path. Every method returns the body of its answer, and
    raises a ``ServiceError``.
    """

    def __init__(
        self,
        admission: Admission,
        credential_admission: CredentialAdmission,
        account: AccountServices,
        clock: Clock,
    ) -> None:
        self._admission = admission
        self._credential_admission = credential_admission
        self._account = account
        self._members = account.members
        self._clock = clock

    async def create_key(
        self, operation: Operation, read_body: ReadBody, endpoint: str
    ) -> dict[str, Any]:
        """A new key, of either version and any role (D53): a v1 key carries ``endpoint``.

        The body has ``role``, an id or a name, and may have ``description``, ``v1`` and
        ``expires_in_seconds``, which counts on the emulator's clock.
        """
        sent = await self._credential_admission.body_of_change(operation, read_body)
        body = as_object(sent, "request body")
        forbid_unknown(body, "", ("role", "description", "expires_in_seconds", "v1"))
        role = text(member(body, "role"), "role")
        v1 = body.get("v1", False)
        if not isinstance(v1, bool):
            invalid("v1", "it must be true or false")
        description = parse_description(body.get("description", ""))
        expires_at = self._expiry(body)
        created = await self._account.api_keys.create(
            (await self._account.roles.find(role)).role_id,
            description=description,
            expires_at=expires_at,
            v1_endpoint=endpoint if v1 else None,
        )
        return api_keys.describe_new(created, await self._account.account_id())

    async def create_token(
        self, operation: Operation, read_body: ReadBody, endpoint: str
    ) -> dict[str, Any]:
        """A new disposable token that carries ``endpoint``."""
        body = await self._credential_admission.body_of_change(operation, read_body)
        definition = tokens.parse_definition(body)
        return tokens.describe(await self._account.tokens.create(definition, endpoint))

    async def list_members(self, sender: Sender) -> dict[str, Any]:
        """The members of the account."""
        await self._admit_reader(sender)
        return {
            "account_members": [membership.describe(each) for each in await self._members.all()]
        }

    async def list_invitations(self, sender: Sender) -> dict[str, Any]:
        """The open invitations."""
        await self._admit_reader(sender)
        return {
            "invitations": [
                membership.describe_invitation(each) for each in await self._members.invitations()
            ]
        }

    async def change_member(
        self, sender: Sender, raw_user_name: str, read_body: ReadBody
    ) -> dict[str, Any]:
        """Give a member another role."""
        admitted = await self._admit_owner(sender, raw_user_name, others_only=True)
        user_name = admitted.names.decoded
        await self._members.require(user_name)
        body = await self._body(admitted, read_body, "role_id")
        role_id = membership.parse_system_role(member(body, "role_id"))
        return membership.describe(await self._members.change_role(user_name, role_id))

    async def remove_member(self, sender: Sender, raw_user_name: str) -> dict[str, Any]:
        """Remove a member: another one, or oneself, which is to leave (D147)."""
        admitted = await self._admit_owner(sender, raw_user_name, may_leave=True)
        user_name, is_own = admitted.names
        if is_own:
            await self._members.leave(user_name)
        else:
            await self._members.remove(user_name)
        return {}

    async def invite(self, sender: Sender, read_body: ReadBody) -> dict[str, Any]:
        """Invite a person, by default with the role Viewer."""
        admitted = await self._admit_owner(sender)
        body = await self._body(admitted, read_body, "user_name", "role_id")
        user_name = membership.parse_user_name(member(body, "user_name"))
        role_id = membership.parse_system_role(body.get("role_id", VIEWER.role_id))
        return membership.describe_invitation(await self._members.invite(user_name, role_id))

    async def revoke_invitation(self, sender: Sender, raw_id: str) -> dict[str, Any]:
        """Revoke an invitation."""
        admitted = await self._admit_owner(sender, raw_id)
        await self._members.revoke_invitation(admitted.names.decoded)
        return {}

    async def accept_invitation(self, sender: Sender, read_body: ReadBody) -> dict[str, Any]:
        """Make an invited person a member. That person has no key yet, so the Owner's is needed."""
        admitted = await self._admit_owner(sender)
        body = await self._body(admitted, read_body, "invitation_id")
        invitation_id = text(member(body, "invitation_id"), "invitation_id")
        return membership.describe(await self._members.accept(invitation_id))

    async def _admit_reader(self, sender: Sender) -> None:
        async def parse(_operation: Operation) -> None:
            await self._acting_member(sender)  # Every member may read.

        await self._admission.admit(sender.operation, LIST_MEMBERS, parse)

    async def _admit_owner(
        self,
        sender: Sender,
        raw_segment: str = "",
        *,
        may_leave: bool = False,
        others_only: bool = False,
    ) -> Admitted[_Names]:
        """Admit a change of the membership.

        Where the request names an acting member, both the key's role and that member's have to be
        Owner. With ``may_leave`` a member of any role may act on itself, with ``others_only`` none
        may.
        """
        acting: Member | None = None
        is_own = False

        async def parse(_operation: Operation) -> _Names:
            nonlocal acting, is_own
            decoded = parse_segment(raw_segment, "path")
            acting = await self._acting_member(sender)
            is_own = acting is not None and acting.user_name == decoded
            return _Names(decoded, is_own)

        def authorize(caller: Caller) -> None:
            leaves = may_leave and is_own
            is_owner = acting is None or leaves or acting.role_id == OWNER.role_id
            if not (_is_owner(caller) and is_owner):
                raise ForbiddenError(
                    "Only the role Owner changes the account's membership; no permission grants it"
                )
            if others_only and is_own:
                raise ForbiddenError("Nobody changes their own role: another Owner has to")

        return await self._admission.admit(sender.operation, authorize, parse)

    async def _body(
        self, admitted: Admitted[Any], read_body: ReadBody, *known: str
    ) -> Mapping[str, object]:
        """The body of a change, of the ``known`` members."""
        body = as_object(await self._admission.body(admitted, read_body), "request body")
        forbid_unknown(body, "", known)
        return body

    async def _acting_member(self, sender: Sender) -> Member | None:
        if not sender.acting:
            return None
        found = await self._members.find(sender.acting[0]) if len(sender.acting) == 1 else None
        if found is None:
            raise BadRequestError("The acting member is not a member of the account")
        return found

    def _expiry(self, body: Mapping[str, object]) -> int | None:
        if "expires_in_seconds" not in body:
            return None
        now = self._clock.now() // MICROSECONDS
        seconds = whole_number(body["expires_in_seconds"], "expires_in_seconds")
        if not 1 <= seconds <= LAST_SECOND - now:
            invalid("expires_in_seconds", "it must be at least 1, and end before the year 10000")
        return now + seconds


def _is_owner(caller: Caller) -> bool:
    return caller.role is not None and caller.role.role_id == OWNER.role_id
