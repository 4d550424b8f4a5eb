"""Calls to S3: each bounded in time, retried a little, and made with somebody's credentials."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Coroutine
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError

from emulator.backends.storage.s3_errors import S3AnswerError, explained
from emulator.config import ConfigurationError

DEFAULT_REGION = "us-east-1"

_ATTEMPTS = 3
"""How often a call is tried in all, where S3 says that it may be tried again."""

_CONNECT_SECONDS = 5.0
"""How long a connection may take to come about, so that there is time for another attempt."""

_CONNECTIONS = 1000
"""Connections at once. One is in use for as long as a client takes a large object."""

_CREDENTIALS_SECONDS = 10.0
"""How long a start looks for credentials."""

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


class Identity(Protocol):
    """Somebody in whose name S3 is called."""

    async def credentials(self) -> ReadOnlyCredentials:
        """What signs a request made now."""


_IDENTITY: ContextVar[Identity] = ContextVar("identity")


class S3Connection:
    """The one client of S3 in this process, with its connections. It has to be started."""

    def __init__(self, settings: S3Settings) -> None:
        self.settings = settings
        self._stack = AsyncExitStack()
        self._session = AioSession()
        self._tidying: set[asyncio.Task[None]] = set()
        self._client: Any = None

    async def start(self) -> None:
        """Find credentials and make the client. S3 itself is not asked for anything.

        Raises:
            ConfigurationError: there are no credentials, or the profile or endpoint is none.
        """
        try:
            found = await asyncio.wait_for(self._session.get_credentials(), _CREDENTIALS_SECONDS)
            if found is None:
                raise ConfigurationError(f"--storage s3: no AWS credentials were found; {_ADVICE}")
            session = AioSession()
            session.register_component("credential_provider", _CredentialsInUse(found))
            style = {"addressing_style": "path" if self._path_style() else "auto"}
            self._client = await self._opened(session, "s3", self.settings.endpoint_url, s3=style)
            self._client.meta.events.register("before-send.s3", _send_at_once)
        except asyncio.TimeoutError:
            raise ConfigurationError(
                f"--storage s3: AWS credentials were not found within {_CREDENTIALS_SECONDS:g} "
                f"seconds; {_ADVICE}"
            ) from None
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"--storage s3: {' '.join(str(error).split())}") from None

    async def open_sts(self) -> Any:
        """A client of STS, in the name of the emulator's own credentials.

        It is where the usual chain of AWS says, else where S3 is.
        """
        elsewhere = _chain_has_endpoint("STS")
        endpoint_url = None if elsewhere else self.settings.endpoint_url
        return await self._opened(self._session, "sts", endpoint_url)

    def caller(self, identity: Identity | None = None) -> S3Caller:
        """Makes calls in somebody's name; without one, with the emulator's own credentials."""
        return S3Caller(self, identity)

    @property
    def region(self) -> str:
        return self.settings.region or self._session.get_config_variable("region") or DEFAULT_REGION

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
        await self._stack.aclose()

    def _path_style(self) -> bool:
        if self.settings.path_style is None:
            return bool(self.settings.endpoint_url) or _chain_has_endpoint("S3")
        return self.settings.path_style

    async def _opened(
        self, session: AioSession, service: str, endpoint_url: str | None, **options: Any
    ) -> Any:
        config = AioConfig(
            connect_timeout=min(self.settings.timeout, _CONNECT_SECONDS),
            read_timeout=self.settings.timeout,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            # Not every S3 knows the checksums that came later; signatures cover bodies anyway.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            **options,
        )
        client = session.create_client(
            service, region_name=self.region, endpoint_url=endpoint_url, config=config
        )
        return await self._stack.enter_async_context(client)


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
            S3AnswerError: S3 refuses.
            EngineUnavailableError: S3 cannot be asked, or takes too long.
        """
        settings = self.connection.settings

        async def attempts() -> dict[str, Any]:
            try:
                return await self._request(operation, bucket, body, params)
            except S3AnswerError as error:
                if error.code != "NoSuchBucket" or not settings.create_buckets:
                    raise
            await self._create(bucket)
            return await self._request(operation, bucket, body, params)

        return await self.within(settings.timeout, operation, f" on bucket {bucket!r}", attempts())

    async def list_buckets(self, *, within: float | None = None) -> list[str]:
        """The names of all buckets that there are.

        Raises:
            S3AnswerError: S3 refuses.
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
        token = None if self._identity is None else _IDENTITY.set(self._identity)
        try:
            with explained(f"S3, {_spelt(operation)}{where}", seconds):
                return await asyncio.wait_for(work, seconds)
        finally:
            if token is not None:
                _IDENTITY.reset(token)

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
        region = self.connection.region
        where = {} if region == DEFAULT_REGION else {"LocationConstraint": region}
        configuration = {"CreateBucketConfiguration": where} if where else {}
        try:
            await self._request("create_bucket", bucket, None, configuration)
        except S3AnswerError as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise


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


def _send_at_once(request: Any, **_: Any) -> None:
    """Spare small bodies the round trip in which S3 is asked whether it wants them."""
    if int(request.headers.get("Content-Length", 0)) <= _ASKED_BEFORE_BYTES:
        request.headers.pop("Expect", None)


def _chain_has_endpoint(service: str) -> bool:
    """Whether the environment says where AWS's service is."""
    return bool({f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"} & os.environ.keys())


_ADVICE = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
    "or use any other way that AWS's tools know"
)


def _spelt(operation: str) -> str:
    """The operation as S3 spells it: ``PutObject``."""
    return "".join(word.capitalize() for word in operation.split("_"))
