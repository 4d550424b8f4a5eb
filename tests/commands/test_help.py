"""What ``--help`` tells of the commands."""

from __future__ import annotations

import re

import pytest

from emulator.commands import COMMANDS, LONE_COMMANDS
from tests.support.command_line import Run

EVERY_COMMAND = [(group, name) for group, names in COMMANDS.items() for name in names]

WITH_API_KEY = ("keys", "roles", "tokens")
"""The groups of commands that act for the holder of a key."""


@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_the_program_and_the_group_list_every_command(run: Run, group: str, name: str) -> None:
    of_program = "\n".join(run("--help").lines)
    of_group = "\n".join(run(group, "--help").lines)

    assert re.search(rf"^  {group} {name} +\w", of_program, re.MULTILINE)
    assert re.search(rf"^  {name} +\w", of_group, re.MULTILINE)
    assert re.search(r"^  serve +\w", of_program, re.MULTILINE)


EVERYTHING = ["", *LONE_COMMANDS, *COMMANDS, *(" ".join(words) for words in EVERY_COMMAND)]


@pytest.mark.parametrize("words", EVERYTHING)
def test_help_fits_on_a_terminal_of_80_columns(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert [line for line in run("help", *words.split()).lines if len(line) > 80] == []


@pytest.mark.parametrize("words", EVERYTHING[1:])
def test_help_of_a_command_is_what_the_command_says_of_itself(run: Run, words: str) -> None:
    assert run("help", *words.split()).lines == run(*words.split(), "--help").lines


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("key", ["unknown command 'key'", "did you mean keys?"]),
        ("keys add", ["unknown command 'keys add'", "did you mean keys create?"]),
        ("env x", ["env has no command 'x'", "env --help"]),
        ("serve x", ["serve has no command 'x'", "serve --help"]),
    ],
)
def test_help_of_what_there_is_not_says_what_there_is(
    run: Run, words: str, fragments: list[str]
) -> None:
    run("help", *words.split()).misused(*fragments)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_every_command_explains_itself(run: Run, group: str, name: str, flag: str) -> None:
    text = "\n".join(run(group, name, flag).lines)

    assert text.startswith(f"usage: python -m emulator {group} {name} ")
    assert f"\n  python -m emulator {group} {name}" in text
    variable = "MOMENTO_API_KEY" if group in WITH_API_KEY else "MOMENTO_EMULATOR_CONTROL_TOKEN"
    for words in ("example:", "--endpoint URL", "--json", "--quiet", variable, "exit status"):
        assert words in text


@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_no_command_takes_a_key_where_others_could_read_it(run: Run, group: str, name: str) -> None:
    assert "--api-key" not in "\n".join(run(group, name, "--help").lines)
