"""API keys as the SDKs read them: made for a test, and taken apart."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def v2_key(name: str) -> str:
    """A key of the v2 form: a JWT that is marked ``"t": "g"``."""
    return _jwt({"t": "g", "jti": name})


def v1_key(name: str, *, endpoint: str = "cell.example.test") -> str:
    """A key of the v1 form: base64 of an envelope."""
    envelope = {"endpoint": endpoint, "api_key": _jwt({"jti": name})}
    return base64.b64encode(json.dumps(envelope).encode()).decode()


def inner_key(v1: str) -> str:
    """What an SDK sends of a v1 key."""
    return str(envelope(v1)["api_key"])


def envelope(v1: str) -> dict[str, Any]:
    """What is in a v1 key, which has to be base64 to the last character."""
    content = base64.b64decode(v1, validate=True)
    assert base64.b64encode(content).decode() == v1
    document = json.loads(content)
    assert isinstance(document, dict)
    return document


def jwt_parts(key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the payload of a JWT, which must have a signature too."""
    header, payload, signature = key.split(".")
    assert _decoded(signature)
    return json.loads(_decoded(header)), json.loads(_decoded(payload))


def is_base64(text: str) -> bool:
    """What the SDKs ask to tell a v1 key from a v2 key."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def _jwt(claims: dict[str, Any]) -> str:
    signed = f"{_part({'alg': 'HS512', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hashlib.sha512(signed.encode()).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
