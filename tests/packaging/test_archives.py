"""What is in the wheel and in the source distribution, and what they say of themselves."""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from emulator import __version__
from tests.support.environment import ROOT
from tests.support.installed import build, run

pytestmark = pytest.mark.slow  # The extra `dev` builds and checks archives.

NOT_OF_THE_PROJECT = (".ci/",)
"""What is about the machine that checks changes."""


def files_of(directory: Path) -> set[str]:
    """The files below a directory, but those that Python has made."""
    return {
        each.relative_to(directory).as_posix()
        for each in directory.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }


def in_sdist(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def test_the_source_distribution_has_every_file_of_the_repository(sdist: Path) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("the files of the repository are known in a clone alone: install git")
    listed = run("git", "ls-files", "-z", directory=ROOT)
    tracked = {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()}

    missing = tracked - in_sdist(sdist)
    assert {name for name in missing if not name.startswith(NOT_OF_THE_PROJECT)} == set()


def test_the_source_distribution_has_what_an_image_and_the_tests_need(sdist: Path) -> None:
    wanted = {"Dockerfile", ".dockerignore", "Makefile", "fixtures/compose.yaml", "CHANGELOG.md"}

    assert wanted - in_sdist(sdist) == set()


def test_the_wheel_has_the_package_and_the_plugin_alone(wheel: Path) -> None:
    package = {f"emulator/{name}" for name in files_of(ROOT / "emulator")}

    assert in_wheel(wheel) == package | {"pytest_momento_emulator.py"}


def test_the_wheel_of_the_source_distribution_is_that_of_the_repository(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as archive:
        # The first releases of Python 3.10 and 3.11 have no filter, later ones warn without.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", source, tmp_path / "wheel")

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_an_index_takes_both_archives(sdist: Path, wheel: Path) -> None:
    words = ("-m", "twine", "check", "--strict", str(sdist), str(wheel))
    checked = run(sys.executable, *words, directory=ROOT)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("PASSED") == 2


def test_the_page_of_an_index_says_whose_it_is_and_where_it_lives(wheel: Path) -> None:
    about = metadata_of(wheel)
    urls = dict(each.split(", ") for each in about.get_all("Project-URL", []))

    assert about["Version"] == __version__
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Author"] == "The momento-objectstore-emulator contributors"
    assert about["Description-Content-Type"] == "text/markdown"
    assert urls.keys() == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(url.startswith(urls["Homepage"]) for url in urls.values())
    assert about["Requires-Python"] == ">=3.10"
    pythons = [each for each in about.get_all("Classifier", []) if "Python :: 3." in each]
    assert [each.rpartition(" ")[2] for each in pythons] == ["3.10", "3.11", "3.12", "3.13"]
