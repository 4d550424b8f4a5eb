"""API keys on the wire: what the text of a key is made of."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from emulator.conformance.target import Target


@pytest.fixture(scope="module")
def api_key(target: Target) -> str:
    """A key that the Auth APIs made."""
    return target.role("viewer")


def part_of(token: str, number: int) -> Any:
    """One part of a JWT, decoded."""
    part = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.statement("KEYS-MIGRATE-02", "CRED-KEY-01")
def test_a_key_is_a_jwt_of_version_2(target: Target) -> None:
    api_key = target.new_key(target.role_id("viewer"))["api_key"]
    assert len(api_key.split(".")) == 3
    assert part_of(api_key, 1)["t"] == "g"
