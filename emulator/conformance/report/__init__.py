"""Reports of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(report: Mapping[str, Any], path: str) -> None:
    """Write a report as JSON."""
    Path(path).write_text(json.dumps(report, indent=2))


def summary(report: Mapping[str, Any]) -> str:
    """Return the summary of a report for a terminal."""
    return json.dumps(report["score"], indent=1)


def require_known(path: str) -> None:
    """Raises ValueError where the suffix says no format."""
    if not path.endswith(".json"):
        raise ValueError(f"--report: {path}")
