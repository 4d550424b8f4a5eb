"""Names of the headers that the service and the emulator define, in requests and answers."""

from __future__ import annotations

from collections.abc import Iterable

METADATA_PREFIX = "mo-meta-"
TAG_PREFIX = "mo-tag-"
PERSISTENCE = "mo-persistence"
READ_CONCERN = "read-concern"
REQUEST_ID = "mo-request-id"

CONTROL_TOKEN = "Momento-Emulator-Control-Token"
"""The header that carries the control token in a request to the control API."""

ACTING_MEMBER = "Momento-Emulator-Member"
"""The header that names the member of the account on whose behalf a request is made."""

Pairs = list[tuple[str, str]]
"""Names and values, in the order of the request."""


def named_headers(headers: Iterable[tuple[str, str]]) -> tuple[Pairs, Pairs]:
    """Return the headers that carry metadata, and those that carry tags, without their prefixes."""
    metadata, tags = [], []
    for name, value in headers:
        start = name[:8].lower()
        if start == METADATA_PREFIX:
            metadata.append((name[8:], value))
        elif start.startswith(TAG_PREFIX):
            tags.append((name[7:], value))
    return metadata, tags
