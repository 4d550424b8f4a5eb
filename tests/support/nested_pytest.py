"""Runs pytest in a process of its own, once for all little test files of a subject.

A start of pytest costs more than most tests. So a module whose subject is pytest itself adds its
files to a `Project`, each beside the test that checks its outcome, and one fixture runs them
together.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

from .environment import python_path
from .leash import leashed

TIMEOUT_SECONDS = 300

_OTHERS = ("aiohttp", "anyio", "asyncio", "hypothesispytest", "xdist", "xdist.looponfail")
_LEFT_OUT = ("PYTEST_", "MOMENTO_", "PYTHONDONTWRITEBYTECODE")
"""Prefixes of environment variables that a nested run does not get: those of the outer session, and
the one that would make every run compile every module again."""

_COLUMNS = "200"
"""Width of the terminal; wide enough for underscores around every headline of a report."""

_HEADLINE = re.compile(r"^_{2,} (?:ERROR at \w+ of )?(.+?) _{2,}$", re.MULTILINE)
_SUMMARY = re.compile(r"^=+ .* =+$", re.MULTILINE)


def without_others(*but: str) -> tuple[str, ...]:
    """Options that disable the development environment's plugins, except these."""
    return tuple(word for name in _OTHERS if name not in but for word in ("-p", f"no:{name}"))


@dataclass(frozen=True)
class Run:
    """How a run of pytest ended, what it printed, and the outcome of each test by module."""

    status: int
    stdout: str
    stderr: str
    cases: tuple[tuple[str, str, str], ...]
    """The module, the test and the outcome, for each test."""

    def outcomes(self, module: str) -> dict[str, int]:
        """How many tests of the module had which outcome, as in ``{"passed": 2}``."""
        return dict(Counter(outcome for of, _, outcome in self.cases if of == module))

    def passed(self, module: str, *, tests: int) -> None:
        """Fail unless the module has this many tests, all passed, and the exit status fits."""
        assert self.outcomes(module) == {"passed": tests}, self.report()
        all_passed = all(outcome == "passed" for _, _, outcome in self.cases)
        assert self.status == (0 if all_passed else 1), self.report()

    def report(self, test: str | None = None) -> str:
        """All output, or the part of it about one failed test."""
        if test is None:
            return self.stdout + self.stderr
        headlines = [*_HEADLINE.finditer(self.stdout)]
        (start,) = [found.start() for found in headlines if found[1] == test]
        later = [found.start() for found in headlines if found.start() > start]
        end = _SUMMARY.search(self.stdout, start)
        return self.stdout[start : min([*later, end.start() if end else len(self.stdout)])]


class Project:
    """The test files of a subject, with pytest's configuration for them."""

    def __init__(self, ini: str = "", **modules: str) -> None:
        self._files = {"pytest.ini": f"[pytest]\nfilterwarnings = error\n{dedent(ini)}"}
        self.add(**modules)

    def add(self, **modules: str) -> None:
        """Add modules of Python, by name."""
        for name, text in modules.items():
            assert f"{name}.py" not in self._files, f"{name} is there already"
            self._files[f"{name}.py"] = dedent(text)

    def write(self, directory: Path) -> Path:
        """Write the files into the directory."""
        for name, text in self._files.items():
            (directory / name).write_text(text, encoding="utf-8")
        return directory

    def run(self, directory: Path, *words: str) -> Run:
        """Write the files into the directory and run pytest there."""
        return run(self.write(directory), *words)


def run(directory: Path, *words: str, results: Path | None = None, **variables: str) -> Run:
    """Run pytest in the directory, with these arguments and environment variables.

    It imports the emulator of this repository. ``results`` is the file of its JUnit report, by
    default one in the directory.
    """
    results = results or directory / "results.xml"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junitxml={results}"]
    command += ["-p", "no:cacheprovider", "-p", "no:randomly"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    done = subprocess.run(
        [*command, *words],
        cwd=directory,
        env={
            **kept,
            "COLUMNS": _COLUMNS,
            "PY_COLORS": "0",
            "PYTEST_DEBUG_TEMPROOT": str(results.parent),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": python_path(),
            **variables,
        },
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
        **leashed(),
    )
    return Run(done.returncode, done.stdout, done.stderr, tuple(_cases(results)))


def _cases(results: Path) -> list[tuple[str, str, str]]:
    if not results.exists():
        return []
    return [
        (case.attrib["classname"], case.attrib["name"], _outcome(case))
        for case in ElementTree.parse(results).iter("testcase")
    ]


def _outcome(case: ElementTree.Element) -> str:
    for element, outcome in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        if case.find(element) is not None:
            return outcome
    return "passed"
