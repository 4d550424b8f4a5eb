"""Object metadata: which ``mo-meta-*`` headers are stored, and which values are allowed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from emulator.core.errors import BadRequestError
from emulator.core.object_info import sharing

BLOCKED_NAMES = frozenset(
    {
        # HTTP protocol
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "trailer",
        "te",
        # Security
        "set-cookie",
        "cookie",
        "authorization",
        "www-authenticate",
        "content-security-policy",
        "x-frame-options",
        "strict-transport-security",
        # Proxies
        "host",
        "x-real-ip",
        "via",
        # Not listed in the reference, which ends with "etc." (D10)
        "forwarded",
        "set-cookie2",
    }
)
"""Names that are silently ignored (Put Object, "Blocked Metadata Headers")."""

BLOCKED_PREFIXES = ("access-control-", "x-forwarded-", "proxy-")
"""Families of names that are silently ignored (CORS and proxy headers; D10)."""

_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@sharing
def collect(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the metadata of a Put, given its headers with the ``mo-meta-`` prefix stripped.

    Names are lower-cased (D30), values of a repeated name joined with ``", "``. Empty names (D11)
    and blocked names are ignored.

    Equal headers are checked once, and share one mapping, which nobody may change.

    Raises:
        BadRequestError: a value is not UTF-8 text or contains a control character (D31), or a name
            is not a valid header name.
    """
    return collected(headers, BLOCKED_NAMES, BLOCKED_PREFIXES)


def collected(
    headers: Iterable[tuple[str, str]],
    blocked_names: Container[str],
    blocked_prefixes: tuple[str, ...],
) -> Mapping[str, str]:
    """Do what ``collect`` does, with names of one's own that are blocked, and share nothing.

    Raises:
        BadRequestError: see ``collect``.
    """
    metadata: dict[str, str] = {}
    for spelling, value in headers:
        if not spelling:
            continue
        if not HEADER_NAME.fullmatch(spelling):
            raise BadRequestError(f"Invalid metadata name {spelling!r}: it is not a header name")
        name = spelling.lower()
        if name in blocked_names or name.startswith(blocked_prefixes):
            continue
        if _CONTROL_CHARACTER.search(value):
            raise BadRequestError(f"Invalid metadata {name!r}: it contains a control character")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadRequestError(f"Invalid metadata {name!r}: it is not UTF-8") from None
        metadata[name] = f"{metadata[name]}, {value}" if name in metadata else value
    return metadata
