"""The words of the command line: what --help tells, and what is said of a word too many."""

from __future__ import annotations

import re
import sys

import pytest

from emulator import __version__
from emulator.config.options import OPTIONS, Option
from tests.support.command_line import Run
from tests.support.environment import PROGRAM
from tests.support.launch import Launcher
from tests.support.launch import run as run_process

FLAGS = [
    "--host",
    "--port",
    "--reuse-port",
    "--tls",
    "--tls-port",
    "--proxy",
    "--host-names",
    "--ca-dir",
    "--tls-certificate",
    "--tls-key",
    "--head-timeout",
    "--body-timeout",
    "--keep-alive-timeout",
    "--stop-timeout",
    "--storage",
    "--account",
    "--valkey-timeout",
    "--data-dir",
    "--fsync",
    "--s3-endpoint-url",
    "--s3-region",
    "--s3-path-style",
    "--s3-timeout",
    "--create-buckets",
    "--assume-role",
    "--cache",
    "--cache-clusters",
    "--cache-max-object-bytes",
    "--max-object-bytes",
    "--upload-memory",
    "--max-stores",
    "--max-custom-roles",
    "--api-revision",
    "--answers",
    "--no-limits",
    "--routers",
    "--clusters",
    "--strict-clusters",
    "--no-fsync",
    "--no-s3-path-style",
    "--no-strict-clusters",
    "--cluster-delay",
    "--log-groups",
    "--strict-log-groups",
    "--no-strict-log-groups",
    "--access-log-dir",
    "--access-log-size",
    "--cloudwatch",
    "--seed",
    "--exit-with-parent",
    "--ready-file",
    "--control-token",
    "--control-token-file",
    "--console",
    "--no-console",
    "--journal-size",
    "--journal-bytes",
    "--quiet",
    "--no-quiet",
    "--log-level",
    "--log-format",
    "--well-known-keys",
    "--no-well-known-keys",
    "--allow-well-known-keys-beyond-loopback",
    "--no-allow-well-known-keys-beyond-loopback",
    "--config",
    "--version",
    "--no-reuse-port",
    "--no-tls",
    "--no-proxy",
    "--no-create-buckets",
    "--no-assume-role",
    "--limits",
    "--no-exit-with-parent",
    "--print-completion",
]


@pytest.fixture
def help_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    return "\n".join(run("--help").lines)


@pytest.mark.parametrize("flag", FLAGS)
def test_help_explains_every_option(help_text: str, flag: str) -> None:
    assert re.search(rf"^  (-\w, )?{flag}( [^ \n]+)?\s{{2,}}[^-\s]", help_text, re.MULTILINE)


def test_help_names_no_option_that_there_is_not(help_text: str) -> None:
    assert set(re.findall(r"--[a-z][a-z0-9-]+", help_text)) == {*FLAGS, "--help"}


def test_help_says_how_to_set_an_option_elsewhere(help_text: str) -> None:
    for words in (
        "MOMENTO_EMULATOR_PORT for --port",
        "TOML",
        "--config",
        "MOMENTO_EMULATOR_OWNER_KEY",
        "MOMENTO_EMULATOR_OPERATOR_KEY",
        "MOMENTO_EMULATOR_VIEWER_KEY",
    ):
        assert words in " ".join(help_text.split())


@pytest.mark.parametrize(
    "words",
    [
        "127.0.0.1",
        "8080",
        "memory|filesystem",
        "fakeredis|memory",
        "8MiB",
        "5GiB",
        "no limit",
        "2026-02-05",
        "2026-08-12",
        "DATE|latest",
        "URL|aws",
        "text|json",
    ],
)
def test_help_tells_defaults_and_choices(help_text: str, words: str) -> None:
    assert words in " ".join(help_text.split())


@pytest.mark.parametrize("flag", ["--fsync", "--create-buckets", "--assume-role"])
def test_what_is_true_or_false_is_true_where_it_stands_alone(run: Run, flag: str) -> None:
    name = flag[2:].replace("-", "_")
    for words, value in (([flag], True), ([flag, "true"], True), ([f"{flag}=false"], False)):
        assert getattr(run(*words, "--storage", "s3").config, name) is value


@pytest.mark.parametrize("flag", ["--no-limits", "--strict-clusters", "--strict-log-groups"])
def test_what_is_true_or_false_of_a_later_revision_is_so_too(run: Run, flag: str) -> None:
    name = flag[2:].replace("-", "_")
    for words, value in (([flag], True), ([flag, "true"], True), ([f"{flag}=false"], False)):
        assert getattr(run(*words, "--api-revision", "latest").config, name) is value


