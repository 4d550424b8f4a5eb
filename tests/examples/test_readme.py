"""The README: what it shows is what happens, and it stays short."""

from __future__ import annotations

import re
from pathlib import Path

from emulator import Emulator
from tests.support.environment import ROOT
from tests.support.launch import Launcher
from tests.support.nested_pytest import run as run_pytest
from tests.support.nested_pytest import without_others

from .blocks import blocks, script
from .commands import needs_curl_and_bash, run_script

PAGE = "README.md"
MOST_LINES = 140

_CHANGES = re.compile(r":\d{4,5}\b|eyJ\S+")
"""The ports and the keys in a banner, which are others at each start."""


@needs_curl_and_bash
def test_the_commands_do_what_the_readme_says(tmp_path: Path) -> None:
    with Emulator(cache="memory") as emulator:
        done = run_script(emulator, tmp_path, script(PAGE))

    assert done.returncode == 0, done.stderr
    assert "200 OK" in done.stdout
    assert "Hello" in done.stdout
    assert done.stdout.endswith('{"object_stores": []}')


def test_the_test_passes(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "python")
    assert block.name is not None
    (tmp_path / block.name).write_text(block.text, encoding="utf-8")

    run_pytest(tmp_path, *without_others()).passed(block.name.removesuffix(".py"), tests=2)


def test_the_emulator_says_at_its_start_what_the_readme_shows(from_scratch: Launcher) -> None:
    (shown,) = [each.text for each in blocks(PAGE, "console") if "Ctrl-C" in each.text]
    said = from_scratch.start("--cache", "fakeredis").wait_for_banner()

    command, _, banner = shown.partition("\n")
    assert command.startswith("$ ")
    assert _CHANGES.sub("", said.strip()) == _CHANGES.sub("", banner.strip())


def test_the_readme_is_short() -> None:
    assert len((ROOT / PAGE).read_text(encoding="utf-8").splitlines()) <= MOST_LINES
