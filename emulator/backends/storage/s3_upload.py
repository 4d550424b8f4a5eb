"""Upload an object to S3: with one PutObject, or in parts that are published by a copy.

The information about an object is known last, but S3 wants it when a multipart upload begins. So a
large body first becomes a staging object in the same bucket, and one CopyObject publishes it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Coroutine
from typing import Any

from emulator.aws.errors import AnswerError
from emulator.backends.storage.base import Upload
from emulator.backends.storage.s3_client import S3Caller
from emulator.backends.storage.s3_information import to_fields, too_much_metadata
from emulator.core.failures import EngineUnavailableError, OutcomeUnknownError
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.private import new_id

logger = logging.getLogger(__name__)

PART_BYTES = 8 * 1024 * 1024
"""The size of a part. A body up to this size is sent in one piece."""

STAGING_PREFIX = "momento-emulator-staging/"
"""The prefix of staging objects, in each bucket."""

_STAGING_KEY = re.compile(re.escape(STAGING_PREFIX) + "[0-9a-f]{32}")


def is_staging(key: str) -> bool:
    """Whether ``key`` is that of a staging object."""
    return _STAGING_KEY.fullmatch(key) is not None


class S3Upload(Upload):
    """Uploads one object, with at most one part in memory."""

    def __init__(self, caller: S3Caller, location: Location) -> None:
        self._caller = caller
        self._location = location
        self._pending: deque[bytes | memoryview] = deque()
        self._pending_bytes = 0
        self._staging: _Staging | None = None

    async def write(self, chunk: bytes) -> None:
        self._pending.append(chunk)
        self._pending_bytes += len(chunk)
        while self._pending_bytes > PART_BYTES:
            if self._staging is None:
                self._staging = _Staging(self._caller, self._location.bucket)
                await self._staging.begin()
            await self._staging.add(self._take(PART_BYTES))

    async def flush(self) -> None:
        if self._staging is not None and not self._staging.is_whole:
            await self._staging.add(self._take(self._pending_bytes))
            await self._staging.complete()

    async def commit(self, info: ObjectInfo) -> None:
        fields = {"Key": self._location.key, **to_fields(info)}
        await self.flush()
        try:
            if self._staging is None:
                body = self._take(self._pending_bytes)
                await self._caller.call("put_object", self._location.bucket, body=body, **fields)
            else:
                await self._staging.copy_to(fields)
        except AnswerError as error:
            if error.code == "MetadataTooLarge":
                raise too_much_metadata() from None
            raise
        except EngineUnavailableError as error:
            raise OutcomeUnknownError(str(error)) from None

    async def close(self) -> None:
        self._pending.clear()
        staging, self._staging = self._staging, None
        if staging is not None:
            await self._caller.connection.clean_up(staging.remove())

    def _take(self, size: int) -> bytes:
        """Take the next ``size`` bytes from the buffer."""
        self._pending_bytes -= size
        taken: list[bytes | memoryview] = []
        while size:
            piece = self._pending.popleft()
            if len(piece) > size:
                view = memoryview(piece)
                self._pending.appendleft(view[size:])
                piece = view[:size]
            taken.append(piece)
            size -= len(piece)
        return b"".join(taken)


class _Staging:
    """A staging object. Its calls to S3 run to their end even if the request is cancelled: so it
    is known what they created, and that can be removed."""

    def __init__(self, caller: S3Caller, bucket: str) -> None:
        self.is_whole = False
        self._caller = caller
        self._bucket = bucket
        self._key = f"{STAGING_PREFIX}{new_id()}"
        self._etag: str | None = None
        self._upload_id: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._may_have_begun = False
        self._may_exist = False
        self._running: asyncio.Future[None] | None = None

    async def begin(self) -> None:
        await self._run_to_end(self._begin())

    async def add(self, part: bytes) -> None:
        await self._run_to_end(self._add(part))

    async def complete(self) -> None:
        await self._run_to_end(self._complete())

    async def copy_to(self, fields: dict[str, Any]) -> None:
        source = {"Bucket": self._bucket, "Key": self._key}
        if self._etag is not None:  # Publish what was uploaded here, or nothing.
            fields = {**fields, "CopySourceIfMatch": self._etag}
        if "Tagging" in fields:  # The directive requires the permission to tag, also without tags.
            fields = {**fields, "TaggingDirective": "REPLACE"}
        await self._caller.call(
            "copy_object", self._bucket, CopySource=source, MetadataDirective="REPLACE", **fields
        )

    async def remove(self) -> None:
        """Remove all that was created. What cannot be removed is logged."""
        if self._running is not None:
            await asyncio.wait({self._running})
        try:
            if not self.is_whole:
                for upload_id in await self._open_uploads():
                    await self._abort(upload_id)
            if self._may_exist:
                await self._caller.call("delete_object", self._bucket, Key=self._key)
        except EngineUnavailableError as error:
            is_known = self._upload_id is not None
            where = f"s3://{self._bucket}/{self._key}"
            level = logging.WARNING if is_known else logging.DEBUG
            logger.log(level, "Cannot remove what an upload left at %s: %s", where, error)

    async def _run_to_end(self, work: Coroutine[Any, Any, None]) -> None:
        self._running = asyncio.ensure_future(work)
        try:
            await asyncio.shield(self._running)
        except asyncio.CancelledError:
            self._running.add_done_callback(_mark_retrieved)
            raise

    async def _begin(self) -> None:
        self._may_have_begun = True
        try:
            call = self._caller.call("create_multipart_upload", self._bucket, Key=self._key)
            self._upload_id = (await call)["UploadId"]
        except AnswerError as error:
            self._may_have_begun = error.status >= 500
            raise

    async def _add(self, part: bytes) -> None:
        number = len(self._parts) + 1
        answer = await self._caller.call(
            "upload_part",
            self._bucket,
            body=part,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
        )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    async def _complete(self) -> None:
        self._may_exist = True
        answer = await self._caller.call(
            "complete_multipart_upload",
            self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            MultipartUpload={"Parts": self._parts},
        )
        self._etag = answer.get("ETag")
        self.is_whole = True

    async def _open_uploads(self) -> list[str]:
        """The ids of multipart uploads that were begun. Only if S3's answer with the id was lost,
        list them: this needs a permission that the role of a store need not have."""
        if self._upload_id is not None or not self._may_have_begun:
            return [] if self._upload_id is None else [self._upload_id]
        call = self._caller.call("list_multipart_uploads", self._bucket, Prefix=self._key)
        return [each["UploadId"] for each in (await call).get("Uploads", ())]

    async def _abort(self, upload_id: str) -> None:
        try:
            await self._caller.call(
                "abort_multipart_upload", self._bucket, Key=self._key, UploadId=upload_id
            )
        except AnswerError as error:
            if error.code != "NoSuchUpload":  # It was completed, but the answer was lost.
                raise


def _mark_retrieved(work: asyncio.Future[None]) -> None:
    """Prevent asyncio's warning about an exception that nobody reads."""
    if not work.cancelled():
        work.exception()
