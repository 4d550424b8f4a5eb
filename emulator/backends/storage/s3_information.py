"""Convert the information about an object to and from S3's user metadata, readable for people.

An object's metadata becomes user metadata of the same names. A value that is not plain ASCII is
encoded as in RFC 2047, as S3 itself shows such values. One more entry has the rest, as JSON.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import quote, urlencode

from emulator.core.errors import BadRequestError
from emulator.core.instants import from_datetime
from emulator.core.object_info import ObjectInfo

RESERVED_NAME = "momento-emulator-info"
"""The entry that has the instants and the version, as a JSON object."""

MAX_METADATA_BYTES = 2048
"""The most user metadata that S3 takes, names and values together."""

_RESERVED = "momento-emulator-"
_ESCAPE = f"{_RESERVED}own-"
"""Put before a name of a client's that begins like one of ours."""

_PLAIN_VALUE = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?)?")
_KEPT_EVERYWHERE = re.compile(r"[a-z0-9.\-]+")
"""Names that every S3 keeps: some proxies and servers drop headers with an underscore."""

_KEPT_BY_SOME = re.compile(r"[a-z0-9.\-_]+")

_NO_TYPE = "binary/octet-stream"
"""The content type that S3 gives to an object without one."""


def to_fields(info: ObjectInfo) -> dict[str, Any]:
    """The parameters for ``info`` of a call that writes the object.

    Raises:
        BadRequestError: it is more than S3 takes (D71).
    """
    user = {
        f"{_ESCAPE}{name}" if name.startswith(_RESERVED) else name: _encoded(value)
        for name, value in info.metadata.items()
        if _KEPT_BY_SOME.fullmatch(name)
    }
    user[RESERVED_NAME] = _reserved_entry(info)
    size = sum(len(name) + len(value) for name, value in user.items())
    if size > MAX_METADATA_BYTES:
        raise too_much_metadata(f"; this has {size}")
    fields: dict[str, Any] = {"Metadata": user}
    if info.tags:
        fields["Tagging"] = urlencode(info.tags, quote_via=quote)
    content_type = info.metadata.get("content-type", "")
    if content_type and content_type == _encoded(content_type):
        fields["ContentType"] = content_type
    return fields


def too_much_metadata(more: str = "") -> BadRequestError:
    """The error for an object with more metadata than S3 takes (D71)."""
    return BadRequestError(
        f"The metadata is too large: S3 keeps at most {MAX_METADATA_BYTES} bytes of names and "
        f"values with an object, some of them for its TTL{more}"
    )


def from_answer(answer: Mapping[str, Any]) -> ObjectInfo:
    """The information about the object in an answer of S3, whoever wrote the object (D72)."""
    user = dict(answer.get("Metadata", {}))
    size = int(answer["ContentLength"])
    ours = _parse_reserved_entry(user.pop(RESERVED_NAME, ""))
    metadata = {
        name[len(_ESCAPE) :] if name.startswith(_ESCAPE) else name: _decoded(value)
        for name, value in user.items()
    }
    if ours is not None:
        metadata.update(ours["metadata"])
        return ObjectInfo(size, ours["created_at"], ours["version"], ours["expires_at"], metadata)
    if answer.get("ContentType", _NO_TYPE) != _NO_TYPE:
        metadata.setdefault("content-type", answer["ContentType"])
    modified = from_datetime(answer["LastModified"])
    return ObjectInfo(size, modified, modified, None, metadata)


def _reserved_entry(info: ObjectInfo) -> str:
    ours: dict[str, Any] = {"created_at": info.created_at, "version": info.version}
    if info.expires_at is not None:
        ours["expires_at"] = info.expires_at
    others = {
        name: value for name, value in info.metadata.items() if not _KEPT_EVERYWHERE.fullmatch(name)
    }
    if others:
        ours["metadata"] = others
    return json.dumps(ours, separators=(",", ":"))


def _parse_reserved_entry(text: str) -> dict[str, Any] | None:
    """Parse our entry; None if it is invalid, since another tool may have written anything."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    ours = {"expires_at": None, "metadata": {}, **read}
    numbers = (ours.get("created_at"), ours.get("version"), ours["expires_at"] or 0)
    metadata = ours["metadata"]
    if any(type(number) is not int for number in numbers) or not isinstance(metadata, dict):
        return None
    return ours if all(isinstance(value, str) for value in metadata.values()) else None


def _encoded(value: str) -> str:
    if _PLAIN_VALUE.fullmatch(value) and _decoded(value) == value:
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


def _decoded(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value
