"""Paths with named parts, as in ``/_emulator/faults/{id}``: matched and filled in.

A part has no slash, but for one whose name ends in ``*``. Parts stay percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PART = re.compile(r"{(\w+)(\*?)}")


class PathTemplates:
    """Finds which of some templates a path is made from."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._without_parts: set[str] = set()
        self._with_parts: dict[str, re.Pattern[str]] = {}
        for template in templates:
            if "{" in template:
                self._with_parts[template] = _pattern(template)
            else:
                self._without_parts.add(template)

    def match(self, path: str) -> tuple[str, tuple[str, ...]] | None:
        """The template and the parts in their order; None where no template fits."""
        if path in self._without_parts:
            return path, ()
        for template, pattern in self._with_parts.items():
            found = pattern.fullmatch(path)
            if found is not None:
                return template, found.groups()
        return None


def fill(template: str, parts: Mapping[str, str]) -> str:
    """The path with these parts, which are percent-encoded already."""
    return _PART.sub(lambda part: parts[part[1]], template)


def part_names(template: str) -> list[str]:
    """The names of the parts, in their order."""
    return [name for name, _ in _PART.findall(template)]


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda part: "(.*)" if part[2] else "([^/]*)", template), re.DOTALL)
