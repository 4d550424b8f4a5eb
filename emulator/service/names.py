"""Store names and object keys: how they are read from a path, and which ones exist."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from emulator.core.errors import BadRequestError
from emulator.core.operation import Operation

MAX_STORE_NAME_CHARACTERS = 255
MAX_KEY_BYTES = 1024

_PLAIN_KEY = re.compile(rf"[!-$&-~]{{1,{MAX_KEY_BYTES}}}")
"""A key that a path holds as it is: printable ASCII without a percent sign."""

_STORE_NAME = re.compile(rf"[A-Za-z0-9\-_.~]{{1,{MAX_STORE_NAME_CHARACTERS}}}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


async def parse_object_names(operation: Operation) -> None:
    """Decode the store and the key of an operation on an object (D04, D05).

    Raises:
        BadRequestError: one of them is not well-formed.
    """
    store, key = operation.store, operation.key
    if not (_STORE_NAME.fullmatch(store) and _PLAIN_KEY.fullmatch(key)):
        operation.store, operation.key = parse_store_name(store), parse_key(key)


def parse_store_name(raw: str) -> str:
    """The store name that a path segment stands for (D04).

    Raises:
        BadRequestError: the name has another character than D04 allows, or another length.
    """
    name = raw if "%" not in raw else parse_segment(raw, "store name")
    check_store_name(name)
    return name


def check_store_name(name: str) -> None:
    """Refuse what is not a store's name (D04).

    Raises:
        BadRequestError: the name has another character than D04 allows, or another length.
    """
    if not _STORE_NAME.fullmatch(name):
        raise BadRequestError(
            f"Invalid store name: it takes 1 to {MAX_STORE_NAME_CHARACTERS} characters "
            "of A-Z a-z 0-9 - _ . ~"
        )


def parse_key(raw: str) -> str:
    """The object key that the rest of a raw path stands for, decoded exactly once (D05).

    Raises:
        BadRequestError: the key is empty, too long, or not UTF-8 text without NUL.
    """
    key = raw if _PLAIN_KEY.fullmatch(raw) else parse_segment(raw, "key")
    check_key(key)
    return key


def check_key(key: str) -> None:
    """Refuse what is not an object key (D05).

    Raises:
        BadRequestError: the key is empty, too long, or holds NUL.
    """
    if not key:
        raise BadRequestError("Invalid key: it is empty")
    length = len(key) if key.isascii() else len(key.encode())
    if length > MAX_KEY_BYTES:
        raise BadRequestError(
            f"Invalid key: it takes at most {MAX_KEY_BYTES} bytes of UTF-8, this has {length}"
        )
    if "\0" in key:
        raise BadRequestError("Invalid key: it holds a NUL character")


def shown(raw: str) -> str:
    """What a path segment stands for as far as it can be told, for what people are to read."""
    return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def parse_segment(raw: str, what: str) -> str:
    """What a path segment stands for that may be any text, decoded exactly once.

    Raises:
        BadRequestError: it is no percent-encoded UTF-8 text.
    """
    if _BROKEN_ESCAPE.search(raw):
        raise BadRequestError(f"Invalid {what}: a percent sign is followed by two hex digits")
    try:
        return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise BadRequestError(f"Invalid {what}: it is not UTF-8 once percent-decoded") from None
