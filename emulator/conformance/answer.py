"""An answer of the endpoint, as it was on the wire."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Status, header fields in their order, and body."""

    status: int
    fields: tuple[tuple[str, str], ...]
    """Names in the spelling of the endpoint; values as Latin-1."""
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of the header ``name``, compared without case."""
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the first value of the header ``name`` as UTF-8, or None."""
        value = next(iter(self.all(name)), None)
        return None if value is None else value.encode("latin-1").decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            AssertionError: it is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise AssertionError(f"the body is not JSON: {self.body[:200]!r}") from None

    @property
    def is_success(self) -> bool:
        """Whether the status is of the class 2xx."""
        return 200 <= self.status < 300

    @property
    def briefly(self) -> str:
        """The status and the beginning of the body, for messages."""
        return f"{self.status} {self.body[:200]!r}"

    @property
    def message(self) -> str:
        """``message`` of an error's document; empty if there is none."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        return str(document.get("message", "")) if isinstance(document, dict) else ""

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()
