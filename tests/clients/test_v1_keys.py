"""v1 API keys: taken with the endpoint that is in them, and refused as v2 keys."""

from __future__ import annotations

import base64
import json

import pytest

from emulator import Emulator
from tests.support.emulators import status_with
from tests.support.keys import inner_key

from .keys import V1_KEYS
from .refusals import NO_V2_KEY, refusal
from .sdk import Sdk, credentials_at


@pytest.mark.proves("credentials: v1 API key")
def test_an_sdk_takes_a_v1_key_for_its_endpoint_and_the_key_in_it(
    sdk: Sdk, older_entry_point: str, v1_key: str
) -> None:
    envelope = json.loads(base64.b64decode(v1_key, validate=True))

    read = getattr(sdk, older_entry_point)(v1_key)

    assert read == credentials_at(envelope["endpoint"], auth_token=envelope["api_key"])


@pytest.mark.proves("credentials: v1 API key")
@pytest.mark.parametrize("origin", [origin for origin in V1_KEYS if "seeded" not in origin])
def test_the_endpoint_of_a_v1_key_is_the_emulators_cell(
    sdk: Sdk, emulator: Emulator, origin: str
) -> None:
    read = sdk.from_string(V1_KEYS[origin](emulator))

    assert read.cache_endpoint == "cache.emulator.test"


@pytest.mark.proves("credentials: v1 API key")
def test_a_v1_key_is_accepted_as_an_sdk_sends_it_and_whole(
    sdk: Sdk, emulator: Emulator, v1_key: str
) -> None:
    sent = sdk.from_string(v1_key).auth_token

    assert sent == inner_key(v1_key)
    assert status_with(emulator, sent) == 200
    assert status_with(emulator, v1_key) == 200


@pytest.mark.proves("credentials: v1 API key")
def test_an_sdk_refuses_a_v1_key_as_a_v2_key(sdk: Sdk, v2_entry_point: str, v1_key: str) -> None:
    said = refusal(getattr(sdk, v2_entry_point), v1_key, "cell.example.test")

    assert said == NO_V2_KEY[sdk.name, v2_entry_point]
