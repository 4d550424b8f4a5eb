"""The membership of the account, through the eyes of one client and of one member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.support.raw_client import Fields, Response

from .api import Api

MEMBERS = "/_emulator/account/members"
INVITATIONS = "/_emulator/account/invitations"
ACTING = "Momento-Emulator-Member"


@dataclass(frozen=True)
class Membership:
    """What can be done to members and invitations; `acting` is the member who is said to do it."""

    api: Api
    acting: str | None = None

    def acted_by(self, user_name: str) -> Membership:
        return Membership(self.api, user_name)

    def with_key(self, key: str | bytes | None) -> Membership:
        return Membership(self.api.with_key(key), self.acting)

    def call(self, method: str, path: str, document: object = None) -> Response:
        headers: Fields = [] if self.acting is None else [(ACTING, self.acting)]
        return self.api.call(method, path, document, headers=headers)

    def list_members(self) -> Response:
        return self.call("GET", MEMBERS)

    def members(self) -> dict[str, str]:
        """The roles of the members by their names, in the order of the service."""
        members: list[dict[str, Any]] = self.list_members().json["account_members"]
        return {member["user_name"]: member["role_id"] for member in members}

    def list_invitations(self) -> Response:
        return self.call("GET", INVITATIONS)

    def invitations(self) -> list[dict[str, Any]]:
        return list(self.list_invitations().json["invitations"])

    def invite(self, user_name: object, **more: object) -> Response:
        return self.call("POST", INVITATIONS, {"user_name": user_name, **more})

    def new_invitation(self, user_name: str, role_id: str = "viewer") -> str:
        """The id of an invitation that was made."""
        answer = self.invite(user_name, role_id=role_id)
        assert answer.status == 200, answer
        return str(answer.json["id"])

    def revoke(self, invitation_id: str) -> Response:
        return self.call("DELETE", f"{INVITATIONS}/{quote(invitation_id, safe='')}")

    def accept(self, invitation_id: object) -> Response:
        return self.call("POST", MEMBERS, {"invitation_id": invitation_id})

    def join(self, user_name: str, role_id: str = "viewer") -> Membership:
        """A new member, who was invited and has accepted, and who acts from here on."""
        assert self.accept(self.new_invitation(user_name, role_id)).status == 200
        return self.acted_by(user_name)

    def change(self, user_name: str, role_id: object) -> Response:
        path = f"{MEMBERS}/{quote(user_name, safe='')}"
        return self.call("PUT", path, {"role_id": role_id})

    def remove(self, user_name: str) -> Response:
        return self.call("DELETE", f"{MEMBERS}/{quote(user_name, safe='')}")
