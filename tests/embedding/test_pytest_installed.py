"""The pytest plugin as users have it, installed: also beside a project's own ``emulator``."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.installed import Installed, build

pytestmark = pytest.mark.slow

PYTEST = str(Path(sysconfig.get_path("scripts"), "pytest"))

WAYS = [
    pytest.param([PYTEST], {}, id="pytest"),
    pytest.param(["-m", "pytest"], {}, id="python -m pytest"),
    pytest.param([PYTEST], {"PYTHONPATH": "."}, id="PYTHONPATH=. pytest"),
]
"""The words behind ``python``, and environment variables. They differ in what is first on Python's
path when plugins are loaded: the installed packages or the project."""

OWN_PACKAGE = {
    "emulator/__init__.py": "class Emulator:\n    is_the_projects = True\n",
    "emulator/work.py": "def answer():\n    return 42\n",
    "test_own.py": (
        "from emulator import Emulator\n"
        "from emulator.work import answer\n\n\n"
        "def test_own_package():\n"
        "    assert Emulator.is_the_projects and answer() == 42\n"
    ),
}

ASKS_FOR_EACH = """
import pytest


def test_one(momento_emulator): ...
def test_of_the_session(momento_emulator_session): ...
def test_of_the_environment(momento_emulator_environment): ...
def test_several(momento_emulator_factory): ...


@pytest.mark.momento_emulator(seed="seed.yaml", frozen=True)
def test_marked(momento_emulator): ...
"""

USES_IT = """
from urllib.request import urlopen


def test_health(momento_emulator):
    with urlopen(f"{momento_emulator.endpoint}/_emulator/health", timeout=10) as answer:
        assert answer.status == 200
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The source distribution in an environment that has what this one has, but this repository."""
    work = tmp_path_factory.mktemp("installed")
    made = Installed.make(work / "venv")
    made.install(build("sdist", ROOT, work / "sdist"))
    return made


def test_the_installed_package_has_every_file_of_the_console(installed: Installed) -> None:
    def files(package: Path) -> set[str]:
        console = package / "console"
        return {str(each.relative_to(console)) for each in console.rglob("*") if each.is_file()}

    assert files(installed.site_packages / "emulator") == files(ROOT / "emulator")
    assert "index.html" in files(installed.site_packages / "emulator")


def project(directory: Path, **files: str) -> Path:
    """A project in the directory, with these files."""
    for name, text in files.items():
        file = directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return directory


def quiet(*others: str) -> tuple[str, ...]:
    """Options of pytest: only the plugins that are named, and ours."""
    loaded = ("anyio", "aiohttp", "asyncio", "hypothesispytest", "randomly", "timeout", "xdist")
    left_out = [word for name in loaded if name not in others for word in ("-p", f"no:{name}")]
    return ("-p", "no:cacheprovider", *left_out)


@pytest.mark.parametrize(("words", "variables"), WAYS)
def test_a_project_with_a_package_of_that_name_runs_as_before(
    installed: Installed, tmp_path: Path, words: list[str], variables: dict[str, str]
) -> None:
    own = project(tmp_path, **OWN_PACKAGE)
    done = installed.run(own, *words, *quiet(), **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "momento-objectstore-emulator" in done.stdout  # Among the plugins that were loaded.
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(("words", "variables"), WAYS)
def test_a_fixture_says_in_one_line_that_another_package_is_in_its_place(
    installed: Installed, tmp_path: Path, words: list[str], variables: dict[str, str]
) -> None:
    own = project(tmp_path, **{**OWN_PACKAGE, "test_ours.py": ASKS_FOR_EACH})
    done = installed.run(own, *words, *quiet(), **variables)
    assert "1 passed, 5 errors" in done.stdout, done.stdout + done.stderr
    said = re.findall(r"^_+ ERROR at setup of \w+ _+\n(.*)\n(?=_|=)", done.stdout, re.MULTILINE)
    line = (
        f"`import emulator` finds {own}/emulator/__init__.py, not the package of "
        f"momento-objectstore-emulator in {installed.site_packages}: rename the former, or run "
        "these tests where it is not first on Python's path"
    )
    assert said == [line] * 5


@pytest.mark.parametrize(("words", "variables"), WAYS)
def test_options_do_not_come_between_a_project_and_its_package(
    installed: Installed, tmp_path: Path, words: list[str], variables: dict[str, str]
) -> None:
    own = project(tmp_path, **OWN_PACKAGE)
    option = ("--momento-emulator", "cache=memory")
    done = installed.run(own, *words, *quiet(), *option, **variables)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("words", "variables"), WAYS)
def test_a_project_without_such_a_package_has_the_fixtures(
    installed: Installed, tmp_path: Path, words: list[str], variables: dict[str, str]
) -> None:
    using = project(tmp_path, **{"test_it.py": USES_IT})
    option = ("--momento-emulator", "cache=memory")
    done = installed.run(using, *words, *quiet(), *option, **variables)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
