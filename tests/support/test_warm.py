"""The parent that forks emulators leaves none behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .launch import Launcher
from .warm import FORKS, warm_parent

pytestmark = pytest.mark.skipif(not FORKS, reason="only on Linux emulators are forked")


def test_an_emulator_ends_with_its_parent(tmp_path: Path) -> None:
    with warm_parent() as parent:
        running = Launcher(tmp_path, parent.popen).start()
        assert running.client().store_names() == []

    with pytest.raises(ProcessLookupError):
        os.kill(running.process.pid, 0)
