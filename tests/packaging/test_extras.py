"""What an error says is missing is installed by the command that it gives."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.installed import Installed, build

pytestmark = [pytest.mark.slow(seconds=20), pytest.mark.proves("D171")]

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "shtab"
version = "99.0"
"""
"""In place of the package of the extra `cli`: a test downloads nothing."""

MODULE = """\
FILE = DIRECTORY = {}


def complete(root, shell):
    return f"completes {shell}"
"""

FAILS = ("-m", "emulator", "--print-completion", "bash")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all the packages that pip finds."""
    source = tmp_path_factory.mktemp("shtab")
    (source / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (source / "shtab.py").write_text(MODULE, encoding="utf-8")
    return build("wheel", source, tmp_path_factory.mktemp("packages")).parent


@pytest.fixture
def environment(tmp_path: Path) -> Installed:
    return Installed.make(tmp_path / "venv", without=("shtab",))


def extracted(sdist: Path, to: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(to)
    (source,) = to.iterdir()
    return source


def from_sdist(environment: Installed, sdist: Path) -> str:
    environment.install(sdist)
    return f"[cli] @ {sdist.as_uri()}"


def from_archive_that_is_gone(environment: Installed, sdist: Path) -> str:
    copy = environment.directory / sdist.name
    copy.write_bytes(sdist.read_bytes())
    environment.install(copy)
    copy.unlink()
    return "shtab>="


def from_directory(environment: Installed, sdist: Path) -> str:
    source = extracted(sdist, environment.directory / "source")
    environment.install(source)
    return f"install '{source}[cli]'"


def editable(environment: Installed, sdist: Path) -> str:
    source = extracted(sdist, environment.directory / "source")
    environment.install(source, "--editable")
    return f"install -e '{source}[cli]'"


@pytest.mark.parametrize("way", [from_sdist, from_archive_that_is_gone, from_directory, editable])
def test_the_command_of_an_error_installs_what_was_missing(
    environment: Installed, sdist: Path, packages: Path, way: Callable[[Installed, Path], str]
) -> None:
    given = way(environment, sdist)
    failed = environment.run(environment.directory, *FAILS)
    said, _, command = failed.stderr.strip().partition(" is not installed: ")

    assert failed.returncode == 1
    assert said.endswith("--print-completion requires shtab, which")
    assert given in command
    environment.follow(command, packages)
    assert environment.run(environment.directory, *FAILS).stdout == "completes bash\n"


def test_so_it_does_in_a_clone_that_is_not_installed(
    environment: Installed, sdist: Path, packages: Path
) -> None:
    source = extracted(sdist, environment.directory / "source")
    failed = environment.run(source, *FAILS)
    _, _, command = failed.stderr.strip().partition(" is not installed: ")

    assert "install -e '.[cli]'" in command
    environment.follow(f"cd '{source}' && {command}", packages)
    assert environment.run(source, *FAILS).stdout == "completes bash\n"
