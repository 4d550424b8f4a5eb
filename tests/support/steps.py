"""Steps with programs of other languages. A test is skipped where the program is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support import leash
from tests.support.environment import ROOT
from tests.support.programs import require

SECONDS = 300.0
"""The longest that one step may take. The first time, Go compiles its library too."""

GO_OFFLINE: Mapping[str, str] = MappingProxyType(
    {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
)

_TOO_OLD = ("GOTOOLCHAIN=local", "invalid go version")
"""What a Go says that is older than `go.mod` takes: from 1.21 on, and before."""


def run(directory: Path, *command: str, variables: Mapping[str, str] | None = None) -> str:
    """Run a step in the directory, and return what it printed."""
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        cwd=directory,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
        env={**os.environ, **(variables or {})},
        **leash.leashed(),
    )
    assert ended.returncode == 0, f"{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
    return ended.stdout


def build_go(directory: Path, modules: Path, package: str) -> Path:
    """Build a program in Go in the directory, and return its path.

    Args:
        modules: a folder with the `go.mod`, `go.sum` and `tools.go` that name the program's module.
        package: the package of the program. Its last part is the program's name.
    """
    require("go", "run `make services`")
    for file in ("go.mod", "go.sum", "tools.go"):
        shutil.copy(modules / file, directory)
    program = directory / package.rpartition("/")[2]
    place = modules.relative_to(ROOT)
    try:
        run(directory, "go", "build", "-o", str(program), package, variables=GO_OFFLINE)
    except AssertionError as error:
        if any(sign in str(error) for sign in _TOO_OLD):
            pytest.skip(f"this Go is too old: {place}/go.mod says which it takes")
        if "GOPROXY=off" in str(error):
            pytest.skip(
                f"{program.name} is not here: run `make test-all`, or `go mod download` in {place}"
            )
        raise
    return program
