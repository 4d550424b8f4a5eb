"""The page that one starts with: its commands and programs work in the order of the page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.environment import ROOT

from .blocks import blocks, script
from .commands import needs_curl_and_bash, needs_node, run_as_owner, run_script

PAGE = "docs/index.md"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(cache="memory") as running:
        yield running


@pytest.fixture
def with_a_greeting(emulator: Emulator) -> Emulator:
    """An emulator that has what the programs of the page read."""
    emulator.stores.create("playground")
    emulator.tiers.put("playground", "greeting.txt", b"Hello")
    return emulator


@needs_curl_and_bash
def test_the_commands_do_what_the_page_says(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")

    done = run_script(emulator, tmp_path, script(PAGE))

    assert done.returncode == 0, done.stderr
    assert "201 Created" not in done.stdout  # The first request is without -i.
    assert "204 No Content" in done.stdout
    assert "Hello" in done.stdout
    assert "#EXTM3U" in done.stdout
    assert "my front end" in done.stdout
    assert '{"object_stores": []}' in done.stdout


def test_the_program_in_python_reads_the_greeting(
    with_a_greeting: Emulator, tmp_path: Path
) -> None:
    assert _output(with_a_greeting, tmp_path, "python", sys.executable) == "b'Hello'\n"


@needs_node
def test_the_program_in_node_reads_the_greeting(with_a_greeting: Emulator, tmp_path: Path) -> None:
    assert _output(with_a_greeting, tmp_path, "js", "node") == "200 Hello\n"


def _output(emulator: Emulator, directory: Path, language: str, *command: str) -> str:
    """What the only program of the page in this language prints."""
    (block,) = blocks(PAGE, language)
    assert block.name is not None
    (directory / block.name).write_text(block.text, encoding="utf-8")
    done = run_as_owner(emulator, directory, *command, block.name)
    assert done.returncode == 0, done.stderr
    return done.stdout
