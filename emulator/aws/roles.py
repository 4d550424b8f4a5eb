"""Assume the roles of stores: credentials from STS, renewed before they expire."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from emulator.aws.calls import Client
from emulator.aws.clients import AwsClients
from emulator.aws.errors import describe_errors
from emulator.core.background import in_background
from emulator.core.event_loop import wait_for
from emulator.core.failures import EngineUnavailableError
from emulator.core.private import time_ns

logger = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(minutes=5)
"""How long before they expire credentials are renewed, in real time, which is STS's time."""

PAUSE_SECONDS = 5.0
"""The pause after a failed renewal, as long as the credentials are still valid."""

MAX_ROLES = 1000
"""How many roles are kept with their credentials: those used last."""

_NOT_IN_SESSION_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
_LONGEST_SESSION_NAME = 64


class Roles:
    """The roles of stores.

    Args:
        clients: create the client of STS.
        account_id: returns the id of the account that the stores belong to.
    """

    def __init__(self, clients: AwsClients, account_id: Callable[[], Awaitable[str]]) -> None:
        self._clients = clients
        self._account_id = account_id
        self._sts: Client | None = None
        self._opening = asyncio.Lock()
        self._known: OrderedDict[tuple[str, str], AssumedRole] = OrderedDict()
        self._renewals: set[asyncio.Task[None]] = set()

    def of(self, role_arn: str, store_name: str) -> AssumedRole:
        """Return a store's role, as an identity for calls to AWS."""
        place = (role_arn, store_name)
        if place not in self._known:
            self._known[place] = AssumedRole(self, *place)
            if len(self._known) > MAX_ROLES:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]

    async def assume(self, role_arn: str, store_name: str) -> dict[str, Any]:
        """Assume a role; return its credentials in STS's form.

        Raises:
            EngineUnavailableError: the role cannot be assumed, or not in time. The text names it.
        """
        external_id = f"{await self._account_id()}/objectstore/{store_name}"
        session_name = _NOT_IN_SESSION_NAME.sub("-", external_id)[:_LONGEST_SESSION_NAME]
        sts = await self._client()
        what = f"the role {role_arn} cannot be assumed with the external id {external_id}"
        timeout = self._clients.timeout
        call = sts.call(
            "assume_role",
            {"RoleArn": role_arn, "RoleSessionName": session_name, "ExternalId": external_id},
        )
        with describe_errors(f"{what}; STS, AssumeRole", timeout):
            answer = await wait_for(call, timeout)
        credentials: dict[str, Any] = answer["Credentials"]
        return credentials

    def begin(self, renewal: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a renewal in the background, outside the context of the current request."""
        task = in_background(renewal)
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)
        return task

    async def close(self) -> None:
        """Cancel all renewals."""
        for renewal in self._renewals:
            renewal.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def _client(self) -> Client:
        async with self._opening:
            if self._sts is None:
                self._sts = await self._clients.open_sts()
        return self._sts


class AssumedRole:
    """One role, assumed for one store."""

    def __init__(self, roles: Roles, role_arn: str, store_name: str) -> None:
        self._roles = roles
        self._role_arn = role_arn
        self._store_name = store_name
        self._renewal: asyncio.Task[None] | None = None
        self._paused_until = 0.0
        self._credentials: ReadOnlyCredentials | None = None
        self._expire_at = datetime.min.replace(tzinfo=timezone.utc)

    async def credentials(self) -> ReadOnlyCredentials:
        """Return valid credentials. Wait for new ones only if there are no valid ones.

        Raises:
            EngineUnavailableError: there are none, since the role cannot be assumed.
        """
        if self._credentials is None or not self._are_valid():
            await asyncio.shield(self._current_renewal())
        elif self._time_left() <= RENEW_BEFORE and not self._is_paused():
            self._current_renewal()
        assert self._credentials is not None
        return self._credentials

    def _current_renewal(self) -> asyncio.Task[None]:
        """Return the renewal that is running; start one if there is none."""
        if self._renewal is None or self._renewal.done():
            self._renewal = self._roles.begin(self._renew())
            self._renewal.add_done_callback(self._renewal_ended)
        return self._renewal

    async def _renew(self) -> None:
        found = await self._roles.assume(self._role_arn, self._store_name)
        self._credentials = ReadOnlyCredentials(
            found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
        )
        self._expire_at = found["Expiration"]

    def _renewal_ended(self, renewal: asyncio.Task[None]) -> None:
        error = None if renewal.cancelled() else renewal.exception()
        if error is None:
            return
        self._paused_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
        if self._are_valid():  # Otherwise the requests that wait for it get the error.
            is_known = isinstance(error, EngineUnavailableError)
            expiry = f"The credentials expire at {self._expire_at:%H:%M:%S} UTC"
            logger.warning(
                "%s and cannot be renewed: %s", expiry, error, exc_info=None if is_known else error
            )

    def _is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._paused_until

    def _are_valid(self) -> bool:
        return self._time_left() > timedelta(0)

    def _time_left(self) -> timedelta:
        return timedelta(seconds=self._expire_at.timestamp() - time_ns() / 1e9)
