"""HTTP for AWS's library: its requests, which threads make, are sent by the event loop."""

from __future__ import annotations

import asyncio
import functools
import io
import ssl
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.httpsession import get_cert_path
from yarl import URL

from emulator.aws.calls import Call, current_call

_FAILURES = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What aiohttp's client raises."""


class Settings(NamedTuple):
    """How requests are sent.

    Attributes:
        connections: the most connections at one time.
        connect_timeout: the most seconds for a connection.
        read_timeout: the most seconds in which a server sends nothing.
        certificates: a file with the authorities; if None, those that come with the library.
        proxies: the URL of the proxy for each scheme that has one.
    """

    connections: int
    connect_timeout: float
    read_timeout: float
    certificates: str | None
    proxies: Mapping[str, str]


class Transport:
    """The connections of one client. It stands in the place of the library's own HTTP session."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._making_tls = threading.Lock()
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                sock_connect=settings.connect_timeout, sock_read=settings.read_timeout
            ),
            skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
            auto_decompress=False,
        )

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request, and wait for the answer: the library calls this in a call's thread.

        Raises:
            HTTPClientError: there is no answer.
            GivenUpError: the caller was cancelled.
        """
        tls = self._tls if request.url.startswith("https:") else None
        call = current_call()
        return call.wait_for(functools.partial(self._exchange, call, request, tls))

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _exchange(
        self, call: Call, request: AWSPreparedRequest, tls: ssl.SSLContext | None
    ) -> AWSResponse:
        call.drop_body()  # Of an answer after which the library tries again.
        try:
            answer = await self._http.request(
                request.method,
                URL(request.url, encoded=True),
                headers=_headers_of(request),
                data=_body_of(request),
                allow_redirects=False,
                proxy=self._proxy_for(request.url),
                ssl=True if tls is None else tls,
            )
            if request.stream_output and answer.status < 300:
                call.body = _StreamedBody(answer, request.url)
                return _response(request, answer, b"")
            async with answer:
                return _response(request, answer, await answer.read())
        except _FAILURES as error:
            raise _named(error, request.url) from error

    def _proxy_for(self, url: str) -> str | None:
        proxy = self._settings.proxies.get(urlsplit(url).scheme)
        return f"http://{proxy.lstrip('/')}" if proxy and "://" not in proxy else proxy

    @property
    def _tls(self) -> ssl.SSLContext:
        with self._making_tls:
            return self._made_tls

    @functools.cached_property
    def _made_tls(self) -> ssl.SSLContext:
        """Made when it is first needed: to read all authorities takes time."""
        return ssl.create_default_context(cafile=get_cert_path(self._settings.certificates or True))


class _StreamedBody:
    """A body that is received while it is read."""

    def __init__(self, answer: aiohttp.ClientResponse, url: str) -> None:
        self._answer = answer
        self._url = url

    async def read(self, size: int) -> bytes:
        try:
            return await self._answer.content.read(size)
        except asyncio.TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except _FAILURES as error:
            raise ResponseStreamingError(error=error) from error

    def close(self) -> None:
        self._answer.close()


class _Received:
    """A body that is there, as the library reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> tuple[bytes]:
        return (self._content,)


def _response(
    request: AWSPreparedRequest, answer: aiohttp.ClientResponse, content: bytes
) -> AWSResponse:
    # aiohttp changes the case of names; the library takes names of metadata from them.
    headers = {name.decode().lower(): value.decode() for name, value in answer.raw_headers}
    return AWSResponse(request.url, answer.status, headers, _Received(content))


def _headers_of(request: AWSPreparedRequest) -> dict[str, str]:
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    return {**headers, "Accept-Encoding": "identity"}  # What S3 keeps compressed stays as it is.


def _body_of(request: AWSPreparedRequest) -> Any:
    """The body as aiohttp sends it without having all of it in the buffer of the connection."""
    body = request.body
    return io.BytesIO(body) if isinstance(body, (bytes, bytearray)) else body


def _named(error: Exception, url: str) -> HTTPClientError:
    """The error as the library names it, which decides by that whether to try again."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectTimeoutError(endpoint_url=url, error="no connection in time")
    if isinstance(error, asyncio.TimeoutError):
        return ReadTimeoutError(endpoint_url=url, error=error)
    if isinstance(error, aiohttp.ClientSSLError):
        return SSLError(endpoint_url=url, error=error)
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return ProxyConnectionError(proxy_url=url, error=error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return EndpointConnectionError(endpoint_url=url, error=error)
    if isinstance(error, (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)):
        return ConnectionClosedError(endpoint_url=url, request=None, error=error)
    return HTTPClientError(error=error)
