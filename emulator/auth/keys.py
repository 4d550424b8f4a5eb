"""API keys on the wire: create and recognise them, and compute their digests.

The forms are those that the public SDKs read (``credentials.md``). Only digests are stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.core.private import random_hex

_JWT = re.compile(r"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

ALGORITHM = "HS512"
"""The algorithm that signs keys and tokens."""


def new_signing_secret() -> str:
    """Generate a secret for signing an account's keys."""
    return random_hex(64)


def mint_v2(key_id: str, signing_secret: str, *, expires_at: int | None = None) -> str:
    """Create a v2 API key: a JWT marked ``"t": "g"``, without an endpoint.

    ``expires_at`` is in seconds since the Unix epoch.
    """
    return sign({"t": "g", "jti": key_id}, signing_secret, expires_at)


def mint_v1(
    key_id: str, signing_secret: str, endpoint: str, *, expires_at: int | None = None
) -> str:
    """Create a v1 API key: base64 of a JSON envelope with ``endpoint`` and a JWT."""
    return in_envelope(sign({"jti": key_id}, signing_secret, expires_at), endpoint)


def in_envelope(key: str, endpoint: str) -> str:
    """Put a JWT into the envelope of v1 keys and disposable tokens."""
    return base64.b64encode(json.dumps({"endpoint": endpoint, "api_key": key}).encode()).decode()


def inner_key(presented: str) -> str | None:
    """Return the JWT of a key from a request or a seed, or None if it does not have a key's form.

    A v2 key is a JWT. A v1 key may be given as a whole, or only as the JWT in its envelope (D57).
    """
    if _JWT.fullmatch(presented):
        return presented
    try:
        content = base64.b64decode(presented, validate=True)
        envelope = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if base64.b64encode(content).decode() != presented:
        return None  # Unused bits are set: the SDKs do not accept this as base64.
    if not isinstance(envelope, dict) or not isinstance(envelope.get("endpoint"), str):
        return None
    inner = envelope.get("api_key")
    return inner if isinstance(inner, str) and _JWT.fullmatch(inner) else None


def digest(key: str) -> str:
    """Return what is stored of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def sign(claims: Mapping[str, Any], signing_secret: str, expires_at: int | None) -> str:
    """Sign a JWT with the claims and the expiry, in seconds since the Unix epoch, if given."""
    # Not by PyJWT: with a package of ciphers that we do not need, it is a tenth of a first start.
    expiry = {} if expires_at is None else {"exp": expires_at}
    signed = f"{_base64url(_HEADER)}.{_base64url(_compact({**claims, **expiry}))}"
    signature = hmac.digest(signing_secret.encode(), signed.encode(), hashlib.sha512)
    return f"{signed}.{_base64url(signature)}"


def _compact(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


_HEADER = _compact({"alg": ALGORITHM, "typ": "JWT"})
