"""Calls to S3: with a timeout, some retries, and the credentials of an identity."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any

from emulator.aws.calls import Client
from emulator.aws.clients import DEFAULT_REGION, AwsClients, chain_has_endpoint
from emulator.aws.errors import AnswerError, describe_errors
from emulator.aws.identities import Identity, acting_as
from emulator.core.event_loop import wait_for

_CONNECTIONS = 1000
"""The most connections. One is in use for as long as a client downloads a large object."""

_CLEANUP_SECONDS = 1.0
"""How long a request waits for the cleanup after an upload. The cleanup goes on after that."""

_EXPECT_BYTES = 1024 * 1024
"""Larger bodies are sent with ``Expect: 100-continue``, so that a refusal is read first."""


@dataclass(frozen=True)
class S3Settings:
    """The address of S3, and how to call it; ``timeout`` is in seconds, for each call."""

    endpoint_url: str | None = None
    region: str | None = None
    path_style: bool | None = None
    timeout: float = 30.0
    create_buckets: bool = False


class S3Connection:
    """The S3 client of this process, with its connections. Call ``start`` first."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self.clients = AwsClients(
            "--storage s3",
            endpoint_url=settings.endpoint_url,
            region=settings.region,
            timeout=settings.timeout,
        )
        self._cleanups: set[asyncio.Task[None]] = set()
        self._client: Client | None = None

    async def start(self) -> None:
        """Find credentials and create the client. This does not call S3.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is invalid.
        """
        await self.clients.start()
        with self.clients.configured():
            self._client = await self.clients.open(
                "s3",
                connections=_CONNECTIONS,
                s3={"addressing_style": "path" if self._path_style() else "auto"},
                # Not every S3 knows the newer checksums; signatures cover bodies anyway.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            )
        self._client.meta.events.register("before-send.s3", _send_at_once)

    def caller(self, identity: Identity | None = None) -> S3Caller:
        """Return a caller with this identity; by default, with the emulator's own credentials."""
        return S3Caller(self, identity)

    async def request(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Make one call; return S3's answer in botocore's form."""
        assert self._client is not None
        return await self._client.call(operation, params)

    async def clean_up(self, work: Coroutine[Any, Any, None]) -> None:
        """Run cleanup work as a task of its own, and wait for it for a short time: it goes on if it
        takes longer, or if the caller is cancelled."""
        task = asyncio.ensure_future(work)
        self._cleanups.add(task)
        task.add_done_callback(self._cleanups.discard)
        await asyncio.wait({task}, timeout=_CLEANUP_SECONDS)

    async def close(self) -> None:
        """Finish the cleanup, and close every connection."""
        if self._cleanups:
            await asyncio.wait(self._cleanups, timeout=self.settings.timeout)
        await self.clients.close()

    def _path_style(self) -> bool:
        if self.settings.path_style is None:
            return bool(self.settings.endpoint_url) or chain_has_endpoint("S3")
        return self.settings.path_style


class S3Caller:
    """Makes calls to S3 with one identity."""

    def __init__(self, connection: S3Connection, identity: Identity | None) -> None:
        self.connection = connection
        self._identity = identity

    async def call(
        self, operation: str, bucket: str, *, body: bytes | None = None, **params: Any
    ) -> dict[str, Any]:
        """Call ``operation``, a method of boto3's S3 client; return the answer.

        A missing bucket is created, if the settings say so.

        Raises:
            AnswerError: S3 refuses.
            EngineUnavailableError: S3 cannot be reached, or takes too long.
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
        """List the names of all buckets.

        Raises:
            AnswerError: S3 refuses.
            EngineUnavailableError: S3 cannot be reached, or takes more than ``within`` seconds.
        """
        timeout = self.connection.settings.timeout
        seconds = timeout if within is None else min(within, timeout)
        work = self.connection.request("list_buckets", {})
        answer = await self.within(seconds, "list_buckets", "", work)
        return [bucket["Name"] for bucket in answer.get("Buckets", ())]

    async def within(
        self, seconds: float, operation: str, where: str, work: Awaitable[dict[str, Any]]
    ) -> dict[str, Any]:
        """Run ``work`` with this caller's identity and a timeout in seconds; return its result.

        Raises:
            EngineUnavailableError: it failed or took too long.
        """
        call = f"S3, {_s3_name(operation)}{where}"
        with acting_as(self._identity), describe_errors(call, seconds):
            return await wait_for(work, seconds)

    async def _request(
        self, operation: str, bucket: str, body: bytes | None, params: dict[str, Any]
    ) -> dict[str, Any]:
        given = {"Bucket": bucket, **params}
        if body is not None:
            given["Body"] = body
        with describe_errors(
            f"S3, {_s3_name(operation)} on bucket {bucket!r}", self.connection.settings.timeout
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
    """Send small bodies without ``Expect``, which costs a round trip."""
    if int(request.headers.get("Content-Length", 0)) <= _EXPECT_BYTES:
        request.headers.pop("Expect", None)


def _s3_name(operation: str) -> str:
    """The operation's name in S3: ``PutObject`` for ``put_object``."""
    return "".join(word.capitalize() for word in operation.split("_"))
