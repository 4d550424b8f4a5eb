"""Clients of AWS's services, which sign each call with the credentials of the current identity."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from botocore.utils import get_environ_proxies

from emulator.aws.calls import Client
from emulator.aws.identities import CurrentCredentials
from emulator.aws.sessions import new_session
from emulator.aws.transport import Settings, Transport
from emulator.core import threads
from emulator.core.event_loop import wait_for
from emulator.core.failures import ConfigurationError

T = TypeVar("T")

DEFAULT_REGION = "us-east-1"

_ATTEMPTS = 3
"""The most attempts of a call, if its errors allow a retry."""

_CONNECT_SECONDS = 5.0
"""The timeout for connecting, short enough to leave time for another attempt."""

_CREDENTIALS_SECONDS = 10.0
"""How long the start waits for credentials."""

_STS_CONNECTIONS = 10

_THREADS = 1000
"""The most calls at one time. There are only as many threads as there were calls at one time."""


class AwsClients:
    """The clients of one part of the emulator, with their connections and threads.

    Args:
        option: the command-line option that needs them, for error messages.
        endpoint_url: the URL of the services, if not AWS's own.
        region: the default region; if None, the one that AWS's tools find, or us-east-1.
        timeout: how many seconds each attempt of a call may take.
    """

    def __init__(
        self,
        option: str,
        *,
        endpoint_url: str | None = None,
        region: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.timeout = timeout
        self._option = option
        self._endpoint_url = endpoint_url
        self._region = region
        self._own_session = new_session()
        self._identity_session = new_session()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws")
        self._opened: list[tuple[Client, Transport]] = []

    async def start(self) -> None:
        """Find credentials. This calls no service except the source of the credentials.

        Raises:
            ConfigurationError: there are no credentials, or the profile does not exist.
        """
        finding = self._in_thread(self._own_session.get_credentials)
        try:
            with self.configured():
                found = await wait_for(finding, _CREDENTIALS_SECONDS)
        except asyncio.TimeoutError:
            raise ConfigurationError(
                f"{self._option}: AWS credentials were not found within "
                f"{_CREDENTIALS_SECONDS:g} seconds; {_ADVICE}"
            ) from None
        if found is None:
            raise ConfigurationError(f"{self._option}: no AWS credentials were found; {_ADVICE}")
        self._identity_session.register_component("credential_provider", CurrentCredentials(found))

    @contextmanager
    def configured(self) -> Iterator[None]:
        """Turn errors of AWS's library inside into a ``ConfigurationError``.

        Raises:
            ConfigurationError: the library refused something.
        """
        try:
            yield
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"{self._option}: {' '.join(str(error).split())}") from None

    async def open(
        self, service: str, *, connections: int, region: str | None = None, **config: Any
    ) -> Client:
        """Open a client of ``service`` that uses the current identity (``acting_as``).

        Args:
            connections: the most connections at one time.
            region: by default the region of these clients.
            config: more settings of its ``Config``. A release of the library that does not know one
                does what it says anyway.
        """
        region = region or self.region
        url = self._endpoint_url
        return await self._open(self._identity_session, service, url, region, connections, config)

    async def open_sts(self) -> Client:
        """Open a client of STS with the emulator's own credentials.

        Its URL is the one that the environment sets for AWS's tools, else ``endpoint_url``.
        """
        url = None if chain_has_endpoint("STS") else self._endpoint_url
        return await self._open(self._own_session, "sts", url, self.region, _STS_CONNECTIONS, {})

    @property
    def region(self) -> str:
        """The default region."""
        return self._region or self._own_session.get_config_variable("region") or DEFAULT_REGION

    async def close(self) -> None:
        """Give up every call, close every connection, and end the threads."""
        for client, transport in self._opened:
            client.close()
            await transport.close()
        await threads.end(self._threads)

    async def _open(
        self,
        session: Session,
        service: str,
        endpoint_url: str | None,
        region: str,
        connections: int,
        config: dict[str, Any],
    ) -> Client:
        connect_timeout = min(self.timeout, _CONNECT_SECONDS)
        known = {name: config[name] for name in config.keys() & Config.OPTION_DEFAULTS.keys()}
        create = functools.partial(
            session.create_client,
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}, **known),
        )
        client = await self._in_thread(create)
        settings = Settings(
            connections,
            connect_timeout,
            self.timeout,
            session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE"),
            get_environ_proxies(client.meta.endpoint_url),
        )
        sender = _sender_of(client)
        sender.http_session.close()
        sender.http_session = transport = Transport(settings)
        opened = Client(client, self._threads)
        self._opened.append((opened, transport))
        return opened

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Do ``work`` of the library, which reads files or waits for others, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _sender_of(client: Any) -> Any:
    """The part of a client of the library that sends its requests by its ``http_session``.

    The library has had this place for years, but does not document it. It documents the event
    ``before-send``, but a handler of that would also send what another one answers, such as moto's.

    Raises:
        ConfigurationError: this release of the library has no such place.
    """
    sender = getattr(client, "_endpoint", None)
    if hasattr(sender, "http_session"):
        return sender
    raise ConfigurationError(
        f"the emulator cannot use botocore {botocore.__version__}: install an older release, "
        f"pip install 'botocore<{botocore.__version__}'"
    )


def chain_has_endpoint(service: str) -> bool:
    """Whether the environment sets the URL of this AWS service."""
    return bool({f"AWS_ENDPOINT_URL_{service}", "AWS_ENDPOINT_URL"} & os.environ.keys())


_ADVICE = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, "
    "or any other source of credentials that AWS's tools support"
)
