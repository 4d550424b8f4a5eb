"""Emulators with answers, of the latest revision unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.answers import Answer
from emulator.core.revisions import REVISIONS
from tests.support.answers import answering
from tests.support.emulators import Start

FIRST, LATEST = min(REVISIONS), max(REVISIONS)

Answering = Callable[..., Emulator]
"""Starts an emulator with answers, in a revision and with options."""


@pytest.fixture
def emulator_with(start: Start, tmp_path: Path) -> Answering:
    def make(answers: dict[str, Answer], revision: str = LATEST, **options: Any) -> Emulator:
        return answering(start, tmp_path, revision, answers, **options)

    return make
