"""An import, a reset or a restore that is stopped at any of its calls of the file system leaves the
old state or the new one, and no file of the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .crashes import REPLACEMENTS

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc/self/fd")

IN_FULL = pytest.mark.slow(seconds=10)


@pytest.mark.parametrize(
    "replacement",
    ["import", pytest.param("reset", marks=IN_FULL), pytest.param("restore", marks=IN_FULL)],
)
@pytest.mark.parametrize(
    "failure",
    ["kill", pytest.param("once", marks=IN_FULL), pytest.param("always", marks=IN_FULL)],
)
def test_a_replacement_that_is_stopped_anywhere_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, replacement: str, failure: str
) -> None:
    """``kill`` is a SIGKILL at the call, ``once`` an error of one call, ``always`` an error of all
    calls from one on."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.files.crashes", tmp_path, replacement, failure],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert ended.returncode == 0, ended.stderr
    stopped = json.loads(ended.stdout)
    assert stopped["old"] > 5, "it was stopped before it counted"
    assert stopped["new"] > 0, "it was stopped afterwards"


def test_every_replacement_is_among_them() -> None:
    assert set(REPLACEMENTS) == {"import", "reset", "restore"}
