"""Which emulator is asked, with which key, and what is said when that does not work."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.command_line import Run
from tests.support.tls import needs_tls

from .servers import another_server

WHERE = ["start one", "python -m emulator", "--endpoint", "MOMENTO_ENDPOINT"]


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}", "127.0.0.1:{}", "http://127.0.0.1:{}/"])
def test_the_endpoint_may_be_written_shorter(owner: Run, emulator: Emulator, form: str) -> None:
    assert owner("keys", "list", "--endpoint", form.format(emulator.port)).lines


def test_the_endpoint_may_be_a_name_or_an_address_of_ipv6(
    owner: Run, emulator: Emulator, port: int
) -> None:
    assert owner("keys", "list", "--endpoint", f"localhost:{emulator.port}").lines

    owner("keys", "list", "--endpoint", f"[::1]:{port}").refused(f"http://[::1]:{port}:")


def test_the_flag_wins_over_the_variable(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setenv("MOMENTO_ENDPOINT", f"http://127.0.0.1:{port}")

    assert owner("keys", "list", "--endpoint", emulator.endpoint).lines


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://127.0.0.1:8080",
        "http://",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://two..dots:8080",
        "http://127.0.0.1:8080/objectstore",
        "http://127.0.0.1:8080?x=1",
        "http://[::1",
        "http://a b:8080",
        "http://user:secret@127.0.0.1:8080",
        "",
    ],
)
def test_what_is_no_endpoint_is_told_the_form_of_one(owner: Run, endpoint: str) -> None:
    line = owner("keys", "list", "--endpoint", endpoint).misused(
        "--endpoint", "scheme, host and port", "http://127.0.0.1:8080"
    )

    assert "secret" not in line


def test_a_variable_that_holds_no_endpoint_is_named(
    owner: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTO_ENDPOINT", "ftp://127.0.0.1")

    owner("keys", "list").misused("MOMENTO_ENDPOINT: 'ftp://127.0.0.1'")


def test_an_emulator_that_does_not_run_is_told_how_to_start_one(owner: Run, port: int) -> None:
    endpoint = f"http://127.0.0.1:{port}"

    owner("keys", "list", "--endpoint", endpoint).refused(endpoint, "Connection refused", *WHERE)


def test_the_emulator_has_no_tls(owner: Run, emulator: Emulator) -> None:
    endpoint = emulator.endpoint.replace("http://", "https://")

    owner("keys", "list", "--endpoint", endpoint).refused(endpoint, "begins with http://")


def test_the_emulator_of_a_proxy_is_asked_without_the_proxy(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", emulator.endpoint)
    for host in ("emulator.test", "api.cache.emulator.test:443", "https://emulator.test/"):
        monkeypatch.setenv("MOMENTO_ENDPOINT", host)

        assert owner("keys", "list").lines

    monkeypatch.setenv("https_proxy", f"127.0.0.1:{emulator.port}")  # It comes first.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert owner("keys", "list").lines


def test_a_proxy_leads_no_command_to_a_host_of_production(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", emulator.endpoint)
    monkeypatch.setenv("MOMENTO_ENDPOINT", "cell-us-east-1-1.prod.a.momentohq.com")

    owner("keys", "list").misused("MOMENTO_ENDPOINT", "does not look like an emulator")


def test_the_emulator_of_a_proxy_needs_the_variable_of_the_proxy(owner: Run) -> None:
    owner("keys", "list", "--endpoint", "emulator.test").misused(
        "--endpoint: emulator.test", "HTTPS_PROXY is not set", "python -m emulator env"
    )


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "http://user:secret@proxy:3128", "http://127.0.0.1:x"]
)
def test_a_proxy_that_is_no_emulator_is_named(
    owner: Run, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    line = owner("keys", "list", "--endpoint", "emulator.test").misused("HTTPS_PROXY: ")
    assert "secret" not in line


@needs_tls
def test_a_certificate_that_is_not_trusted_is_told_the_variable_to_set(
    owner: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator(cache="memory", tls=True, ca_dir=tmp_path / "ca", stop_timeout=1) as emulator:
        endpoint = emulator.tls_endpoint
        assert endpoint is not None
        owner("keys", "list", "--endpoint", endpoint).refused(
            endpoint, "certificate is not trusted", "set SSL_CERT_FILE"
        )
        monkeypatch.setenv("SSL_CERT_FILE", emulator.environment["SSL_CERT_FILE"])
        monkeypatch.setenv("MOMENTO_API_KEY", emulator.api_key())

        assert owner("keys", "list", "--endpoint", endpoint).lines


def test_what_does_not_speak_http_is_no_emulator(owner: Run) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"220 mail.example.com ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        ended = owner("keys", "list", "--endpoint", f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()

    ended.refused("does not speak HTTP", *WHERE)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"key_info": "x"}'),
        (404, b"<html>"),
        (500, b""),
        (502, b'{"error": 1}'),
    ],
)
def test_another_server_is_not_taken_for_an_emulator(owner: Run, status: int, body: bytes) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.end_headers()
        request.wfile.write(body)

    with another_server(answer) as endpoint:
        owner("keys", "list", "--endpoint", endpoint).refused(endpoint, str(status), *WHERE)


def test_the_key_does_not_follow_a_redirection(owner: Run, emulator: Emulator) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(307)
        request.send_header("Location", f"{emulator.endpoint}/api-keys")
        request.end_headers()

    with another_server(answer) as endpoint:
        owner("keys", "list", "--endpoint", endpoint).refused(endpoint, "307")


def test_what_a_server_says_is_one_line_without_the_key(owner: Run) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        key = request.headers["Authorization"]
        request.send_response(400)
        request.end_headers()
        request.wfile.write(b'{"message": "not\\n\\u001b[31m %s"}' % key.encode())

    with another_server(answer) as endpoint:
        line = owner("keys", "list", "--endpoint", endpoint).refused("400", "[redacted]")

    assert line.isprintable()


def test_a_proxy_of_the_environment_is_not_asked(
    owner: Run, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")

    assert owner("keys", "list").lines


@pytest.mark.parametrize("value", [None, "", " "])
def test_a_missing_key_is_told_what_to_set(
    owner: Run, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("MOMENTO_API_KEY")
    else:
        monkeypatch.setenv("MOMENTO_API_KEY", value)

    owner("keys", "list").misused("MOMENTO_API_KEY is not set", "auth_management")


def test_blanks_around_the_key_do_no_harm(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTO_API_KEY", f" {emulator.api_key()}\n")

    assert owner("keys", "list").lines


@pytest.mark.parametrize("value", ["eyJ0eXAi\r\nX-Header: 1", "ключ", "a\x00b"])
def test_a_key_that_cannot_be_sent_is_not_repeated(
    owner: Run, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "MOMENTO_API_KEY": value})

    line = owner("keys", "list").misused("MOMENTO_API_KEY", "copy it again")

    assert value not in line


@pytest.mark.parametrize("value", ["not-a-key-at-all-of-any-form", "Bearer eyJhbGciOiJIUzUxMiJ9"])
def test_a_key_that_the_emulator_does_not_know_is_refused_with_what_is_needed(
    owner: Run, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MOMENTO_API_KEY", value)

    line = owner("keys", "list").refused("401", "MOMENTO_API_KEY", "auth_management")

    assert value not in line


def test_a_key_of_another_emulator_is_refused(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = emulator.create_api_key("owner")
    emulator.revoke_api_key(key)
    monkeypatch.setenv("MOMENTO_API_KEY", key)

    owner("roles", "list").refused("401", "MOMENTO_API_KEY must be a key of this emulator")


def test_a_key_that_may_not_is_refused_with_what_is_needed(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTO_API_KEY", emulator.api_key("viewer"))

    ended = owner("keys", "create", "--role", "viewer")

    ended.refused("403", "MOMENTO_API_KEY", "auth_management permission")


@pytest.mark.parametrize(
    "endpoint",
    [
        "cell-4-us-west-2-1.prod.a.momentohq.com",
        "cell.example.com:8080",
        "192.0.2.1",
        "emulator:8080",
        "http://cache.cell-1.prod.a.momentohq.com",
        "https://api.gomomento.com",
    ],
)
@pytest.mark.parametrize("source", ["--endpoint", "MOMENTO_ENDPOINT"])
def test_a_key_is_not_sent_in_clear_text_to_what_may_be_the_real_service(
    owner: Run, monkeypatch: pytest.MonkeyPatch, endpoint: str, source: str
) -> None:
    flags = [source, endpoint] if source.startswith("-") else []
    monkeypatch.setenv("MOMENTO_ENDPOINT", endpoint)

    owner("keys", "list", *flags).misused(source, "does not look like an emulator", "http://")
