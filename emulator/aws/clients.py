"""Clients of AWS's services, which sign each call with the credentials of the current identity."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError

from emulator.aws.sessions import new_session
from emulator.core.event_loop import wait_for
from emulator.core.failures import ConfigurationError

DEFAULT_REGION = "us-east-1"

_ATTEMPTS = 3
"""The most attempts of a call, if its errors allow a retry."""

_CONNECT_SECONDS = 5.0
"""The timeout for connecting, short enough to leave time for another attempt."""

_CREDENTIALS_SECONDS = 10.0
"""How long the start waits for credentials."""

_STS_CONNECTIONS = 10


class Identity(Protocol):
    """An identity with which a service is called, such as a role."""

    async def credentials(self) -> ReadOnlyCredentials:
        """Return credentials that are valid now."""


_IDENTITY: ContextVar[Identity] = ContextVar("identity")


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Make the calls inside with ``identity``; if None, with the emulator's own credentials."""
    if identity is None:
        yield
        return
    token = _IDENTITY.set(identity)
    try:
        yield
    finally:
        _IDENTITY.reset(token)


class AwsClients:
    """The clients of one part of the emulator, with their connections.

    Args:
        option: the command-line option that needs them, for error messages.
        endpoint_url: the URL of the services, if not AWS's own.
        region: the default region; if None, the one that AWS's tools find, or us-east-1.
        timeout: how many seconds each attempt of a call may take.
    """

    def __init__(
        self,
        option: str,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.timeout = timeout
        self._option = option
        self._endpoint_url = endpoint_url
        self._region = region
        self._stack = AsyncExitStack()
        self._own_session = new_session()
        self._identity_session = new_session()

    async def start(self) -> None:
        """Find credentials. This calls no service except the source of the credentials.

        Raises:
            ConfigurationError: there are no credentials, or the profile does not exist.
        """
        try:
            with self.configured():
                found = await wait_for(self._own_session.get_credentials(), _CREDENTIALS_SECONDS)
        except asyncio.TimeoutError:
            raise ConfigurationError(
                f"{self._option}: AWS credentials were not found within "
                f"{_CREDENTIALS_SECONDS:g} seconds; {_ADVICE}"
            ) from None
        if found is None:
            raise ConfigurationError(f"{self._option}: no AWS credentials were found; {_ADVICE}")
        self._identity_session.register_component("credential_provider", _CurrentCredentials(found))

    @contextmanager
    def configured(self) -> Iterator[None]:
        """Turn errors of AWS's library inside into a ``ConfigurationError``.

        Raises:
            ConfigurationError: the library refused something.
        """
        try:
            yield
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"{self._option}: {' '.join(str(error).split())}") from None

    async def open(
        self, service: str, *, connections: int, region: str | None = None, **config: Any
    ) -> Any:
        """Open a client of ``service`` that uses the current identity (``acting_as``).

        Args:
            connections: the most connections at one time.
            region: by default the region of these clients.
            config: more settings of its ``AioConfig``.
        """
        region = region or self.region
        url = self._endpoint_url
        return await self._open(self._identity_session, service, url, region, connections, config)

    async def open_sts(self) -> Any:
        """Open a client of STS with the emulator's own credentials.

        Its URL is the one that the environment sets for AWS's tools, else ``endpoint_url``.
        """
        url = None if chain_has_endpoint("STS") else self._endpoint_url
        return await self._open(self._own_session, "sts", url, self.region, _STS_CONNECTIONS, {})

    @property
    def region(self) -> str:
        """The default region."""
        return self._region or self._own_session.get_config_variable("region") or DEFAULT_REGION

    async def close(self) -> None:
        """Close every connection."""
        await self._stack.aclose()

    async def _open(
        self,
        session: AioSession,
        service: str,
        endpoint_url: str | None,
        region: str,
        connections: int,
        config: dict[str, Any],
    ) -> Any:
        client = session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=AioConfig(
                connect_timeout=min(self.timeout, _CONNECT_SECONDS),
                read_timeout=self.timeout,
                max_pool_connections=connections,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                **config,
            ),
        )
        return await self._stack.enter_async_context(client)


class _CurrentCredentials(AioCredentials):  # type: ignore[misc]  # The library has no types.
    """The credentials of the running task's identity, so that all identities share one client.

    The object is its own provider. ``own`` are the emulator's credentials.
    """

    def __init__(self, own: Any) -> None:
        super().__init__("placeholder", "placeholder")
        self._own = own

    async def load_credentials(self) -> _CurrentCredentials:
        return self

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        identity = _IDENTITY.get(None)
        return await (
            self._own.get_frozen_credentials() if identity is None else identity.credentials()
        )


def chain_has_endpoint(service: str) -> bool:
    """Whether the environment sets the URL of this AWS service."""
    return bool({f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"} & os.environ.keys())


_ADVICE = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
    "or any other source of credentials that AWS's tools support"
)
