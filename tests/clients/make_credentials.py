"""Makes a disposable token with the SDK for Python, and prints it as JSON.

The environment leads to an emulator: MOMENTO_API_KEY, MOMENTO_ENDPOINT, and the proxy.
"""

from __future__ import annotations

import asyncio
import json
import os

from momento import AuthClientAsync, CredentialProvider
from momento.auth.access_control.disposable_token_scopes import DisposableTokenScopes
from momento.config.auth_configurations import AuthConfigurations
from momento.responses import GenerateDisposableToken
from momento.utilities import ExpiresIn


async def main() -> None:
    provider = CredentialProvider.from_api_key_v2(
        os.environ["MOMENTO_API_KEY"], endpoint=os.environ["MOMENTO_ENDPOINT"]
    )
    async with AuthClientAsync(AuthConfigurations.Laptop.latest(), provider) as client:
        made = await client.generate_disposable_token(
            DisposableTokenScopes.cache_key_read_only("cache", "key"), ExpiresIn.minutes(5)
        )
    assert isinstance(made, GenerateDisposableToken.Success), made
    print(json.dumps({"token": made.auth_token, "endpoint": made.endpoint}))


asyncio.run(main())
