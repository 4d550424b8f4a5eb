"""Documents whose statements are held against an endpoint, with their headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .statement import BOTH, Statement


class Document(NamedTuple):
    """One document, with its headings in order.

    A heading of a part of a call is written ``Call: Part``; what is in parentheses is left out.
    """

    short_name: str
    """What the ids of its statements begin with."""
    title: str
    headings: tuple[str, ...]
    revisions: tuple[str, ...] = BOTH

    def states(
        self,
        heading: str,
        texts: Mapping[str, str],
        *,
        revisions: tuple[str, ...] = (),
        not_shown: str = "",
    ) -> tuple[Statement, ...]:
        """Statements under ``heading``, by id; those of a call share revisions and reason.

        Raises:
            ValueError: the document has no such heading.
        """
        if heading not in self.headings:
            raise ValueError(f"{self.title} has no heading {heading!r}")
        source = f"{self.title}, {heading}"
        return tuple(
            Statement(id_, text, source, revisions or self.revisions, not_shown)
            for id_, text in texts.items()
        )
