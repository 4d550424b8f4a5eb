"""Names of the headers that the service and the emulator define, in requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

METADATA_PREFIX = "mo-meta-"
TAG_PREFIX = "mo-tag-"
PERSISTENCE = "mo-persistence"
READ_CONCERN = "read-concern"
REQUEST_ID = "mo-request-id"

CONTROL_TOKEN = "Momento-Emulator-Control-Token"
"""The header that carries the control token in a request to the control API."""

ACTING_MEMBER = "Momento-Emulator-Member"
"""The header that names the member of the account on whose behalf a request is made."""

CORS: Mapping[str, str] = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, PUT, DELETE, OPTIONS, HEAD",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Expose-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }
)
"""What lets pages from anywhere use the data plane ("CORS")."""

HARMLESS: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)
"""What keeps an object that a browser opens from being a page of the emulator."""

LAST_EVENT_ID = "Last-Event-ID"
"""The header that says where a client of a stream of events goes on."""
