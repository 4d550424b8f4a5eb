"""The life of an API key in the account: created or taken over, and revoked."""

from __future__ import annotations

import uuid

from emulator.auth.keys import digest, key_proper, mint_v1, mint_v2
from emulator.auth.permissions import SYSTEM_ROLES
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    AccountBackend,
    ConflictError,
)
from emulator.clock import MICROSECONDS, Clock
from emulator.model import ApiKey


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
    ) -> str:
        """A fresh v2 key, or a v1 key that carries ``v1_endpoint``.

        ``expires_at`` is in seconds since the Unix epoch.

        Raises:
            ValueError: there is no such role.
        """
        account = await self._account.get(ACCOUNT, ACCOUNT_ID)
        if account is None:
            raise RuntimeError("the account has not been opened")
        secret = account.record.signing_secret
        key_id = uuid.uuid4().hex
        if v1_endpoint is None:
            key = mint_v2(key_id, secret, expires_at=expires_at)
        else:
            key = mint_v1(key_id, secret, v1_endpoint, expires_at=expires_at)
        await self.add(key, role_id, key_id=key_id, description=description, expires_at=expires_at)
        return key

    async def add(
        self,
        presented: str,
        role_id: str,
        *,
        key_id: str | None = None,
        description: str = "",
        expires_at: int | None = None,
    ) -> None:
        """Take over a key that was made elsewhere; one that is already here gets these terms.

        Raises:
            ValueError: it has the form of no API key, or there is no such role.
        """
        key = key_proper(presented)
        if key is None:
            raise ValueError("it has the form of neither a v2 nor a v1 API key")
        if role_id not in SYSTEM_ROLES:
            raise ValueError(f"role {role_id!r} is not one of {', '.join(SYSTEM_ROLES)}")
        key_digest = digest(key)
        while True:
            found = await self._account.get(API_KEYS, key_digest)
            record = ApiKey(
                key_id=found.record.key_id if found else key_id or uuid.uuid4().hex,
                digest=key_digest,
                role_id=role_id,
                description=description,
                issued_at=self._clock.now() // MICROSECONDS,
                expires_at=expires_at,
            )
            try:
                await self._account.put(
                    API_KEYS, key_digest, record, expected=found.version if found else None
                )
            except ConflictError:
                continue
            return

    async def has(self, presented: str) -> bool:
        """Whether the account knows the key, expired or not."""
        key = key_proper(presented)
        return key is not None and await self._account.get(API_KEYS, digest(key)) is not None

    async def revoke_described(self, description: str) -> None:
        """Revoke every key with that description."""
        for record in await self._account.list(API_KEYS):
            if record.description == description:
                found = await self._account.get(API_KEYS, record.digest)
                if found is not None:
                    await self._account.delete(API_KEYS, record.digest, expected=found.version)

    async def revoke(self, presented: str) -> None:
        """Revoke a key: from now on it is unknown.

        Raises:
            KeyError: it is unknown already.
        """
        key = key_proper(presented)
        found = None if key is None else await self._account.get(API_KEYS, digest(key))
        if found is None:
            raise KeyError("no such API key")
        await self._account.delete(API_KEYS, found.record.digest, expected=found.version)
