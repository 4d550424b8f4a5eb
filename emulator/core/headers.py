"""The names of the headers that the service and the emulator define, in requests and answers."""

from __future__ import annotations

from collections.abc import Iterable

METADATA_PREFIX = "mo-meta-"
TAG_PREFIX = "mo-tag-"
PERSISTENCE = "mo-persistence"
READ_CONCERN = "read-concern"
REQUEST_ID = "mo-request-id"

CONTROL_TOKEN = "Momento-Emulator-Control-Token"
"""The header in which a request to the control API shows the control token."""

ACTING_MEMBER = "Momento-Emulator-Member"
"""The header that names the member of the account who acts."""

Pairs = list[tuple[str, str]]
"""Names and values, in the order in which they came."""


def named_headers(headers: Iterable[tuple[str, str]]) -> tuple[Pairs, Pairs]:
    """The headers that name metadata and those that name tags, without their prefixes."""
    metadata, tags = [], []
    for name, value in headers:
        start = name[:8].lower()
        if start == METADATA_PREFIX:
            metadata.append((name[8:], value))
        elif start.startswith(TAG_PREFIX):
            tags.append((name[7:], value))
    return metadata, tags
