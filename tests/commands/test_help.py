"""What ``--help`` tells of the commands."""

from __future__ import annotations

import re

import pytest

from emulator.commands import COMMANDS

from .conftest import Run

EVERY_COMMAND = [(group, name) for group, names in COMMANDS.items() for name in names]


@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_the_program_and_the_group_list_every_command(run: Run, group: str, name: str) -> None:
    of_program = "\n".join(run("--help").lines)
    of_group = "\n".join(run(group, "--help").lines)

    assert re.search(rf"^  {group} {name} +\w", of_program, re.MULTILINE)
    assert re.search(rf"^  {name} +\w", of_group, re.MULTILINE)
    assert re.search(r"^  serve +\w", of_program, re.MULTILINE)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_every_command_explains_itself(run: Run, group: str, name: str, flag: str) -> None:
    text = "\n".join(run(group, name, flag).lines)

    assert text.startswith(f"usage: python -m emulator {group} {name} ")
    assert f"\n  python -m emulator {group} {name}" in text
    variable = "MOMENTO_EMULATOR_CONTROL_TOKEN" if group == "clock" else "MOMENTO_API_KEY"
    for words in ("example:", "--endpoint URL", "--json", variable, "exit status"):
        assert words in text


@pytest.mark.parametrize(("group", "name"), EVERY_COMMAND)
def test_no_command_takes_a_key_where_others_could_read_it(run: Run, group: str, name: str) -> None:
    assert "--api-key" not in "\n".join(run(group, name, "--help").lines)
