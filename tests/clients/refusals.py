"""What the SDKs say to a credential that was given to the wrong entry point."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .sdk import Credentials, RefusedError

V2_KEY_REFUSED = {
    "python": (
        "Unexpectedly received a v2 API key. "
        "Are you using the correct key and the correct CredentialProvider method?"
    ),
    "node": (
        "Received a v2 API key. Are you using the correct key? "
        "Or did you mean to use `fromApiKeyV2()` or `fromEnvVarV2()` instead?"
    ),
}
"""By SDK. What Node says holds this text, what Python says is this text."""

NO_V2_KEY = {
    ("python", "from_api_key_v2"): (
        "Received an invalid v2 API key. "
        "Are you using the correct key and the correct CredentialProvider method?"
    ),
    ("python", "from_environment_v2"): (
        "Received an invalid v2 API key. Are you using the correct key? Or did you mean to use "
        "`from_environment_variable()` with a legacy key instead?"
    ),
    ("node", "from_api_key_v2"): (
        "Received an invalid v2 API key. Are you using the correct key? Or did you mean to use "
        "`fromString()` with a legacy key instead?"
    ),
    ("node", "from_environment_v2"): (
        "Received an invalid v2 API key. Are you using the correct key? Or did you mean to use "
        "`fromEnvironmentVariable()` with a legacy key instead?"
    ),
}
"""By SDK and entry point."""


def refusal(read: Callable[..., Credentials], *given: str | None) -> str:
    """What an SDK says when it refuses what was ``given`` to its entry point ``read``."""
    with pytest.raises(RefusedError) as refused:
        read(*given)
    return str(refused.value)
