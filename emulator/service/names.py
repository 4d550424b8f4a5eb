"""Names of stores and clusters, and object keys: parse them from a path, and check them."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from emulator.core.errors import BadRequestError
from emulator.core.operation import Operation

MAX_STORE_NAME_CHARACTERS = 255
MAX_KEY_BYTES = 1024

_PLAIN_KEY = re.compile(rf"[!-$&-~]{{1,{MAX_KEY_BYTES}}}")
"""A key that a path holds as it is: printable ASCII without a percent sign."""

STORE_NAME = re.compile(rf"[A-Za-z0-9\-_.~]{{1,{MAX_STORE_NAME_CHARACTERS}}}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parse_object_names(operation: Operation) -> None:
    """Decode the store and the key of an operation on an object (D04, D05).

    Raises:
        BadRequestError: one of them is not well-formed.
    """
    store, key = operation.store, operation.key
    if not (STORE_NAME.fullmatch(store) and _PLAIN_KEY.fullmatch(key)):
        operation.store, operation.key = parse_store_name(store), parse_key(key)


def parse_store_name(raw: str) -> str:
    """Parse the store name in a path segment (D04).

    Raises:
        BadRequestError: D04 does not allow a character of the name, or its length.
    """
    name = raw if "%" not in raw else parse_segment(raw, "store name")
    check_store_name(name)
    return name


def check_store_name(name: str) -> None:
    """Refuse a name that a store cannot have (D04).

    Raises:
        BadRequestError: D04 does not allow a character of the name, or its length.
    """
    _check_name(name, "store name")


def parse_cluster_name(raw: str) -> str:
    """Parse the name of a Valkey cluster in a path segment (D135).

    Raises:
        BadRequestError: a cluster cannot have the name.
    """
    name = parse_segment(raw, "cluster name")
    check_cluster_name(name)
    return name


def check_cluster_name(name: str) -> None:
    """Refuse a name that a Valkey cluster cannot have: the rule is that of stores (D135).

    Raises:
        BadRequestError: it does not allow a character of the name, or its length.
    """
    _check_name(name, "cluster name")


def _check_name(name: str, what: str) -> None:
    if not STORE_NAME.fullmatch(name):
        raise BadRequestError(
            f"Invalid {what}: it must have 1 to {MAX_STORE_NAME_CHARACTERS} characters "
            "of A-Z a-z 0-9 - _ . ~"
        )


def parse_key(raw: str) -> str:
    """Parse the object key, which is the rest of a raw path, decoded exactly once (D05).

    Raises:
        BadRequestError: the key is empty, too long, or not UTF-8 text without NUL.
    """
    key = raw if _PLAIN_KEY.fullmatch(raw) else parse_segment(raw, "key")
    check_key(key)
    return key


def check_key(key: str) -> None:
    """Refuse a key that an object cannot have (D05).

    Raises:
        BadRequestError: the key is empty, too long, or contains NUL.
    """
    if not key:
        raise BadRequestError("Invalid key: it is empty")
    length = len(key) if key.isascii() else len(key.encode())
    if length > MAX_KEY_BYTES:
        raise BadRequestError(
            f"Invalid key: it must have at most {MAX_KEY_BYTES} bytes of UTF-8, this has {length}"
        )
    if "\0" in key:
        raise BadRequestError("Invalid key: it contains a NUL character")


def shown(raw: str) -> str:
    """Decode a path segment for display, with replacement characters where it is not UTF-8."""
    return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def parse_segment(raw: str, what: str) -> str:
    """Parse a path segment that may be any text, decoded exactly once.

    Raises:
        BadRequestError: it is not percent-encoded UTF-8 text.
    """
    if _BROKEN_ESCAPE.search(raw):
        raise BadRequestError(f"Invalid {what}: two hex digits must follow a percent sign")
    try:
        return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise BadRequestError(f"Invalid {what}: it is not UTF-8 after percent-decoding") from None