BOOLEANS = [option for option in OPTIONS if option.is_flag]


@pytest.mark.parametrize("option", BOOLEANS, ids=lambda option: option.name)
def test_what_is_true_or_false_has_a_flag_that_says_no(run: Run, option: Option) -> None:
    needed = [] if option.only_with is None else [f"--{option.only_with[0]}", option.only_with[1]]
    flag = "--limits" if option.name == "no_limits" else f"--no-{option.name.replace('_', '-')}"
    assert option.off_flag == flag
    variable = {option.variable: "true"} if option.name not in ("tls", "proxy") else {}
    revision = ["--api-revision", "latest"]
    assert getattr(run(flag, *needed, *revision, env=variable).config, option.name) is False


@pytest.mark.parametrize("words", ["help", "help serve", "help help", "-h"])
def test_help_may_be_asked_for_with_a_word(run: Run, help_text: str, words: str) -> None:
    assert "\n".join(run(*words.split()).lines) == help_text


def test_the_version_has_a_short_flag_too(run: Run) -> None:
    assert run("-V").lines == run("--version").lines == [f"{PROGRAM} {__version__}"]


def test_the_command_may_be_said_before_help(run: Run, help_text: str) -> None:
    assert "\n".join(run("serve", "--help").lines) == help_text


def test_the_help_of_a_process_is_the_same_and_its_status_is_0(help_text: str) -> None:
    ended = run_process(sys.executable, "-m", "emulator", "--help", env={"COLUMNS": "80"})

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{help_text}\n", "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--prot", "--port"),
        ("--data_dir", "--data-dir"),
        ("--datadir", "--data-dir"),
        ("--sed", "--seed"),
        ("--log-levels", "--log-level"),
        ("--cache-max-object-size", "--cache-max-object-bytes"),
        ("--Port", "--port"),
    ],
)
def test_an_option_that_is_nearly_one_is_suggested(run: Run, typed: str, meant: str) -> None:
    refusal = run("serve", typed, "1")

    refusal.misused("unknown option", f"{typed}:", f"did you mean {meant}?")


@pytest.mark.parametrize("words", ["--prot=1", "--prot 1", "--prot", "serve --prot=1"])
def test_an_option_is_suggested_in_every_spelling(run: Run, words: str) -> None:
    run(*words.split()).misused("unknown option --prot: did you mean --port?")


@pytest.mark.parametrize("typed", ["--xyzzy", "-p", "--po", "--p=1"])
def test_an_option_like_no_other_leads_to_help(run: Run, typed: str) -> None:
    refusal = run(typed)

    refusal.misused("unknown option", typed.partition("=")[0], "--help")


@pytest.mark.parametrize("typed", ["--owner-key=abcdef", "--operator-key abcdef"])
def test_a_key_is_no_option_and_is_not_repeated(run: Run, typed: str) -> None:
    line = run(*typed.split()).misused("unknown option")

    assert "abcdef" not in line


@pytest.mark.parametrize("words", ["run", "server --port 0", "Serve"])
def test_an_unknown_command_is_told_the_known_one(run: Run, words: str) -> None:
    command = words.split()[0]

    run(*words.split()).misused(f"unknown command '{command}'", "serve", "--help")


@pytest.mark.parametrize("words", ["serve now", "--port 0 now", "serve --port 0 now"])
def test_a_word_too_many_is_not_called_an_option(run: Run, words: str) -> None:
    line = run(*words.split()).misused("now", "--help")

    assert "unknown option" not in line


def test_the_command_after_its_options_is_told_where_it_belongs(run: Run) -> None:
    line = run("--port", "0", "serve").misused("serve")

    assert "unknown option" not in line


def test_a_process_says_the_line_and_ends_with_status_2(emulators: Launcher) -> None:
    emulators.refuse("--prot", "1").says("unknown option --prot: did you mean --port?")


def test_an_unknown_variable_is_a_warning_and_no_reason_to_stop(emulators: Launcher) -> None:
    running = emulators.start(env={"MOMENTO_EMULATOR_PROT": "secret"})

    log = running.stop()

    (warning,) = [line for line in log.splitlines() if "MOMENTO_EMULATOR_PROT" in line]
    assert "WARNING" in warning
    assert "did you mean MOMENTO_EMULATOR_PORT?" in warning
    assert "secret" not in log
