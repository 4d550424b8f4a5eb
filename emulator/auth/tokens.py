"""Disposable tokens: made and verified by signature, and kept nowhere.

A token has the envelope of a v1 key. What it holds is a JWT with an id, an expiry and a permission
set; the SDKs look at nothing in it, so its claims are our choice (D51).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.auth.keys import ALGORITHM, enveloped, sign
from emulator.core.errors import BadRequestError
from emulator.core.permission_set import PermissionSet, parse_permission_set

LONGEST_LIFE_SECONDS = 25 * 60 * 60
MOST_RULES = 20

_KIND = "d"
_TOKENS_REMEMBERED = 256


class TokenClaims(NamedTuple):
    """What a token says; ``expires_at`` is in seconds since the Unix epoch."""

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
    """A disposable token; ``expires_at`` is in seconds since the Unix epoch."""
    claims = {"t": _KIND, "jti": token_id, "permissions": permissions}
    return enveloped(sign(claims, signing_secret, expires_at), endpoint)


@lru_cache(maxsize=_TOKENS_REMEMBERED)
def verify_token(key: str, signing_secret: str) -> TokenClaims | None:
    """What the token says whose JWT is ``key``; None where it was not made with that secret, or
    is something else. Whether it has expired is for the caller to see.
    """
    import jwt

    try:
        if not _is_canonical(key.rpartition(".")[2]):
            return None
        claims = jwt.decode(
            key,
            signing_secret,
            algorithms=[ALGORITHM],
            # Whatever is in it beside the signature is ours; PyJWT would ask the system's clock.
            options={"verify_signature": True, "verify_exp": False, "require": ["exp", "jti"]},
        )
        if claims.get("t") != _KIND:  # An API key, revoked perhaps.
            return None
        permissions = parse_permission_set(claims.get("permissions"))
    except (ValueError, RecursionError, jwt.InvalidTokenError, BadRequestError):
        return None
    return TokenClaims(claims["jti"], claims["exp"], permissions)


def _is_canonical(signature: str) -> bool:
    """Whether there is no other way to write it. PyJWT ignores the bits of the last character that
    stand for nothing, in some of its versions."""
    content = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return base64.urlsafe_b64encode(content).decode().rstrip("=") == signature
