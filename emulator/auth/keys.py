"""API keys on the wire: how they are made, recognised and turned into a digest.

The forms are those that the public SDKs read (``credentials.md``). Only digests are ever kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
from typing import Any

_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_ALGORITHM = "HS512"


def new_signing_secret() -> str:
    """A fresh secret for an account's keys."""
    return secrets.token_hex(64)


def mint_v2(key_id: str, signing_secret: str, *, expires_at: int | None = None) -> str:
    """A v2 API key: a JWT marked ``"t": "g"`` that carries no endpoint.

    ``expires_at`` is in seconds since the Unix epoch.
    """
    return _sign({"t": "g", "jti": key_id}, signing_secret, expires_at)


def mint_v1(
    key_id: str, signing_secret: str, endpoint: str, *, expires_at: int | None = None
) -> str:
    """A v1 API key: base64 of a JSON envelope with ``endpoint`` and the key proper."""
    inner = _sign({"jti": key_id}, signing_secret, expires_at)
    return base64.b64encode(json.dumps({"endpoint": endpoint, "api_key": inner}).encode()).decode()


def key_proper(presented: str) -> str | None:
    """The key proper of what a request or a seed presents, or None where it has no key's form.

    A v1 key may come whole or as what its envelope holds, a v2 key is itself.
    """
    if _JWT.fullmatch(presented):
        return presented
    try:
        envelope = json.loads(base64.b64decode(presented, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("endpoint"), str):
        return None
    inner = envelope.get("api_key")
    return inner if isinstance(inner, str) and _JWT.fullmatch(inner) else None


def digest(key: str) -> str:
    """What is kept of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _sign(claims: dict[str, Any], signing_secret: str, expires_at: int | None) -> str:
    import jwt  # A start with keys at hand does without it.

    if expires_at is not None:
        claims["exp"] = expires_at
    return jwt.encode(claims, signing_secret, algorithm=_ALGORITHM)
