"""The roles of stores, really assumed: credentials from STS, renewed before they expire."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from emulator.aws.clients import AwsClients
from emulator.aws.errors import explained
from emulator.core.failures import EngineUnavailableError

logger = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(minutes=5)
"""How long before they expire credentials are renewed. They are STS's, and so is that time."""

PAUSE_SECONDS = 5.0
"""How long STS is left alone after it has failed, while there are credentials that are valid."""

MAX_ROLES = 1000
"""Roles whose credentials are kept, those that were used last."""

_NO_SESSION_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
_LONGEST_SESSION_NAME = 64


class Roles:
    """The roles of stores.

    Args:
        clients: where STS is called.
        account_id: says which account the stores belong to.
    """

    def __init__(self, clients: AwsClients, account_id: Callable[[], Awaitable[str]]) -> None:
        self._clients = clients
        self._account_id = account_id
        self._sts: Any = None
        self._opening = asyncio.Lock()
        self._known: OrderedDict[tuple[str, str], AssumedRole] = OrderedDict()
        self._renewals: set[asyncio.Task[None]] = set()

    def of(self, role_arn: str, store_name: str) -> AssumedRole:
        """A role of a store, in whose name one of AWS's services is called."""
        place = (role_arn, store_name)
        if place not in self._known:
            self._known[place] = AssumedRole(self, *place)
            if len(self._known) > MAX_ROLES:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]

    async def assume(self, role_arn: str, store_name: str) -> dict[str, Any]:
        """Credentials of a role, as STS has them.

        Raises:
            EngineUnavailableError: the role cannot be assumed, or not in time. The text names it.
        """
        external_id = f"{await self._account_id()}/objectstore/{store_name}"
        session_name = _NO_SESSION_NAME.sub("-", external_id)[:_LONGEST_SESSION_NAME]
        sts = await self._client()
        what = f"the role {role_arn} cannot be assumed with the external id {external_id}"
        timeout = self._clients.timeout
        call = sts.assume_role(
            RoleArn=role_arn, RoleSessionName=session_name, ExternalId=external_id
        )
        with explained(f"{what}; STS, AssumeRole", timeout):
            answer = await asyncio.wait_for(call, timeout)
        credentials: dict[str, Any] = answer["Credentials"]
        return credentials

    def begin(self, renewal: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Renew something behind all requests, and with nothing that holds for one of them."""
        task = contextvars.Context().run(asyncio.create_task, renewal)
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)
        return task

    async def close(self) -> None:
        """Give up what is being renewed."""
        for renewal in self._renewals:
            renewal.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def _client(self) -> Any:
        async with self._opening:
            if self._sts is None:
                self._sts = await self._clients.open_sts()
        return self._sts


class AssumedRole:
    """One role in the name of one store."""

    def __init__(self, roles: Roles, role_arn: str, store_name: str) -> None:
        self._roles = roles
        self._role_arn = role_arn
        self._store_name = store_name
        self._renewal: asyncio.Task[None] | None = None
        self._rests_until = 0.0
        self._credentials: ReadOnlyCredentials | None = None
        self._expire_at = datetime.min.replace(tzinfo=timezone.utc)

    async def credentials(self) -> ReadOnlyCredentials:
        """Credentials that are valid. Nobody waits for new ones as long as there are any.

        Raises:
            EngineUnavailableError: there are none, since the role cannot be assumed.
        """
        if self._credentials is None or not self._are_valid():
            await asyncio.shield(self._renewed())
        elif self._left() <= RENEW_BEFORE and not self._rests():
            self._renewed()
        assert self._credentials is not None
        return self._credentials

    def _renewed(self) -> asyncio.Task[None]:
        """The one renewal that is going on."""
        if self._renewal is None or self._renewal.done():
            self._renewal = self._roles.begin(self._renew())
            self._renewal.add_done_callback(self._look_at)
        return self._renewal

    async def _renew(self) -> None:
        found = await self._roles.assume(self._role_arn, self._store_name)
        self._credentials = ReadOnlyCredentials(
            found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
        )
        self._expire_at = found["Expiration"]

    def _look_at(self, renewal: asyncio.Task[None]) -> None:
        error = None if renewal.cancelled() else renewal.exception()
        if error is None:
            return
        self._rests_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
        if self._are_valid():  # Else the requests that wait for it say so.
            is_known = isinstance(error, EngineUnavailableError)
            until = f"The credentials expire at {self._expire_at:%H:%M:%S} UTC and are not renewed"
            logger.warning("%s: %s", until, error, exc_info=None if is_known else error)

    def _rests(self) -> bool:
        return asyncio.get_running_loop().time() < self._rests_until

    def _are_valid(self) -> bool:
        return self._left() > timedelta(0)

    def _left(self) -> timedelta:
        return self._expire_at - datetime.now(timezone.utc)
