"""Handle of the account: its API keys, roles, members and invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from emulator.core.instants import as_json
from emulator.handles.run import Handle

__tracebackhide__ = True  # pytest shows the line of the test that called.


class AccountHandle(Handle):
    """The account, with the account's own authority. Objects are as in the Auth APIs."""

    def api_keys(self) -> list[dict[str, Any]]:
        """Return the API keys that have not expired, in the order of their creation."""
        return self._run(lambda control: control.account.keys())

    def create_key(
        self,
        role: str,
        *,
        description: str = "",
        expires_in: int | str | timedelta | None = None,
        v1: bool = False,
    ) -> dict[str, Any]:
        """Create an API key of a role, by its id or name; return ``api_key``, the key itself, and
        ``key_info``. ``expires_in`` may be text as ``"1h"``, or a ``timedelta``.

        Raises:
            LookupError: there is no such role.
            ValueError: a value is not valid.
        """
        given = {"role": role, "description": description, "v1": v1}
        lifetime = as_json(expires_in)
        return self._run(
            lambda control: control.account.create_key({**given, "expires_in": lifetime})
        )

    def revoke_key(self, key_id: str) -> None:
        """Revoke the API key of this id.

        Raises:
            LookupError: there is none.
        """
        self._run(lambda control: control.account.revoke_key(key_id))

    def roles(self) -> list[dict[str, Any]]:
        """Return the system roles, then the custom ones."""
        return self._run(lambda control: control.account.roles())

    def members(self) -> list[dict[str, Any]]:
        """Return the members, in the order in which they joined."""
        return self._run(lambda control: control.account.members())

    def accept_invitation(self, invitation_id: str) -> dict[str, Any]:
        """Make the invited person a member, and return it.

        Raises:
            LookupError: the invitation is not open.
        """
        given = {"invitation_id": invitation_id}
        return self._run(lambda control: control.account.accept_invitation(given))

    def change_member(self, user_name: str, role: str) -> dict[str, Any]:
        """Give a member another system role, and return it.

        Raises:
            LookupError: there is no such member.
            ValueError: there is no such system role, or it is the last Owner.
        """
        return self._run(lambda control: control.account.change_member(user_name, role))

    def remove_member(self, user_name: str) -> None:
        """Remove a member.

        Raises:
            LookupError: there is no such member.
            ValueError: it is the last Owner.
        """
        self._run(lambda control: control.account.remove_member(user_name))

    def invitations(self) -> list[dict[str, Any]]:
        """Return the open invitations, in the order of their creation."""
        return self._run(lambda control: control.account.invitations())

    def invite(self, user_name: str, role: str | None = None) -> dict[str, Any]:
        """Invite a person, by default with the role Viewer; return the invitation.

        Raises:
            ValueError: the name or role is not valid, or the person is a member or invited already.
        """
        return self._run(lambda control: control.account.invite(user_name, role))

    def revoke_invitation(self, invitation_id: str) -> None:
        """Revoke an invitation.

        Raises:
            LookupError: it is not open.
        """
        self._run(lambda control: control.account.revoke_invitation(invitation_id))
