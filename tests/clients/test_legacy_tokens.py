"""Legacy tokens, JWTs with both endpoints in their claims: taken over from a seed file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from emulator import Emulator
from tests.support.emulators import status_with

from .keys import ROLES
from .refusals import NO_V2_KEY, refusal
from .sdk import Sdk

CONTROL = "control.cell.example.test"
CACHE = "cache.cell.example.test"


@pytest.fixture(params=["HS256", "HS512"])
def legacy_token(request: pytest.FixtureRequest) -> str:
    claims = {"sub": "somebody@example.test", "cp": CONTROL, "c": CACHE}
    return jwt.encode(claims, "a secret that nobody has to know" * 2, algorithm=request.param)


@pytest.fixture(params=ROLES)
def knowing(
    request: pytest.FixtureRequest, tmp_path: Path, legacy_token: str
) -> Iterator[Emulator]:
    """An emulator whose seed file has the token."""
    seed = tmp_path / "seed.yaml"
    keys = {"api_keys": [{"role": request.param, "api_key": legacy_token}]}
    seed.write_text(json.dumps(keys), encoding="utf-8")  # JSON is YAML too.
    with Emulator(cache="memory", seed=seed) as running:
        yield running


@pytest.mark.proves("credentials: legacy token")
def test_an_sdk_takes_a_legacy_token_for_the_endpoints_in_its_claims(
    sdk: Sdk, older_entry_point: str, legacy_token: str
) -> None:
    read = getattr(sdk, older_entry_point)(legacy_token)

    assert (read.control_endpoint, read.cache_endpoint) == (CONTROL, CACHE)
    assert read.auth_token == legacy_token


@pytest.mark.proves("credentials: legacy token")
def test_a_seeded_legacy_token_is_accepted_as_an_sdk_sends_it(
    sdk: Sdk, knowing: Emulator, legacy_token: str
) -> None:
    assert status_with(knowing, sdk.from_string(legacy_token).auth_token) == 200


@pytest.mark.proves("credentials: legacy token")
def test_an_sdk_refuses_a_legacy_token_as_a_v2_key(
    sdk: Sdk, v2_entry_point: str, legacy_token: str
) -> None:
    said = refusal(getattr(sdk, v2_entry_point), legacy_token, "cell.example.test")

    assert said == NO_V2_KEY[sdk.name, v2_entry_point]
