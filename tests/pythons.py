"""Runs the quick suite under each Python from 3.10 on that is here: `make test-pythons`.

Finds those on the PATH and pyenv's. Each gets a virtual environment in `.venv/pythons`. The oldest
Python gets the oldest allowed releases of packages whose private members are used (`AT_BOTH_ENDS`);
the others get the newest.
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

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".venv" / "pythons"
OLDEST = (3, 10)
NAME = re.compile(r"python3\.\d+")

AT_BOTH_ENDS = ("aiohttp", "botocore", "fakeredis")
"""Packages that are tested with the lowest and the highest version that `pyproject.toml` allows."""

Version = tuple[int, int]


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
    lowest = {min(found): lowest_releases()}
    failed = [
        version
        for version in chosen
        if not passes(version, found[version], lowest.get(version, []), of_pytest)
    ]
    if failed:
        print("failed under Python", ", ".join(map(_text, failed)))
    return 1 if failed else 0


def pythons() -> dict[Version, Path]:
    """The interpreters that start, by version; of two of one version the first on the PATH."""
    found: dict[Version, Path] = {}
    for program in _candidates():
        version = _version(program)
        if version is not None and version >= OLDEST:
            found.setdefault(version, program)
    return found


def lowest_releases() -> list[str]:
    """Requirements of the lowest allowed versions, as pip takes them."""
    project = (ROOT / "pyproject.toml").read_text()
    lowest = dict(re.findall(r'^    "([\w-]+)>=([\d.]+)', project, re.MULTILINE))
    return [f"{package}=={lowest[package]}" for package in AT_BOTH_ENDS]


def passes(version: Version, program: Path, releases: list[str], of_pytest: list[str]) -> bool:
    """Whether the quick suite passes, with these releases of packages."""
    environment = ENVIRONMENTS / _text(version)
    python = environment / "bin" / "python"
    print(f"Python {_text(version)}, {program}", *releases, flush=True)
    started = time.monotonic()
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([program, "-m", "venv", environment], check=True)
        subprocess.run([*pip, "--editable", ".[test]", *releases], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        print(f"Python {_text(version)} cannot be set up: {error}", flush=True)
        return False
    workers = str(os.cpu_count() or 2)
    pytest = [str(python), "-m", "pytest", "-q", "--dist", "worksteal", "--numprocesses", workers]
    status = subprocess.run([*pytest, *of_pytest], cwd=ROOT, check=False).returncode
    print(f"Python {_text(version)}: {time.monotonic() - started:.0f} s", flush=True)
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


def _text(version: Version) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main())
