"""A flag wins over the environment, the environment over the file, the file over the default."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emulator.backends.valkey.url import ValkeyUrl
from emulator.config import Config, ConfigurationError
from emulator.config.sources import load, unknown_variables
from tests.support.keys import v2_key

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
    "host": Row("127.0.0.1", *same("localhost", "0.0.0.0,::", "::1")),
    "tls": Row(False, ("true", True), ("TRUE", True), ("true", True)),
    "tls_port": Row(8443, ("0", 0), ("1", 1), ("65535", 65535)),
    "proxy": Row(False, ("true", True), ("TRUE", True), ("true", True)),
    "host_names": Row(
        None, ("A.test.", ("a.test",)), ("b, 10.0.0.1", ("b", "10.0.0.1")), ("[::2]", ("::2",))
    ),
    "ca_dir": Row(None, *paths("flag", "variable", "file")),
    "tls_certificate": Row(None, *paths("flag.pem", "variable.pem", "file.pem")),
    "tls_key": Row(None, *paths("flag.key", "variable.key", "file.key")),
    "head_timeout": Row(30.0, ("500ms", 0.5), ("2", 2.0), ("86400", 86400.0)),
    "body_timeout": Row(60.0, ("0.5", 0.5), ("2", 2.0), ("86400", 86400.0)),
    "keep_alive_timeout": Row(75.0, ("0.5", 0.5), ("2", 2.0), ("86400", 86400.0)),
    "stop_timeout": Row(7.0, ("0.5", 0.5), ("2s", 2.0), ("24h", 86400.0)),
    "reuse_port": Row(False, ("true", True), ("TRUE", True), ("true", True)),
    "port": Row(8080, ("0", 0), ("1", 1), ("65535", 65535)),
    "storage": Row(None, *same("memory", "filesystem", "memory")),
    "account": Row(
        None,
        ("valkey://flag:1/2", ValkeyUrl("flag", 1, db=2)),
        ("file", "file"),
        ("valkeys-cluster://:a%40b@file", ValkeyUrl("file", 6379, None, "a@b", 0, True, True)),
    ),
    "valkey_timeout": Row(1.0, ("0.5", 0.5), ("2", 2.0), ("30.25", 30.25)),
    "s3_endpoint_url": Row(None, *same("http://flag", "https://variable:1", "http://[::1]:9000")),
    "s3_region": Row(None, *same("eu-west-1", "us-gov-west-1", "local")),
    "s3_path_style": Row(None, ("true", True), ("false", False), ("TRUE", True)),
    "s3_timeout": Row(30.0, ("0.5", 0.5), ("86400", 86400.0), ("1", 1.0)),
    "create_buckets": Row(False, ("true", True), ("false", False), ("TRUE", True)),
    "assume_role": Row(False, ("true", True), ("false", False), ("TRUE", True)),
    "data_dir": Row(None, *paths("flag", "variable", "file")),
    "fsync": Row(True, ("false", False), ("TRUE", True), ("false", False)),
    "cache": Row("fakeredis", *same("memory", "fakeredis", "memory")),
    "cache_clusters": Row(
        None,
        ("a=valkey://h", {"a": ValkeyUrl("h")}),
        ("b=valkeys://h:1", {"b": ValkeyUrl("h", 1, tls=True)}),
        (
            "c=valkey://h, d=valkey-cluster://i",
            {"c": ValkeyUrl("h"), "d": ValkeyUrl("i", is_cluster=True)},
        ),
    ),
    "cache_max_object_bytes": Row(8 * MIB, ("0", 0), ("1KiB", 1024), ("2 MiB", 2 * MIB)),
    "max_object_bytes": Row(5 * 1024 * MIB, ("1GiB", 1024 * MIB), ("7", 7), ("9B", 9)),
    "upload_memory": Row(256 * MIB, ("0", 0), ("1KiB", 1024), ("2 MiB", 2 * MIB)),
    "max_stores": Row(None, ("0", 0), ("1", 1), ("10", 10)),
    "max_custom_roles": Row(None, ("0", 0), ("1", 1), ("10", 10)),
    "api_revision": Row("2026-02-05", ("latest", "2026-08-12"), *same("2026-02-05", "2026-08-12")),
    "answers": Row(None, *paths("flag.json", "variable.json", "file.json")),
    "no_limits": Row(False, ("true", True), ("false", False), ("TRUE", True)),
    "routers": Row(1, ("6", 6), ("1", 1), ("1000", 1000)),
    "clusters": Row(None, ("a", ("a",)), ("b,c", ("b", "c")), (" d , e f", ("d", "e f"))),
    "strict_clusters": Row(None, ("true", True), ("false", False), ("TRUE", True)),
    "cluster_delay": Row(0.0, ("0", 0.0), ("1.5", 1.5), ("2m", 120.0)),
    "log_groups": Row(None, ("a", ("a",)), ("/b,c", ("/b", "c")), ("d, /e/f", ("d", "/e/f"))),
    "strict_log_groups": Row(None, ("true", True), ("false", False), ("TRUE", True)),
    "access_log_dir": Row(None, *paths("flag", "variable", "file")),
    "access_log_size": Row(10_000, ("0", 0), ("1", 1), ("20000", 20_000)),
    "cloudwatch": Row(None, *same("aws", "http://127.0.0.1:5000", "https://variable")),
    "seed": Row(None, *paths("flag.yaml", "variable.yaml", "file.yaml")),
    "ready_file": Row(None, *paths("flag.json", "variable.json", "file.json")),
    "exit_with_parent": Row(False, ("true", True), ("false", False), ("TRUE", True)),
    "control_token": Row(None, *same("from-the-flag", "from-the-variable", "from-the-file")),
    "control_token_file": Row(None, *paths("flag.txt", "variable.txt", "file.txt")),
    "console": Row(True, ("true", True), ("false", False), ("TRUE", True)),
    "journal_size": Row(10_000, ("1", 1), ("2", 2), ("3", 3)),
    "journal_bytes": Row(64 * MIB, ("0", 0), ("1KiB", 1024), ("2 MiB", 2 * MIB)),
    "quiet": Row(None, ("true", True), ("false", False), ("TRUE", True)),
    "log_level": Row("info", *same("debug", "warning", "error")),
    "log_format": Row("text", *same("json", "text", "json")),
    "owner_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
    "operator_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
    "viewer_key": Row(None, *same(v2_key("flag"), v2_key("variable"), v2_key("file"))),
    "well_known_keys": Row(False, ("true", True), ("false", False), ("TRUE", True)),
    "allow_well_known_keys_beyond_loopback": Row(
        False, ("true", True), ("false", False), ("TRUE", True)
    ),
}
OF_A_LATER_REVISION = (
    "routers",
    "clusters",
    "strict_clusters",
    "log_groups",
    "strict_log_groups",
    "access_log_dir",
    "cloudwatch",
)
SECRETS = {"owner_key", "operator_key", "viewer_key"}

every_option = pytest.mark.parametrize("name", OPTIONS)


def variable_of(name: str) -> str:
    return f"MOMENTO_EMULATOR_{name.upper()}"


def needed_by(name: str) -> dict[str, str]:
    """What else has to be set for any value of the option to be valid."""
    if name.startswith("s3_") or name in ("create_buckets", "assume_role"):
        return {"MOMENTO_EMULATOR_STORAGE": "s3"}
    if name in ("tls_certificate", "tls_key"):
        other = "TLS_KEY" if name == "tls_certificate" else "TLS_CERTIFICATE"
        return {"MOMENTO_EMULATOR_TLS": "true", f"MOMENTO_EMULATOR_{other}": "other.pem"}
    if name in ("host_names", "ca_dir"):
        return {"MOMENTO_EMULATOR_PROXY": "true"}
    if name in OF_A_LATER_REVISION:
        return {"MOMENTO_EMULATOR_API_REVISION": "2026-08-12"}
    return {"MOMENTO_EMULATOR_DATA_DIR": "data"} if name in ("storage", "account") else {}


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


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in SECRETS])
def test_a_flag_wins_over_everything(name: str, file: Path) -> None:
    text, value = OPTIONS[name].flag
    file.write_text(f"{name} = {json.dumps(OPTIONS[name].file[0])}\n")
    environment = {**needed_by(name), variable_of(name): OPTIONS[name].variable[0]}

    assert getattr(load({name: text}, environment, file), name) == value


@pytest.mark.parametrize("name", OF_A_LATER_REVISION)
def test_what_the_first_revision_does_not_have_is_refused_with_it(name: str) -> None:
    text, value = OPTIONS[name].flag

    with pytest.raises(ConfigurationError, match="requires --api-revision 2026-08-12 or later"):
        load({name: text}, {})
    for revision in ("2026-08-12", "latest"):
        assert getattr(load({name: text, "api_revision": revision}, {}), name) == value


@pytest.mark.parametrize("name", OF_A_LATER_REVISION)
def test_a_default_is_refused_by_no_revision(name: str) -> None:
    default = OPTIONS[name].default
    given = {} if default is None else {name: str(default)}

    assert getattr(load(given, {}), name) == default


def test_the_latest_revision_is_a_revision() -> None:
    assert load({"api_revision": "latest"}, {}).api_revision == "2026-08-12"


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
    with pytest.raises(ConfigurationError, match="filesystem: requires --data-dir"):
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
