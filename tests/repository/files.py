"""Files of the repository in YAML and TOML, and the checkers of such files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.environment import ROOT
from tests.support.programs import require
from tests.support.steps import SECONDS, build_go

WORKFLOWS = ROOT / ".github" / "workflows"

GO = ROOT / "tests" / "repository" / "go"

_MAKE = re.compile(r"\bmake(?: [A-Z]+=\S+)* ([a-z][a-z-]*)")


def parsed(text: str) -> Any:
    """A document in YAML. All scalars are strings: ``on`` is no boolean, and 3.10 no number."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def read(path: Path) -> Any:
    """A file in YAML, as `parsed`."""
    return parsed(path.read_text(encoding="utf-8"))


def steps(workflow: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The steps of all jobs."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


def make_targets(text: str) -> set[str]:
    """The targets that commands of ``make`` in the text name."""
    return set(_MAKE.findall(text))


def run_program(*words: str | Path) -> None:
    """Run a program beside this Python, as packages bring it, and fail if it finds something."""
    program, *rest = words
    path = Path(sys.executable).parent / program
    if not path.exists():
        pytest.skip(f"{program} is not installed: run `make test-all`")
    _run(path, *rest)


def actionlint(directory: Path, *workflows: Path) -> None:
    """Fail if actionlint finds something in the workflows, their scripts included."""
    require("shellcheck", "run `make services`")
    program = build_go(directory, GO, "github.com/rhysd/actionlint/cmd/actionlint")
    _run(program, "-color=false", *workflows)


def _run(*words: str | Path) -> None:
    ended = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
