"""Each operation of the control API answers as its document says, and has nothing beyond it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Emulator
from emulator.control.operations import OPERATIONS
from emulator.core.revisions import FIRST, REVISIONS
from tests.support.client import Client as Owner
from tests.support.raw_client import Client

pytestmark = pytest.mark.slow

OBJECT = "media/live/1.ts"

REQUESTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/overview", None),
    ("POST", "/clock/freeze", {}),
    ("POST", "/clock/advance", {"seconds": "1s"}),
    ("POST", "/clock/set", {"at": "2030-01-01T00:00:00Z"}),
    ("GET", "/clock", None),
    ("POST", "/clock/release", None),
    ("POST", "/faults", {"id": "f", "effect": {"type": "status", "status": 500}, "nth": 2}),
    ("POST", "/faults/f/disable", None),
    ("POST", "/faults/f/enable", None),
    ("GET", "/faults", None),
    ("GET", "/faults/f", None),
    ("DELETE", "/faults/f", None),
    ("DELETE", "/faults", None),
    ("PUT", "/stores/media", {}),
    ("PUT", "/stores/media", {"storage_config": {"s3": {"prefix": None}}}),
    ("PATCH", "/stores/media", {"object_store_limits": None}),
    ("GET", "/stores", None),
    ("GET", "/stores/media", None),
    ("PUT", f"/bodies/{OBJECT}?ttl_seconds=60", b"body"),
    ("GET", f"/bodies/{OBJECT}?tier=storage", None),
    ("PUT", "/objects/media/other", {"text": "body", "ttl_seconds": 5, "metadata": {"a": "b"}}),
    ("GET", "/objects/media", None),
    ("GET", "/objects/media?delimiter=/&limit=1", None),
    ("GET", f"/objects/{OBJECT}", None),
    ("GET", "/counts?store=media", None),
    ("POST", f"/expire/{OBJECT}", None),
    ("DELETE", f"/objects/{OBJECT}", None),
    ("POST", "/flush", {"cluster": "my-valkey-cluster"}),
    ("GET", "/journal?last=9", None),
    ("GET", "/journal?format=har", None),
    ("GET", "/journal?format=jsonl", None),
    ("GET", "/journal/1", None),
    ("GET", "/journal/1000", None),
    ("POST", "/journal/assert", {"outcome": "miss"}),
    ("POST", "/journal/assert", {"times": 99}),
    ("DELETE", "/journal", None),
    ("GET", "/logs", None),
    ("GET", "/logs/%2Flogs", None),
    ("GET", "/logs/%2Flogs?format=jsonl", None),
    ("DELETE", "/logs", None),
    ("POST", "/deliver", None),
    ("GET", "/metrics", None),
    ("GET", "/metrics?format=prometheus", None),
    ("DELETE", "/metrics", None),
    ("POST", "/clusters", {"name": "other"}),
    ("GET", "/clusters", None),
    ("GET", "/clusters/other", None),
    ("DELETE", "/clusters/other", None),
    ("POST", "/keys", {"role": "Viewer", "expires_in": "1h"}),
    ("GET", "/keys", None),
    ("GET", "/roles", None),
    ("GET", "/members", None),
    ("POST", "/invitations", {"user_name": "a@example.com"}),
    ("GET", "/invitations", None),
    ("PUT", "/checkpoints/one", None),
    ("GET", "/checkpoints", None),
    ("GET", "/checkpoints/one", None),
    ("POST", "/checkpoints/one", None),
    ("DELETE", "/checkpoints/one", None),
    ("GET", "/state", None),
    ("GET", "/openapi/control.json", None),
    ("DELETE", "/stores/media", None),
    ("POST", "/reset", None),
)
"""What needs no answer before it, in an order in which each succeeds once."""

ELSEWHERE = {"events.follow"}
"""An answer without an end (``tests/control/test_events.py``)."""

LATER = {"logs.list", "logs.show", "metrics.show"}
"""What the first revision has nothing for, and answers 404."""


@pytest.fixture(params=REVISIONS)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    options: dict[str, Any] = {"api_revision": request.param, "strict_log_groups": False}
    with Emulator(cache="memory", tls_port=0, **options) as running:
        yield running


def use(emulator: Emulator) -> None:
    """Have something in the journal, the logs and the metrics."""
    owner = Owner(emulator.endpoint, emulator.api_key())
    role = "arn:aws:iam::123456789012:role/Logs"
    cloudwatch = {"log_group_name": "/logs", "iam_role_arn": role, "region": "us-east-1"}
    logging = {"access_logging_config": {"cloudwatch": cloudwatch}}
    emulator.stores.create("logged", logging)
    owner.put("logged", "key", b"body")
    owner.get("logged", "missing")


def test_each_operation_answers_as_described(emulator: Emulator) -> None:
    from tests.support.described import described_by

    client = Client(emulator.endpoint)
    _, described = described_by(client)
    use(emulator)

    def checked(method: str, path: str, body: Any = None) -> Any:
        target, headers = f"/_emulator{path}", [("Content-Type", "application/json")]
        sent = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        given: dict[str, Any] = {} if body is None else {"headers": headers, "body": sent}
        answer = client.request(method, target, **given)
        described.check(method, target, headers, given.get("body"), answer)
        return answer

    for request in REQUESTS:
        checked(*request)
    key = checked("POST", "/keys", {"role": "Viewer"}).json["key_info"]["key_id"]
    checked("DELETE", f"/keys/{key}")
    state = checked("GET", "/state").json
    checked("PUT", "/state", state)
    for name in ("a", "b"):
        invited = checked("POST", "/invitations", {"user_name": name}).json["id"]
        checked("POST", "/members", {"invitation_id": invited})
    checked("PUT", "/members/a", {"role": "Operator"})
    checked("DELETE", "/members/a")
    invited = checked("POST", "/invitations", {"user_name": "c"}).json["id"]
    checked("DELETE", f"/invitations/{invited}")
    succeeded = {name for name, status in described.seen if status < 300}
    lacked = LATER if emulator.config.revision is FIRST else set()
    assert {each.name for each in OPERATIONS} - ELSEWHERE - lacked == succeeded
