"""Calls to CloudWatch: with a timeout, and the credentials of an identity."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.aws.calls import Client
from emulator.aws.clients import AwsClients
from emulator.aws.errors import describe_errors
from emulator.aws.identities import Identity, acting_as
from emulator.aws.roles import Roles
from emulator.core.event_loop import wait_for

LOGS = "logs"
METRICS = "cloudwatch"

_CONNECTIONS = 50
"""The most connections to each service of a region: one for each outbox that delivers."""


class Calls:
    """Makes the calls, with one client for each service of a region.

    Args:
        clients: create the clients.
        account_id: returns the id of the account; if given, the role of each destination is
            assumed.
    """

    def __init__(
        self, clients: AwsClients, account_id: Callable[[], Awaitable[str]] | None
    ) -> None:
        self.clients = clients
        self._roles = None if account_id is None else Roles(clients, account_id)
        self._opening = asyncio.Lock()
        self._opened: dict[tuple[str, str], Client] = {}

    @property
    def assume_roles(self) -> bool:
        """Whether calls are made with the roles of stores."""
        return self._roles is not None

    async def start(self) -> None:
        """Find credentials, and create the clients now: that takes time, which would delay
        requests later.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is invalid.
        """
        await self.clients.start()
        with self.clients.configured():
            for service in (LOGS, METRICS):
                await self._client(service, self.clients.region)

    def caller(self, service: str, region: str, role_arn: str, store_name: str) -> Caller:
        """Return a caller of a service in a region; with the store's role if roles are assumed."""
        identity = None if self._roles is None else self._roles.of(role_arn, store_name)
        return Caller(self, service, region, identity)

    async def request(
        self, service: str, region: str, operation: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """Make one call; return the service's answer in botocore's form."""
        client = await self._client(service, region)
        return await client.call(operation, params)

    async def close(self) -> None:
        """Close every connection."""
        if self._roles is not None:
            await self._roles.close()
        await self.clients.close()

    async def _client(self, service: str, region: str) -> Client:
        place = (service, region)
        async with self._opening:
            if place not in self._opened:
                self._opened[place] = await self.clients.open(
                    service,
                    region=region,
                    connections=_CONNECTIONS,
                    # Not every CloudWatch takes requests that are compressed.
                    disable_request_compression=True,
                )
        return self._opened[place]


class Caller:
    """Calls one service of a region with one identity."""

    def __init__(self, calls: Calls, service: str, region: str, identity: Identity | None) -> None:
        self._calls = calls
        self._service = service
        self._region = region
        self._identity = identity

    async def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call ``operation``, a method of boto3's client; return the answer.

        Raises:
            AnswerError: the service refuses.
            EngineUnavailableError: the service cannot be reached, or takes too long.
        """
        timeout = self._calls.clients.timeout
        aws_name = "".join(word.capitalize() for word in operation.split("_"))
        work = self._calls.request(self._service, self._region, operation, params)
        with (
            acting_as(self._identity),
            describe_errors(f"CloudWatch in {self._region}, {aws_name}", timeout),
        ):
            return await wait_for(work, timeout)
