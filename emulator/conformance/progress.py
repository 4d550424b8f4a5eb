"""The file in which a run is kept while it goes on, so that it can be taken up again.

It has no key: what a run needs to delete it finds with the key of the next one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from emulator.core.files import replacing

from .ledger import Made
from .outcome import Findings

FORMAT = "momento-objectstore-conformance-run"
VERSION = 1


class Kept(NamedTuple):
    """A run that was stopped, or that goes on now."""

    endpoint: str
    revision: str
    run: str
    started_at: str
    findings: Findings
    made: list[Made]
    process: int = 0
    """The id of the process in which it goes on; 0 for a run that was stopped."""


def read(path: Path) -> Kept | None:
    """Return the run that the file keeps; None where there is no file.

    Raises:
        ValueError: the file is something else, which a run must not replace.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} keeps no run: {error}") from None
    try:
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{path} keeps no run of this release")
        return Kept(
            document["endpoint"],
            document["revision"],
            document["run"],
            document["started_at"],
            Findings.from_document(document["findings"]),
            [Made(*entry) for entry in document["made"]],
            document["process"],
        )
    except (KeyError, TypeError):
        raise ValueError(f"{path} keeps no run") from None


def write(path: Path, kept: Kept) -> None:
    """Write the file, whole or not at all."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        **kept._asdict(),
        "findings": kept.findings.document(),
    }
    with replacing(path) as new:
        new.write(json.dumps(document).encode())


def forget(path: Path) -> None:
    """Remove the file of a run that is complete."""
    path.unlink(missing_ok=True)
