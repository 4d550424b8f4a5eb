"""What an emulator that cannot start says: one line with the cause and the way out, status 2."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.launch import Launcher


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_refused(from_scratch: Launcher, taken_port: int) -> None:
    refusal = from_scratch.refuse("--port", str(taken_port))

    refusal.says("--port", str(taken_port), "127.0.0.1", "in use", "choose another")


def test_a_port_in_use_is_refused_in_json(emulators: Launcher, taken_port: int) -> None:
    refusal = emulators.refuse("--port", str(taken_port), "--log-format", "json")

    assert refusal.status == 2
    (line,) = refusal.stderr.splitlines()
    assert str(taken_port) in json.loads(line)["message"]


@pytest.mark.parametrize("host", ["203.0.113.1", "two..dots"])
def test_an_address_that_is_not_of_this_machine_is_refused(emulators: Launcher, host: str) -> None:
    emulators.refuse("--port", "0", "--host", host).says("--host", host, "choose")


def test_a_data_directory_below_a_regular_file_is_refused(
    emulators: Launcher, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")

    refusal = emulators.refuse("--port", "0", "--data-dir", file / "data")

    refusal.says("--data-dir", str(file / "data"), "choose")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc here")
def test_a_data_directory_that_not_even_root_can_make_is_refused(emulators: Launcher) -> None:
    refusal = emulators.refuse("--port", "0", "--data-dir", "/proc/data")

    refusal.says("--data-dir", "/proc/data", "choose")


def test_a_broken_account_file_is_refused(emulators: Launcher, data: Path) -> None:
    data.mkdir()
    (data / "account.json").write_text('{"format": 1, "tab')

    refusal = emulators.refuse("--port", "0", "--data-dir", data)

    refusal.says(str(data / "account.json"), "repair")


def test_a_broken_keys_file_is_refused(emulators: Launcher, data: Path) -> None:
    emulators.start("--data-dir", data).stop()
    (data / "api-keys.json").write_text('{"owner": "ey')

    refusal = emulators.refuse("--port", "0", "--data-dir", data)

    refusal.says(str(data / "api-keys.json"), "repair it or remove it")


def test_a_ready_file_in_a_directory_that_is_not_there_is_refused(
    emulators: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "missing" / "ready.json"

    refusal = emulators.refuse("--port", "0", "--ready-file", ready)

    refusal.says("--ready-file", str(ready), "choose")


def test_a_ready_file_that_is_a_directory_is_refused(emulators: Launcher, tmp_path: Path) -> None:
    refusal = emulators.refuse("--port", "0", "--ready-file", tmp_path)

    refusal.says("--ready-file", str(tmp_path), "choose")
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_fixed_key_is_refused(emulators: Launcher) -> None:
    variable = "MOMENTO_EMULATOR_OPERATOR_KEY"

    line = emulators.refuse("--port", "0", env={variable: "not-a-key-at-all"}).says(variable)

    assert "not-a-key-at-all" not in line


def test_a_malformed_fixed_key_in_a_file_is_refused(emulators: Launcher, tmp_path: Path) -> None:
    file = tmp_path / "emulator.toml"
    file.write_text('viewer_key = "not-a-key-at-all"\n')

    line = emulators.refuse("--port", "0", "--config", file).says(str(file), "viewer_key")

    assert "not-a-key-at-all" not in line


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param("stores: [", "not YAML", id="not YAML"),
        pytest.param("shops: []", "'shops'", id="unknown member"),
        pytest.param(
            "objects: [{store: unheard-of, key: key, text: body}]", "unheard-of", id="unknown store"
        ),
    ],
)
def test_a_broken_seed_is_refused(
    emulators: Launcher, tmp_path: Path, content: str, cause: str
) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(content)

    emulators.refuse("--port", "0", "--seed", seed).says(str(seed), cause)


def test_a_seed_that_is_not_there_is_refused(emulators: Launcher, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"

    emulators.refuse("--port", "0", "--seed", seed).says("--seed", str(seed), "No such file")
