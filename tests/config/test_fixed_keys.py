"""Fixed API keys: what is around them is trimmed, and well-known ones stay on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.auth.keys import in_envelope
from emulator.auth.well_known import WELL_KNOWN_KEYS
from emulator.config import Config, ConfigurationError
from emulator.config.sources import load
from tests.support.command_line import Run
from tests.support.keys import is_base64, jwt_part, v1_key, v2_key

pytestmark = pytest.mark.proves("D169")

OWNER_KEY = "MOMENTO_EMULATOR_OWNER_KEY"
FLAG = "--well-known-keys"
ALLOWED = "--allow-well-known-keys-beyond-loopback"


@pytest.mark.parametrize("key", [v2_key("mine"), v1_key("mine")])
@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", " {}", "\t{} \n", "\n{}"])
def test_blanks_and_line_breaks_around_a_fixed_key_are_trimmed(
    key: str, around: str, tmp_path: Path
) -> None:
    written = around.format(key)
    file = tmp_path / "emulator.toml"
    file.write_text(f'owner_key = """{written}"""\n', encoding="utf-8")

    assert load({}, {OWNER_KEY: written}).owner_key == key
    assert load({}, {}, file).owner_key == key
    assert Config(owner_key=written).owner_key == key


def test_keys_that_differ_in_what_is_around_them_are_the_same() -> None:
    with pytest.raises(ConfigurationError, match="give each role its own"):
        Config(owner_key=v2_key("one"), viewer_key=f"{v2_key('one')}\n")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{0}\n{1}", "a blank or a line break is inside the key"),
        ("{0} {1}", "a blank or a line break is inside the key"),
        ('"{0}{1}"', "the key is in quotation marks"),
        ("'{0}{1}'\n", "the key is in quotation marks"),
    ],
)
def test_what_else_is_wrong_with_a_copied_key_is_named(run: Run, written: str, said: str) -> None:
    key = v2_key("mine")
    line = run(env={OWNER_KEY: written.format(key[:40], key[40:])}).misused(OWNER_KEY, said)

    assert key[:40] not in line


def test_well_known_keys_are_what_the_sdks_read_and_do_not_change() -> None:
    for role, key in WELL_KNOWN_KEYS.items():
        assert jwt_part(key, 1) == {"t": "g", "jti": f"well-known-{role}"}
        assert not is_base64(key)
    ends = [key[-8:] for key in WELL_KNOWN_KEYS.values()]
    assert ends == ["FvvFb2ug", "HrxXDDxQ", "VXaCVvBw"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "127.0.0.1,::1", "127.8.9.10"]
)
def test_on_loopback_they_are_the_keys_of_the_three_roles(host: str) -> None:
    assert Config(host=host, well_known_keys=True).fixed_keys == WELL_KNOWN_KEYS


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1,0.0.0.0", "10.0.0.1", "a.test"])
def test_beyond_loopback_they_are_refused_in_one_line(run: Run, host: str) -> None:
    beyond = host.rpartition(",")[2]
    run("--host", host, FLAG).misused(f"{FLAG}: ", f"--host {beyond} is beyond loopback", ALLOWED)


def test_an_account_that_others_share_counts_as_beyond_loopback(run: Run) -> None:
    shared = ("--account", "valkey://127.0.0.1:1", "--cache", "valkey://127.0.0.1:1", FLAG)

    run(*shared).misused(f"{FLAG}: ", "--account", ALLOWED)
    assert run(*shared, ALLOWED).config.fixed_keys == WELL_KNOWN_KEYS


def test_who_allows_that_has_them_beyond_loopback_too(run: Run) -> None:
    assert run("--host", "0.0.0.0", FLAG, ALLOWED).config.fixed_keys == WELL_KNOWN_KEYS


def test_to_allow_them_is_not_to_have_them(run: Run) -> None:
    assert run("--host", "0.0.0.0", ALLOWED).config.fixed_keys == {}


@pytest.mark.parametrize("name", ["owner_key", "operator_key", "viewer_key"])
def test_a_key_of_ones_own_beside_them_is_refused(name: str) -> None:
    options: dict[str, Any] = {name: v2_key("mine")}

    with pytest.raises(ConfigurationError, match=f"{name.upper()} is given too; give one"):
        Config(well_known_keys=True, **options)


@pytest.mark.parametrize("form", ["plain", "enveloped"])
def test_a_well_known_key_cannot_be_set_as_ones_own(run: Run, form: str) -> None:
    key = WELL_KNOWN_KEYS["owner"]
    given = key if form == "plain" else in_envelope(key, "cell.example.test")

    line = run(env={OWNER_KEY: given}).misused(OWNER_KEY, "everybody knows this key", FLAG)

    assert key[:40] not in line
