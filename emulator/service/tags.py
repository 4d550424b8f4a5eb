"""Object tags: check the ``mo-tag-*`` headers of a Put (Put Object, ``mo-tag-<key>``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from emulator.core.errors import BadRequestError

MAX_TAGS = 10
MAX_KEY_CHARACTERS = 128
MAX_VALUE_CHARACTERS = 256

RESERVED = "aws:"
"""What no key may begin with."""

_SIGNS = frozenset("_.:/=+-@")
_CATEGORIES = "LNZ"
"""Letters, numbers and separators, by the first letter of a character's Unicode category."""


def collect(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the tags of a Put, given its headers with the ``mo-tag-`` prefix stripped.

    Keys are lower-cased (D30).

    Raises:
        BadRequestError: there are too many, one is given twice, or a key or value is too long or
            contains a character that is not allowed (D95). The message names the tag.
    """
    tags: dict[str, str] = {}
    for spelling, value in headers:
        key = spelling.lower()
        if key in tags:
            raise BadRequestError(f"Invalid tag {key!r}: it is given more than once")
        _check_key(key)
        _check_value(key, value)
        tags[key] = value
    if len(tags) > MAX_TAGS:
        raise BadRequestError(
            f"Too many tags: an object can have at most {MAX_TAGS}, this has {len(tags)}"
        )
    return tags


def _check_key(key: str) -> None:
    if not key:
        raise BadRequestError("Invalid tag: its key is empty")
    if len(key) > MAX_KEY_CHARACTERS:
        raise BadRequestError(
            f"Invalid tag {key[:32]!r}...: its key has more than {MAX_KEY_CHARACTERS} characters"
        )
    if key.startswith(RESERVED):
        raise BadRequestError(f"Invalid tag {key!r}: a key may not begin with {RESERVED}")
    _check_characters(key, f"Invalid tag {key!r}: its key")


def _check_value(key: str, value: str) -> None:
    if len(value) > MAX_VALUE_CHARACTERS:
        raise BadRequestError(
            f"Invalid tag {key!r}: its value has more than {MAX_VALUE_CHARACTERS} characters"
        )
    _check_characters(value, f"Invalid tag {key!r}: its value")


def _check_characters(text: str, what: str) -> None:
    for character in text:
        if character not in _SIGNS and unicodedata.category(character)[0] not in _CATEGORIES:
            raise BadRequestError(
                f"{what} contains U+{ord(character):04X}; "
                "allowed are letters, digits, white space and _ . : / = + - @"
            )
