"""What ``--help`` tells of the commands."""

from __future__ import annotations

import re

import pytest

from emulator.commands import COMMANDS
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


def test_the_lists_of_commands_fit_on_a_terminal(run: Run) -> None:
    of_program = "\n".join(run("--help").lines)
    lists = [of_program[: of_program.index("The options below")].partition("commands:")[2]]
    lists += ["\n".join(run(group, "--help").lines) for group in COMMANDS]

    assert [line for text in lists for line in text.splitlines() if len(line) > 90] == []


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_every_command_explains_itself(run: Run, group: str, name: str, flag: str) -> None:
    text = "\n".join(run(group, name, flag).lines)

    assert text.startswith(f"usage: python -m emulator {group} {name} ")
    assert f"\n  python -m emulator {group} {name}" in text
    variable = "MOMENTO_API_KEY" if group in WITH_API_KEY else "MOMENTO_EMULATOR_CONTROL_TOKEN"
    for words in ("example:", "--endpoint URL", "--json", variable, "exit status"):
        assert words in text


@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_no_command_takes_a_key_where_others_could_read_it(run: Run, group: str, name: str) -> None:
    assert "--api-key" not in "\n".join(run(group, name, "--help").lines)
