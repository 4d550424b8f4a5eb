"""Match and fill path templates, as in ``/_emulator/faults/{id}``.

Only a part whose name ends in ``*`` may contain slashes. Parts stay percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PART = re.compile(r"{(\w+)(\*?)}")


class PathTemplates:
    """Finds the template that a path matches."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._without_parts: set[str] = set()
        self._with_parts: dict[str, re.Pattern[str]] = {}
        for template in templates:
            if "{" in template:
                self._with_parts[template] = _pattern(template)
            else:
                self._without_parts.add(template)

    def match(self, path: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the template and the parts in order; None if no template matches."""
        if path in self._without_parts:
            return path, ()
        for template, pattern in self._with_parts.items():
            found = pattern.fullmatch(path)
            if found is not None:
                return template, found.groups()
        return None


def fill(template: str, parts: Mapping[str, str]) -> str:
    """Return the path with these parts, which must be percent-encoded."""
    return _PART.sub(lambda part: parts[part[1]], template)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda part: "(.*)" if part[2] else "([^/]*)", template), re.DOTALL)
