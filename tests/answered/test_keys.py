"""Keys by the answers of an endpoint: Bearer (D03), and the life of a revoked key (D167)."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.emulators import status_with

from .conftest import Answering

NOW = 1_800_000_000
"""2027-01-15T08:00:00Z."""


def revoked_key(emulator: Emulator, role: str = "viewer", expires_at: int | None = None) -> str:
    """A key that was valid until now."""
    key = emulator.create_api_key(role, expires_at=expires_at)
    assert status_with(emulator, key) == 200
    emulator.revoke_api_key(key)
    return key


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_a_scheme_before_the_key_is_taken_away(scheme: str, emulator_with: Answering) -> None:
    emulator = emulator_with({"D03": "accepted"})
    key = emulator.api_key("owner")

    assert [status_with(emulator, f"{scheme}{key}") for _ in range(2)] == [200, 200]
    assert status_with(emulator, key) == 200


@pytest.mark.parametrize("sent", ["Bearer", "Bearer x", "Basic x", "Bearerx"])
def test_what_is_no_key_behind_it_stays_401(sent: str, emulator_with: Answering) -> None:
    assert status_with(emulator_with({"D03": "accepted"}), sent) == 401


def test_a_revoked_key_works_for_its_seconds(emulator_with: Answering) -> None:
    emulator = emulator_with({"D167": 5})
    emulator.clock.freeze()
    key = revoked_key(emulator)

    assert status_with(emulator, key) == 200
    emulator.clock.advance(4.999)
    assert status_with(emulator, key) == 200
    emulator.clock.advance(0.001)
    assert status_with(emulator, key) == 401


def test_it_has_the_permissions_of_its_role(emulator_with: Answering) -> None:
    emulator = emulator_with({"D167": 60})
    rules = [{"type": "resource_management", "permissions": ["list"], "resources": "*"}]
    key = revoked_key(emulator, emulator.create_role("lister", {"rules": rules}))

    assert status_with(emulator, key) == 200
    assert status_with(emulator, key, "/objectstore/film") == 403


def test_it_still_expires(emulator_with: Answering) -> None:
    emulator = emulator_with({"D167": 60})
    emulator.clock.freeze("2027-01-15T08:00:00Z")
    key = revoked_key(emulator, expires_at=NOW + 10)

    assert status_with(emulator, key) == 200
    emulator.clock.advance(10)
    assert status_with(emulator, key) == 401


def test_a_reset_ends_it(emulator_with: Answering) -> None:
    emulator = emulator_with({"D167": 60})
    key = revoked_key(emulator)

    emulator.reset()

    assert status_with(emulator, key) == 401


def test_no_other_unknown_key_works_meanwhile(emulator_with: Answering) -> None:
    emulator = emulator_with({"D167": 60})
    key = revoked_key(emulator)
    other = "A" if key[-10] != "A" else "B"
    assert status_with(emulator, f"{key[:-10]}{other}{key[-9:]}") == 401
    assert status_with(emulator, "no-key") == 401
