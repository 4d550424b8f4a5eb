"""Create disposable tokens: short-lived credentials that contain their permission set."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulator.auth.tokens import LONGEST_LIFE_SECONDS, MOST_RULES, mint_token
from emulator.backends.account.base import AccountBackend, require_account
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.documents import as_object, forbid_unknown, invalid, member, text
from emulator.core.instants import parse_whole_seconds
from emulator.core.permission_set import PermissionSet, parse_permission_set
from emulator.core.private import new_id

LONGEST_TOKEN = 12 * 1024
"""In characters: a token must fit into a header."""

LONGEST_TOKEN_ID = 64
"""In characters, as the SDKs have it."""


class TokenDefinition(NamedTuple):
    """The definition in a request for a new token."""

    permissions: PermissionSet
    expires_in_seconds: int
    token_id: str | None = None


class NewToken(NamedTuple):
    """A token; ``expires_at`` is in seconds since the Unix epoch."""

    token_id: str
    token: str
    expires_at: int


def parse_definition(document: object) -> TokenDefinition:
    """Parse the body of a request for a new token.

    Raises:
        BadRequestError: a member is missing or wrong, there are more than 20 rules, or the token
            would be valid for more than 25 hours. The message names the member.
    """
    body = as_object(document, "request body")
    forbid_unknown(body, "", ("permissions", "expires_in_seconds", "token_id"))
    permissions = parse_permission_set(member(body, "permissions"), most_rules=MOST_RULES)
    seconds = parse_whole_seconds(member(body, "expires_in_seconds"), "expires_in_seconds")
    if not 1 <= seconds <= LONGEST_LIFE_SECONDS:
        invalid("expires_in_seconds", f"it must be from 1 to {LONGEST_LIFE_SECONDS} (25 hours)")
    token_id = None
    if "token_id" in body:
        token_id = text(body["token_id"], "token_id", longest=LONGEST_TOKEN_ID)
    return TokenDefinition(permissions, seconds, token_id)


class Tokens:
    """Creates tokens. They are not stored, so they cannot be revoked."""

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def create(self, definition: TokenDefinition, endpoint: str) -> NewToken:
        """Create a token that contains ``endpoint``.

        Raises:
            BadRequestError: the names and keys in its rules make it too long for a header.
        """
        account = await require_account(self._account)
        token_id = definition.token_id or new_id()
        expires_at = self._clock.now() // MICROSECONDS + definition.expires_in_seconds
        token = mint_token(
            token_id,
            account.signing_secret,
            endpoint,
            permissions=definition.permissions.document,
            expires_at=expires_at,
        )
        if len(token) > LONGEST_TOKEN:
            invalid(
                "permissions",
                f"the token would have {len(token)} characters, more than the {LONGEST_TOKEN} that "
                "fit into a header; shorten the names and keys",
            )
        return NewToken(token_id, token, expires_at)


def describe(token: NewToken) -> dict[str, Any]:
    """Return the answer to a request for a new token."""
    return {
        "token": token.token,
        "token_id": token.token_id,
        "expires_at_epoch_seconds": token.expires_at,
    }
