"""The SDK for Python, `momento`, in this process."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING
from unittest.mock import patch

from .sdk import API_KEY_VARIABLE, Credentials, RefusedError, clean_environment, variables

if TYPE_CHECKING:
    from momento import CredentialProvider


class PythonSdk:
    """``momento.CredentialProvider``, imported when it is wanted: all of gRPC comes with it."""

    name = "python"

    def __init__(self) -> None:
        from momento import CredentialProvider
        from momento.errors import InvalidArgumentException

        self._provider = CredentialProvider
        self._refusal = InvalidArgumentException

    def from_api_key_v2(self, api_key: str, endpoint: str | None) -> Credentials:
        given = {} if endpoint is None else {"endpoint": endpoint}
        return self._read(lambda: self._provider.from_api_key_v2(api_key, **given))

    def from_environment_v2(self, api_key: str, endpoint: str | None) -> Credentials:
        found = variables(api_key, endpoint)
        return self._read(self._provider.from_environment_variables_v2, found)

    def from_string(self, credential: str) -> Credentials:
        return self._read(lambda: self._provider.from_string(credential))

    def from_environment(self, credential: str) -> Credentials:
        found = variables(credential)
        return self._read(lambda: self._provider.from_environment_variable(API_KEY_VARIABLE), found)

    def from_disposable_token(self, token: str) -> Credentials:
        return self._read(lambda: self._provider.from_disposable_token(token))

    def _read(
        self, make: Callable[[], CredentialProvider], found: dict[str, str] | None = None
    ) -> Credentials:
        environment = {**clean_environment(), **(found or {})}
        with patch.dict(os.environ, environment, clear=True), warnings.catch_warnings():
            # The older entry points warn of themselves, and are to be tried all the same.
            warnings.filterwarnings("ignore", r"from_\w+ is deprecated", DeprecationWarning)
            try:
                made = make()
            except self._refusal as error:
                raise RefusedError(error.message) from error
            except RuntimeError as error:  # A variable is missing.
                raise RefusedError(str(error)) from error
        return Credentials(
            made.auth_token, made.control_endpoint, made.cache_endpoint, made.token_endpoint
        )
