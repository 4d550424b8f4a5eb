"""Disposable tokens: short-lived credentials that carry their permission set with them."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from emulator.auth.tokens import LONGEST_LIFE_SECONDS, MOST_RULES, mint_token
from emulator.backends.account.base import AccountBackend, opened_account
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.documents import member, members, only, refuse, whole_number
from emulator.core.permission_set import PermissionSet, parse_permission_set

LONGEST_TOKEN = 12 * 1024
"""In characters: a token has to go into a header."""


class TokenDefinition(NamedTuple):
    """What a caller says of a new token."""

    permissions: PermissionSet
    expires_in_seconds: int


class NewToken(NamedTuple):
    """A token, and when it expires in seconds since the Unix epoch."""

    token_id: str
    token: str
    expires_at: int


def parse_definition(document: object) -> TokenDefinition:
    """The definition in the body of a request for a new token.

    Raises:
        BadRequestError: a member is missing or wrong, there are more than 20 rules, or the token
            would live longer than 25 hours. The message names the member.
    """
    body = members(document, "request body")
    only(body, "", ("permissions", "expires_in_seconds"))
    permissions = parse_permission_set(member(body, "permissions"), most_rules=MOST_RULES)
    seconds = whole_number(member(body, "expires_in_seconds"), "expires_in_seconds")
    if not 1 <= seconds <= LONGEST_LIFE_SECONDS:
        refuse("expires_in_seconds", f"it must be from 1 to {LONGEST_LIFE_SECONDS} (25 hours)")
    return TokenDefinition(permissions, seconds)


class Tokens:
    """Makes tokens; the account keeps nothing of them, so nobody can revoke one."""

    def __init__(self, account: AccountBackend, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    async def create(self, definition: TokenDefinition, endpoint: str) -> NewToken:
        """A token that carries ``endpoint``.

        Raises:
            BadRequestError: the names and keys in its rules make it too long for a header.
        """
        account = await opened_account(self._account)
        token_id = uuid.uuid4().hex
        expires_at = self._clock.now() // MICROSECONDS + definition.expires_in_seconds
        token = mint_token(
            token_id,
            account.signing_secret,
            endpoint,
            permissions=definition.permissions.document,
            expires_at=expires_at,
        )
        if len(token) > LONGEST_TOKEN:
            refuse(
                "permissions",
                f"the token would have {len(token)} characters, and a header takes {LONGEST_TOKEN};"
                " shorten the names and keys",
            )
        return NewToken(token_id, token, expires_at)


def describe(token: NewToken) -> dict[str, Any]:
    """What a request for a new token is answered with."""
    return {
        "token": token.token,
        "token_id": token.token_id,
        "expires_at_epoch_seconds": token.expires_at,
    }
