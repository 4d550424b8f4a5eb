"""Keys and tokens as somebody without the account's secret would make or change them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def inner(envelope: str) -> str:
    """The JWT in the envelope of a v1 key or a disposable token."""
    return str(json.loads(base64.b64decode(envelope, validate=True))["api_key"])


def enveloped(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def v1(key: object) -> str:
    """The envelope of a v1 key around `key`."""
    return enveloped({"endpoint": "cell.example.com", "api_key": key})


def segment(document: object) -> str:
    """`document` as a part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def decoded(jwt: str, index: int) -> dict[str, Any]:
    """A part of `jwt`: the header or the payload."""
    part = jwt.split(".")[index]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def with_claims(jwt: str, **claims: object) -> str:
    """`jwt` with other claims, and the signature that it had."""
    header, _, signature = jwt.split(".")
    return ".".join((header, segment({**decoded(jwt, 1), **claims}), signature))


def unsigned(jwt: str, algorithm: str = "none") -> str:
    """`jwt` with a header that asks for no signature, and with none."""
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{jwt.split('.')[1]}."


def signed_with(jwt: str, secret: bytes, **claims: object) -> str:
    """`jwt` with other claims, signed with `secret`."""
    message = f"{jwt.split('.')[0]}.{segment({**decoded(jwt, 1), **claims})}"
    signature = hmac.digest(secret, message.encode(), hashlib.sha512)
    return f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def alterations(text: str, alphabet: str = ALPHABET) -> Iterator[str]:
    """`text` with each of its characters changed to its neighbour in the alphabet, cut short
    everywhere, and made longer."""
    for at, character in enumerate(text):
        if character in alphabet:
            other = alphabet[(alphabet.index(character) + 1) % len(alphabet)]
            yield text[:at] + other + text[at + 1 :]
    yield from (text[:length] for length in range(len(text)))
    yield from (text + more for more in ("A", "=", ".", "AAAA", text))
    yield from ("A" + text, text[1:], text.swapcase(), text[::-1])
