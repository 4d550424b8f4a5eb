"""Clients of AWS's services, whose calls are made with the credentials of whoever acts."""

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
from emulator.core.failures import ConfigurationError

DEFAULT_REGION = "us-east-1"

_ATTEMPTS = 3
"""How often a call is tried in all, where the service says that it may be tried again."""

_CONNECT_SECONDS = 5.0
"""How long a connection may take to come about, so that there is time for another attempt."""

_CREDENTIALS_SECONDS = 10.0
"""How long a start looks for credentials."""

_STS_CONNECTIONS = 10


class Identity(Protocol):
    """Somebody in whose name a service is called."""

    async def credentials(self) -> ReadOnlyCredentials:
        """What signs a request made now."""


_IDENTITY: ContextVar[Identity] = ContextVar("identity")


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Make the calls inside in that name; without one, with the emulator's own credentials."""
    if identity is None:
        yield
        return
    token = _IDENTITY.set(identity)
    try:
        yield
    finally:
        _IDENTITY.reset(token)


class AwsClients:
    """The clients that one part of the emulator has, with their connections.

    Args:
        option: what asks for them, as it is named to whoever configures it.
        endpoint_url: where the services are, if not at AWS's.
        region: where none is said; by default the one that AWS's tools find, or us-east-1.
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
        self._own = new_session()
        self._acting = new_session()

    async def start(self) -> None:
        """Find credentials. No service is asked for anything, but where they come from.

        Raises:
            ConfigurationError: there are none, or the profile is none.
        """
        try:
            with self.configured():
                found = await asyncio.wait_for(self._own.get_credentials(), _CREDENTIALS_SECONDS)
        except asyncio.TimeoutError:
            raise ConfigurationError(
                f"{self._option}: AWS credentials were not found within "
                f"{_CREDENTIALS_SECONDS:g} seconds; {_ADVICE}"
            ) from None
        if found is None:
            raise ConfigurationError(f"{self._option}: no AWS credentials were found; {_ADVICE}")
        self._acting.register_component("credential_provider", _CredentialsInUse(found))

    @contextmanager
    def configured(self) -> Iterator[None]:
        """Say of what AWS's library refuses inside that the configuration is wrong.

        Raises:
            ConfigurationError: it refuses something.
        """
        try:
            yield
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"{self._option}: {' '.join(str(error).split())}") from None

    async def open(
        self, service: str, *, connections: int, region: str | None = None, **config: Any
    ) -> Any:
        """A client of ``service`` whose calls are made in the name of whoever acts.

        Args:
            connections: how many there are at once.
            region: by default that of all.
            config: what else its ``AioConfig`` is to have.
        """
        region = region or self.region
        url = self._endpoint_url
        return await self._opened(self._acting, service, url, region, connections, config)

    async def open_sts(self) -> Any:
        """A client of STS, in the name of the emulator's own credentials.

        It is where the usual chain of AWS says, else where the other services are.
        """
        url = None if chain_has_endpoint("STS") else self._endpoint_url
        return await self._opened(self._own, "sts", url, self.region, _STS_CONNECTIONS, {})

    @property
    def region(self) -> str:
        """Where services are called if nothing else is said."""
        return self._region or self._own.get_config_variable("region") or DEFAULT_REGION

    async def close(self) -> None:
        """Close every connection."""
        await self._stack.aclose()

    async def _opened(
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


class _CredentialsInUse(AioCredentials):  # type: ignore[misc]  # It comes without types.
    """Credentials of whoever the running task acts for, so that all share one client.

    They are their own provider. ``own`` are the emulator's, which the usual chain has found.
    """

    def __init__(self, own: Any) -> None:
        super().__init__("of whoever", "acts")
        self._own = own

    async def load_credentials(self) -> _CredentialsInUse:
        return self

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        identity = _IDENTITY.get(None)
        return await (
            self._own.get_frozen_credentials() if identity is None else identity.credentials()
        )


def chain_has_endpoint(service: str) -> bool:
    """Whether the environment says where AWS's service is."""
    return bool({f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"} & os.environ.keys())


_ADVICE = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
    "or use any other way that AWS's tools know"
)
