"""The names of the headers that the service and the emulator define, in requests and answers."""

from __future__ import annotations

METADATA_PREFIX = "mo-meta-"
TAG_PREFIX = "mo-tag-"
PERSISTENCE = "mo-persistence"
READ_CONCERN = "read-concern"
REQUEST_ID = "mo-request-id"

CONTROL_TOKEN = "Momento-Emulator-Control-Token"
"""The header in which a request to the control API shows the control token."""

ACTING_MEMBER = "Momento-Emulator-Member"
"""The header that names the member of the account who acts."""
