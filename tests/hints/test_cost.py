"""Hints cost nothing until somebody reads the journal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import environment

pytestmark = pytest.mark.proves("D165")

PROGRAM = """
import sys
from emulator import Emulator
from tests.support.emulators import client

def loaded():
    return sorted(name for name in sys.modules if ".hints" in name or "following_hints" in name)

with Emulator(cache="memory") as running:
    owner = client(running)
    owner.create_store("media")
    owner.put("media", "key", b"body")
    owner.call("GET", "/objectstore/media/key", None, {"Range": "bytes=0-1"})
    before = loaded()
    found = [hint.id for hint in running.journal.hints()]
print(before, found)
"""


def test_a_start_and_requests_load_nothing_of_hints(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[] ['range-ignored']\n", "")
