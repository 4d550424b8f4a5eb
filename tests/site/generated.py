"""Writes the generated parts of the documentation: ``python -m tests.site.generated``.

A part stands between two comments, so that everything around it is written by hand:

    <!-- options: port host -->
    | option | ...
    <!-- end of options -->

The first one names the kind of the part, and what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.site.control_table import operations_of_group
from tests.site.options_table import options_table
from tests.site.shown_files import shown_files
from tests.support.environment import ROOT

DOCS = ROOT / "docs"

WRITERS: Mapping[str, Callable[[Sequence[str]], Iterator[str]]] = {
    "options": options_table,
    "control": operations_of_group,
    "files": shown_files,
}
"""What writes the lines of a part, by its kind, given the words behind the kind."""

_PART = re.compile(
    rf"^<!-- (?P<kind>{'|'.join(WRITERS)}): (?P<words>[^>]+?) -->\n.*?^<!-- end of (?P=kind) -->$",
    re.MULTILINE | re.DOTALL,
)


def parts(kind: str, text: str) -> list[list[str]]:
    """The words of each part of this kind in a page, in their order."""
    return [found["words"].split() for found in _PART.finditer(text) if found["kind"] == kind]


def written(text: str) -> str:
    """The page, with all of its parts as they are to be."""
    return _PART.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    lines = "\n".join(WRITERS[found["kind"]](found["words"].split()))
    head, _, _ = found[0].partition("\n")
    return f"{head}\n{lines}\n<!-- end of {found['kind']} -->"


def pages() -> Iterator[tuple[Path, str, str]]:
    """Each page that has generated parts, as it is and as it is to be."""
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if _PART.search(text):
            yield path, text, written(text)


def main() -> None:
    for path, text, new in pages():
        if text != new:
            path.write_text(new, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
