"""Write a report to a file, in the form that the file's name asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from emulator.core.files import check_writable, explain, replacing

from . import badge, html, junit, markdown
from .words import Report


def _as_json(report: Report) -> str:
    return f"{json.dumps(report, indent=2)}\n"


_FORMS: dict[str, Callable[[Report], str]] = {
    "html": html.page,
    "json": _as_json,
    "md": markdown.comment,
    "junit": junit.document,
    "xml": junit.document,
    "svg": badge.badge,
}
"""By suffix; a suffix alone names the file ``report.SUFFIX``."""


def require_known(path: str) -> None:
    """Check before a run that ``write`` will be able to write there.

    Raises:
        ValueError: the suffix is none of those known, or nothing can be written into the folder.
    """
    file, _ = _target(path)
    if file.is_dir():
        raise ValueError(f"{path!r} is a folder: name a file in it, as {file / 'report.html'}")
    try:
        check_writable(file.parent)
    except OSError as error:
        raise ValueError(f"{path!r}: {explain(error, file.parent)}") from None


def write(report: Report, path: str) -> Path:
    """Write a report; an old file is replaced once the new one is whole. Returns its path.

    Raises:
        ValueError: the suffix is none of those known.
        OSError: the file cannot be written.
    """
    file, form = _target(path)
    content = form(report).encode()
    with replacing(file.resolve()) as new:
        new.write(content)
    return file


def _target(path: str) -> tuple[Path, Callable[[Report], str]]:
    file = Path(f"report.{path}" if path in _FORMS else path)
    form = _FORMS.get(file.suffix[1:].lower())
    if form is None:
        known = ", ".join(f".{suffix}" for suffix in _FORMS)
        raise ValueError(f"{path!r} has none of the suffixes of reports: {known}")
    return file, form
