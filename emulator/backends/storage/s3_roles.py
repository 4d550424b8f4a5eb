"""The roles of stores, really assumed: credentials from STS, renewed before they expire."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from emulator.backends.errors import EngineUnavailableError
from emulator.backends.storage.s3_client import S3Connection
from emulator.backends.storage.s3_errors import explained
from emulator.model import Store

RENEW_BEFORE = timedelta(minutes=5)
"""How long before they expire credentials are renewed. They are STS's, and so is that time."""

MAX_ROLES = 1000
"""Roles whose credentials are kept, those that were used last."""

_NO_SESSION_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
_LONGEST_SESSION_NAME = 64


class Roles:
    """The roles of stores.

    Args:
        connection: what makes the calls.
        account_id: says which account the stores belong to.
    """

    def __init__(self, connection: S3Connection, account_id: Callable[[], Awaitable[str]]) -> None:
        self._connection = connection
        self._account_id = account_id
        self._sts: Any = None
        self._opening = asyncio.Lock()
        self._known: OrderedDict[tuple[str, str], AssumedRole] = OrderedDict()

    def of(self, store: Store) -> AssumedRole:
        """The role of ``store``, in whose name it reaches S3."""
        place = (store.iam_role_arn, store.name)
        if place not in self._known:
            self._known[place] = AssumedRole(self, *place)
            if len(self._known) > MAX_ROLES:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        return self._known[place]

    async def assume(self, role_arn: str, store_name: str) -> dict[str, Any]:
        """Credentials of a role, as STS has them.

        Raises:
            EngineUnavailableError: the role cannot be assumed. The text names it.
        """
        external_id = f"{await self._account_id()}/objectstore/{store_name}"
        session_name = _NO_SESSION_NAME.sub("-", external_id)[:_LONGEST_SESSION_NAME]
        sts = await self._client()
        what = f"the role {role_arn} cannot be assumed with the external id {external_id}"
        with explained(f"{what}; STS, AssumeRole", self._connection.settings.timeout):
            answer = await sts.assume_role(
                RoleArn=role_arn, RoleSessionName=session_name, ExternalId=external_id
            )
        credentials: dict[str, Any] = answer["Credentials"]
        return credentials

    async def _client(self) -> Any:
        async with self._opening:
            if self._sts is None:
                self._sts = await self._connection.open_sts()
        return self._sts


class AssumedRole:
    """One role in the name of one store."""

    def __init__(self, roles: Roles, role_arn: str, store_name: str) -> None:
        self._roles = roles
        self._role_arn = role_arn
        self._store_name = store_name
        self._renewing = asyncio.Lock()
        self._credentials: ReadOnlyCredentials | None = None
        self._expire_at = datetime.min.replace(tzinfo=timezone.utc)

    async def credentials(self) -> ReadOnlyCredentials:
        """Credentials that are still valid for a while.

        Raises:
            EngineUnavailableError: there are none, since the role cannot be assumed.
        """
        if self._credentials is not None and self._left() > RENEW_BEFORE:
            return self._credentials
        async with self._renewing:
            if self._credentials is None or self._left() <= RENEW_BEFORE:
                try:
                    await self._renew()
                except EngineUnavailableError:
                    if self._credentials is None or self._left() <= timedelta(0):
                        raise
        return self._credentials

    async def _renew(self) -> None:
        found = await self._roles.assume(self._role_arn, self._store_name)
        self._credentials = ReadOnlyCredentials(
            found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"]
        )
        self._expire_at = found["Expiration"]

    def _left(self) -> timedelta:
        return self._expire_at - datetime.now(timezone.utc)
