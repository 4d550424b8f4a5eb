"""The forward proxy: tunnels to played hosts end here, and nothing else leads anywhere."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from emulator import Emulator
from tests.support.environment import environment
from tests.support.waiting import wait_until

from .client import ask, connect, get, read_answer, trusting, tunnel
from .conftest import API

STORE = {
    "storage_config": {
        "s3": {"bucket_name": "bucket", "iam_role_arn": "arn:aws:iam::123456789012:role/Role"}
    },
    "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
}
FOREIGN = [
    "www.example.com:443",
    "169.254.169.254:443",
    "localhost:443",
    "127.0.0.1:443",
    "[::1]:443",
    "api.cache.emulator.test.evil.example:443",
]


@pytest.mark.parametrize("host", [API, "cache.emulator.test", "API.cache.Emulator.test."])
def test_a_tunnel_to_a_played_host_leads_to_the_emulator(emulator: Emulator, host: str) -> None:
    with trusting(emulator).wrap_socket(
        tunnel(emulator, host), server_hostname=host.removesuffix(".")
    ) as connection:
        assert get(connection, emulator) == 200
        assert get(connection, emulator) == 200

    calls = emulator.journal.calls()
    assert [call.method for call in calls] == ["GET", "GET"]  # A tunnel is no request.
    assert {call.address for call in calls} == {"127.0.0.1"}


@pytest.mark.proves("D56")
def test_the_control_api_is_reached_by_the_emulators_own_name_alone(emulator: Emulator) -> None:
    for host, status in (("emulator.test", 200), (API, 403)):
        with trusting(emulator).wrap_socket(tunnel(emulator, host), server_hostname=host) as own:
            own.sendall(f"GET /_emulator/clock HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert read_answer(own)[0] == status


@pytest.mark.parametrize("target", FOREIGN)
def test_a_foreign_host_is_refused_with_what_to_set(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    status, body = ask(emulator.port, f"CONNECT {target} HTTP/1.1\r\nHost: h\r\n\r\n")

    assert status == 403
    assert f"does not play the host of {target}: name the host in --host-names" in body
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert emulator.journal.calls() == []


def test_no_key_of_a_refused_target_is_logged(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    target = f"http://a.example/{emulator.api_key()}"

    status, body = ask(emulator.port, f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")

    assert status == 403
    assert "the host of http://a.example/[redacted]" in body
    assert "the host of http://a.example/[redacted]" in caplog.text


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        (f"{API}:444", 403, "This proxy leads to port 443 alone, not to 444"),
        (f"{API}:80", 403, "This proxy leads to port 443 alone, not to 80"),
        (API, 400, "CONNECT needs a host and a port"),
    ],
)
def test_a_port_that_no_host_has_is_refused(
    emulator: Emulator, target: str, status: int, said: str
) -> None:
    answered = ask(emulator.port, f"CONNECT {target} HTTP/1.1\r\nHost: h\r\n\r\n")

    assert answered[0] == status
    assert said in answered[1]


def test_bytes_before_the_answer_are_refused(emulator: Emulator) -> None:
    status, body = ask(emulator.port, f"CONNECT {API}:443 HTTP/1.1\r\nHost: h\r\n\r\n\x16\x03\x01")

    assert status == 400
    assert "before its answer" in body


def test_no_tls_behind_connect_ends_the_connection_with_a_line(
    fresh: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(tunnel(fresh, API)) as plain:
        plain.sendall(b"GET /objectstore HTTP/1.1\r\nHost: h\r\n\r\n")
        while plain.recv(1000):
            """Until it is closed."""

    said = "A client does not speak TLS where it has to"
    wait_until(lambda: said in caplog.text, "the line")
    assert len(caplog.records) == 1


def test_a_tunnel_in_a_tunnel_is_not_opened(emulator: Emulator) -> None:
    with trusting(emulator).wrap_socket(tunnel(emulator, API), server_hostname=API) as connection:
        connection.sendall(f"CONNECT {API}:443 HTTP/1.1\r\nHost: h\r\n\r\n".encode())

        assert read_answer(connection)[0] == 404


def test_without_the_option_connect_is_an_unknown_path() -> None:
    with Emulator(cache="memory") as plain:
        assert ask(plain.port, f"CONNECT {API}:443 HTTP/1.1\r\nHost: h\r\n\r\n")[0] == 404
        assert plain.proxy is None


@pytest.mark.parametrize(
    ("host", "status"),
    [(API, 401), ("127.0.0.1:1234", 401), ("localhost", 401), ("www.example.com", 403)],
)
def test_a_target_with_a_host_is_served_if_the_host_is_ours(
    emulator: Emulator, host: str, status: int
) -> None:
    request = f"GET http://{host}/objectstore HTTP/1.1\r\nHost: h\r\n\r\n"

    assert ask(emulator.port, request)[0] == status


def test_requests_without_a_tunnel_are_answered_as_ever(emulator: Emulator) -> None:
    with closing(connect(emulator.port)) as plain:
        assert get(plain, emulator) == 200
        assert get(plain, emulator) == 200


def test_a_stop_does_not_wait_for_a_tunnel_without_a_handshake(ca_dir: Path) -> None:
    emulator = Emulator(cache="memory", proxy=True, ca_dir=ca_dir)
    emulator.start()
    with closing(tunnel(emulator, API)) as plain:
        began = time.monotonic()
        emulator.stop()
        taken = time.monotonic() - began
        assert plain.recv(1000) == b""

    assert emulator.config.tls is False
    assert taken < emulator.config.stop_timeout / 4


def test_a_large_answer_comes_whole_before_its_connection_closes(emulator: Emulator) -> None:
    body = bytes(range(256)) * 4_000
    owner = {"Authorization": emulator.api_key()}
    store = f"{emulator.endpoint}/objectstore/media"
    assert requests.put(store, json=STORE, headers=owner, timeout=20).status_code < 300
    assert requests.put(f"{store}/key", data=body, headers=owner, timeout=20).status_code < 300
    request = (
        f"GET /objectstore/media/key HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        f"Authorization: {emulator.api_key()}\r\n\r\n"
    )

    with trusting(emulator).wrap_socket(tunnel(emulator, API), server_hostname=API) as connection:
        connection.sendall(request.encode())
        assert read_answer(connection) == (200, body)
        assert connection.recv(100) == b""


def test_added_host_names_are_played_as_cells_are(tmp_path: Path) -> None:
    with Emulator(
        cache="memory", proxy=True, ca_dir=tmp_path, host_names="mine.example"
    ) as emulator:
        for host in ("mine.example", "api.cache.mine.example"):
            with trusting(emulator).wrap_socket(
                tunnel(emulator, host), server_hostname=host
            ) as connection:
                assert get(connection, emulator) == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_reaches_production_with_nothing_but_the_environment_set(emulator: Emulator) -> None:
    header = f"Authorization: {emulator.api_key()}"
    url = f"https://{API}/objectstore"
    curl = subprocess.run(
        ["curl", "-sS", "-m", "20", "-H", header, url],
        env=environment(emulator.environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert (curl.stdout, curl.stderr) == ('{"object_stores": []}', "")


def test_a_client_that_distrusts_the_authority_in_a_tunnel_is_told_what_to_set(
    fresh: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(tunnel(fresh, API)) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname=API)

    wait_until(lambda: "python -m emulator env" in caplog.text, "the line")
