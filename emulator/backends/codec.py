"""Encode the information about an object as one line of JSON, to be stored with its body."""

from __future__ import annotations

import json
from typing import Any

from emulator.core.object_info import ObjectInfo

EPHEMERAL_START = b'{"ephemeral":true'
"""The start of the line of an ephemeral object; no other line begins like this."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode_info(info: ObjectInfo, **names: str) -> bytes:
    """Encode ``info`` as one line of JSON without a line end; ``names`` are added as members."""
    document: dict[str, Any] = {"ephemeral": True} if info.ephemeral else {}
    document |= {
        "size": info.size,
        "created_at": info.created_at,
        "version": info.version,
    }
    if info.expires_at is not None:
        document["expires_at"] = info.expires_at
    if info.metadata:
        document["metadata"] = dict(info.metadata)
    if info.tags:
        document["tags"] = dict(info.tags)
    document.update(names)
    return _ENCODER.encode(document).encode()


def decode_info(line: bytes) -> ObjectInfo:
    """Decode a line of ``encode_info``.

    Raises:
        ValueError: the line was not written by ``encode_info``.
    """
    try:
        document = json.loads(line)
        info = ObjectInfo(
            size=document["size"],
            created_at=document["created_at"],
            version=document["version"],
            expires_at=document.get("expires_at"),
            metadata=document.get("metadata", {}),
            tags=document.get("tags", {}),
            ephemeral=document.get("ephemeral", False),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an object's information: {error!r}") from error
    if (
        type(info.size) is int
        and type(info.created_at) is int
        and type(info.version) is int
        and type(info.expires_at) in (int, type(None))
        and type(info.metadata) is dict
        and type(info.tags) is dict
        and type(info.ephemeral) is bool
    ):
        return info
    raise ValueError("not an object's information: a member has the wrong type")


def decode_name(line: bytes, name: str) -> str | None:
    """Return what ``encode_info`` got as ``name`` when it wrote ``line``, or None."""
    value = json.loads(line).get(name)
    return value if isinstance(value, str) else None
