"""API keys of the account: create or import, list, and revoke them."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulator.auth.keys import digest, inner_key, mint_v1, mint_v2
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import (
    API_KEYS,
    ROLES,
    AccountBackend,
    Change,
    ConflictError,
    Versioned,
    in_creation_order,
    require_account,
)
from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import as_object, invalid, member, text, whole_number
from emulator.core.errors import NotFoundError
from emulator.core.model import ApiKey
from emulator.core.private import new_id
from emulator.service.account.roles import parse_description, unknown_role


class KeyDefinition(NamedTuple):
    """The definition in a request for a new key; ``expires_at`` is in seconds since the Unix
    epoch."""

    role_id: str
    description: str
    expires_at: int | None


class NewKey(NamedTuple):
    """A key in plain text, and the record of it in the account."""

    api_key: str
    record: ApiKey


def parse_definition(document: object, now: int) -> KeyDefinition:
    """Parse the body of a request for a new key.

    ``now`` is in microseconds since the Unix epoch.

    Raises:
        BadRequestError: a member is missing or wrong. The message names it.
    """
    body = as_object(document, "request body")
    return KeyDefinition(
        text(member(body, "role_id"), "role_id"),
        parse_description(member(body, "description")),
        _expiry(member(body, "expiry"), now),
    )


def _expiry(value: object, now: int) -> int | None:
    if value == "never":
        return None
    if isinstance(value, str):
        invalid("expiry", 'it must be "never" or a whole number of seconds since the Unix epoch')
    expires_at = whole_number(value, "expiry")
    if expires_at * MICROSECONDS <= now:
        invalid("expiry", "it is in the past")
    if expires_at > LAST_SECOND:
        invalid("expiry", "it is after the year 9999; give seconds, not milliseconds")
    return expires_at


def describe_new(new: NewKey, account_id: str) -> dict[str, Any]:
    """Return the answer to a request for a new key, the only one that contains the key itself."""
    return {"api_key": new.api_key, "key_info": describe(new.record, account_id)}


def describe(key: ApiKey, account_id: str) -> dict[str, Any]:
    """Return the key object of the Auth APIs, which never contains the key itself."""
    expiry = {} if key.expires_at is None else {"expires_at_epoch_seconds": key.expires_at}
    return {
        "key_id": key.key_id,
        "account_id": account_id,
        "description": key.description,
        "role_id": key.role_id,
        **expiry,
        "issued_at_epoch_seconds": key.issued_at,
    }


class ApiKeys:
    """The API keys of the account. A key itself is returned once and not stored."""

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def create(
        self,
        role_id: str,
        *,
        description: str = "",
        expires_at: int | None = None,
        v1_endpoint: str | None = None,
    ) -> NewKey:
        """Create a v2 key, or a v1 key with the endpoint ``v1_endpoint``.

        ``expires_at`` is in seconds since the Unix epoch.

        Raises:
            NotFoundError: there is no such role.
        """
        secret = (await require_account(self._account)).signing_secret
        key_id = await self._new_id()
        if v1_endpoint is None:
            key = mint_v2(key_id, secret, expires_at=expires_at)
        else:
            key = mint_v1(key_id, secret, v1_endpoint, expires_at=expires_at)
        record = await self.add(
            key, role_id, key_id=key_id, description=description, expires_at=expires_at
        )
        return NewKey(key, record)

    async def add(
        self,
        presented: str,
        role_id: str,
        *,
        key_id: str | None = None,
        description: str = "",
        expires_at: int | None = None,
    ) -> ApiKey:
        """Add a key that was created elsewhere, or update the record of a known one.

        Without a ``key_id``, a known key keeps its id and a new one gets a generated id.

        Raises:
            ValueError: it does not have the form of an API key.
            BadRequestError: the description is too long, or the expiry is not a valid instant. It
                may be in the past: a test may want to start with an expired key.
            NotFoundError: there is no such role.
        """
        key = inner_key(presented)
        if key is None:
            raise ValueError("it has the form of neither a v2 nor a v1 API key")
        parse_description(description)
        if not 0 <= whole_number(expires_at or 0, "expires_at") <= LAST_SECOND:
            invalid("expires_at", "it must be between 1970 and the year 9999, in seconds")
        key_digest = digest(key)
        while True:
            found = await self._account.get(API_KEYS, key_digest)
            known_id = key_id or (found.record.key_id if found else None)
            record = ApiKey(
                key_id=known_id or await self._new_id(),
                digest=key_digest,
                role_id=role_id,
                description=description,
                issued_at=self._clock.now() // MICROSECONDS,
                expires_at=expires_at,
            )
            version = found.version if found else None
            try:
                await self._account.commit(
                    Change(API_KEYS, key_digest, record, version), *await self._touch_role(role_id)
                )
            except ConflictError:
                continue
            return record

    async def _new_id(self) -> str:
        entries = await self._account.entries(API_KEYS)
        return new_id({entry.record.key_id for entry in entries.values()})

    async def _touch_role(self, role_id: str) -> tuple[Change[Any], ...]:
        """Return a change that writes the role again unchanged, so that a concurrent deletion of
        the role, which does not know of the new key, conflicts."""
        if role_id in SYSTEM_ROLES:
            return ()
        found = await self._account.get(ROLES, role_id)
        if found is None:
            raise unknown_role(role_id)
        return (Change(ROLES, role_id, found.record, found.version),)

    async def active(self) -> list[Versioned[ApiKey]]:
        """List the keys that have not expired, in the order of their creation (D24, D42)."""
        return [
            entry
            for entry in in_creation_order(await self._account.entries(API_KEYS))
            if not self._clock.has_reached(entry.record.expires_at)
        ]

    async def revoke(self, presented: str) -> None:
        """Revoke a key: from now on it is unknown.

        Raises:
            NotFoundError: the key is unknown.
        """
        key = inner_key(presented)
        found = None if key is None else await self._account.get(API_KEYS, digest(key))
        if found is None:
            raise NotFoundError("No such API key")
        await self.revoke_id(found.record.key_id)

    async def revoke_id(self, key_id: str) -> None:
        """Revoke the key with this id: from now on it is unknown.

        Raises:
            NotFoundError: there is none.
        """
        while True:
            entry = await self._entry(key_id)
            try:
                await self._account.delete(API_KEYS, entry.record.digest, expected=entry.version)
            except ConflictError:
                continue
            return

    async def find(self, key_id: str) -> ApiKey:
        """Return the record of the key with this id.

        Raises:
            NotFoundError: there is none.
        """
        return (await self._entry(key_id)).record

    async def _entry(self, key_id: str) -> Versioned[ApiKey]:
        for entry in (await self._account.entries(API_KEYS)).values():
            if entry.record.key_id == key_id:
                return entry
        raise NotFoundError(f"There is no API key with the id {key_id!r}")
