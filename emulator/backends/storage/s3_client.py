"""Calls to S3: each bounded in time, retried a little, and made with somebody's credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any

from emulator.aws.clients import (
    DEFAULT_REGION,
    AwsClients,
    Identity,
    acting_as,
    chain_has_endpoint,
)
from emulator.aws.errors import AnswerError, explained

_CONNECTIONS = 1000
"""Connections at once. One is in use for as long as a client takes a large object."""

_TIDY_SECONDS = 1.0
"""How long a request waits for what an upload leaves behind to be removed. It goes on without."""

_ASKED_BEFORE_BYTES = 1024 * 1024
"""Bodies above this size are sent once S3 wants them (``Expect``), so that a refusal is read."""


@dataclass(frozen=True)
class S3Settings:
    """Where S3 is, and how it is called; ``timeout`` is in seconds, and holds for each call."""

    endpoint_url: str | None = None
    region: str | None = None
    path_style: bool | None = None
    timeout: float = 30.0
    create_buckets: bool = False


class S3Connection:
    """The one client of S3 in this process, with its connections. It has to be started."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self.clients = AwsClients(
            "--storage s3",
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            timeout=settings.timeout,
        )
        self._tidying: set[asyncio.Task[None]] = set()
        self._client: Any = None

    async def start(self) -> None:
        """Find credentials and make the client. S3 itself is not asked for anything.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is none.
        """
        await self.clients.start()
        with self.clients.configured():
            self._client = await self.clients.open(
                "s3",
                connections=_CONNECTIONS,
                s3={"addressing_style": "path" if self._path_style() else "auto"},
                # Not every S3 knows the checksums that came later; signatures cover bodies anyway.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            )
        self._client.meta.events.register("before-send.s3", _send_at_once)

    def caller(self, identity: Identity | None = None) -> S3Caller:
        """Makes calls in somebody's name; without one, with the emulator's own credentials."""
        return S3Caller(self, identity)

    async def request(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """What S3 answers to one call, as botocore has it."""
        answer: dict[str, Any] = await getattr(self._client, operation)(**params)
        return answer

    async def tidy(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work that nobody needs to wait for: it goes on if it takes long, or the task ends."""
        task = asyncio.ensure_future(work)
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)
        await asyncio.wait({task}, timeout=_TIDY_SECONDS)

    async def close(self) -> None:
        """Finish tidying, and close every connection."""
        if self._tidying:
            await asyncio.wait(self._tidying, timeout=self.settings.timeout)
        await self.clients.close()

    def _path_style(self) -> bool:
        if self.settings.path_style is None:
            return bool(self.settings.endpoint_url) or chain_has_endpoint("S3")
        return self.settings.path_style


class S3Caller:
    """Makes calls to S3 in one name."""

    def __init__(self, connection: S3Connection, identity: Identity | None) -> None:
        self.connection = connection
        self._identity = identity

    async def call(
        self, operation: str, bucket: str, *, body: bytes | None = None, **params: Any
    ) -> dict[str, Any]:
        """What S3 answers to ``operation``, one of the methods of boto3's client.

        A bucket that does not exist is created, if the emulator is to do so.

        Raises:
            AnswerError: S3 refuses.
            EngineUnavailableError: S3 cannot be asked, or takes too long.
        """
        settings = self.connection.settings

        async def attempts() -> dict[str, Any]:
            try:
                return await self._request(operation, bucket, body, params)
            except AnswerError as error:
                if error.code != "NoSuchBucket" or not settings.create_buckets:
                    raise
            await self._create(bucket)
            return await self._request(operation, bucket, body, params)

        return await self.within(settings.timeout, operation, f" on bucket {bucket!r}", attempts())

    async def list_buckets(self, *, within: float | None = None) -> list[str]:
        """The names of all buckets that there are.

        Raises:
            AnswerError: S3 refuses.
            EngineUnavailableError: S3 cannot be asked, or takes more than ``within`` seconds.
        """
        timeout = self.connection.settings.timeout
        seconds = timeout if within is None else min(within, timeout)
        work = self.connection.request("list_buckets", {})
        answer = await self.within(seconds, "list_buckets", "", work)
        return [bucket["Name"] for bucket in answer.get("Buckets", ())]

    async def within(
        self, seconds: float, operation: str, where: str, work: Awaitable[dict[str, Any]]
    ) -> dict[str, Any]:
        """What comes of ``work``, in the name of this caller and in so many seconds.

        Raises:
            EngineUnavailableError: nothing does.
        """
        call = f"S3, {_spelt(operation)}{where}"
        with acting_as(self._identity), explained(call, seconds):
            return await asyncio.wait_for(work, seconds)

    async def _request(
        self, operation: str, bucket: str, body: bytes | None, params: dict[str, Any]
    ) -> dict[str, Any]:
        given = {"Bucket": bucket, **params}
        if body is not None:
            given["Body"] = body
        with explained(
            f"S3, {_spelt(operation)} on bucket {bucket!r}", self.connection.settings.timeout
        ):
            return await self.connection.request(operation, given)

    async def _create(self, bucket: str) -> None:
        region = self.connection.clients.region
        where = {} if region == DEFAULT_REGION else {"LocationConstraint": region}
        configuration = {"CreateBucketConfiguration": where} if where else {}
        try:
            await self._request("create_bucket", bucket, None, configuration)
        except AnswerError as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise


def _send_at_once(request: Any, **_: Any) -> None:
    """Spare small bodies the round trip in which S3 is asked whether it wants them."""
    if int(request.headers.get("Content-Length", 0)) <= _ASKED_BEFORE_BYTES:
        request.headers.pop("Expect", None)


def _spelt(operation: str) -> str:
    """The operation as S3 spells it: ``PutObject``."""
    return "".join(word.capitalize() for word in operation.split("_"))
