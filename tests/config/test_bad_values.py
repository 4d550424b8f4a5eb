"""A bad value is one line that names where it was written and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.config import ConfigurationError
from emulator.config.sources import load
from tests.support.command_line import Run
from tests.support.keys import v2_key
from tests.support.launch import Launcher

HOME_OF_NOBODY = "~no-such-user/file"

BAD_VALUES = {
    "host": ["", "127.0.0.1,", ",::1", " "],
    "head_timeout": ["", "0", "-1", "30 s"],
    "body_timeout": ["", "0", "-1", "1.5s"],
    "keep_alive_timeout": ["", "0", "-1", "0ms"],
    "stop_timeout": ["", "0", "-1", "25h"],
    "tls": ["", "yes"],
    "tls_port": ["", "-1", "65536", "x"],
    "proxy": ["", "1"],
    "host_names": ["", "a,", "https://a", "a:1", "*.a", "a b"],
    "ca_dir": ["", HOME_OF_NOBODY],
    "tls_certificate": ["", HOME_OF_NOBODY],
    "tls_key": ["", HOME_OF_NOBODY],
    "port": ["", "-1", "65536", "8080.0", "1" * 5000, "x"],
    "storage": ["", "Memory", "disk"],
    "data_dir": ["", HOME_OF_NOBODY],
    "s3_endpoint_url": [
        "",
        "127.0.0.1:9000",
        "s3.example.com",
        "ftp://host",
        "http://",
        "http://:9000",
        "http://h:x",
        "http://h:0",
        "http://h:99999",
        "http://u:p@h",
        "http://h/path",
        "http://h?q",
        "http://h #",
    ],
    "s3_region": ["", "us east", "-", "us-east-1/"],
    "s3_path_style": ["", "path", "1"],
    "s3_timeout": ["", "0", "0.0", "-1", "30S", "1e3", "inf", "nan", "86401", ".5", "1" * 5000],
    "create_buckets": ["", "yes"],
    "assume_role": ["", "1"],
    "fsync": ["", "0", "yes"],
    "console": ["", "0", "yes"],
    "cache": [
        "",
        "valkey",
        "fakereds",
        "http://h",
        "valkey://",
        "valkey://h:0",
        "valkey://u@h",
        "u:p@h",
    ],
    "cache_clusters": ["", "a", "a=", "=valkey://h", "a=memory", "a=valkey://h,a=valkey://g"],
    "valkey_timeout": ["", "0", "-1", "1 s", "inf"],
    "cache_max_object_bytes": ["", "-1", "1.5MiB", "MiB", "8MB"],
    "max_object_bytes": ["", "5 gib", "unlimited"],
    "max_stores": ["", "-1", "none"],
    "api_revision": [
        "",
        "Latest",
        "first",
        "2026-8-12",
        "2026-08-12 ",
        "2026-02-12",
        "2026-08-13",
        "2025-01-01",
    ],
    "answers": ["", HOME_OF_NOBODY],
    "no_limits": ["", "1", "no"],
    "quiet": ["", "1", "no"],
    "routers": ["", "0", "-1", "1.5", "three", "1001", "10000"],
    "clusters": ["", ",", "a,", ",a", "a,,b", "a, ,b"],
    "cluster_delay": ["", "-1", "1.5s", "25h"],
    "strict_clusters": ["", "yes"],
    "log_groups": ["", ",", "a,,b", "a group", "group*", "ok,é", "a" * 513],
    "strict_log_groups": ["", "0"],
    "access_log_dir": ["", HOME_OF_NOBODY],
    "access_log_size": ["", "-1", "1.5", "many", "10k"],
    "cloudwatch": [
        "",
        "AWS",
        "moto",
        "127.0.0.1:5000",
        "ftp://host",
        "http://",
        "http://u:p@h",
        "http://h:0",
        "http://h/path",
    ],
    "seed": ["", HOME_OF_NOBODY],
    "ready_file": ["", HOME_OF_NOBODY],
    "control_token_file": ["", HOME_OF_NOBODY],
    "log_level": ["", "INFO", "verbose"],
    "log_format": ["", "xml"],
    "well_known_keys": ["", "1", "yes"],
    "allow_well_known_keys_beyond_loopback": ["", "1", "yes"],
}
BAD_KEYS = {
    name: ["", "no key", f"{v2_key('x')} ."] for name in ("owner_key", "operator_key", "viewer_key")
}
LATER_REVISION = "requires --api-revision 2026-08-12 or later"
IN_A_FILE_ALONE = {name: ["nul\0nul"] for name in ("host", "data_dir", "seed", "ready_file")}
"""No argument and no variable can hold a NUL."""


def shown(value: str) -> str:
    return repr(value) if len(value) < 30 else f"{len(value)} characters"


def cases(*tables: dict[str, list[str]]) -> list[object]:
    return [
        pytest.param(name, value, id=f"{name}={shown(value)}")
        for table in tables
        for name, values in table.items()
        for value in values
    ]


def complaint(*sources: Any) -> str:
    """What is said of the flags, the environment and the file."""
    with pytest.raises(ConfigurationError) as caught:
        load(*sources)
    return str(caught.value)


@pytest.mark.parametrize(("name", "value"), cases(BAD_VALUES))
def test_a_bad_value_in_a_flag_is_said_of_the_flag(name: str, value: str) -> None:
    said = complaint({name: value}, {})

    assert said.startswith(f"--{name.replace('_', '-')}: ")


@pytest.mark.parametrize(("name", "value"), cases(BAD_VALUES, BAD_KEYS))
def test_a_bad_value_in_the_environment_is_said_of_the_variable(name: str, value: str) -> None:
    said = complaint({}, {f"MOMENTO_EMULATOR_{name.upper()}": value})

    assert said.startswith(f"MOMENTO_EMULATOR_{name.upper()}: ")
    assert v2_key("x") not in said


@pytest.mark.parametrize(("name", "value"), cases(BAD_VALUES, BAD_KEYS))
def test_a_bad_value_in_a_file_is_said_of_the_file_and_its_key(
    tmp_path: Path, name: str, value: str
) -> None:
    file = tmp_path / "emulator.toml"
    file.write_text(f"{name} = {json.dumps(value)}\n")

    said = complaint({}, {}, file)

    assert said.startswith(f"{file}: {name}: ")
    assert v2_key("x") not in said


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_command_with_a_bad_flag_names_the_flag(run: Run, name: str) -> None:
    flag = f"--{name.replace('_', '-')}"

    run(f"{flag}={BAD_VALUES[name][-1]}").misused(flag)


@pytest.mark.parametrize("name", ["port", "data_dir", "log_format", "viewer_key"])
def test_a_command_with_a_bad_variable_names_the_variable(run: Run, name: str) -> None:
    variable = f"MOMENTO_EMULATOR_{name.upper()}"

    run(env={variable: {**BAD_VALUES, **BAD_KEYS}[name][0]}).misused(variable)


@pytest.mark.parametrize(("name", "value"), cases(IN_A_FILE_ALONE))
def test_a_command_with_a_bad_file_names_the_file(
    run: Run, tmp_path: Path, name: str, value: str
) -> None:
    file = tmp_path / "emulator.toml"
    file.write_text(f"{name} = {json.dumps(value)}\n")

    run("--config", file).misused(str(file), name, "NUL")


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["--port", "x"], ["'x'", "0 to 65535"]),
        (["--max-stores", "-1"], ["'-1' is not a whole number"]),
        (["--max-object-bytes", "8MB"], ["'8MB'", "KiB, MiB or GiB"]),
        (["--fsync", "yes"], ["true or false"]),
        (["--cache", "fakereds"], ["fakeredis, memory", "did you mean fakeredis?"]),
        (["--cache", "valkey://h?x=1"], ["ca=FILE"]),
        (["--cache-clusters", "a=b"], ["the URL of the cluster a", "valkey://"]),
        (["--valkey-timeout", "0"], ["'0' is not a time: give a number of seconds"]),
        (["--storage", "disk"], ["memory, filesystem"]),
        (["--log-level", "verbose"], ["debug, info, warning, error"]),
        (["--api-revision", "2026-08-13"], ["2026-02-05, 2026-08-12, latest"]),
        (["--storage", "filesystem"], ["--storage filesystem: requires --data-dir"]),
        (["--s3-endpoint-url", "host:9000"], ["'host:9000'", "http://127.0.0.1:9000"]),
        (["--s3-timeout", "30S"], ["'30S'", "number of seconds", "2.5", "500ms"]),
        (["--s3-region", "us east"], ["'us east'", "us-east-1"]),
        (["--assume-role", "yes"], ["--assume-role", "true or false"]),
        (["--storage", "s3", "--max-object-bytes", "6GiB"], ["--max-object-bytes", "5GiB"]),
        (["--assume-role"], ["--assume-role: requires --storage s3 or --cloudwatch"]),
        (["--storage", "memory", "--create-buckets"], ["--create-buckets", "--storage s3"]),
        (["--s3-timeout", "5"], ["--s3-timeout", "--storage s3"]),
        (["--s3-region", "eu-west-1"], ["--s3-region", "--storage s3"]),
        (["--s3-path-style", "false"], ["--s3-path-style", "--storage s3"]),
        (["--s3-endpoint-url", "http://h"], ["--s3-endpoint-url", "--storage s3"]),
        (["--port"], ["--port", "it needs a value"]),
        (["--clusters", "a,,b"], ["one of the names is empty", "first,second"]),
        (["--api-revision", "latest", "--cloudwatch", "x"], ["'x'", "or give aws"]),
        (["--strict-clusters"], [f"--strict-clusters: {LATER_REVISION}"]),
        (["--clusters", "a"], [f"--clusters: {LATER_REVISION}"]),
        (["--strict-log-groups"], [f"--strict-log-groups: {LATER_REVISION}"]),
        (["--log-groups", "a"], [f"--log-groups: {LATER_REVISION}"]),
        (["--access-log-dir", "a"], [f"--access-log-dir: {LATER_REVISION}"]),
        (["--cloudwatch", "aws"], [f"--cloudwatch: {LATER_REVISION}"]),
    ],
    ids=" ".join,
)
def test_the_line_says_what_would_be_right(
    run: Run, arguments: list[str], fragments: list[str]
) -> None:
    run(*arguments).misused(*fragments)


@pytest.mark.parametrize(
    "option",
    [
        ["--cache", "valkey://user:s3cret@h:x"],
        ["--cache", "http://user:s3cret@h"],
        ["--cache", "user:s3cret@h"],
        ["--cache-clusters", "a=valkey://user:s3cret@h:x"],
        ["--cache-clusters", "valkey://user:s3cret@h"],
    ],
    ids=" ".join,
)
def test_what_may_be_a_password_is_not_said_again(run: Run, option: list[str]) -> None:
    assert "s3cret" not in run(*option).misused(option[0])


def test_the_first_of_several_mistakes_is_enough(run: Run) -> None:
    run("--port", "x", "--cache", "y", env={"MOMENTO_EMULATOR_FSYNC": "z"}).misused()


def test_a_bad_value_is_no_matter_where_a_better_source_wins(run: Run) -> None:
    """The line is about the flag: what the environment says is not asked."""
    refusal = run("--max-stores", "x", env={"MOMENTO_EMULATOR_MAX_STORES": "y"})

    assert "'y'" not in refusal.misused("--max-stores", "'x'")


def test_a_process_says_the_line_and_ends_with_status_2(emulators: Launcher) -> None:
    emulators.refuse("--port", "x").says("--port", "'x'", "0 to 65535")
