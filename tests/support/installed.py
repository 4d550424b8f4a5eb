"""Archives of this project, and virtual environments in which one is installed.

Nothing is downloaded: an environment has links to the packages of this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from .leash import leashed

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))

TIMEOUT_SECONDS = 120

_OURS = ("momento_objectstore_emulator", "_editable_impl_momento", "pytest_momento_emulator")

_WITHOUT_AN_INDEX = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
"""Variables with which pip downloads nothing, and builds with the packages of its environment: 0 is
pip's way to say so."""


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the emulator in it."""

    directory: Path

    @classmethod
    def make(cls, directory: Path, *, without: tuple[str, ...] = ()) -> Installed:
        """Make an environment that has what this one has, but this repository, and but packages
        whose files begin with one of the names ``without``."""
        venv.create(directory, symlinks=True)
        made = cls(directory)
        for package in SITE_PACKAGES.iterdir():
            if not package.name.startswith((*_OURS, *without)):
                (made.site_packages / package.name).symlink_to(package)
        return made

    @property
    def site_packages(self) -> Path:
        """Where its packages are."""
        (found,) = self.directory.glob("lib/python*/site-packages")
        return found

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.directory / "bin" / "python"

    def run(self, project: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run its Python with these words in the project's directory."""
        return run(str(self.python), *words, directory=project, **variables)

    def install(self, archive: Path, *words: str) -> None:
        """Install an archive, or with more words a directory, without its dependencies."""
        options = ("--quiet", "--no-deps", "--disable-pip-version-check", *words)
        command = ("-m", "pip", "install", *options, str(archive))
        done = self.run(self.directory, *command, **_WITHOUT_AN_INDEX)
        assert done.returncode == 0, done.stdout + done.stderr

    def follow(self, command: str, packages: Path) -> None:
        """Run the command of an error message in a shell, where ``packages`` is all that pip finds.
        The programs of this environment come first on the path, as if it were activated."""
        path = os.pathsep.join([str(self.directory / "bin"), os.environ["PATH"]])
        more = {**_WITHOUT_AN_INDEX, "PIP_FIND_LINKS": str(packages), "PATH": path}
        done = run("sh", "-c", command, directory=self.directory, **more)
        assert done.returncode == 0, done.stdout + done.stderr


def run(*command: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of this repository on its path."""
    left_out = ("COVERAGE_", "MOMENTO_", "PYTEST_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return subprocess.run(
        command,
        cwd=directory,
        env={**kept, "COLUMNS": "200", "PY_COLORS": "0", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
        **leashed(),
    )


def build(kind: str, source: Path, to: Path) -> Path:
    """Build a distribution of that kind, ``sdist`` or ``wheel``; its file."""
    words = ("-m", "hatchling", "build", "--target", kind, "--directory", str(to))
    done = run(sys.executable, *words, directory=source)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = to.iterdir()
    return file
