"""A flag wins over the environment, the environment over the file, the file over the default."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emulator.backends.valkey.url import ValkeyUrl
from emulator.config import Config, ConfigurationError
from emulator.config_sources import load, unknown_variables
from tests.process.keys import v2_key

MIB = 1024**2


class Row(NamedTuple):
    """An option: its default, and three values as a user writes them with what they mean."""

    default: Any
    flag: tuple[str, Any]
    variable: tuple[str, Any]
    file: tuple[str, Any]


def same(*texts: str) -> tuple[tuple[str, Any], ...]:
    return tuple((text, text) for text in texts)


def paths(*texts: str) -> tuple[tuple[str, Any], ...]:
    return tuple((text, Path(text).absolute()) for text in texts)


OPTIONS = {
    "host": Row("127.0.0.1", *same("localhost", "0.0.0.0", "::1")),
    "port": Row(8080, ("0", 0), ("1", 1), ("65535", 65535)),
    "storage": Row(None, *same("memory", "filesystem", "memory")),
    "data_dir": Row(None, *paths("flag", "variable", "file")),
    "fsync": Row(True, ("false", False), ("TRUE", True), ("false", False)),
    "cache": Row("fakeredis", *same("memory", "fakeredis"), ("valkey://h", ValkeyUrl("h"))),
    "cache_clusters": Row(
        None,
        ("a=valkey://h", {"a": ValkeyUrl("h")}),
        ("a=redis://h:1, b=valkeys://g", {"a": ValkeyUrl("h", 1), "b": ValkeyUrl("g", tls=True)}),
        ("c d=valkey-cluster://h", {"c d": ValkeyUrl("h", is_cluster=True)}),
    ),
    "valkey_timeout": Row(1.0, ("2", 2.0), ("0.5", 0.5), ("10.25", 10.25)),
    "cache_max_object_bytes": Row(8 * MIB, ("0", 0), ("1KiB", 1024), ("2 MiB", 2 * MIB)),
    "max_object_bytes": Row(5 * 1024 * MIB, ("1GiB", 1024 * MIB), ("7", 7), ("9B", 9)),
    "max_stores": Row(None, ("0", 0), ("1", 1), ("10", 10)),
    "max_custom_roles": Row(None, ("0", 0), ("1", 1), ("10", 10)),
    "api_revision": Row("2026-02-05", *same("2026-02-05", "2026-02-05", "2026-02-05")),
    "seed": Row(None, *paths("flag.yaml", "variable.yaml", "file.yaml")),
    "ready_file": Row(None, *paths("flag.json", "variable.json", "file.json")),
    "control_token": Row(None, *same("from-the-flag", "from-the-variable", "from-the-file")),
    "journal_size": Row(10_000, ("1", 1), ("2", 2), ("3", 3)),
    "log_level": Row("info", *same("debug", "warning", "error")),
    "log_format": Row("text", *same("json", "text", "json")),
    "owner_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
    "operator_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
    "viewer_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
}
SECRETS = {"owner_key", "operator_key", "viewer_key"}

every_option = pytest.mark.parametrize("name", OPTIONS)


def variable_of(name: str) -> str:
    return f"MOMENTO_EMULATOR_{name.upper()}"


def needed_by(name: str) -> dict[str, str]:
    """What else has to be set for any value of the option to be valid."""
    return {"MOMENTO_EMULATOR_DATA_DIR": "data"} if name == "storage" else {}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "emulator.toml"


def test_the_table_of_this_test_has_every_option() -> None:
    assert {field.name for field in dataclasses.fields(Config)} == OPTIONS.keys()


@every_option
def test_without_a_source_there_is_the_default(name: str) -> None:
    assert getattr(load({}, {}), name) == OPTIONS[name].default


@every_option
def test_a_file_wins_over_the_default(name: str, file: Path) -> None:
    text, value = OPTIONS[name].file
    file.write_text(f"{name} = {json.dumps(text)}\n")

    assert getattr(load({}, needed_by(name), file), name) == value


@every_option
def test_the_environment_wins_over_a_file(name: str, file: Path) -> None:
    text, value = OPTIONS[name].variable
    file.write_text(f"{name} = {json.dumps(OPTIONS[name].file[0])}\n")

    environment = {**needed_by(name), variable_of(name): text}
    assert getattr(load({}, environment, file), name) == value


@pytest.mark.parametrize("name", OPTIONS.keys() - SECRETS)
def test_a_flag_wins_over_everything(name: str, file: Path) -> None:
    text, value = OPTIONS[name].flag
    file.write_text(f"{name} = {json.dumps(OPTIONS[name].file[0])}\n")
    environment = {**needed_by(name), variable_of(name): OPTIONS[name].variable[0]}

    assert getattr(load({name: text}, environment, file), name) == value


def test_sources_complete_each_other(file: Path) -> None:
    file.write_text("port = 1\ncache = 'memory'\nmax-stores = 3\n")

    config = load({"port": "3"}, {variable_of("port"): "2", variable_of("max_stores"): "4"}, file)

    assert (config.port, config.max_stores, config.cache) == (3, 4, "memory")


@pytest.mark.parametrize(
    ("storage", "data_dir", "engine"),
    [
        (None, None, "memory"),
        (None, "data", "filesystem"),
        ("memory", "data", "memory"),
        ("filesystem", "data", "filesystem"),
    ],
)
def test_a_data_directory_implies_files_unless_something_else_is_said(
    storage: str | None, data_dir: str | None, engine: str
) -> None:
    given = {"storage": storage, "data_dir": data_dir}
    flags = {name: value for name, value in given.items() if value is not None}

    assert load(flags, {}).storage_engine == engine


def test_files_without_a_data_directory_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="filesystem needs --data-dir"):
        load({"storage": "filesystem"}, {})


def test_a_tilde_is_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert load({"data_dir": "~/data"}, {}).data_dir == Path("/home/somebody/data")


def test_a_variable_that_is_no_option_is_warned_of_with_a_suggestion() -> None:
    environment = {
        "MOMENTO_EMULATOR_PROT": "1",
        "MOMENTO_EMULATOR_DATADIR": "data",
        "MOMENTO_EMULATOR_XYZZY": "secret",
        "MOMENTO_EMULATOR_PORT": "1",
        "MOMENTO_EMULATOR_CONFIG": "file",
        "MOMENTO_EMULATOR_OWNER_KEY": "key",
        "MOMENTO_API_KEY": "key",
    }

    warnings = "\n".join(unknown_variables(environment))

    assert "MOMENTO_EMULATOR_PROT is not an option; did you mean MOMENTO_EMULATOR_PORT?" in warnings
    assert "did you mean MOMENTO_EMULATOR_DATA_DIR?" in warnings
    assert "MOMENTO_EMULATOR_XYZZY" in warnings
    assert "secret" not in warnings
    assert len(warnings.splitlines()) == 3
