"""The end of a key: SDKs cannot see it, so the service has to."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.emulators import status_with

from .keys import INSTANT, ROLES
from .sdk import Sdk, address

every_role = pytest.mark.parametrize("role", ROLES)


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.proves("credentials: revocation")
@every_role
def test_a_revoked_v2_key_is_refused_and_the_one_after_it_is_not(
    sdk: Sdk, emulator: Emulator, role: str
) -> None:
    old, new = emulator.create_api_key(role), emulator.create_api_key(role)
    sent = [sdk.from_api_key_v2(key, address(emulator)).auth_token for key in (old, new)]
    assert [status_with(emulator, key) for key in sent] == [200, 200]

    emulator.revoke_api_key(old)

    assert [status_with(emulator, key) for key in sent] == [401, 200]


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.proves("credentials: revocation")
@every_role
def test_a_revoked_v1_key_is_refused_as_an_sdk_sends_it_and_whole(
    sdk: Sdk, emulator: Emulator, role: str
) -> None:
    key = emulator.create_api_key(role, v1=True)
    sent = sdk.from_string(key).auth_token
    assert status_with(emulator, sent) == 200

    emulator.revoke_api_key(key)

    assert status_with(emulator, sent) == 401
    assert status_with(emulator, key) == 401


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.proves("credentials: migration")
@every_role
def test_a_v1_key_is_replaced_by_a_v2_key(sdk: Sdk, emulator: Emulator, role: str) -> None:
    old, new = emulator.create_api_key(role, v1=True), emulator.create_api_key(role)
    before = sdk.from_string(old)

    emulator.revoke_api_key(old)
    after = sdk.from_api_key_v2(new, "emulator.test")

    assert after == before._replace(auth_token=new)
    assert status_with(emulator, before.auth_token) == 401
    assert status_with(emulator, after.auth_token) == 200


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.proves("credentials: expiry")
def test_an_expired_v2_key_is_read_by_an_sdk_and_refused_by_the_service(
    sdk: Sdk, v2_entry_point: str, emulator: Emulator
) -> None:
    key = emulator.create_api_key("viewer", expires_at=1)

    read = getattr(sdk, v2_entry_point)(key, address(emulator))

    assert read.auth_token == key
    assert status_with(emulator, read.auth_token) == 401


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.proves("credentials: expiry")
def test_an_expired_v1_key_is_read_by_an_sdk_and_refused_by_the_service(
    sdk: Sdk, older_entry_point: str, emulator: Emulator
) -> None:
    key = emulator.create_api_key("viewer", expires_at=INSTANT, v1=True)
    sent = getattr(sdk, older_entry_point)(key).auth_token
    assert status_with(emulator, sent) == 200

    emulator.clock.freeze(INSTANT * 1_000_000)

    assert getattr(sdk, older_entry_point)(key).auth_token == sent
    assert status_with(emulator, sent) == 401
    assert status_with(emulator, key) == 401
