"""v2 API keys: taken with an endpoint, and refused where the endpoint would be in the key."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.emulators import status_with

from .node_sdk import NodeSdk
from .refusals import V2_KEY_REFUSED, refusal
from .sdk import Sdk, address, credentials_at


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.proves("credentials: environment variables")
def test_an_sdk_takes_a_v2_key_and_an_endpoint(
    sdk: Sdk, v2_entry_point: str, emulator: Emulator, v2_key: str
) -> None:
    read = getattr(sdk, v2_entry_point)(v2_key, address(emulator))

    assert read == credentials_at(address(emulator), auth_token=v2_key)
    assert status_with(emulator, read.auth_token) == 200


@pytest.mark.proves("credentials: environment variables")
def test_an_sdk_finds_its_key_in_the_variables_that_the_emulator_prints(
    sdk: Sdk, emulator: Emulator
) -> None:
    read = sdk.from_environment_v2(emulator.api_key(), emulator.endpoint)

    assert read.auth_token == emulator.api_key()


@pytest.mark.proves("credentials: v2 API key")
def test_the_sdk_for_node_says_that_a_v2_key_lacks_its_endpoint(
    node_sdk: NodeSdk, v2_key: str
) -> None:
    said = refusal(node_sdk.from_api_key_v2, v2_key, None)

    assert said == "Missing required property: endpoint"


@pytest.mark.proves("credentials: environment variables")
def test_an_sdk_names_the_variable_in_which_it_misses_an_endpoint(
    sdk: Sdk, emulator: Emulator
) -> None:
    said = refusal(sdk.from_environment_v2, emulator.api_key(), None)

    assert (
        said
        == {
            "python": "Missing required environment variable MOMENTO_ENDPOINT",
            "node": "Empty value for environment variable MOMENTO_ENDPOINT",
        }[sdk.name]
    )


@pytest.mark.proves("credentials: v2 API key")
def test_the_sdk_for_python_refuses_a_v2_key_at_an_older_entry_point(
    python_sdk: Sdk, older_entry_point: str, v2_key: str
) -> None:
    said = refusal(getattr(python_sdk, older_entry_point), v2_key)

    assert said == V2_KEY_REFUSED["python"]


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.proves("credentials: migration")
def test_the_sdk_for_node_refuses_a_v2_key_at_an_older_entry_point(
    node_sdk: NodeSdk, older_entry_point: str, v2_key: str
) -> None:
    said = refusal(getattr(node_sdk, older_entry_point), v2_key)

    assert V2_KEY_REFUSED["node"] in said
    assert (
        "Received a v2 API key. Are you using the correct key? "
        "Or did you mean to use fromApiKeyV2() or fromEnvVarV2() instead?"
    ) in said.replace("`", "")
