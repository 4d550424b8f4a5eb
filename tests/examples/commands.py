"""Commands of the documents, run by a user who has an emulator and an Owner's key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.environment import python_path

TIMEOUT_SECONDS = 120

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="node is needed: install Node.js 18"
)

needs_curl_and_bash = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None,
    reason="curl and bash are needed: install both",
)


def run_script(
    emulator: Emulator, directory: Path, script: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of the shell; it ends where a command of it fails."""
    return run_as_owner(emulator, directory, "bash", "-euo", "pipefail", "-c", script)


def run_as_owner(
    emulator: Emulator, directory: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in the directory, with this Python's programs first on the path."""
    return subprocess.run(
        words,
        cwd=directory,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": python_path(),
            "MOMENTO_ENDPOINT": emulator.endpoint,
            "MOMENTO_API_KEY": emulator.api_key(),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
