"""A change whose body is long in coming: who may make it is asked again once it has come."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .api import HOUR, JSON, KEYS, NOW, ROLES, TOKENS, Api, Clock
from .expect import expect_refusal
from .membership import INVITATIONS, MEMBERS, Membership
from .permission_sets import READING

pytestmark = [pytest.mark.proves("Key lifecycle: Revoke"), pytest.mark.proves("D58")]

ROLE = {"role_name": "Readers", "permissions": READING}
CHANGES = {
    "a-key": ("POST", KEYS, {"role_id": "owner", "description": "", "expiry": "never"}),
    "a-key-of-either-version": ("POST", "/_emulator/api-keys", {"role": "owner"}),
    "a-token": ("POST", TOKENS, {"permissions": READING, "expires_in_seconds": 60}),
    "a-role": ("POST", ROLES, ROLE),
    "an-invitation": ("POST", INVITATIONS, {"user_name": "eve", "role_id": "owner"}),
    "an-accepted-invitation": ("POST", MEMBERS, {"invitation_id": "unknown"}),
    "another-role": ("PUT", f"{MEMBERS}/ada", {"role_id": "owner"}),
}
WRONG = {
    "no-json": b"{",
    "no-object": b"[]",
    "a-member-twice": b'{"role_id": "owner", "role_id": "owner"}',
    "an-unknown-member": b'{"unknown": 1}',
    "too-large": b" " * (1024 * 1024 + 1),
}


def revoking(owner: Api, key_id: str) -> Callable[[], None]:
    """What revokes a key."""

    def revoke() -> None:
        assert owner.revoke_key(key_id).status == 200

    return revoke


@pytest.mark.parametrize(("method", "path", "document"), CHANGES.values(), ids=CHANGES)
def test_a_key_that_is_revoked_meanwhile_changes_nothing(
    owner: Api, account: Membership, method: str, path: str, document: object
) -> None:
    account.join("ada")
    revoked = owner.new_key("owner")
    before = (owner.all_roles(), account.members(), account.invitations())

    body = json.dumps(document).encode()
    client = owner.client.with_key(revoked.api_key)
    revoke = revoking(owner, revoked.key_id)
    expect_refusal(client.send_late(method, path, body, revoke, headers=[JSON]), 401)
    assert (owner.all_roles(), account.members(), account.invitations()) == before
    assert revoked.key_id not in [key["key_id"] for key in owner.all_keys()]


def test_a_role_is_not_replaced_by_a_key_that_is_revoked_meanwhile(owner: Api) -> None:
    role, revoked = owner.new_role(READING), owner.new_key("operator")
    path, body = f"{ROLES}/{role['role_id']}", json.dumps(ROLE).encode()
    client = owner.client.with_key(revoked.api_key)

    revoke = revoking(owner, revoked.key_id)
    expect_refusal(client.send_late("PUT", path, body, revoke, headers=[JSON]), 401)
    assert owner.all_roles(type="custom") == [role]


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("method", "path", "_"), CHANGES.values(), ids=CHANGES)
def test_a_revoked_key_is_named_before_what_is_wrong_with_the_body(
    owner: Api, account: Membership, method: str, path: str, _: object, body: bytes
) -> None:
    account.join("ada")
    revoked = owner.new_key("owner")
    client = owner.client.with_key(revoked.api_key)
    revoke = revoking(owner, revoked.key_id)
    expect_refusal(client.send_late(method, path, body, revoke, headers=[JSON]), 401)


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("method", "path", "_"), CHANGES.values(), ids=CHANGES)
def test_a_key_that_expires_meanwhile_is_named_before_what_is_wrong_with_the_body(
    owner: Api, account: Membership, clock: Clock, method: str, path: str, _: object, body: bytes
) -> None:
    account.join("ada")
    expiring = owner.new_key("owner", expiry=NOW + HOUR)
    client = owner.client.with_key(expiring.api_key)
    answer = client.send_late(method, path, body, lambda: clock.advance(HOUR), headers=[JSON])
    expect_refusal(answer, 401, mentions=["expired"])
