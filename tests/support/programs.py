"""Programs that tests need beside Python: whether they are here."""

from __future__ import annotations

import os
import shutil

import pytest

PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
"""Where programs are looked for: Debian has servers in a folder that not every user's path has."""


def require(program: str, hint: str) -> None:
    """Skip the test if there is no such program."""
    if shutil.which(program, path=PATH) is None:
        pytest.skip(f"there is no {program} here: {hint}")
