"""Convert keys and buckets to names of files and directories, and back."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote_to_bytes

MAX_FILE_NAME_BYTES = 255

_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.")
_DIGEST = "=sha256-"
_ESCAPED = [chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in range(256)]


def file_name(name: str) -> str:
    """The file name for a key or a bucket: percent-encoded, or a digest if that is too long.

    Capitals are encoded too, so that two names differ also on a disk that ignores case. A digest
    begins with ``=``, an encoded name never does.
    """
    encoded = "".join(map(_ESCAPED.__getitem__, name.encode()))
    if encoded.startswith("."):
        encoded = f"%2E{encoded[1:]}"
    if len(encoded) > MAX_FILE_NAME_BYTES:
        return f"{_DIGEST}{hashlib.sha256(name.encode()).hexdigest()}"
    return encoded


def is_digest(file: str) -> bool:
    """Whether the file name is a digest, from which the name cannot be recovered."""
    return file.startswith(_DIGEST)


def name_of(file: str) -> str | None:
    """The name for which ``file_name`` returns ``file``; None if there is none, or for a digest."""
    try:
        name = unquote_to_bytes(file).decode()
    except UnicodeError:
        return None
    return name if file_name(name) == file else None
