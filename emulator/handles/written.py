"""What a handle gives as text, in a file too where that is wanted."""

from __future__ import annotations

from pathlib import Path


def written(text: str, path: str | Path | None) -> str:
    """``text``, which is written to ``path`` if that is given.

    Raises:
        OSError: the file cannot be written.
    """
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
