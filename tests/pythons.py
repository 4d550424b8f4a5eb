"""Runs the quick suite under each Python from 3.10 on that is here: `make test-pythons`.

Finds those on the PATH and pyenv's. Each gets a virtual environment in `.venv/pythons`. The oldest
Python gets the lowest allowed releases of everything that users install, the others get the newest.
TLS needs a later Python than the oldest, so its tests run with the lowest releases there once more.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".venv" / "pythons"
OLDEST = (3, 10)
NAME = re.compile(r"python3\.\d+")

FIRST_WITH_TLS = (3, 11)
OF_TLS = ("tests/tls", "tests/grpc", "tests/process/test_tls.py")

NOT_OF_USERS = ("test", "dev", "mutants", "fuzz", "bench", "docs")
"""Extras for work on the emulator: their lowest releases are what has been tried, no promise."""

Version = tuple[int, int]


class Run(NamedTuple):
    """One run of the suite, or of the tests that are named, under an interpreter."""

    version: Version
    program: Path
    has_lowest: bool = False
    tests: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = ".".join(map(str, self.version))
        return f"{number}-lowest" if self.has_lowest else number


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test-pythons", description=__doc__)
    parser.add_argument("--oldest", action="store_true", help="the oldest of them")
    parser.add_argument("--newest", action="store_true", help="the newest of them")
    arguments, of_pytest = parser.parse_known_args()
    found = pythons()
    if not found:
        parser.error("no Python from 3.10 on is here")
    ends = [*[0] * arguments.oldest, *[-1] * arguments.newest]
    chosen = sorted({sorted(found)[end] for end in ends}) if ends else sorted(found)
    failed = [run for run in runs(found, chosen) if not passes(run, of_pytest)]
    if failed:
        print("failed under Python", ", ".join(map(str, failed)))
    return 1 if failed else 0


def runs(found: dict[Version, Path], chosen: list[Version]) -> Iterator[Run]:
    """The runs under the chosen interpreters, of those that were found."""
    oldest = min(found)
    for version in chosen:
        yield Run(version, found[version], has_lowest=version == oldest)
        if version == oldest < FIRST_WITH_TLS and FIRST_WITH_TLS in found:
            yield Run(FIRST_WITH_TLS, found[FIRST_WITH_TLS], True, OF_TLS)


def pythons() -> dict[Version, Path]:
    """The interpreters that start, by version; of two of one version the first on the PATH."""
    found: dict[Version, Path] = {}
    for program in _candidates():
        version = _version(program)
        if version is not None and version >= OLDEST:
            found.setdefault(version, program)
    return found


def lowest_releases() -> list[str]:
    """Requirements of the lowest allowed versions of what users install, as pip takes them."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r"^([\w-]+) = \[\n(.*?)^\]$", project, re.MULTILINE | re.DOTALL)
    of_users = "".join(
        requirements
        for name, requirements in lists
        if name not in ("classifiers", *NOT_OF_USERS) and _is_of_project(project, name)
    )
    lowest = re.findall(r'^    "([\w-]+)>=([\d.]+)[^;"]*(;.*?)?"', of_users, re.MULTILINE)
    return sorted({f"{package}=={version}{marker}" for package, version, marker in lowest})


def _is_of_project(project: str, name: str) -> bool:
    """Whether a list stands among the dependencies, and not among the settings of tools."""
    return project.index(f"\n{name} = [") < project.index("\n[project.scripts]")


def passes(run: Run, of_pytest: list[str]) -> bool:
    """Whether the quick suite passes."""
    environment = ENVIRONMENTS / str(run)
    python = environment / "bin" / "python"
    releases = lowest_releases() if run.has_lowest else []
    print(f"Python {run}, {run.program}", *releases, flush=True)
    started = time.monotonic()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([run.program, "-m", "venv", environment], check=True)
        subprocess.run([*pip, "--editable", ".[test]", *releases], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        print(f"Python {run} cannot be set up: {error}", flush=True)
        return False
    workers = str(os.cpu_count() or 2)
    pytest = [str(python), "-m", "pytest", "-q", "--dist", "worksteal", "--numprocesses", workers]
    status = subprocess.run([*pytest, *of_pytest, *run.tests], cwd=ROOT, check=False).returncode
    print(f"Python {run}: {time.monotonic() - started:.0f} s", flush=True)
    return status == 0


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        # A folder of the PATH need not exist, and may not let itself be read.
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        yield from (Path(folder, name) for name in names if NAME.fullmatch(name))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob("versions/3.*/bin/python3"), key=_patch, reverse=True)


def _patch(program: Path) -> list[int]:
    """What sorts pyenv's interpreters, the newest last."""
    return [int(number) for number in re.findall(r"\d+", program.parts[-3])]


def _version(program: Path) -> Version | None:
    """Its version, and nothing where it does not start: pyenv's shims need a version chosen."""
    ask = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [program, "-c", ask], capture_output=True, text=True, timeout=30, check=True
        )
        major, minor = answer.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


if __name__ == "__main__":
    sys.exit(main())
