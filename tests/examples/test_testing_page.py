"""The page about testing: each recipe does what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
_BLOCK = re.compile(r"^```\w+\n(?:#|//) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS: dict[str, str] = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
RECIPES = sorted(name for name in BLOCKS if name.startswith("test_"))
COMMON = ("assets.py", "conftest.py", "seed.yaml", "pytest.ini")

TIMEOUT_SECONDS = 120


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A directory with the files that all recipes have."""
    for name in COMMON:
        (pytester.path / name).write_text(BLOCKS[name], encoding="utf-8")
    return pytester


def add(project: pytest.Pytester, name: str) -> None:
    (project.path / name).write_text(BLOCKS[name], encoding="utf-8")


def run(project: Path, words: list[str], emulator: Emulator) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=project,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "MOMENTO_ENDPOINT": emulator.endpoint,
            "MOMENTO_API_KEY": emulator.api_key(),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipe_passes_as_it_stands_on_the_page(project: pytest.Pytester, recipe: str) -> None:
    add(project, recipe)
    result = project.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", recipe, timeout=TIMEOUT_SECONDS
    )
    written = len(re.findall(r"^def test_", BLOCKS[recipe], re.MULTILINE))
    result.assert_outcomes(passed=20 if recipe == "test_parallel.py" else written)


def test_the_parallel_recipe_passes_in_two_processes(project: pytest.Pytester) -> None:
    add(project, "test_parallel.py")
    words = BLOCKS["parallel"].split()
    assert words[0] == "pytest"
    result = project.runpytest_subprocess(*words[1:], timeout=TIMEOUT_SECONDS)
    result.assert_outcomes(passed=20)
    assert "2 workers" in result.stdout.str()


@pytest.mark.skipif(shutil.which("node") is None, reason="node is needed: install Node.js 18")
def test_the_recipe_for_node_passes(tmp_path: Path) -> None:
    (tmp_path / "retries.test.mjs").write_text(BLOCKS["retries.test.mjs"], encoding="utf-8")
    with Emulator(cache="memory") as emulator:
        done = run(tmp_path, ["node", "--test", "retries.test.mjs"], emulator)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None,
    reason="curl and bash are needed: install both",
)
def test_the_recipe_for_a_shell_does_what_it_says(tmp_path: Path) -> None:
    with Emulator(cache="memory") as emulator:
        words = ["bash", "-euo", "pipefail", "-c", BLOCKS["emulator"]]
        done = run(tmp_path, words, emulator)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\n503\n200\n" in done.stdout


def test_the_page_has_its_ten_recipes() -> None:
    numbered = re.findall(r"^## (\d+)\. ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert numbered == [str(number) for number in range(1, 11)]
    assert set(COMMON) <= BLOCKS.keys()
    assert len(RECIPES) == 9
