"""Keys and tokens as somebody without the account's secret would make or change them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from tests.support.keys import jwt_part, segment, unpadded

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def with_claims(jwt: str, **claims: object) -> str:
    """`jwt` with other claims, and the signature that it had."""
    header, _, signature = jwt.split(".")
    return ".".join((header, segment({**jwt_part(jwt, 1), **claims}), signature))


def signed_with(jwt: str, secret: bytes, **claims: object) -> str:
    """`jwt` with other claims, signed with `secret`."""
    message = f"{jwt.split('.')[0]}.{segment({**jwt_part(jwt, 1), **claims})}"
    signature = hmac.digest(secret, message.encode(), hashlib.sha512)
    return f"{message}.{unpadded(signature)}"


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
