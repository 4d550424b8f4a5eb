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
from collections.abc import Mapping
from typing import Any

_JWT = re.compile(r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

ALGORITHM = "HS512"
"""How keys and tokens are signed."""


def new_signing_secret() -> str:
    """A fresh secret for an account's keys."""
    return secrets.token_hex(64)


def mint_v2(key_id: str, signing_secret: str, *, expires_at: int | None = None) -> str:
    """A v2 API key: a JWT marked ``"t": "g"`` that carries no endpoint.

    ``expires_at`` is in seconds since the Unix epoch.
    """
    return sign({"t": "g", "jti": key_id}, signing_secret, expires_at)


def mint_v1(
    key_id: str, signing_secret: str, endpoint: str, *, expires_at: int | None = None
) -> str:
    """A v1 API key: base64 of a JSON envelope with ``endpoint`` and the key proper."""
    return enveloped(sign({"jti": key_id}, signing_secret, expires_at), endpoint)


def enveloped(key: str, endpoint: str) -> str:
    """The form of v1 keys and disposable tokens around the key proper."""
    return base64.b64encode(json.dumps({"endpoint": endpoint, "api_key": key}).encode()).decode()


def key_proper(presented: str) -> str | None:
    """The key proper of what a request or a seed presents, or None where it has no key's form.

    A v1 key may come whole or as what its envelope holds (D57), a v2 key is itself.
    """
    if _JWT.fullmatch(presented):
        return presented
    try:
        content = base64.b64decode(presented, validate=True)
        envelope = json.loads(content)
    except (binascii.Error, ValueError, RecursionError):
        return None
    if base64.b64encode(content).decode() != presented:
        return None  # Bits that nothing stands for: the SDKs take it for no base64.
    if not isinstance(envelope, dict) or not isinstance(envelope.get("endpoint"), str):
        return None
    inner = envelope.get("api_key")
    return inner if isinstance(inner, str) and _JWT.fullmatch(inner) else None


def digest(key: str) -> str:
    """What is kept of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def sign(claims: Mapping[str, Any], signing_secret: str, expires_at: int | None) -> str:
    """A JWT with the claims and, where there is one, the expiry in seconds since the epoch."""
    import jwt  # A start with keys at hand does without it.

    expiry = {} if expires_at is None else {"exp": expires_at}
    return jwt.encode({**claims, **expiry}, signing_secret, algorithm=ALGORITHM)
