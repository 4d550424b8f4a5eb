"""Disposable tokens: to the SDKs what v1 keys are."""

from __future__ import annotations

import base64
import json

import pytest

from emulator import Emulator
from tests.contract.stores import LIST
from tests.support.emulators import status_with

from .refusals import NO_V2_KEY, refusal
from .sdk import Sdk, credentials_at

READ_OBJECTS = {"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}
LIST_STORES = {"type": "resource_management", "permissions": ["list"], "resources": "*"}
OBJECT = "/objectstore/web-assets/hello.txt"
LIFE_SECONDS = 3600


@pytest.fixture
def token(emulator: Emulator) -> str:
    return emulator.create_token({"rules": [READ_OBJECTS, LIST_STORES]}, expires_in=LIFE_SECONDS)


@pytest.mark.proves("credentials: disposable token")
def test_an_sdk_takes_a_disposable_token_for_its_endpoint_and_the_token_in_it(
    sdk: Sdk, older_entry_point: str, token: str
) -> None:
    envelope = json.loads(base64.b64decode(token, validate=True))

    read = getattr(sdk, older_entry_point)(token)

    assert envelope.keys() == {"endpoint", "api_key"}
    assert read == credentials_at("emulator.test", auth_token=envelope["api_key"])


@pytest.mark.proves("credentials: disposable token")
@pytest.mark.parametrize("path", [LIST, OBJECT])
def test_a_disposable_token_is_accepted_as_an_sdk_sends_it_and_whole(
    sdk: Sdk, emulator: Emulator, token: str, path: str
) -> None:
    sent = sdk.from_disposable_token(token).auth_token

    assert status_with(emulator, sent, path) == 200
    assert status_with(emulator, token, path) == 200


@pytest.mark.proves("credentials: disposable token")
def test_a_disposable_token_has_its_permissions_also_as_an_sdk_sends_it(
    sdk: Sdk, emulator: Emulator
) -> None:
    token = emulator.create_token({"rules": [READ_OBJECTS]}, expires_in=LIFE_SECONDS)

    sent = sdk.from_disposable_token(token).auth_token

    assert status_with(emulator, sent, OBJECT) == 200
    assert status_with(emulator, sent, LIST) == 403


@pytest.mark.proves("credentials: disposable token")
def test_a_disposable_token_that_has_expired_is_read_by_an_sdk_and_refused_by_the_service(
    sdk: Sdk, emulator: Emulator, token: str
) -> None:
    emulator.clock.advance(LIFE_SECONDS)

    sent = sdk.from_disposable_token(token).auth_token

    assert status_with(emulator, sent) == 401
    assert status_with(emulator, token) == 401


@pytest.mark.proves("credentials: disposable token")
def test_an_sdk_refuses_a_disposable_token_as_a_v2_key(
    sdk: Sdk, v2_entry_point: str, token: str
) -> None:
    said = refusal(getattr(sdk, v2_entry_point), token, "cell.example.test")

    assert said == NO_V2_KEY[sdk.name, v2_entry_point]
