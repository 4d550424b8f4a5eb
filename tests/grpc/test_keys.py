"""GenerateApiToken and RefreshApiToken: v1 keys that work on the emulator."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import JSON
from tests.support.emulators import client, status_with

from .calls import (
    CELL,
    READ_CACHES,
    SUPER_USER,
    Sdk,
    cache_rule,
    envelope,
    refusal,
    rules,
    with_key,
)


def asked(emulator: Emulator, path: str) -> Any:
    """The document that an Owner finds at a path."""
    return client(emulator).call("GET", path).json()


def role_of(emulator: Emulator, api_key: str) -> str:
    """The name of the role of a key, as the journal has it."""
    status_with(emulator, api_key)
    name = emulator.journal.calls()[-1].role_name
    assert name is not None
    return name


@pytest.mark.proves("D151")
def test_a_super_users_key_is_an_owners(emulator: Emulator, sdk: Sdk) -> None:
    made = sdk.generate()

    assert made.endpoint == CELL
    assert made.valid_until == 0
    for presented in (made.api_key, envelope(made)):
        assert status_with(emulator, presented) == 200
        assert role_of(emulator, presented) == "Owner"


def test_a_key_carries_the_cell_by_which_it_was_asked_for(sdk: Sdk) -> None:
    assert sdk.generate(cell="emulator.test").endpoint == "emulator.test"


@pytest.mark.proves("D151")
def test_a_key_with_rules_has_a_role_with_just_these(emulator: Emulator, sdk: Sdk) -> None:
    first, second = sdk.generate(permissions=READ_CACHES), sdk.generate(permissions=READ_CACHES)
    other = sdk.generate(permissions=rules(cache_rule(role=3)))

    roles = {role["role_name"]: role for role in asked(emulator, "/roles")["roles"]}
    name = role_of(emulator, first.api_key)
    assert roles[name]["permissions"] == {
        "rules": [{"type": "cache", "permissions": ["read"], "caches": "*", "items": "*"}]
    }
    assert role_of(emulator, second.api_key) == name
    assert role_of(emulator, other.api_key) != name
    assert status_with(emulator, first.api_key) == 403


def test_a_key_that_is_refused_for_its_life_leaves_no_role(emulator: Emulator, sdk: Sdk) -> None:
    before = asked(emulator, "/roles")
    emulator.clock.freeze("9999-12-31T23:59:00Z")
    status, _ = refusal(lambda: sdk.generate(permissions=READ_CACHES, seconds=60))
    assert status == "INVALID_ARGUMENT"
    assert asked(emulator, "/roles") == before


def test_a_role_that_somebody_has_changed_is_not_given_to_new_keys(
    emulator: Emulator, sdk: Sdk
) -> None:
    before = role_of(emulator, sdk.generate(permissions=READ_CACHES).api_key)
    listed = {"type": "resource_management", "permissions": ["list"], "resources": "*"}
    [role_id] = [
        role["role_id"]
        for role in asked(emulator, "/roles")["roles"]
        if role["role_name"] == before
    ]
    definition = {"role_name": before, "permissions": {"rules": [listed]}}
    body = json.dumps(definition).encode()
    assert client(emulator).call("PUT", f"/roles/{role_id}", body, JSON).status == 200

    after = sdk.generate(permissions=READ_CACHES).api_key

    assert role_of(emulator, after) != before
    assert status_with(emulator, after) == 403


def test_a_key_expires_on_the_emulators_clock(emulator: Emulator, sdk: Sdk) -> None:
    emulator.clock.freeze("2026-01-01T00:00:00Z")
    made = sdk.generate(seconds=60, description="of an SDK")

    assert made.valid_until == 1767225660
    [described] = [
        key for key in asked(emulator, "/api-keys")["key_info"] if key["description"] == "of an SDK"
    ]
    assert described["expires_at_epoch_seconds"] == made.valid_until
    emulator.clock.advance(59)
    assert status_with(emulator, made.api_key) == 200
    emulator.clock.advance(1)
    assert status_with(emulator, made.api_key) == 401
    status, said = refusal(lambda: sdk.generate(with_key(made.api_key)))
    assert (status, said) == ("UNAUTHENTICATED", "Invalid API key: it has expired")


@pytest.mark.proves("D150")
def test_the_key_in_the_message_counts_without_one_in_the_metadata(
    emulator: Emulator, sdk: Sdk
) -> None:
    owner, viewer = emulator.api_key(), emulator.api_key("viewer")

    assert sdk.generate([], auth_token=owner).api_key
    assert refusal(lambda: sdk.generate(with_key(viewer), auth_token=owner))[0] == (
        "PERMISSION_DENIED"
    )
    assert refusal(lambda: sdk.generate([])) == (
        "UNAUTHENTICATED",
        "Missing API key: send it in the Authorization header",
    )
    assert refusal(lambda: sdk.generate(with_key("nonsense")))[0] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"never": None}, "Missing expiry"),
        ({"seconds": 0}, "Invalid expires_in_seconds: it must be at least 1"),
        ({"permissions": None}, "Missing permissions: give super_user or explicit"),
        ({"description": "x" * 1025}, "Invalid description"),
    ],
)
def test_a_request_that_lacks_something_makes_no_key(
    emulator: Emulator, sdk: Sdk, members: dict[str, object], said: str
) -> None:
    before = asked(emulator, "/api-keys")["key_info"]

    status, details = refusal(lambda: sdk.generate(**members))  # type: ignore[arg-type]

    assert status == "INVALID_ARGUMENT"
    assert said in details
    assert asked(emulator, "/api-keys")["key_info"] == before


@pytest.mark.proves("D152")
def test_a_refreshed_key_lives_as_long_again_with_the_same_rights(
    emulator: Emulator, sdk: Sdk
) -> None:
    emulator.clock.freeze("2026-01-01T00:00:00Z")
    made = sdk.generate(seconds=60, permissions=READ_CACHES)
    role = role_of(emulator, made.api_key)
    emulator.clock.advance(50)

    again = sdk.refresh(made.api_key, made.refresh_token)

    assert again.valid_until == made.valid_until + 50
    assert again.endpoint == CELL
    assert role_of(emulator, again.api_key) == role
    emulator.clock.advance(59)
    assert status_with(emulator, again.api_key) == 403
    assert status_with(emulator, made.api_key) == 401
    assert sdk.refresh(again.api_key, again.refresh_token).valid_until == again.valid_until + 59


@pytest.mark.proves("D152")
def test_a_refresh_needs_a_valid_key_and_the_refresh_token_that_came_with_it(
    emulator: Emulator, sdk: Sdk
) -> None:
    made, other = sdk.generate(seconds=60), sdk.generate()

    assert sdk.refresh(other.api_key, other.refresh_token).valid_until == 0
    assert sdk.refresh("", other.refresh_token, with_key(other.api_key)).api_key
    for token in (other.refresh_token, "", "é"):
        assert refusal(partial(sdk.refresh, made.api_key, token)) == (
            "INVALID_ARGUMENT",
            "Invalid refresh_token: it did not come with this API key",
        )
    assert refusal(lambda: sdk.refresh("", made.refresh_token))[0] == "UNAUTHENTICATED"
    emulator.clock.advance(60)
    assert refusal(lambda: sdk.refresh(made.api_key, made.refresh_token))[0] == "UNAUTHENTICATED"


def test_a_refresh_token_is_no_key(emulator: Emulator, sdk: Sdk) -> None:
    assert status_with(emulator, sdk.generate().refresh_token) == 401


def test_a_revoked_key_cannot_be_refreshed(emulator: Emulator, sdk: Sdk) -> None:
    made = sdk.generate(permissions=SUPER_USER)
    emulator.revoke_api_key(made.api_key)

    assert refusal(lambda: sdk.refresh(made.api_key, made.refresh_token))[0] == "UNAUTHENTICATED"
