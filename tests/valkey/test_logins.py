"""Passwords, users with few rights and TLS; and that nothing ever shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.config import ConfigurationError
from tests.engines.valkey import StartValkey
from tests.support.certificates import certificate
from tests.support.emulators import Start, control, with_store
from tests.support.launch import Launcher, launcher
from tests.support.ports import HOST, free_port

from .conftest import PATIENCE_SECONDS
from .service import cache_health, names, outcome, remembers

SECRET = "s3cret/with:signs"
ENCODED = "s3cret%2Fwith%3Asigns"

RIGHTS = (
    "+select +info +ping +get +set +getrange +eval +del +unlink +scan +cluster|slots ~momento:*"
)
"""All that a user needs."""


def test_a_server_with_a_password_takes_it_from_the_url(
    start_valkey: StartValkey, start: Start
) -> None:
    server = start_valkey("--requirepass", SECRET)
    emulator = start(cache=f"valkey://:{ENCODED}@{HOST}:{server.port}/3")
    owner = with_store(emulator)
    owner.put("store", "key", b"body")
    assert owner.get("store", "key").status == 200
    assert outcome(emulator) == "cache_hit"
    assert len(names(server, login=SECRET, database=3)) == 1
    assert cache_health(emulator)["status"] == "ok"


def test_a_user_needs_few_rights(start_valkey: StartValkey, start: Start) -> None:
    server = start_valkey("--user", "cache", "on", f">{SECRET}", *RIGHTS.split())
    emulator = start(cache=f"valkey://cache:{ENCODED}@{HOST}:{server.port}/1")
    owner = with_store(emulator)
    for key in ("key", "other"):
        owner.put("store", key, b"body", ttl_seconds=100)
    server.ask("UNLINK", names(server, database=1)[0], database=1)
    assert remembers(emulator, owner, "key")
    assert remembers(emulator, owner, "other")
    assert len(emulator.tiers.objects("store")) == 2
    owner.put("store", "large", b"x" * 9_000_000)
    emulator.tiers.flush("cluster-of-store")
    assert owner.call("DELETE", "/objectstore/store").status == 200
    emulator.reset()
    assert cache_health(emulator) == {"engine": "valkey", "status": "ok"}
    assert server.ask("ACL", "LOG").strip() == ""


@pytest.mark.proves("D68")
def test_a_wrong_password_fails_puts_and_health_but_neither_the_start_nor_a_get(
    start_valkey: StartValkey, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_valkey("--requirepass", "another")
    emulator = start(cache=f"valkey://:{ENCODED}@{HOST}:{server.port}")
    owner = with_store(emulator)
    answer = owner.put("store", "key", b"body")
    assert answer.status == 500
    assert owner.get("store", "key").body == b"body"
    health = cache_health(emulator)
    assert health["status"] == "failing"
    refused = f"valkey://:***@{HOST}:{server.port} refuses the user or password: WRONGPASS "
    assert health["cause"].startswith(refused)
    assert "WRONGPASS" in caplog.text
    said = caplog.text + repr(emulator.config) + str(health) + str(answer.body)
    assert "s3cret" not in said
    assert "with:signs" not in said


def test_nothing_that_an_emulator_says_shows_the_password(
    tmp_path: Path, start_valkey: StartValkey
) -> None:
    server = start_valkey("--requirepass", SECRET)
    url = f"valkey://:{ENCODED}@{HOST}:{server.port}"
    with launcher(tmp_path) as emulators:
        said = _all_that_is_said(emulators, url, tmp_path)
    assert ":***@" in said
    assert "s3cret" not in said


def _all_that_is_said(emulators: Launcher, url: str, directory: Path) -> str:
    ready = directory / "ready.json"
    running = emulators.start(
        *("--port", "0", "--ready-file", ready, "--log-level", "debug"),
        *("--cache", url, "--cache-clusters", f"a={url}"),
        ready_file=ready,
    )
    banner, file = running.wait_for_banner(), ready.read_text()
    return banner + file + running.stop() + running.stderr


def tls_server(start_valkey: StartValkey, directory: Path) -> tuple[Path, int]:
    """Who vouches for a server, and the port on which that speaks TLS."""
    authority, key = certificate(directory, "server")
    port = free_port()
    start_valkey(
        *("--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(authority), "--tls-key-file", str(key)),
    )
    return authority, port


def test_a_process_trusts_whom_the_system_trusts(start_valkey: StartValkey, tmp_path: Path) -> None:
    authority, port = tls_server(start_valkey, tmp_path)
    ready = tmp_path / "ready.json"
    with launcher(tmp_path) as emulators:
        for trusted, status in ((authority, "ok"), (tmp_path / "none", "failing")):
            running = emulators.start(
                *("--port", "0", "--ready-file", ready, "--cache", f"valkeys://{HOST}:{port}"),
                *("--valkey-timeout", str(PATIENCE_SECONDS)),
                ready_file=ready,
                env={"SSL_CERT_FILE": str(trusted)},
            )
            health = running.client("owner").call("GET", "/_emulator/health").json()
            running.stop()
            assert health["cache"]["status"] == status


def test_a_server_is_talked_to_over_tls_once_its_certificate_is_trusted(
    start_valkey: StartValkey, start: Start, tmp_path: Path
) -> None:
    authority, port = tls_server(start_valkey, tmp_path)
    emulator = start(cache=f"valkeys://{HOST}:{port}?ca={authority}")
    owner = with_store(emulator)
    owner.put("store", "key", b"body" * 100_000)
    assert owner.get("store", "key").body == b"body" * 100_000
    assert outcome(emulator) == "cache_hit"
    health = control(start(cache=f"valkeys://{HOST}:{port}"), "GET", "/health").json()["cache"]
    assert health["status"] == "failing"
    assert "certificate verify failed" in health["cause"]
    with pytest.raises(ConfigurationError, match=r"--cache: .*none.pem: No such file"):
        start(cache=f"valkeys://{HOST}:{port}?ca={tmp_path}/none.pem")
