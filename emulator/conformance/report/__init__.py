"""Reports of a run: a page, a comment, a document for CI, a badge, a summary."""

from __future__ import annotations

from .text import summary
from .writing import require_known, write

__all__ = ["require_known", "summary", "write"]
