"""Disposable tokens: create them, and verify them by signature. They are not stored.

A token has the envelope of a v1 key, with a JWT that has an id, an expiry and a permission set. The
SDKs do not read the JWT, so its claims are our choice (D51).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.auth.keys import ALGORITHM, in_envelope, sign
from emulator.core.errors import BadRequestError
from emulator.core.permission_set import PermissionSet, parse_permission_set

LONGEST_LIFE_SECONDS = 25 * 60 * 60
MOST_RULES = 20

_KIND = "d"
_TOKENS_REMEMBERED = 256


class TokenClaims(NamedTuple):
    """The claims of a token; ``expires_at`` is in seconds since the Unix epoch."""

    token_id: str
    expires_at: int
    permissions: PermissionSet


def mint_token(
    token_id: str,
    signing_secret: str,
    endpoint: str,
    *,
    permissions: Mapping[str, Any],
    expires_at: int,
) -> str:
    """Create a disposable token; ``expires_at`` is in seconds since the Unix epoch."""
    claims = {"t": _KIND, "jti": token_id, "permissions": permissions}
    return in_envelope(sign(claims, signing_secret, expires_at), endpoint)


@lru_cache(maxsize=_TOKENS_REMEMBERED)
def verify_token(key: str, signing_secret: str) -> TokenClaims | None:
    """Return the claims of the token whose JWT is ``key``; None if it was not signed with this
    secret or is not a token. The caller must check the expiry.
    """
    import jwt

    try:
        if not _is_canonical(key.rpartition(".")[2]):
            return None
        claims = jwt.decode(
            key,
            signing_secret,
            algorithms=[ALGORITHM],
            # A valid signature means that we made the claims. PyJWT's own check of the expiry would
            # read the system's clock.
            options={"verify_signature": True, "verify_exp": False, "require": ["exp", "jti"]},
        )
        if claims.get("t") != _KIND:  # It is an API key, perhaps a revoked one.
            return None
        permissions = parse_permission_set(claims.get("permissions"))
    except (ValueError, RecursionError, jwt.InvalidTokenError, BadRequestError):
        return None
    return TokenClaims(claims["jti"], claims["exp"], permissions)


def _is_canonical(signature: str) -> bool:
    """Whether the base64 of the signature is canonical. Some versions of PyJWT ignore the unused
    bits of its last character, so the same signature could be written in several ways."""
    content = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return base64.urlsafe_b64encode(content).decode().rstrip("=") == signature
