"""Keys as SDKs make them: with permissions instead of a role, and with a token to refresh them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import NamedTuple

from emulator.auth.keys import inner_key, sign
from emulator.auth.system_roles import OWNER
from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import as_object, forbid_unknown, invalid, member, whole_number
from emulator.core.errors import AlreadyExistsError, BadRequestError, NotFoundError
from emulator.core.model import Role
from emulator.core.operation import Operation
from emulator.core.permission_set import PermissionSet, parse_permission_set
from emulator.core.private import new_id
from emulator.service.account.roles import RoleDefinition, parse_description
from emulator.service.account.services import AccountServices
from emulator.service.admission import ReadBody
from emulator.service.credential_admission import CredentialAdmission

SUPER_USER = "super_user"
"""Stands for a permission set: everything is granted."""

_KIND = "r"
_ROLE_DESCRIPTION = "Permissions that an SDK has asked for"


class SdkKey(NamedTuple):
    """A key without its envelope, and what refreshes it.

    ``expires_at`` is in seconds since the Unix epoch; None if it never expires.
    """

    api_key: str
    refresh_token: str
    expires_at: int | None


class SdkKeys:
    """Creates and refreshes v1 keys (D151). Every method raises a ``ServiceError``."""

    def __init__(
        self, admission: CredentialAdmission, account: AccountServices, clock: Clock
    ) -> None:
        self._admission = admission
        self._account = account
        self._clock = clock

    async def create(self, operation: Operation, read_body: ReadBody, endpoint: str) -> SdkKey:
        """A new key with ``permissions``: its role is Owner, or one that has just these.

        The body may have ``description`` and ``expires_in_seconds``.
        """
        sent = await self._admission.body_of_change(operation, read_body)
        body = as_object(sent, "request body")
        forbid_unknown(body, "", ("permissions", "description", "expires_in_seconds"))
        permissions = member(body, "permissions")
        granted = None if permissions == SUPER_USER else parse_permission_set(permissions)
        description = parse_description(body.get("description", ""))
        expires_at = self._end_of(_life(body.get("expires_in_seconds")))
        role = OWNER if granted is None else await self._role_with(granted)
        return await self._make(role.role_id, description, expires_at, endpoint)

    async def refresh(self, operation: Operation, read_body: ReadBody, endpoint: str) -> SdkKey:
        """A new key like the caller's own, for as long as that was to live; that one stays valid.

        A caller of any role may do this, with the refresh token that came with its key.
        """
        admitted = await self._admission.admit_own(operation)
        token = await self._admission.body(admitted, read_body)
        key_id = admitted.caller.key_id
        known = await self._refresh_token(key_id)
        assert isinstance(token, str)
        if not hmac.compare_digest(token.encode(), known.encode()):
            raise BadRequestError("Invalid refresh_token: it did not come with this API key")
        key = await self._account.api_keys.find(key_id)
        life = None if key.expires_at is None else key.expires_at - key.issued_at
        return await self._make(key.role_id, key.description, self._end_of(life), endpoint)

    def _end_of(self, life: int | None) -> int | None:
        """The end of a life of so many seconds that begins now, in seconds since the Unix epoch."""
        if life is None:
            return None
        expires_at = self._clock.now() // MICROSECONDS + life
        if expires_at > LAST_SECOND:
            invalid("expires_in_seconds", "it must end before the year 10000")
        return expires_at

    async def _make(
        self, role_id: str, description: str, expires_at: int | None, endpoint: str
    ) -> SdkKey:
        made = await self._account.api_keys.create(
            role_id, description=description, expires_at=expires_at, v1_endpoint=endpoint
        )
        key = inner_key(made.api_key)
        assert key is not None
        return SdkKey(key, await self._refresh_token(made.record.key_id), expires_at)

    async def _refresh_token(self, key_id: str) -> str:
        """It is signed, not stored: nobody has another one of this key."""
        secret = await self._account.signing_secret()
        return sign({"t": _KIND, "jti": key_id}, secret, None)

    async def _role_with(self, permissions: PermissionSet) -> Role:
        """The role that SDKs' keys with these permissions share; the first one creates it."""
        name = _role_name(permissions)
        while True:
            try:
                role = await self._account.roles.find(name)
            except NotFoundError:
                definition = RoleDefinition(name, permissions, _ROLE_DESCRIPTION)
                try:
                    return await self._account.roles.create(definition)
                except AlreadyExistsError:
                    continue  # By another call, just now.
            if role.permissions.document == permissions.document:
                return role
            name = f"sdk-{new_id()}"  # Somebody has given that one other permissions.


def _role_name(permissions: PermissionSet) -> str:
    document = json.dumps(permissions.document, sort_keys=True).encode()
    return f"sdk-{hashlib.sha256(document).hexdigest()[:16]}"


def _life(value: object) -> int | None:
    if value is None:
        return None
    seconds = whole_number(value, "expires_in_seconds")
    if seconds < 1:
        invalid("expires_in_seconds", "it must be at least 1")
    return seconds
