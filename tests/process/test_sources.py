"""Every option does the same as a flag, as a variable and as a key of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.client import ROLE_ARN
from tests.support.keys import v2_key
from tests.support.launch import Launcher

KEYS = {f"{role}_key": v2_key(role) for role in ("owner", "operator", "viewer")}


@pytest.fixture
def options(tmp_path: Path, port: int) -> dict[str, str]:
    """A value that shows for every option that has a flag."""
    seed = tmp_path / "seed.yaml"
    store = {
        "name": "seeded",
        "storage_config": {"s3": {"bucket_name": "b", "iam_role_arn": ROLE_ARN}},
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
    }
    seed.write_text(json.dumps({"stores": [store]}))
    return {
        "host": "localhost",
        "port": str(port),
        "storage": "memory",
        "data_dir": str(tmp_path / "data"),
        "fsync": "false",
        "cache": "memory",
        "cache_max_object_bytes": "1KiB",
        "max_object_bytes": "2 KiB",
        "max_stores": "2",
        "api_revision": "2026-02-05",
        "seed": str(seed),
        "ready_file": str(tmp_path / "ready.json"),
        "log_level": "debug",
        "log_format": "json",
    }


def as_flags(options: Mapping[str, str], _tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return ["serve", *words], as_variables(KEYS, _tmp_path)[1]


def as_variables(options: Mapping[str, str], _tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    return [], {f"MOMENTO_EMULATOR_{name.upper()}": value for name, value in options.items()}


def as_a_file(options: Mapping[str, str], tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    file = tmp_path / "emulator.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in options.items()]
    file.write_text("\n".join(lines))
    return ["--config", str(file)], {}


def as_a_file_of_numbers(
    options: Mapping[str, str], tmp_path: Path
) -> tuple[list[str], dict[str, str]]:
    """TOML has numbers and booleans of its own, keys may have dashes, and a variable names it."""
    file = tmp_path / "emulator.toml"
    lines = []
    for name, value in options.items():
        bare = value.isdecimal() or value in ("true", "false")
        lines.append(f"{name.replace('_', '-')} = {value if bare else json.dumps(value)}")
    file.write_text("\n".join(lines))
    return [], {"MOMENTO_EMULATOR_CONFIG": str(file)}


@pytest.mark.parametrize("source", [as_flags, as_variables, as_a_file, as_a_file_of_numbers])
def test_every_option_has_its_effect(
    emulators: Launcher, tmp_path: Path, options: dict[str, str], source: object
) -> None:
    given = options if source is as_flags else {**options, **KEYS}
    assert callable(source)
    words, env = source(given, tmp_path)

    running = emulators.start(*words, env=env, ready_file=Path(options["ready_file"]))

    assert running.facts["port"] == int(options["port"])
    assert running.facts["api_revision"] == "2026-02-05"
    assert {f"{role}_key": key for role, key in running.keys.items()} == KEYS
    owner = running.client()
    health = owner.call("GET", "/_emulator/health").json()
    assert (health["storage"]["engine"], health["cache"]["engine"]) == ("memory", "memory")
    assert owner.store_names() == ["seeded"]
    assert [owner.create_store(name).status for name in ("one", "two")] == [201, 429]
    for size, status in ((1024, 204), (1025, 204), (2048, 204), (2049, 400)):
        assert owner.put("one", f"of-{size}", b"x" * size).status == status
    owner.get("one", "of-1024")
    owner.get("one", "of-1025")
    log = running.stop()
    messages = [json.loads(line)["message"] for line in log.splitlines()]
    gets = [message.split() for message in messages if message.startswith("GetObject")]
    assert ["cache_hit" in gets[0], "storage_hit" in gets[1]] == [True, True]
    assert (tmp_path / "data" / "account.json").is_file()
