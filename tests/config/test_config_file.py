"""The TOML file: what it may hold, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.config.sources import load
from tests.support.command_line import Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "emulator.toml"


def test_numbers_booleans_and_texts_may_be_written_as_toml_does(file: Path) -> None:
    file.write_text('port = 9_000\nfsync = false\ncache-max-object-bytes = "1KiB"\nmax_stores=0x10')

    config = load({}, {}, file)

    assert (config.port, config.fsync) == (9000, False)
    assert (config.cache_max_object_bytes, config.max_stores) == (1024, 16)


def test_an_empty_file_changes_nothing(file: Path) -> None:
    file.write_text("# nothing\n")

    assert load({}, {}, file) == load({}, {})


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        pytest.param(b"port = = 1", ["line 1"], id="not TOML"),
        pytest.param(b"\xff\xfe", [], id="not UTF-8"),
        pytest.param(b"[" * 100_000, [], id="brackets without end"),
        pytest.param(b"a = " + b"[" * 100_000, [], id="arrays without end"),
        pytest.param(b"prot = 1", ["'prot'", "did you mean port?"], id="an unknown key"),
        pytest.param(b"xyzzy = 1", ["'xyzzy'"], id="a key like no option"),
        pytest.param(b"config = 'other.toml'", ["'config'"], id="another file"),
        pytest.param(b"[server]\nport = 1", ["'server'"], id="a table"),
        pytest.param(b"max_stores = 1.5", ["max_stores"], id="a fraction"),
        pytest.param(b"port = [1]", ["port"], id="a list"),
        pytest.param(b"seed = 2026-02-05", ["seed"], id="a date"),
        pytest.param(b"max_stores = true", ["max_stores"], id="a boolean for a number"),
        pytest.param(b"port = 1\nport = 2", [], id="a key twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    run: Run, file: Path, content: bytes, fragments: list[str]
) -> None:
    file.write_bytes(content)

    run("--port", "0", "--config", file).misused(str(file), *fragments)


def test_a_file_that_is_not_there_is_named_with_its_flag(run: Run, file: Path) -> None:
    run("--port", "0", "--config", file).misused("--config", str(file), "No such file")


def test_a_directory_is_no_file(run: Run, tmp_path: Path) -> None:
    run("--port", "0", "--config", tmp_path).misused("--config", str(tmp_path))


def test_a_file_that_is_not_there_is_named_with_its_variable(run: Run, file: Path) -> None:
    env = {"MOMENTO_EMULATOR_CONFIG": str(file)}

    run("--port", "0", env=env).misused("MOMENTO_EMULATOR_CONFIG", str(file))


@pytest.mark.parametrize("name", ["--config", "MOMENTO_EMULATOR_CONFIG"])
def test_an_empty_name_is_a_mistake_as_for_every_option(run: Run, name: str) -> None:
    if name.startswith("--"):
        refusal = run("--port", "0", f"{name}=")
    else:
        refusal = run("--port", "0", env={name: ""})

    refusal.misused(name)


def test_the_flag_wins_over_the_variable(run: Run, file: Path, tmp_path: Path) -> None:
    file.write_text("prot = 1")
    env = {"MOMENTO_EMULATOR_CONFIG": str(tmp_path / "other.toml")}

    run("--port", "0", "--config", file, env=env).misused("'prot'")
