"""The projects of ``fixtures/clients``: each is copied, and run by the commands of its README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support import leash
from tests.support.environment import ROOT, environment
from tests.support.programs import PATH, require

PROJECTS = ROOT / "fixtures" / "clients"

SECONDS = 300.0
"""The longest that a command may take. The first time, Go compiles its library too."""

MADE = ("node_modules", "target", "__pycache__", ".pytest_cache", ".terraform")
"""Folders that tools make in a project."""

NO_DOCKER = "unix:///nowhere"

_SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def readme(project: str) -> str:
    return (PROJECTS / project / "README.md").read_text(encoding="utf-8")


def commands(project: str) -> list[str]:
    """The commands that run a project: the last block of its README; what installs it is before."""
    return [line for line in _SHELL_BLOCK.findall(readme(project))[-1].splitlines() if line]


def copy_of(project: str, directory: Path, *, in_container: bool = False) -> Path:
    """Copy a project, without what tools have made; packages are found where they are.

    Tests in a container are skipped where no Docker answers. There may be one without the image, so
    they are left out if they are not what is to be run.
    """
    copy = directory / project
    shutil.copytree(PROJECTS / project, copy, ignore=shutil.ignore_patterns(*MADE))
    for folder in ("", "container"):
        modules = PROJECTS / project / folder / "node_modules"
        if modules.is_dir():
            (copy / folder / "node_modules").symlink_to(modules)
    if project == "java":
        options = "--offline\n" if in_container else "--offline\n-Dtest=AssetsTest\n"
        (copy / ".mvn").mkdir()
        (copy / ".mvn" / "maven.config").write_text(options, encoding="utf-8")
    return copy


def variables(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a user who has installed the emulator; nothing is downloaded."""
    kept = {name: value for name, value in environment().items() if not name.startswith("PYTEST_")}
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), PATH]),
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOFLAGS": "",
        "NO_COLOR": "1",
        "DOCKER_HOST": NO_DOCKER,
        **(extra or {}),
    }


def run(directory: Path, command: str, extra: Mapping[str, str] | None = None) -> str:
    """Run a command of a shell in the directory, and return what it printed."""
    ended: subprocess.CompletedProcess[str] = subprocess.run(
        ["sh", "-c", command],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
        env=variables(extra),
        **leash.leashed(),
    )
    assert ended.returncode == 0, ended.stdout[-8000:]
    return ended.stdout


def node() -> None:
    """Skip the test without Node and the packages of its project."""
    require("npm", "install Node.js, with npm")
    _require_made("node", "node_modules")
    _require_made("node/container", "node_modules")


def media() -> None:
    """Skip the test without the programs and packages of the project for media."""
    for program in ("ffmpeg", "nginx", "curl"):
        require(program, "run `make services`")
    _require_made("media", "node_modules")


def go() -> None:
    require("go", "run `make services`")


def java() -> None:
    """Skip the test without Maven and what it has downloaded."""
    require("mvn", "run `make services`")
    _require_made("java", "target")


def shell() -> None:
    require("curl", "run `make services`")


def terraform() -> None:
    require("terraform", "install Terraform 1.6 or newer")


def python() -> None:
    """Skip the test without the packages of the projects in Python."""
    for module in ("fastapi", "testcontainers"):
        if find_spec(module) is None:
            pytest.skip("the extra dev is not installed: run `make test-all`")


NEEDS: Mapping[str, Callable[[], None]] = {
    "python": python,
    "node": node,
    "go": go,
    "java": java,
    "shell": shell,
}
"""By project, what skips its test where something is missing."""


def _require_made(project: str, folder: str) -> None:
    if not (PROJECTS / project / folder).is_dir():
        pytest.skip(f"the packages of fixtures/clients/{project} are missing: run `make test-all`")
