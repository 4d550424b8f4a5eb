"""The life of an API key in the account: created or taken over, listed, and revoked."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from emulator.auth.keys import digest, key_proper, mint_v1, mint_v2
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import (
    API_KEYS,
    ROLES,
    AccountBackend,
    Change,
    ConflictError,
    Versioned,
    in_creation_order,
    opened_account,
)
from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.documents import member, members, refuse, text, whole_number
from emulator.core.errors import NotFoundError
from emulator.core.model import ApiKey
from emulator.service.account.roles import parse_description, unknown_role


class KeyDefinition(NamedTuple):
    """What a caller says of a new key; ``expires_at`` is in seconds since the Unix epoch."""

    role_id: str
    description: str
    expires_at: int | None


class NewKey(NamedTuple):
    """A key, in plain this once, and what the account keeps of it."""

    api_key: str
    record: ApiKey


def parse_definition(document: object, now: int) -> KeyDefinition:
    """The definition in the body of a request for a new key.

    ``now`` is in microseconds since the Unix epoch.

    Raises:
        BadRequestError: a member is missing or wrong. The message names it.
    """
    body = members(document, "request body")
    return KeyDefinition(
        text(member(body, "role_id"), "role_id"),
        parse_description(member(body, "description")),
        _expiry(member(body, "expiry"), now),
    )


def _expiry(value: object, now: int) -> int | None:
    if value == "never":
        return None
    if isinstance(value, str):
        refuse("expiry", 'it must be "never" or a whole number of seconds since the Unix epoch')
    expires_at = whole_number(value, "expiry")
    if expires_at * MICROSECONDS <= now:
        refuse("expiry", "it lies in the past")
    if expires_at > LAST_SECOND:
        refuse("expiry", "it lies after the year 9999; it counts in seconds, not in milliseconds")
    return expires_at


def describe_new(new: NewKey, account_id: str) -> dict[str, Any]:
    """What a request for a new key is answered with: the only place where the key itself is."""
    return {"api_key": new.api_key, "key_info": describe(new.record, account_id)}


def describe(key: ApiKey, account_id: str) -> dict[str, Any]:
    """The key object of the Auth APIs, which never has the key itself."""
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
    """The keys of the account. The keys themselves are handed out once and kept nowhere."""

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
        """A fresh v2 key, or a v1 key that carries ``v1_endpoint``.

        ``expires_at`` is in seconds since the Unix epoch.

        Raises:
            NotFoundError: there is no such role.
        """
        secret = (await opened_account(self._account)).signing_secret
        key_id = uuid.uuid4().hex
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
        """Take over a key that was made elsewhere; one that is already here gets these terms.

        Without a ``key_id`` it keeps the one that it has, or gets a fresh one.

        Raises:
            ValueError: it has the form of no API key.
            BadRequestError: the description is too long, or the expiry no instant. It may have
                passed: a test may want to begin with a key that has expired.
            NotFoundError: there is no such role.
        """
        key = key_proper(presented)
        if key is None:
            raise ValueError("it has the form of neither a v2 nor a v1 API key")
        parse_description(description)
        if not 0 <= whole_number(expires_at or 0, "expires_at") <= LAST_SECOND:
            refuse("expires_at", "it must lie between 1970 and the year 9999, in seconds")
        key_digest = digest(key)
        while True:
            found = await self._account.get(API_KEYS, key_digest)
            record = ApiKey(
                key_id=key_id or (found.record.key_id if found else uuid.uuid4().hex),
                digest=key_digest,
                role_id=role_id,
                description=description,
                issued_at=self._clock.now() // MICROSECONDS,
                expires_at=expires_at,
            )
            version = found.version if found else None
            try:
                await self._account.commit(
                    Change(API_KEYS, key_digest, record, version), *await self._hold(role_id)
                )
            except ConflictError:
                continue
            return record

    async def _hold(self, role_id: str) -> tuple[Change[Any], ...]:
        """What keeps a role from being deleted by somebody who has not seen its new key: writing
        it again as it is."""
        if role_id in SYSTEM_ROLES:
            return ()
        found = await self._account.get(ROLES, role_id)
        if found is None:
            raise unknown_role(role_id)
        return (Change(ROLES, role_id, found.record, found.version),)

    async def active(self) -> list[Versioned[ApiKey]]:
        """The keys that have not expired, in the order of their creation (D24, D42)."""
        return [
            entry
            for entry in in_creation_order(await self._account.entries(API_KEYS))
            if not self._clock.has_reached(entry.record.expires_at)
        ]

    async def revoke(self, presented: str) -> None:
        """Revoke a key: from now on it is unknown.

        Raises:
            NotFoundError: it is unknown already.
        """
        key = key_proper(presented)
        found = None if key is None else await self._account.get(API_KEYS, digest(key))
        if found is None:
            raise NotFoundError("No such API key")
        await self.revoke_id(found.record.key_id)

    async def revoke_id(self, key_id: str) -> None:
        """Revoke the key of that id: from now on it is unknown.

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

    async def _entry(self, key_id: str) -> Versioned[ApiKey]:
        for entry in (await self._account.entries(API_KEYS)).values():
            if entry.record.key_id == key_id:
                return entry
        raise NotFoundError(f"There is no API key with the id {key_id!r}")
