"""The decisions of ``docs/fidelity.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
_ROW = re.compile(r"\| (D[0-9]+) \| (.*) \| (\w+) \|")


class Decision(NamedTuple):
    """A row of the table: what is decided, and of which kind the decision is."""

    text: str
    kind: str


@cache
def decisions() -> Mapping[str, Decision]:
    """Every decision by its id."""
    section = PAGE.read_text(encoding="utf-8").partition("## Decisions")[2].partition("\n## ")[0]
    rows = map(_ROW.fullmatch, section.splitlines())
    return {row[1]: Decision(row[2], row[3]) for row in rows if row is not None}
