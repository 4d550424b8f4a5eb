"""JSON that is nested too deeply is refused, whatever asks for it and however deep it is."""

from __future__ import annotations

import json

import pytest

from emulator.core.json_text import MAX_LEVELS
from tests.contract.stores import JSON
from tests.support.raw_client import Client

BODIES = {
    ("PUT", "/objectstore/store"): '{"storage_config": %s}',
    ("POST", "/roles"): '{"role_name": "custom", "permissions": {"rules": %s}}',
    ("POST", "/api-keys"): '{"role_id": %s}',
    ("POST", "/_emulator/tokens"): '{"permissions": {"rules": %s}, "expires_in_seconds": 60}',
    ("POST", "/_emulator/faults"): '{"effect": %s}',
    ("PUT", "/_emulator/state"): '{"objects": %s}',
}


@pytest.mark.proves("D13")
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [MAX_LEVELS + 1, 200, 495, 900, 2000, 50_000])
def test_a_body_that_is_nested_too_deeply_is_400(
    owner: Client, opening: str, levels: int, caplog: pytest.LogCaptureFixture
) -> None:
    deep = opening * levels + "1" + {"[": "]", '{"a":': "}"}[opening] * levels
    for (method, path), form in BODIES.items():
        answer = owner.request(method, path, headers=JSON, body=(form % deep).encode())
        assert answer.status == 400, path
        assert "nested too deeply" in answer.message
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.proves("D13")
def test_a_body_of_as_many_levels_as_are_taken_is_read(owner: Client) -> None:
    deep: object = 1
    for _ in range(MAX_LEVELS - 1):
        deep = [deep]
    body = json.dumps({"storage_config": deep}).encode()
    answer = owner.request("PUT", "/objectstore/store", headers=JSON, body=body)
    assert answer.status == 400
    assert "nested" not in answer.message
