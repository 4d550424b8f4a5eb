"""Storage engine: S3, in each store's own bucket, where people and other tools use the objects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, BinaryIO

from emulator.aws.calls import Body
from emulator.aws.errors import AnswerError, describe_errors
from emulator.aws.identities import Identity
from emulator.aws.roles import Roles
from emulator.backends.storage.base import (
    BodyStream,
    Replacement,
    Storage,
    StorageCheckpoint,
    StoredObject,
    Upload,
)
from emulator.backends.storage.s3_client import S3Connection, S3Settings
from emulator.backends.storage.s3_information import from_answer
from emulator.backends.storage.s3_upload import PART_BYTES, S3Upload, is_staging
from emulator.core.errors import BadRequestError
from emulator.core.event_loop import wait_for
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.model import Store
from emulator.core.object_info import Location, ObjectInfo

MAX_KEY_BYTES = 1024
"""The longest key that S3 takes, including a store's prefix."""

CHUNK_BYTES = 256 * 1024
"""The most that is read of a large body in one step."""

_CHECK_SECONDS = 5.0
_AT_ONCE = 16
"""How many objects are requested concurrently for a list."""
BATCH_KEYS = 1000
"""How many objects of a list have a task at one time: a list may be long."""


class S3Storage(Storage):
    """Keeps every object in S3, under exactly its key.

    Args:
        settings: the address of S3, and how to call it.
        account_id: returns the id of the account; if given, each store's role is assumed.
    """

    name = "s3"
    upload_bytes = 2 * PART_BYTES  # One is sent while the next one arrives.
    can_be_emptied = False

    def __init__(
        self,
        settings: S3Settings,
        *,
        account_id: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.patience = settings.timeout
        self._connection = S3Connection(settings)
        self._roles = None if account_id is None else Roles(self._connection.clients, account_id)
        self._caller = self._connection.caller()

    async def start(self) -> None:
        await self._connection.start()

    def for_store(self, store: Store) -> Storage:
        if self._roles is None:
            return self
        return _RoleStorage(self, self._roles.of(store.iam_role_arn, store.name))

    def upload(self, location: Location) -> Upload:
        _require_key(location)
        return S3Upload(self._caller, location)

    async def open(self, location: Location, *, inline_bytes: int) -> StoredObject | None:
        _require_key(location)
        caller = self._caller
        try:
            answer = await caller.call("get_object", location.bucket, Key=location.key)
        except AnswerError as error:
            if error.status == 404 and error.code != "NoSuchBucket":
                return None
            raise
        info = from_answer(answer)
        stream = _S3Stream(answer["Body"], info.size, caller.connection.settings.timeout)
        if info.size > inline_bytes:
            return StoredObject(info, stream)
        try:
            return StoredObject(info, await stream.read_all())
        finally:
            await stream.close()

    async def delete(self, location: Location) -> bool:
        if await self._head(location) is None:
            return False
        await self._caller.call("delete_object", location.bucket, Key=location.key)
        return True

    async def remove(self, location: Location) -> None:
        _require_key(location)
        try:
            await self._caller.call("delete_object", location.bucket, Key=location.key)
        except AnswerError:
            raise
        except EngineUnavailableError as error:
            raise OutcomeUnknownError(str(error)) from None

    async def buckets(self) -> list[str]:
        names = await self._caller.list_buckets()
        return sorted([name for name in names if await self._keys(name, "")])

    async def list(self, bucket: str, prefix: str = "") -> list[tuple[str, ObjectInfo]]:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def head(key: str) -> tuple[str, ObjectInfo | None]:
            async with slots:
                return key, await self._head(Location(bucket, key))

        keys = sorted(await self._keys(bucket, prefix))
        listed: list[tuple[str, ObjectInfo]] = []
        for start in range(0, len(keys), BATCH_KEYS):
            batch = keys[start : start + BATCH_KEYS]
            found = await asyncio.gather(*map(head, batch))
            listed += [(key, info) for key, info in found if info is not None]
        return listed

    async def checkpoint(self) -> StorageCheckpoint:
        raise _not_owned("takes no checkpoint of")

    async def beside(self) -> Replacement:
        raise _not_owned("does not replace")

    async def check(self) -> None:
        try:
            await self._caller.list_buckets(within=_CHECK_SECONDS)
        except AnswerError as error:
            # S3 knows the credentials; without the right to list all buckets, those of the stores
            # may still be usable.
            if error.code != "AccessDenied":
                raise

    async def clear(self) -> None:
        raise _not_owned("does not remove")

    async def close(self) -> None:
        if self._roles is not None:
            await self._roles.close()
        await self._connection.close()

    async def _head(self, location: Location) -> ObjectInfo | None:
        try:
            answer = await self._caller.call("head_object", location.bucket, Key=location.key)
        except AnswerError as error:
            if error.status == 404:
                return None
            raise
        return from_answer(answer)

    async def _keys(self, bucket: str, prefix: str) -> Sequence[str]:
        keys = []
        more: dict[str, Any] = {}
        while True:
            answer = await self._caller.call("list_objects_v2", bucket, Prefix=prefix, **more)
            keys += [each["Key"] for each in answer.get("Contents", ())]
            if not answer.get("IsTruncated"):
                return [key for key in keys if not is_staging(key)]
            more = {"ContinuationToken": answer["NextContinuationToken"]}


class _RoleStorage(S3Storage):
    """The same storage, called with a store's role."""

    def __init__(self, whole: S3Storage, role: Identity) -> None:
        self._connection = whole._connection
        self._roles = whole._roles
        self._caller = whole._connection.caller(role)


class _S3Stream(BodyStream):
    """A body that is received from S3 while it is read: one answer, and so one whole version."""

    file: BinaryIO | None = None

    def __init__(self, body: Body, size: int, timeout: float) -> None:
        self._body = body
        self._size = size
        self._timeout = timeout

    async def read_all(self) -> bytes:
        """Read the whole body."""
        with describe_errors("S3, the body of GetObject", self._timeout):
            return b"".join(await wait_for(self._all_chunks(), self._timeout))

    async def chunks(self) -> AsyncIterator[bytes]:
        received = 0
        while received < self._size:
            with describe_errors("S3, the body of GetObject", self._timeout):
                chunk = await self._body.read(CHUNK_BYTES)
            if not chunk:
                raise EngineUnavailableError(
                    f"S3, the body of GetObject: it ends after {received} of {self._size} bytes"
                )
            received += len(chunk)
            yield chunk

    async def close(self) -> None:
        self._body.close()

    async def _all_chunks(self) -> Sequence[bytes]:
        return [chunk async for chunk in self.chunks()]


def _require_key(location: Location) -> None:
    length = len(location.key.encode())
    if length > MAX_KEY_BYTES:
        raise BadRequestError(
            f"The key is too long: S3 takes at most {MAX_KEY_BYTES} bytes of UTF-8 including the "
            f"store's prefix, this has {length}"
        )


def _not_owned(what: str) -> BadRequestError:
    return BadRequestError(
        f"The objects are in S3 and may belong to others: the emulator {what} them"
    )
