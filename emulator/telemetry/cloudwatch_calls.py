"""Calls to CloudWatch: each bounded in time, and made with somebody's credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.aws.clients import AwsClients, Identity, acting_as
from emulator.aws.errors import explained
from emulator.aws.roles import Roles

LOGS = "logs"
METRICS = "cloudwatch"

_CONNECTIONS = 50
"""Connections to each service of a region at once: one for each place that is delivered to."""


class Calls:
    """Makes the calls, with one client for each service of a region.

    Args:
        clients: make the clients.
        account_id: says which account the stores belong to; where it is given, the role of each
            destination is assumed.
    """

    def __init__(
        self, clients: AwsClients, account_id: Callable[[], Awaitable[str]] | None
    ) -> None:
        self.clients = clients
        self._roles = None if account_id is None else Roles(clients, account_id)
        self._opening = asyncio.Lock()
        self._opened: dict[tuple[str, str], Any] = {}

    @property
    def assume_roles(self) -> bool:
        """Whether it matters in whose name a call is made."""
        return self._roles is not None

    async def start(self) -> None:
        """Find credentials, and read what the services look like before there are requests to be
        held up by that.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is none.
        """
        await self.clients.start()
        with self.clients.configured():
            for service in (LOGS, METRICS):
                await self._client(service, self.clients.region)

    def caller(self, service: str, region: str, role_arn: str, store_name: str) -> Caller:
        """Calls a service of a region for a store, in the name of the role if roles are assumed."""
        identity = None if self._roles is None else self._roles.of(role_arn, store_name)
        return Caller(self, service, region, identity)

    async def request(
        self, service: str, region: str, operation: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        """What a service answers to one call, as botocore has it."""
        client = await self._client(service, region)
        answer: dict[str, Any] = await getattr(client, operation)(**params)
        return answer

    async def close(self) -> None:
        """Close every connection."""
        if self._roles is not None:
            await self._roles.close()
        await self.clients.close()

    async def _client(self, service: str, region: str) -> Any:
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
    """Calls one service of a region in one name."""

    def __init__(self, calls: Calls, service: str, region: str, identity: Identity | None) -> None:
        self._calls = calls
        self._service = service
        self._region = region
        self._identity = identity

    async def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """What the service answers to ``operation``, one of the methods of boto3's client.

        Raises:
            AnswerError: it refuses.
            EngineUnavailableError: it cannot be asked, or takes too long.
        """
        timeout = self._calls.clients.timeout
        spelt = "".join(word.capitalize() for word in operation.split("_"))
        work = self._calls.request(self._service, self._region, operation, params)
        with (
            acting_as(self._identity),
            explained(f"CloudWatch in {self._region}, {spelt}", timeout),
        ):
            return await asyncio.wait_for(work, timeout)
