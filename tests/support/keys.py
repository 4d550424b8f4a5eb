"""API keys and tokens as the SDKs read them: made for a test, and taken apart."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def v2_key(name: str) -> str:
    """A key of the v2 form: a JWT that is marked ``"t": "g"``."""
    return _jwt({"t": "g", "jti": name})


def v1_key(name: str) -> str:
    """A key of the v1 form: base64 of an envelope."""
    return v1(_jwt({"jti": name}))


def v1(key: object) -> str:
    """The envelope of a v1 key around ``key``."""
    return enveloped({"endpoint": "cell.example.test", "api_key": key})


def unsigned(jwt: str, algorithm: str = "none") -> str:
    """``jwt`` with a header that asks for no signature, and with none."""
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{jwt.split('.')[1]}."


def enveloped(document: object) -> str:
    """Base64 of a document, as v1 keys and disposable tokens are."""
    return base64.b64encode(json.dumps(document).encode()).decode()


def envelope(key: str) -> dict[str, Any]:
    """What is in a v1 key or a disposable token, which has to be base64 to the last character."""
    content = base64.b64decode(key, validate=True)
    assert base64.b64encode(content).decode() == key
    document = json.loads(content)
    assert isinstance(document, dict)
    return document


def inner_key(key: str) -> str:
    """The JWT in a v1 key or a disposable token: what an SDK sends of it."""
    return str(envelope(key)["api_key"])


def segment(document: object) -> str:
    """A document as a part of a JWT."""
    return unpadded(json.dumps(document).encode())


def unpadded(data: bytes) -> str:
    """The base64 of a JWT: for URLs, and without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt_part(jwt: str, index: int) -> dict[str, Any]:
    """A part of a JWT: 0 is the header, 1 the payload."""
    return dict(json.loads(_decoded(jwt.split(".")[index])))


def jwt_parts(jwt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the payload of a JWT, which must have a signature too."""
    _, _, signature = jwt.split(".")
    assert _decoded(signature)
    return jwt_part(jwt, 0), jwt_part(jwt, 1)


def is_base64(text: str) -> bool:
    """What the SDKs ask to tell a v1 key from a v2 key."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def _jwt(claims: dict[str, Any]) -> str:
    signed = f"{segment({'alg': 'HS512', 'typ': 'JWT'})}.{segment(claims)}"
    return f"{signed}.{unpadded(hashlib.sha512(signed.encode()).digest())}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
