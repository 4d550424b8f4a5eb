"""The projects to copy pass, by the commands of their READMEs, and are as the documents say."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.nested_pytest import run as run_pytest
from tests.support.nested_pytest import without_others

from .projects import (
    MADE,
    NEEDS,
    NO_DOCKER,
    PROJECTS,
    commands,
    copy_of,
    go,
    readme,
    run,
    terraform,
)

NAMES = sorted(path.name for path in PROJECTS.iterdir())

MODULES = {
    "python": {"test_assets": 4, "test_async_assets": 2},
    "fastapi": {"test_app": 5},
}
"""The modules of projects in Python, and how many tests each has."""

PASSED = {
    "node": (r"Tests .*\b4 passed",) * 2,
    "go": (r"^ok\s+example\.com/assets\b",) * 2,
    "java": (r"Tests run: 4, Failures: 0, Errors: 0, Skipped: 0.*AssetsTest",) * 2,
    "shell": (r"^ok: a file is uploaded(.*\n)*ok: a refusal(.*\n)*ok: an outage",),
}
"""What each command of a README prints when its tests have passed, those of containers aside."""

SECONDS = {"node": 40, "go": 60, "java": 60, "shell": 10}


@pytest.mark.slow(seconds=10)
@pytest.mark.parametrize("project", MODULES)
def test_a_project_in_python_passes(tmp_path: Path, project: str) -> None:
    NEEDS["python"]()
    assert commands(project) == ["pytest"]

    copy = copy_of(project, tmp_path)
    done = run_pytest(copy, *without_others("asyncio"), DOCKER_HOST=NO_DOCKER)

    assert done.status == 0, done.report()
    for module, tests in MODULES[project].items():
        assert done.outcomes(module) == {"passed": tests}, done.report()


@pytest.mark.parametrize(
    "project",
    [pytest.param(name, marks=pytest.mark.slow(seconds=SECONDS[name])) for name in PASSED],
)
def test_a_project_passes_by_the_commands_of_its_readme(tmp_path: Path, project: str) -> None:
    NEEDS[project]()
    copy = copy_of(project, tmp_path)

    for command, passed in zip(commands(project), PASSED[project], strict=True):
        printed = run(copy, command)
        assert re.search(passed, printed, re.MULTILINE), printed


@pytest.mark.slow(seconds=20)
def test_a_project_says_at_once_why_the_emulator_has_not_started(tmp_path: Path) -> None:
    go()
    copy = copy_of("go", tmp_path)
    (copy / "testdata" / "seed.yaml").write_text("stores: 1\n", encoding="utf-8")

    printed = run(copy, "! go test .")

    assert re.search(r"the emulator has ended .*stores", printed), printed


@pytest.mark.slow(seconds=60)
def test_the_module_of_go_for_containers_compiles(tmp_path: Path) -> None:
    go()
    copy = copy_of("go", tmp_path)
    run(copy / "container", "go vet ./...")


@pytest.mark.slow
def test_the_files_of_terraform_are_formatted_and_so_can_be_read(tmp_path: Path) -> None:
    terraform()
    run(copy_of("terraform", tmp_path), "terraform fmt -check -diff -recursive")


@pytest.mark.slow
@pytest.mark.parametrize("project", MODULES)
def test_the_requirements_of_a_project_are_what_its_tests_run_with_here(project: str) -> None:
    text = (PROJECTS / project / "requirements.txt").read_text(encoding="utf-8")
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    for requirement in map(Requirement, filter(None, lines)):
        if requirement.name in ("uvicorn", "testcontainers"):  # Not for what runs here.
            continue
        assert requirement.specifier.contains(version(requirement.name)), requirement


def test_every_project_begins_with_the_same_store() -> None:
    seeds = [
        path
        for path in sorted(PROJECTS.rglob("seed.yaml"))
        if not any(folder in path.parts for folder in MADE)
    ]
    assert len(seeds) >= len(NAMES) - 1  # A store is what the one of Terraform makes.
    assert len({path.read_text(encoding="utf-8") for path in seeds}) == 1


@pytest.mark.parametrize("project", NAMES)
def test_a_readme_is_short_and_has_commands(project: str) -> None:
    assert len(readme(project).splitlines()) <= 30
    assert commands(project)
