"""How requests reach S3: over TLS, through a proxy, and past whoever answers them before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from botocore import exceptions as library
from botocore.endpoint import Endpoint

from emulator import Emulator
from emulator.aws.transport import _named
from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_client import S3Settings
from emulator.core.failures import ConfigurationError, EngineUnavailableError
from emulator.core.object_info import Location
from tests.backends.objects import put, read
from tests.backends.s3 import opened_s3
from tests.engines.bad_s3 import BadS3, answers
from tests.support.ports import free_port
from tests.support.tls import needs_tls

KEY = Location("bucket", "key")

KEY_OF_CONNECTION = ConnectionKey("s3.example", 443, True, True, None, None, None)
NO_CONNECTION = (KEY_OF_CONNECTION, OSError(111, "refused"))

NAMES = [
    (aiohttp.ConnectionTimeoutError(), library.ConnectTimeoutError),
    (aiohttp.SocketTimeoutError(), library.ReadTimeoutError),
    (asyncio.TimeoutError(), library.ReadTimeoutError),
    (aiohttp.ClientConnectorSSLError(*NO_CONNECTION), library.SSLError),
    (aiohttp.ClientProxyConnectionError(*NO_CONNECTION), library.ProxyConnectionError),
    (aiohttp.ClientConnectorError(*NO_CONNECTION), library.EndpointConnectionError),
    (aiohttp.ServerDisconnectedError(), library.ConnectionClosedError),
    (aiohttp.ClientOSError(104, "reset"), library.ConnectionClosedError),
    (aiohttp.ClientPayloadError("cut"), library.ConnectionClosedError),
    (OSError("else"), library.HTTPClientError),
]

BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "access-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-access-key")


@pytest.mark.parametrize(("error", "name"), NAMES, ids=lambda value: getattr(value, "__name__", ""))
def test_errors_have_the_names_by_which_the_library_tries_again(
    error: Exception, name: type[library.HTTPClientError]
) -> None:
    found = _named(error, "https://s3.example/bucket/key")
    assert type(found) is name
    assert "key" not in str(found.kwargs["error"])


@pytest.fixture(scope="module")
def with_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A server with a certificate of an authority of its own; it knows no bucket."""
    ca_dir = tmp_path_factory.mktemp("authority")
    with Emulator(cache="memory", tls=True, ca_dir=ca_dir) as emulator:
        yield emulator


@needs_tls
@pytest.mark.parametrize("variable", BUNDLES)
async def test_authorities_are_those_that_the_environment_names(
    with_tls: Emulator, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(with_tls.ca_file))
    async with opened_s3(str(with_tls.tls_endpoint)) as s3:
        assert await read(s3, KEY) is None


@needs_tls
async def test_a_server_whose_authority_is_unknown_is_not_trusted(
    with_tls: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    async with opened_s3(str(with_tls.tls_endpoint)) as s3:
        with pytest.raises(EngineUnavailableError, match=r"certificate"):
            await read(s3, KEY)


async def test_a_proxy_of_the_environment_is_asked_in_the_place_of_s3(
    bad_s3: BadS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", bad_s3.url.removeprefix("http://"))
    with bad_s3.fault(answers(404, "NoSuchKey")) as asked:
        async with opened_s3("http://s3.example") as s3:
            assert await read(s3, KEY) is None
    assert [each.target for each in asked] == ["http://s3.example/bucket/key"]


async def test_an_address_that_needs_no_proxy_has_none(
    bad_s3: BadS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with bad_s3.fault(answers(404, "NoSuchKey")):
        async with opened_s3(bad_s3.url) as s3:
            assert await read(s3, KEY) is None


async def test_a_library_without_a_place_for_the_transport_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Endpoint.__init__

    def without_it(self: Endpoint, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        del self.http_session

    monkeypatch.setattr(Endpoint, "__init__", without_it)
    with pytest.raises(ConfigurationError, match=r"botocore [\d.]+: .*pip install 'botocore<"):
        await S3Storage(S3Settings(endpoint_url="http://127.0.0.1:1")).start()


@pytest.mark.slow
async def test_moto_in_the_same_process_is_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto import mock_aws  # The quick suite does without it.

    body = bytes(9 * 1024 * 1024)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with mock_aws():
        async with opened_s3(None, create_buckets=True) as s3:
            info = await put(s3, KEY, body)
            assert await read(s3, KEY, inline_bytes=0) == (info, body)
