"""Whole files of the repository as blocks of a page: the pages alone are enough to copy them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.environment import ROOT

LANGUAGES: Mapping[str, str] = {
    ".go": "go",
    ".hcl": "hcl",
    ".java": "java",
    ".ini": "ini",
    ".js": "js",
    ".json": "json",
    ".py": "python",
    ".sh": "sh",
    ".tf": "hcl",
    ".xml": "xml",
    ".yaml": "yaml",
}
"""The word behind the fence of a block, by the end of the file's name."""


def shown_files(paths: Sequence[str]) -> Iterator[str]:
    """The lines of a block for each of these files, under its path in the repository."""
    for path in paths:
        text = (ROOT / path).read_text(encoding="utf-8")
        yield ""
        yield f"`{path}`"
        yield ""
        yield f"```{LANGUAGES[Path(path).suffix]}"
        yield from text.rstrip("\n").split("\n")
        yield "```"
    yield ""
