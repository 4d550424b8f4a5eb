"""A hint, as calls of the journal carry it."""

from __future__ import annotations

from typing import NamedTuple

PAGE = (
    "https://github.com/momento-objectstore-emulator/momento-objectstore-emulator"
    "/blob/main/docs/hints.md"
)
"""The page that describes every hint under its id."""


class Hint(NamedTuple):
    """What a request leans on: an id such as ``range-ignored``, and one sentence."""

    id: str
    text: str

    @property
    def link(self) -> str:
        """Where the documentation describes it."""
        return f"{PAGE}#{self.id}"

    def document(self) -> dict[str, str]:
        """Return the hint as JSON values."""
        return {"id": self.id, "text": self.text, "link": self.link}
