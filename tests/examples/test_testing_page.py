"""The page about testing: each recipe does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.environment import ROOT
from tests.support.nested_pytest import Run, without_others
from tests.support.nested_pytest import run as run_pytest

from .blocks import named
from .commands import needs_curl_and_bash, needs_node, run_as_owner, run_script

PAGE = "docs/testing.md"
BLOCKS = named(PAGE)
RECIPES = sorted(name for name in BLOCKS if name.startswith("test_"))
COMMON = ("assets.py", "conftest.py", "seed.yaml", "pytest.ini")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all recipes, and the files that all of them have."""
    directory = tmp_path_factory.mktemp("recipes")
    for name in (*COMMON, *RECIPES):
        (directory / name).write_text(BLOCKS[name], encoding="utf-8")
    (directory / "test_frozen.py").write_text(BLOCKS["frozen.py"], encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def recipes(project: Path) -> Run:
    """A run of all recipes."""
    return run_pytest(project, *without_others())


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipe_passes_as_it_stands_on_the_page(recipes: Run, recipe: str) -> None:
    written = len(re.findall(r"^def test_", BLOCKS[recipe], re.MULTILINE))
    tests = 20 if recipe == "test_parallel.py" else written
    recipes.passed(recipe.removesuffix(".py"), tests=tests)


def test_the_example_with_a_frozen_time_passes(recipes: Run) -> None:
    recipes.passed("test_frozen", tests=1)


def test_the_parallel_recipe_passes_in_two_processes(project: Path) -> None:
    words = BLOCKS["parallel"].split()
    assert words[0] == "pytest"
    needless = " ".join(without_others("xdist", "xdist.looponfail"))
    parallel = run_pytest(project, *words[1:], PYTEST_ADDOPTS=needless)
    parallel.passed("test_parallel", tests=20)
    assert "2 workers" in parallel.stdout


@needs_node
def test_the_recipe_for_node_passes(tmp_path: Path) -> None:
    (tmp_path / "retries.test.mjs").write_text(BLOCKS["retries.test.mjs"], encoding="utf-8")
    with Emulator(cache="memory") as emulator:
        done = run_as_owner(emulator, tmp_path, "node", "--test", "retries.test.mjs")
    assert done.returncode == 0, done.stdout + done.stderr


@needs_curl_and_bash
def test_the_recipe_for_a_shell_does_what_it_says(tmp_path: Path) -> None:
    with Emulator(cache="memory") as emulator:
        done = run_script(emulator, tmp_path, BLOCKS["emulator"])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\n503\n200\n" in done.stdout


def test_the_page_has_its_ten_recipes() -> None:
    numbered = re.findall(r"^## (\d+)\. ", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    assert numbered == [str(number) for number in range(1, 11)]
    assert set(COMMON) <= BLOCKS.keys()
    assert len(RECIPES) == 9
