"""The environment of the processes that tests start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The root of this repository."""

PROGRAM = "momento-objectstore-emulator"


def own_variables() -> list[str]:
    """The variables of our environment that set something of an emulator or a client."""
    return [name for name in os.environ if name.startswith("MOMENTO_")]


def python_path() -> str:
    """The value of ``PYTHONPATH`` with which a process imports this repository's modules first."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without any setting of an emulator or a client, and with ``extra``.

    Modules are compiled once, as where the emulator is installed, and not at each start.
    """
    left_out = {"PYTHONDONTWRITEBYTECODE", *own_variables()}
    kept = {name: os.environ[name] for name in os.environ.keys() - left_out}
    return {**kept, "PYTHONPATH": python_path(), **(extra or {})}
