"""Authenticate the sender of a request, and check its permissions."""

from __future__ import annotations

from typing import NamedTuple

from emulator.auth.keys import digest, inner_key
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.auth.tokens import verify_token
from emulator.backends.account.base import (
    API_KEYS,
    ROLES,
    AccountBackend,
    Records,
    require_account,
)
from emulator.core.clock import Clock
from emulator.core.errors import ForbiddenError, UnauthorizedError
from emulator.core.model import ApiKey, Role
from emulator.core.operation import Credentials
from emulator.core.permission_set import NOTHING, Access, PermissionSet


class Caller(NamedTuple):
    """The sender of a request: the id of its key or token, and its IP address.

    ``role`` is that of the key; None for a disposable token, and for a key whose role was deleted
    (D47).
    """

    key_id: str
    role: Role | None
    permissions: PermissionSet
    address: str | None = None

    def require(self, access: Access, store: str = "", key: str = "") -> None:
        """Refuse what the caller's permission set does not allow.

        ``store`` and ``key`` name the object, if ``access`` is to one.

        Raises:
            ForbiddenError: no rule grants ``access``, or a condition refuses the IP address.
        """
        if not self.permissions.allows(access, store, key):
            raise ForbiddenError(
                f"{self._title()} does not allow {access.permission} on {access.resource}"
            )
        if self.permissions.allowed_ranges and not self.permissions.admits(self.address):
            raise ForbiddenError(f"{self._title()} does not allow callers from this IP address")

    def _title(self) -> str:
        if self.role is not None:
            return f"The API key's role, {self.role.role_name},"
        if self.permissions is NOTHING:
            return "The API key's role, which has been deleted,"
        return "The disposable token"


_OF_UNSET_VARIABLES = ("undefined", "null", "None")
"""What clients in JavaScript and Python send for a key that they do not have."""

REMEMBERED_CALLERS = 1024
"""How many callers are remembered at most."""


class _Remembered(NamedTuple):
    caller: Caller
    expires_at: int | None


class Authenticator:
    """Finds API keys by their digests: one look-up for each key, no check of a signature.

    Callers are remembered until any record of the account changes.
    """

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._remembered: dict[tuple[str, str | None], _Remembered] = {}
        """By the ``Authorization`` header and the IP address."""
        self._records: Records | None = None
        """Those that the remembered callers were found in."""

    def authenticate_now(self, credentials: Credentials) -> Caller | None:
        """Return the caller if it is remembered, and its key has not expired."""
        records = self._account.records
        if records is not self._records:
            self._remembered.clear()
            self._records = records
        authorization, address = credentials
        if len(authorization) != 1:
            return None
        found = self._remembered.get((authorization[0], address))
        if found is None:
            return None
        caller, expires_at = found
        if expires_at is not None and self._clock.has_reached(expires_at):
            return None
        return caller

    async def authenticate(self, credentials: Credentials) -> Caller:
        """Return the caller that has these credentials.

        Raises:
            UnauthorizedError: there is not exactly one ``Authorization`` header, or it is not a key
                or token of this account, or has expired.
        """
        records = self._account.records
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
            self._require_not_expired(record.expires_at)
        caller = await self._caller(record, address)
        if caller.role is None:
            return caller
        if records is not None and records is self._records is self._account.records:
            if len(self._remembered) >= REMEMBERED_CALLERS:
                self._remembered.clear()
            self._remembered[presented, address] = _Remembered(caller, record.expires_at)
        return caller

    async def _caller(self, record: ApiKey, address: str | None) -> Caller:
        """Return the caller that has the key of ``record``."""
        role = SYSTEM_ROLES.get(record.role_id)
        if role is None:
            custom = await self._account.get(ROLES, record.role_id)
            if custom is None:
                return Caller(record.key_id, None, NOTHING, address)
            role = custom.record
        return Caller(record.key_id, role, role.permissions, address)

    async def _token_holder(self, key: str, address: str | None) -> Caller:
        # Raises if the account record is lost: the key may have been valid then.
        account = await require_account(self._account)
        claims = verify_token(key, account.signing_secret)
        if claims is None:
            raise UnauthorizedError("Invalid API key: it is not known here, or was revoked")
        self._require_not_expired(claims.expires_at)
        return Caller(claims.token_id, None, claims.permissions, address)

    def _require_not_expired(self, expires_at: int) -> None:
        if self._clock.has_reached(expires_at):
            raise UnauthorizedError("Invalid API key: it has expired")


def _require_key_form(presented: str) -> str:
    # D03: a scheme before the key is the most likely mistake, so it has its own message.
    if presented[:7].lower() == "bearer ":
        raise UnauthorizedError(
            "Invalid API key: the Authorization header must be the key itself, "
            "without 'Bearer' before it"
        )
    if presented in _OF_UNSET_VARIABLES:
        raise UnauthorizedError(f"Invalid API key: it is {presented!r}, as of an unset variable")
    key = inner_key(presented)
    if key is None:
        raise UnauthorizedError("Invalid API key: it is neither a v2 nor a v1 key")
    return key
