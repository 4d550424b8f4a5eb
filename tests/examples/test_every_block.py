"""Every block for a shell, Python or Node is run by a test, and every command in any is one that
exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

import pytest

from emulator.cli import _parser
from emulator.commands import COMMANDS, LONE_COMMANDS
from emulator.commands.tree import find
from tests.support.environment import PROGRAM, ROOT

from .blocks import Block, blocks, pages

PROGRAMS = ("sh", "bash", "python", "js")
"""The languages of blocks that a reader may run. ``console`` shows a session."""

RUN_BY: Mapping[tuple[str, str], str] = {
    ("README.md", "python"): "test_readme.py",
    ("README.md", "sh"): "test_readme.py",
    ("docs/clients.md", "python"): "test_clients_page.py",
    ("docs/credentials.md", "sh"): "test_credentials_page.py",
    ("docs/hints.md", "python"): "../hints/test_page.py",
    ("docs/index.md", "js"): "test_start_page.py",
    ("docs/index.md", "python"): "test_start_page.py",
    ("docs/index.md", "sh"): "test_start_page.py",
    ("docs/media.md", "python"): "test_media_page.py",
    ("docs/media.md", "sh"): "test_media_page.py",
    ("docs/revisions.md", "python"): "test_revisions_page.py",
    ("docs/testing.md", "js"): "test_testing_page.py",
    ("docs/testing.md", "python"): "test_testing_page.py",
    ("docs/testing.md", "sh"): "test_testing_page.py",
}
"""The test that runs all blocks of a page in a language."""

WHOLE_FILES: Mapping[tuple[str, str], str] = {
    ("docs/projects.md", language): "files of fixtures/clients, which tests/clients runs"
    for language in ("js", "python", "sh")
}

NOT_RUN: Mapping[tuple[str, str], str] = {
    ("docs/clients.md", "js"): "parts of programs; tests/clients runs use-proxy.cjs and the SDK",
    ("docs/conformance.md", "python"): "a case as it stands in emulator/conformance/cases",
    ("docs/deployment.md", "sh"): "emulators that do not end, over engines with invented addresses",
    **WHOLE_FILES,
    ("docs/revisions.md", "sh"): "emulators that do not end, one over an invented CloudWatch",
    ("docs/testing-the-emulator.md", "python"): "a test of the console, as in tests/console",
}
"""Blocks that only the tests of this module look at, and why."""

COMPARE = ["conformance", "compare"]
"""It takes two files, by a parser that is made where it is run."""

_SIGNS = frozenset("();<>|&")

_CALL = re.compile(
    rf"(?:^|[\s(])(?:python -m emulator|{PROGRAM})(?=\s|$)(?P<words>[^\n]*)", re.MULTILINE
)


def every_block() -> list[Block]:
    return [block for page in pages() for block in blocks(page)]


def place(block: Block) -> str:
    return f"{block.page}:{block.line}"


def test_every_block_that_can_be_run_is_run_or_has_a_reason() -> None:
    found = {(each.page, each.language) for each in every_block() if each.language in PROGRAMS}
    assert found == {*RUN_BY, *NOT_RUN}


@pytest.mark.parametrize(("page", "test"), sorted({(p, test) for (p, _), test in RUN_BY.items()}))
def test_the_test_that_runs_a_page_reads_it(page: str, test: str) -> None:
    source = (ROOT / "tests" / "examples" / test).read_text(encoding="utf-8")
    assert f'"{page.rpartition("/")[2]}"' in source or f'"{page}"' in source


@pytest.mark.parametrize(
    "block", [each for each in every_block() if each.language == "python"], ids=place
)
def test_every_block_in_python_can_be_compiled(block: Block) -> None:
    compile(block.text, place(block), "exec")


def commands(block: Block) -> Iterator[list[str]]:
    """The words behind the program's name in each command of the block that calls the emulator."""
    for found in _CALL.finditer(block.text.replace("\\\n", " ")):
        yield [*_words(found["words"])]


def _words(text: str) -> Iterator[str]:
    """The words of a command until a pipe, a bracket or ``--``, behind which is another command."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for word in lexer:
        if set(word) <= _SIGNS or word == "--":
            return
        yield word


EVERY_COMMAND = [
    pytest.param(words, id=f"{place(block)} {' '.join(words[:2])}")
    for block in every_block()
    if block.language not in ("python", "js", "yaml")
    and (block.page, block.language) not in WHOLE_FILES
    for words in commands(block)
]


@pytest.mark.parametrize("words", EVERY_COMMAND)
def test_every_command_is_one_that_the_emulator_takes(words: Sequence[str]) -> None:
    if words[:2] == COMPARE:
        _, _, _, _ = words
        return
    is_group = bool(words) and words[0] in COMMANDS
    named = 2 if is_group else int(bool(words) and words[0] in LONE_COMMANDS)
    parser = find(words[:named], ()) if named else _parser()
    parser.parse_args(words[named:])


def test_commands_are_found() -> None:
    assert len(EVERY_COMMAND) > 40
