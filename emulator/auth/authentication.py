"""From what a request shows of its sender to a caller, and from a caller to yes or no."""

from __future__ import annotations

from typing import NamedTuple

from emulator.auth.keys import digest, key_proper
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.auth.tokens import verify_token
from emulator.backends.account.base import API_KEYS, ROLES, AccountBackend, opened_account
from emulator.core.clock import Clock
from emulator.core.errors import ForbiddenError, UnauthorizedError
from emulator.core.model import Role
from emulator.core.operation import Credentials
from emulator.core.permission_set import NOTHING, Access, PermissionSet


class Caller(NamedTuple):
    """Who asks, by the id of the key or token, and from where.

    ``role`` is the key's, None for a disposable token and for a key whose role is gone (D47).
    """

    key_id: str
    role: Role | None
    permissions: PermissionSet
    address: str | None = None

    def require(self, access: Access, store: str = "", key: str = "") -> None:
        """Refuse the caller what its permission set does not allow.

        ``store`` and ``key`` say on which object, where ``access`` is to one.

        Raises:
            ForbiddenError: no rule grants ``access``, or a condition keeps the caller out.
        """
        if not self.permissions.allows(access, store, key):
            raise ForbiddenError(
                f"{self._title()} does not allow {access.permission} on {access.resource}"
            )
        if self.permissions.allowed_ranges and not self.permissions.admits(self.address):
            raise ForbiddenError(f"{self._title()} does not admit callers from this IP address")

    def _title(self) -> str:
        if self.role is not None:
            return f"The API key's role, {self.role.role_name},"
        if self.permissions is NOTHING:
            return "The API key's role, which has been deleted,"
        return "The disposable token"


class Authenticator:
    """Knows the account's keys by their digests; a key costs one look-up and no signature."""

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def authenticate(self, credentials: Credentials) -> Caller:
        """The caller who sent these credentials.

        Raises:
            UnauthorizedError: there is not exactly one ``Authorization`` header, or what it holds
                is no key or token of this account, or one that has expired.
        """
        authorization, address = credentials
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
            if found is None:
                return await self._token_holder(key, address)
        record = found.record
        if record.expires_at is not None:
            self._require_time_left(record.expires_at)
        role = SYSTEM_ROLES.get(record.role_id)
        if role is None:
            custom = await self._account.get(ROLES, record.role_id)
            if custom is None:
                return Caller(record.key_id, None, NOTHING, address)
            role = custom.record
        return Caller(record.key_id, role, role.permissions, address)

    async def _token_holder(self, key: str, address: str | None) -> Caller:
        # Where the account is gone, nobody can say of a key that it is unknown.
        account = await opened_account(self._account)
        claims = verify_token(key, account.signing_secret)
        if claims is None:
            raise UnauthorizedError("Invalid API key: it is not known here, or was revoked")
        self._require_time_left(claims.expires_at)
        return Caller(claims.token_id, None, claims.permissions, address)

    def _require_time_left(self, expires_at: int) -> None:
        if self._clock.has_reached(expires_at):
            raise UnauthorizedError("Invalid API key: it has expired")


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
