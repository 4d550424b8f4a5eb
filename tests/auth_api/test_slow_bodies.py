"""A change whose body is long in coming: who may make it is asked again once it has come."""

from __future__ import annotations

import json

import pytest

from tests.support.raw_client import Client, Response

from .api import JSON, KEYS, ROLES, TOKENS, Api
from .expect import expect_refusal
from .membership import INVITATIONS, MEMBERS, Membership
from .permission_sets import READING

pytestmark = pytest.mark.proves("Key lifecycle: Revoke")

ROLE = {"role_name": "Readers", "permissions": READING}
CHANGES = {
    "a-key": ("POST", KEYS, {"role_id": "owner", "description": "", "expiry": "never"}),
    "a-key-of-either-version": ("POST", "/_emulator/api-keys", {"role": "owner"}),
    "a-token": ("POST", TOKENS, {"permissions": READING, "expires_in_seconds": 60}),
    "a-role": ("POST", ROLES, ROLE),
    "an-invitation": ("POST", INVITATIONS, {"user_name": "eve", "role_id": "owner"}),
    "an-invitation-that-is-no-object": ("POST", INVITATIONS, ["eve"]),
    "another-role": ("PUT", f"{MEMBERS}/ada", {"role_id": "owner"}),
}


def begun(client: Client, method: str, path: str, body: bytes, then: Api, key_id: str) -> Response:
    """The answer to a request whose key is revoked before its body is sent."""
    with client.wire() as wire:
        fields = [JSON, ("Content-Length", str(len(body))), ("Expect", "100-continue")]
        wire.send_head(method, path, client.fields(fields))
        assert wire.answer(method).status == 100
        assert then.revoke_key(key_id).status == 200
        wire.send(body)
        return wire.answer(method)


@pytest.mark.parametrize(("method", "path", "document"), CHANGES.values(), ids=CHANGES)
def test_a_key_that_is_revoked_meanwhile_changes_nothing(
    owner: Api, account: Membership, method: str, path: str, document: object
) -> None:
    account.join("ada")
    revoked = owner.new_key("owner")
    before = (owner.all_roles(), account.members(), account.invitations())

    body = json.dumps(document).encode()
    client = owner.client.with_key(revoked.api_key)
    expect_refusal(begun(client, method, path, body, owner, revoked.key_id), 401)
    assert (owner.all_roles(), account.members(), account.invitations()) == before
    assert revoked.key_id not in [key["key_id"] for key in owner.all_keys()]


def test_a_role_is_not_replaced_by_a_key_that_is_revoked_meanwhile(owner: Api) -> None:
    role, revoked = owner.new_role(READING), owner.new_key("operator")
    body = json.dumps(ROLE).encode()
    client = owner.client.with_key(revoked.api_key)

    answer = begun(client, "PUT", f"{ROLES}/{role['role_id']}", body, owner, revoked.key_id)
    expect_refusal(answer, 401)
    assert owner.all_roles(type="custom") == [role]
