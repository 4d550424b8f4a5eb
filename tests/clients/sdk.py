"""What an SDK of Momento makes of a credential, the same for both languages."""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from emulator import Emulator

API_KEY_VARIABLE = "MOMENTO_API_KEY"
ENDPOINT_VARIABLE = "MOMENTO_ENDPOINT"

V2_ENTRY_POINTS = ("from_api_key_v2", "from_environment_v2")
OLDER_ENTRY_POINTS = ("from_string", "from_environment", "from_disposable_token")


class Credentials(NamedTuple):
    """What a credential provider holds: what it would send, and to whom."""

    auth_token: str
    control_endpoint: str
    cache_endpoint: str
    token_endpoint: str


class RefusedError(Exception):
    """The SDK does not take the credential; the text is the SDK's own."""


class Sdk(Protocol):
    """``CredentialProvider`` by its entry points, all of which may raise ``RefusedError``.

    Without an endpoint, the parameter or the variable for it is left out.
    """

    name: str

    def from_api_key_v2(self, api_key: str, endpoint: str | None) -> Credentials: ...

    def from_environment_v2(self, api_key: str, endpoint: str | None) -> Credentials: ...

    def from_string(self, credential: str) -> Credentials: ...

    def from_environment(self, credential: str) -> Credentials: ...

    def from_disposable_token(self, token: str) -> Credentials: ...


def address(emulator: Emulator) -> str:
    """Host and port of the emulator: an endpoint as the SDKs want it, without a scheme."""
    return urlsplit(emulator.endpoint).netloc


def credentials_at(endpoint: str, auth_token: str) -> Credentials:
    """What a provider holds that uses ``auth_token`` at the cell ``endpoint``."""
    return Credentials(auth_token, f"control.{endpoint}", f"cache.{endpoint}", f"token.{endpoint}")


def variables(api_key: str, endpoint: str | None = None) -> dict[str, str]:
    """The variables, under the names that the SDKs know by themselves."""
    given = {API_KEY_VARIABLE: api_key, ENDPOINT_VARIABLE: endpoint}
    return {name: value for name, value in given.items() if value is not None}


def clean_environment() -> dict[str, str]:
    """Ours, without any variable that an SDK might read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOMENTO_")}
