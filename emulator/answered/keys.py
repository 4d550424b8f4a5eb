"""API keys by the answers of an endpoint: a scheme before the key, the life of a revoked one."""

from __future__ import annotations

from emulator.auth.authentication import Authenticator, Caller
from emulator.auth.keys import digest, inner_key
from emulator.backends.account.base import AccountBackend
from emulator.core.answers import Answers
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import UnauthorizedError
from emulator.core.model import ApiKey
from emulator.core.operation import Credentials
from emulator.service.account.api_keys import ApiKeys

_SCHEME = "bearer "


class RevokedKeys:
    """Keys that still work for a while after their revocation (D167).

    Args:
        seconds: for how long, on the emulator's clock.
    """

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self._life = seconds * MICROSECONDS
        self._ends: dict[str, tuple[ApiKey, int]] = {}

    def note(self, key: ApiKey) -> None:
        """Note that ``key`` has just been revoked."""
        if self._life:
            now = self._clock.now()
            self._ends = {id: each for id, each in self._ends.items() if each[1] > now}
            self._ends[key.digest] = (key, now + self._life)

    def find(self, presented: str) -> ApiKey | None:
        """Return the revoked key that was presented, if it still works."""
        inner = inner_key(presented) if self._ends else None
        key, end = self._ends.get("" if inner is None else digest(inner), (None, 0))
        return key if self._clock.now() < end else None

    def clear(self) -> None:
        """Let none of them work any more."""
        self._ends.clear()


class AnsweredApiKeys(ApiKeys):
    """The API keys of the account, whose revocations are noted."""

    def __init__(self, account: AccountBackend, clock: Clock, revoked: RevokedKeys) -> None:
        super().__init__(account, clock)
        self._revoked = revoked

    async def revoke_id(self, key_id: str) -> None:
        key = await self.find(key_id)
        await super().revoke_id(key_id)
        self._revoked.note(key)


class AnsweredAuthenticator(Authenticator):
    """Authenticates callers by the answers D03 and D167."""

    def __init__(
        self, account: AccountBackend, clock: Clock, answers: Answers, revoked: RevokedKeys
    ) -> None:
        super().__init__(account, clock)
        self._takes_scheme = answers.has("D03", "accepted")
        self._revoked = revoked

    async def authenticate(self, credentials: Credentials) -> Caller:
        given = credentials.authorization
        if self._takes_scheme and len(given) == 1 and given[0].lower().startswith(_SCHEME):
            key = given[0][len(_SCHEME) :].strip()
            credentials = credentials._replace(authorization=(key,))
        try:
            return await super().authenticate(credentials)
        except UnauthorizedError:
            presented = credentials.authorization
            revoked = self._revoked.find(presented[0]) if len(presented) == 1 else None
            if revoked is None or self._has_expired(revoked):
                raise
            return await self._caller(revoked, credentials.address)

    def _has_expired(self, key: ApiKey) -> bool:
        return key.expires_at is not None and self._clock.has_reached(key.expires_at)
