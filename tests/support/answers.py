"""Emulators with the answers of an endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emulator import Emulator
from emulator.core.answers import Answer
from emulator.core.answers_file import document

from .emulators import Start


def written(directory: Path, content: object) -> Path:
    """Write a file of answers."""
    path = directory / "answers.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def answering(
    start: Start, directory: Path, revision: str, answers: dict[str, Answer], **options: Any
) -> Emulator:
    """Start an emulator of that revision with these answers."""
    path = written(directory, document("http://endpoint", revision, answers, {}))
    return start(api_revision=revision, answers=path, **options)
