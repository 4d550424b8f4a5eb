"""What cannot be started is an error with a cause, and nothing is left running."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.support.emulators import Start, client
from tests.support.waiting import wait_until

EMPTY_TABLES: dict[str, Any] = {"account": {}, "stores": {}, "api_keys": {}}


def refusal(**options: Any) -> str:
    """What is said of options that nothing can be started with; no thread may be left."""
    before = set(threading.enumerate())
    with pytest.raises(ConfigurationError) as caught:
        Emulator(**{"cache": "memory", **options}).start()
    wait_until(lambda: set(threading.enumerate()) <= before, "its threads are gone")
    return str(caught.value)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that an emulator has left."""
    data = tmp_path_factory.mktemp("used") / "data"
    with Emulator(data_dir=data, cache="memory"):
        pass
    return data


def test_a_port_in_use_is_an_error() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

        said = refusal(port=port)

    assert f"{port} on 127.0.0.1 is in use" in said


def test_what_could_not_be_started_does_not_run_and_can_be_started_later() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        emulator = Emulator(cache="memory", port=server.getsockname()[1])
        with pytest.raises(ConfigurationError):
            emulator.start()
        with pytest.raises(RuntimeError, match="not running"):
            _ = emulator.endpoint
        emulator.stop()

    with emulator:
        assert client(emulator).store_names() == []


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_an_error(port: int) -> None:
    with pytest.raises(ConfigurationError, match="0 to 65535"):
        Emulator(port=port, cache="memory").start()


@pytest.mark.parametrize(
    "host",
    [
        "203.0.113.1",
        "two..dots",
        f"{'a' * 64}.test",
        "with space",
        "[::1]",
        "nul\0nul",
        "\ud800",
    ],
)
def test_an_address_that_is_not_of_this_machine_is_an_error(host: str) -> None:
    said = refusal(host=host)

    assert "--host" in said
    assert "choose an address of this machine" in said
    assert "error while attempting" not in said, "the address is said once"


def below_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "data"


def a_file(tmp_path: Path) -> Path:
    (tmp_path / "data").write_text("")
    return tmp_path / "data"


def with_a_file_for(name: str) -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / name).write_text("")
        return tmp_path / "data"

    return make


def with_a_directory_for(name: str) -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        (tmp_path / "data" / name).mkdir(parents=True)
        return tmp_path / "data"

    return make


def with_a_name_too_long(tmp_path: Path) -> Path:
    return tmp_path / ("n" * 300)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(below_a_file, id="below a regular file"),
        pytest.param(a_file, id="a regular file"),
        pytest.param(with_a_file_for("objects"), id="a file for objects"),
        pytest.param(with_a_file_for("tmp"), id="a file for tmp"),
        pytest.param(with_a_directory_for("lock"), id="a directory for lock"),
        pytest.param(with_a_directory_for("account.json"), id="a directory for account.json"),
        pytest.param(with_a_name_too_long, id="a name too long"),
    ],
)
def test_a_data_directory_that_cannot_be_written_is_an_error(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)

    said = refusal(data_dir=path)

    assert "--data-dir" in said
    assert str(path) in said
    assert "choose" in said
    assert "Errno" not in said, "no Python in a message for users"


@pytest.mark.parametrize("option", ["data_dir", "seed"])
def test_a_name_with_a_nul_is_an_error(option: str) -> None:
    said = refusal(**{option: "nul\0nul"})

    assert f"--{option.replace('_', '-')}: " in said
    assert "NUL" in said


def test_a_data_directory_in_use_by_this_process_is_an_error(start: Start, data: Path) -> None:
    first = start(data_dir=data)

    said = refusal(data_dir=data)

    assert "in use" in said
    assert str(os.getpid()) in said
    assert client(first).create_store("store").status == 201


def test_a_data_directory_is_free_after_a_start_that_failed(start: Start, data: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        refusal(data_dir=data, port=server.getsockname()[1])

    assert None not in start(data_dir=data).api_keys.values()


def test_a_malformed_key_spoils_nothing_for_the_next_start(start: Start, data: Path) -> None:
    said = refusal(data_dir=data, owner_key="malformed")
    assert "owner_key" in said.lower()

    emulator = start(data_dir=data)

    assert None not in emulator.api_keys.values()
    assert client(emulator).create_store("store").status == 201


BROKEN_ACCOUNTS = {
    "empty": "",
    "cut short": '{"format": 1, "tab',
    "a list": "[]",
    "without members": "{}",
    "a format that is no number": json.dumps({"format": "1"}),
    "a newer format": json.dumps({"format": 99}),
    "without its tables": json.dumps({"format": 1, "version": 1, "tables": {}}),
    "a version that is no number": json.dumps(
        {"format": 1, "version": None, "tables": EMPTY_TABLES}
    ),
    "an entry without its record": json.dumps(
        {
            "format": 1,
            "version": 1,
            "tables": {**EMPTY_TABLES, "account": {"account": {"version": 1}}},
        }
    ),
    "a record with another member": json.dumps(
        {
            "format": 1,
            "version": 1,
            "tables": {**EMPTY_TABLES, "stores": {"s": {"version": 1, "record": {"x": 1}}}},
        }
    ),
    "brackets without end": "[" * 100_000,
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("content", BROKEN_ACCOUNTS.values(), ids=BROKEN_ACCOUNTS)
def test_a_broken_account_file_is_an_error(data: Path, content: str) -> None:
    data.mkdir()
    file = data / "account.json"
    written = content.encode(errors="surrogateescape")
    file.write_bytes(written)

    said = refusal(data_dir=data)

    assert str(file) in said
    assert "repair" in said
    assert "Error(" not in said, "no Python in a message for users"
    assert file.read_bytes() == written


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"owner": "ey', id="cut short"),
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="brackets without end"),
    ],
)
def test_a_broken_keys_file_is_an_error(used: Path, data: Path, content: bytes) -> None:
    shutil.copytree(used, data)
    (data / "api-keys.json").write_bytes(content)

    said = refusal(data_dir=data)

    assert str(data / "api-keys.json") in said
    assert "repair it or remove it" in said


def test_a_directory_in_the_place_of_the_keys_file_is_an_error(used: Path, data: Path) -> None:
    shutil.copytree(used, data)
    (data / "api-keys.json").unlink()
    (data / "api-keys.json").mkdir()

    assert str(data / "api-keys.json") in refusal(data_dir=data)
