"""From an ``Authorization`` header to a caller, and from a caller to yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emulator.auth.keys import digest, key_proper
from emulator.auth.permissions import SYSTEM_ROLES, Access, Role
from emulator.backends.account.base import API_KEYS, AccountBackend
from emulator.clock import MICROSECONDS, Clock
from emulator.errors import ForbiddenError, UnauthorizedError


class Caller(NamedTuple):
    """Who asks: the key, by its id, and its role."""

    key_id: str
    role: Role

    def require(self, access: Access) -> None:
        """Refuse the caller what its role does not allow.

        Raises:
            ForbiddenError: the role does not grant ``access``.
        """
        if not self.role.allows(access):
            raise ForbiddenError(
                f"The API key's role, {self.role.role_name}, does not allow "
                f"{access.permission} on {access.resource}"
            )


class Authenticator:
    """Knows the account's keys by their digests; a request costs one look-up, no signature."""

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def authenticate(self, authorization: Sequence[str]) -> Caller:
        """The caller who sent these ``Authorization`` headers.

        Raises:
            UnauthorizedError: there is not exactly one header, or what it holds is no key of
                this account, or one that has expired.
        """
        if len(authorization) != 1:
            raise UnauthorizedError(
                "The Authorization header is given more than once"
                if authorization
                else "Missing API key: send it in the Authorization header"
            )
        presented = authorization[0]
        found = await self._account.get(API_KEYS, digest(presented))
        if found is None:
            key = _require_key_form(presented)
            found = await self._account.get(API_KEYS, digest(key))
        role = None if found is None else SYSTEM_ROLES.get(found.record.role_id)
        if found is None or role is None:
            raise UnauthorizedError("Invalid API key: it is not known here, or was revoked")
        expires_at = found.record.expires_at
        if expires_at is not None and self._clock.now() >= expires_at * MICROSECONDS:
            raise UnauthorizedError("Invalid API key: it has expired")
        return Caller(found.record.key_id, role)


def _require_key_form(presented: str) -> str:
    # D03: a scheme in front of the key is the likeliest mistake, and worth a message of its own.
    if presented[:7].lower() == "bearer ":
        raise UnauthorizedError(
            "Invalid API key: the Authorization header holds the key itself, "
            "without 'Bearer' in front"
        )
    key = key_proper(presented)
    if key is None:
        raise UnauthorizedError("Invalid API key: it has the form of neither a v2 nor a v1 key")
    return key
