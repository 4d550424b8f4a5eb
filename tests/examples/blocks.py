"""Blocks of code in the README and the pages of the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.support.environment import ROOT

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"(?:#|//) (\S+)\n")


class Block(NamedTuple):
    """A block of a page."""

    page: str
    """The path of the page in the repository."""
    line: int
    language: str
    """The word behind the fence; may be empty."""
    text: str

    @property
    def name(self) -> str | None:
        """What the first line of the block names, mostly a file, as in ``# test_expiry.py``."""
        found = _NAME.match(self.text)
        return found and found[1]


def pages() -> list[str]:
    """The README and every page of the documentation, by their paths in the repository."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [path.relative_to(ROOT).as_posix() for path in found]


def blocks(page: str, *languages: str) -> list[Block]:
    """The blocks of the page that are in one of these languages or, without any, all."""
    text = Path(ROOT / page).read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found["language"], found["text"])
        for found in _BLOCK.finditer(text)
        if not languages or found["language"] in languages
    ]


def named(page: str) -> dict[str, str]:
    """The blocks of the page that have a name, without the line that names them."""
    return {
        block.name: block.text.partition("\n")[2]
        for block in blocks(page)
        if block.name is not None
    }


def script(page: str) -> str:
    """All blocks of the page for a shell, one after another."""
    return "\n".join(block.text for block in blocks(page, "sh"))
