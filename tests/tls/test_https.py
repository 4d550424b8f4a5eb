"""HTTPS: certificates by name, handshakes that fail, and a stop in the middle of one."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.support.client import create_store
from tests.support.emulators import client as owner_of
from tests.support.ports import HOST
from tests.support.waiting import wait_until

from .client import TIMEOUT_SECONDS, connect, get, tls_port, trusting
from .conftest import API, CELL

TO_SET = "set SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE for it to "

NAMES = [
    "localhost",
    "127.0.0.1",
    "::1",
    "emulator.test",
    "api.cache.emulator.test",
    API,
    f"control.{CELL}",
    API.upper(),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_is_that_of_the_name_by_which_a_client_comes(
    emulator: Emulator, name: str
) -> None:
    prefers_http_2 = name.startswith("control.")
    context = trusting(emulator, ["http/1.1"] if prefers_http_2 else ["h2", "http/1.1"])
    with context.wrap_socket(connect(tls_port(emulator)), server_hostname=name) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert connection.version() == "TLSv1.3"
        assert get(connection, emulator) == 200
        assert get(connection, emulator) == 200  # It stays open.


def test_requests_reaches_it_with_nothing_but_the_environment_set(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    headers = {"Authorization": emulator.api_key()}
    body = b"x" * 300_000

    with requests.Session() as session:
        through_proxy = session.get(f"https://{API}/objectstore", headers=headers, timeout=20)
        direct = session.put(
            f"{emulator.tls_endpoint}/objectstore/none/key", headers=headers, data=body, timeout=20
        )

    assert (through_proxy.status_code, direct.status_code) == (200, 404)
    assert [call.operation for call in emulator.journal.calls()] == [
        "ListObjectStores",
        "PutObject",
    ]


def handshake_fails(emulator: Emulator, context: ssl.SSLContext, name: str) -> str:
    with closing(connect(tls_port(emulator))) as plain:
        try:
            context.wrap_socket(plain, server_hostname=name)
        except OSError as error:  # ssl's own errors are some.
            return str(error)
    pytest.fail("the handshake has succeeded")


def logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    wait_until(lambda: text in caplog.text, f"{text!r} in the log")
    assert "Traceback" not in caplog.text
    assert len(caplog.records) == 1


def test_a_client_that_does_not_trust_the_authority_is_told_what_to_set(
    fresh: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    failed = handshake_fails(fresh, ssl.create_default_context(), "localhost")

    assert "CERTIFICATE_VERIFY_FAILED" in failed
    bundle = fresh.environment["SSL_CERT_FILE"]
    logged(caplog, f"A client does not trust the emulator's certificate; {TO_SET}{bundle}, NODE_")


def test_a_client_that_leaves_when_it_sees_the_certificate_is_told_what_to_set_too(
    fresh: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    hello = ssl.MemoryBIO()
    client = trusting(fresh).wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    with closing(connect(tls_port(fresh))) as plain:
        plain.sendall(hello.read())
        assert plain.recv(1000)

    bundle = fresh.environment["SSL_CERT_FILE"]
    logged(caplog, f"certificate; if it does not trust it, {TO_SET}{bundle}, NODE_")


def test_a_foreign_name_is_refused_with_what_would_add_it(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    handshake_fails(emulator, trusting(emulator), "www.example.com")

    logged(caplog, "www.example.com, which is not played; --host-names adds others")


def test_plain_http_on_the_port_of_tls_is_refused_in_one_line(
    fresh: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(connect(tls_port(fresh))) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        while plain.recv(1000):
            """Until it is closed."""

    logged(caplog, "A client does not speak TLS where it has to; use https:// there")


def test_a_client_that_goes_away_in_the_handshake_is_not_worth_a_line(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(connect(tls_port(emulator))) as plain:
        plain.sendall(b"\x16\x03\x01\x02\x00\x01")
    with trusting(emulator).wrap_socket(
        connect(tls_port(emulator)), server_hostname="localhost"
    ) as connection:
        assert get(connection, emulator) == 200

    assert caplog.text == ""


def test_half_a_handshake_ends_after_the_time_for_a_head(ca_dir: Path) -> None:
    with (
        Emulator(cache="memory", tls=True, ca_dir=ca_dir, head_timeout="50ms") as emulator,
        closing(connect(tls_port(emulator))) as plain,
    ):
        plain.sendall(b"\x16\x03\x01\x02\x00\x01")
        try:
            assert plain.recv(1000) == b""
        except ConnectionResetError:
            """So it may end, too."""


def test_a_stop_waits_neither_for_handshakes_nor_for_idle_clients(ca_dir: Path) -> None:
    emulator = Emulator(cache="memory", tls=True, ca_dir=ca_dir)
    emulator.start()
    with (
        closing(connect(tls_port(emulator))) as half,
        trusting(emulator).wrap_socket(
            connect(tls_port(emulator)), server_hostname="localhost"
        ) as idle,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert get(idle, emulator) == 200
        began = time.monotonic()
        emulator.stop()
        taken = time.monotonic() - began
        assert idle.recv(1000) == b""

    assert taken < emulator.config.stop_timeout / 4  # Of which requests would get half.


def test_the_log_is_quiet_about_clients_that_do_all_right(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "emulator.http"):
        for _ in range(3):
            with trusting(emulator).wrap_socket(
                connect(tls_port(emulator)), server_hostname="localhost"
            ) as connection:
                assert get(connection, emulator) == 200

    assert [each for each in caplog.records if each.name.startswith("emulator.http")] == []


def test_clients_that_close_while_the_emulator_stops_do_not_disturb_it(
    ca_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = Emulator(cache="memory", tls=True, ca_dir=ca_dir)
    emulator.start()
    clients = [
        trusting(emulator).wrap_socket(connect(tls_port(emulator)), server_hostname="localhost")
        for _ in range(5)
    ]
    for client in clients:
        assert get(client, emulator) == 200
    for client in clients:
        client.close()
    emulator.stop()

    assert caplog.text == ""


def test_a_port_in_use_is_refused_and_the_plain_port_is_free_again(ca_dir: Path) -> None:
    with closing(socket.create_server((HOST, 0))) as taken, closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port, busy = probe.getsockname()[1], taken.getsockname()[1]
        probe.close()
        refused = Emulator(cache="memory", port=port, tls=True, tls_port=busy, ca_dir=ca_dir)
        with pytest.raises(ConfigurationError, match=f"--tls-port: {busy} on .* is in use"):
            refused.start()
        with Emulator(cache="memory", port=port):
            """It can listen."""


def test_a_certificate_of_the_users_own_is_shown_for_every_host(
    tmp_path: Path, emulator: Emulator
) -> None:
    from emulator.tls.directory import AuthorityDirectory

    assert emulator.ca_file is not None
    authority = AuthorityDirectory(emulator.ca_file.parent).authority
    own = tmp_path / "own.pem"
    own.write_bytes(authority.issue([API]))

    with Emulator(cache="memory", tls=True, proxy=True, tls_certificate=own, tls_key=own) as other:
        assert other.ca_file is None
        assert "SSL_CERT_FILE" not in other.environment
        with trusting(emulator).wrap_socket(
            connect(tls_port(other)), server_hostname=API
        ) as connection:
            assert get(connection, other) == 200
        assert "match" in handshake_fails(other, trusting(emulator), "localhost")


def test_a_browser_page_of_the_emulators_own_may_use_the_control_api(emulator: Emulator) -> None:
    headers = {"Origin": str(emulator.tls_endpoint)}
    for origin, status in ((headers["Origin"], 200), ("https://evil.example", 403)):
        answer = requests.get(
            f"{emulator.tls_endpoint}/_emulator/clock",
            headers={"Origin": origin},
            verify=str(emulator.ca_file),
            timeout=20,
        )
        assert answer.status_code == status


def test_a_download_that_a_rule_truncates_looks_truncated(
    emulator: Emulator,
) -> None:
    _put_object(emulator, bytes(100_000))
    emulator.faults.add(
        {"type": "close", "where": "answer_body", "after_bytes": 50_000}, operation="GetObject"
    )

    with closing(_download(emulator)) as connection:
        head, _, body = _read_to_end(connection).partition(b"\r\n\r\n")
        assert b"content-length: 100000" in head.lower()
        assert len(body) == 50_000
        with socket.socket(fileno=connection.detach()) as plain:  # It confirms no end of TLS.
            assert _read_to_end(plain) == b""


def test_a_download_that_a_rule_resets_is_reset_inside_of_tls(emulator: Emulator) -> None:
    _put_object(emulator, bytes(100_000))
    emulator.faults.add(
        {"type": "close", "where": "answer_body", "after_bytes": 50_000, "reset": True},
        operation="GetObject",
    )

    descriptor = _download(emulator).detach()  # Python's TLS takes a reset for an end.
    with socket.socket(fileno=descriptor) as plain, pytest.raises(ConnectionResetError):
        _read_to_end(plain)


def _read_to_end(connection: socket.socket) -> bytes:
    connection.settimeout(TIMEOUT_SECONDS)
    return b"".join(iter(lambda: connection.recv(65536), b""))


def _put_object(emulator: Emulator, body: bytes) -> None:
    owner = owner_of(emulator)
    create_store(owner, "media")
    assert owner.put("media", "key", body).status < 300


def _download(emulator: Emulator) -> ssl.SSLSocket:
    """Ask for the object, on the port of TLS."""
    connection = trusting(emulator).wrap_socket(
        connect(tls_port(emulator)), server_hostname="localhost"
    )
    connection.sendall(
        f"GET /objectstore/media/key HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {emulator.api_key()}\r\n\r\n".encode()
    )
    return connection
