"""Names and types of the conditions on calls, fault rules, log entries and metrics, for editors and
type checkers."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

Text = str | None
"""A pattern or a name. None counts as not given, here and below."""

Number = float | str | None
Flag = bool | str | None
Instant = datetime | float | str | None
"""ISO 8601, seconds since the Unix epoch, or a ``datetime`` with a UTC offset."""


class CallConditions(TypedDict, total=False):
    """Conditions on calls of the journal, which ``emulator.control.call_filter`` checks."""

    operation: Text
    method: Text
    target: Text
    store: Text
    key: Text
    key_id: Text
    role: Text
    role_name: Text
    address: Text
    outcome: Text
    number: Number
    status: Number
    request_size: Number
    response_size: Number
    object_age_ms: Number
    first_byte_ms: Number
    duration_ms: Number
    min_number: Number
    min_status: Number
    min_request_size: Number
    min_response_size: Number
    min_object_age_ms: Number
    min_first_byte_ms: Number
    min_duration_ms: Number
    max_number: Number
    max_status: Number
    max_request_size: Number
    max_response_size: Number
    max_object_age_ms: Number
    max_first_byte_ms: Number
    max_duration_ms: Number
    fault: Text
    hint: Text
    complete: Flag
    running: Flag
    request_header: Text
    response_header: Text
    since: Instant
    until: Instant


class RuleConditions(TypedDict, total=False):
    """Members of a fault rule without its effects, which ``emulator.control.fault_rule`` checks."""

    id: Text
    operation: Text
    store: Text
    key: Text
    role: Text
    key_id: Text
    nth: int | None
    times: int | None
    probability: float | None
    seed: int | None
    since: Instant
    until: Instant
    enabled: bool | None


class EntryConditions(TypedDict, total=False):
    """Members of an access log's entry, as ``emulator.telemetry.access_log`` writes them."""

    timestamp: int
    operation: str
    key: str
    persistence: str
    store: str
    status: str
    size: int
    http_status_code: int
    object_age_us: int
    total_time_us: int
    request_id: str


class MetricDimensions(TypedDict, total=False):
    """Dimensions of a metric, as ``emulator.telemetry.metrics`` counts by them."""

    ObjectStore: str
    AccountId: str
    Endpoint: str
    Api: str
    Result: str
    HttpStatusCode: int | str
