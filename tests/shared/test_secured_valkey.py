"""An account in a Valkey that asks who comes: passwords, users, TLS; and no password is shown."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.config import Config, ConfigurationError
from tests.engines.valkey import StartValkey, ValkeyServer
from tests.support.certificates import certificate
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.launch import launcher
from tests.support.ports import HOST, free_port

from .conftest import PATIENCE_SECONDS
from .test_one_account import at

PASSWORD = "p@ss/wörd#?:"
ENCODED = "p%40ss%2Fw%C3%B6rd%23%3F%3A"


def refusal(account: str, *, timeout: float = PATIENCE_SECONDS) -> str:
    emulator = Emulator(account=account, cache="memory", valkey_timeout=timeout)
    with pytest.raises(ConfigurationError) as refused:
        emulator.start()
    text = str(refused.value)
    assert len(text.splitlines()) == 1
    for secret in (PASSWORD, ENCODED, "wr0ng"):
        assert secret not in text
    return text


def test_a_password_is_shown_to_the_server_and_to_nobody_else(
    start: Start, start_valkey: StartValkey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = start_valkey("--requirepass", PASSWORD)
    emulator = start(account=f"valkey://:{ENCODED}@{HOST}:{server.port}", log_level="debug")
    client = at(emulator, emulator.api_key())
    assert client.create_store("store").status == 201
    server.kill()
    assert client.list_stores().status == 500
    health = Client(emulator.endpoint).call("GET", "/_emulator/health")
    assert health.json()["account"]["status"] == "failing"
    for text in (
        caplog.text,
        health.body.decode(),
        repr(emulator.config),
        str(emulator.config),
    ):
        assert PASSWORD not in text
        assert ENCODED not in text


def test_a_wrong_password_is_named_as_such(start_valkey: StartValkey) -> None:
    server = start_valkey("--requirepass", PASSWORD)
    for account in (f"valkey://:wr0ng@{HOST}:{server.port}", server.url):
        assert "refuses the user or password" in refusal(account)


def test_a_user_with_rights_to_its_own_keys_is_enough(
    start: Start, start_valkey: StartValkey
) -> None:
    keys = "~{momento-emulator}:*"
    commands = "-@all +@scripting +hget +hset +hdel +hlen +hgetall +exists +set +del"
    server = start_valkey(
        "--user", "ann", "on", f">{PASSWORD}", keys, *commands.split(), "--user", "default", "off"
    )
    emulator = start(account=f"valkey://ann:{ENCODED}@{HOST}:{server.port}")
    client = at(emulator, emulator.api_key())
    assert client.create_store("store").status == 201
    emulator.checkpoint("moment")
    assert client.call("DELETE", "/objectstore/store").status == 200
    emulator.restore("moment")
    assert client.store_names() == ["store"]
    emulator.reset()
    assert client.store_names() == []


def test_a_user_without_the_rights_is_named_as_such(start_valkey: StartValkey) -> None:
    server = start_valkey("--user", "ann", "on", f">{PASSWORD}", "~other:*", "+@all")
    said = refusal(f"valkey://ann:{ENCODED}@{HOST}:{server.port}")
    assert "denies the user a permission" in said


@pytest.fixture
def tls_server(start_valkey: StartValkey, tmp_path: Path) -> tuple[ValkeyServer, int]:
    """A server that speaks TLS on a second port, and asks for a password."""
    certificate_file, key_file = certificate(tmp_path, "server")
    port = free_port()
    server = start_valkey(
        *("--tls-port", str(port), "--tls-auth-clients", "no", "--requirepass", PASSWORD),
        *("--tls-cert-file", str(certificate_file), "--tls-key-file", str(key_file)),
        *("--tls-ca-cert-file", str(certificate_file)),
    )
    return server, port


def test_over_tls_the_server_has_to_be_one_that_is_vouched_for(
    start: Start, tls_server: tuple[ValkeyServer, int], tmp_path: Path
) -> None:
    _, port = tls_server
    url = f"valkeys://:{ENCODED}@{HOST}:{port}"
    one = start(account=f"{url}?ca={tmp_path / 'server.pem'}")
    other = start(account=f"{url}?ca={tmp_path / 'server.pem'}")
    assert at(one, one.api_key()).create_store("store").status == 201
    assert at(other, one.api_key()).store_names() == ["store"]

    certificate(tmp_path, "another")
    for account in (url, f"{url}?ca={tmp_path / 'another.pem'}"):
        assert "certificate verify failed" in refusal(account)
    assert "ca" in refusal(f"{url}?ca={tmp_path / 'missing.pem'}")
    assert "certificate" in refusal(url.replace(HOST, "localhost"))


def test_who_speaks_tls_to_a_server_that_does_not_gets_no_answer(start_valkey: StartValkey) -> None:
    server = start_valkey()
    assert "no answer within" in refusal(f"valkeys://{HOST}:{server.port}", timeout=0.2)


def test_the_url_can_come_from_the_environment_and_the_banner_shows_no_password(
    start_valkey: StartValkey, tmp_path: Path
) -> None:
    server = start_valkey("--requirepass", PASSWORD)
    url = f"valkey://:{ENCODED}@{HOST}:{server.port}"
    env = {"MOMENTO_EMULATOR_ACCOUNT": url, "MOMENTO_EMULATOR_VALKEY_TIMEOUT": "20"}
    with launcher(tmp_path) as launching:
        maker = launching.start(env=env)
        finder = launching.start(env=env)
        json_banner = launching.start("--log-format", "json", env=env)
        _expect_banners(maker.wait_for_banner(), finder.wait_for_banner())
        assert Client(finder.endpoint, maker.keys["owner"]).list_stores().status == 200
        said = json_banner.end()
    shown = f"valkey://:***@{HOST}:{server.port}"
    assert f'"account": "{shown}"' in said
    assert ENCODED not in said


def _expect_banners(made: str, found: str) -> None:
    for banner in (made, found):
        assert ENCODED not in banner
        assert "account   in valkey://:***@" in banner
    assert "export MOMENTO_API_KEY" in made
    assert "export MOMENTO_API_KEY" not in found
    assert "the emulator that created it has printed its API keys" in found
    assert "MOMENTO_EMULATOR_OWNER_KEY" in found


@pytest.mark.parametrize(
    "account",
    ["valkey://h:port", "fle", "http://h", f"user:{ENCODED}@h:1", f"valkey://a:{ENCODED}@h/x"],
)
def test_what_is_no_account_is_refused_without_a_word_of_a_password(account: str) -> None:
    with pytest.raises(ConfigurationError, match="account") as refused:
        Config(account=account)
    assert ENCODED not in str(refused.value)


def test_an_account_in_a_file_needs_a_directory() -> None:
    with pytest.raises(ConfigurationError, match="--account file: requires --data-dir"):
        Config(account="file")


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1e3", ""])
def test_a_timeout_is_a_number_of_seconds(seconds: str) -> None:
    with pytest.raises(ConfigurationError, match="valkey-timeout"):
        Config(valkey_timeout=seconds)  # type: ignore[arg-type]
