"""Each CI takes its recipes of docs/ci.md; their images, keys and commands exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.auth.well_known import WELL_KNOWN_KEYS
from emulator.cli import _parser
from emulator.config.sources import load
from tests.support import leash
from tests.support.environment import PROGRAM, ROOT, environment

from .files import WORKFLOWS, actionlint, parsed, read, run_program, steps

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

GITHUB = [text for text in RECIPES if "\non:" in text]
CIRCLECI = [text for text in RECIPES if text.startswith("version: 2.1\n")]
GITLAB = [text for text in RECIPES if text not in GITHUB and text not in CIRCLECI]

SCHEMAS = {
    "vendor.github-workflows": GITHUB,
    "vendor.gitlab-ci": GITLAB,
    "vendor.circle-ci": CIRCLECI,
}

STEP_SECONDS = 60

UNITTEST = """
import os, unittest

class Environment(unittest.TestCase):
    def test_both_are_given(self):
        assert os.environ["MOMENTO_ENDPOINT"] and os.environ["MOMENTO_API_KEY"]
"""


def commands() -> set[str]:
    """The lines of the page that call the emulator, without what the shell does around them."""
    found = re.findall(rf"{PROGRAM} ([^\n>&]*)", re.sub(r"\S*/" + PROGRAM, "", PAGE))
    return {words.strip() for words in found if words.strip()}


def containers(found: Any) -> list[Any]:
    """The parts of a recipe that name an image, with variables for it."""
    if isinstance(found, dict):
        own = [found] if "image" in found or "alias" in found else []
        return own + [each for value in found.values() for each in containers(value)]
    return (
        [each for value in found for each in containers(value)] if isinstance(found, list) else []
    )


EMULATORS = [
    each
    for text in RECIPES
    for each in containers(parsed(text))
    if PROGRAM in each.get("image", each.get("name", ""))
]


def test_each_ci_has_a_recipe_with_exec_and_one_with_a_container() -> None:
    for recipes in (GITHUB, GITLAB, CIRCLECI):
        assert any(f"{PROGRAM} exec -- " in text for text in recipes)
        assert any("ghcr.io" in text for text in recipes)


@pytest.mark.parametrize("container", EMULATORS)
def test_a_container_is_an_image_of_a_release_and_starts_with_the_well_known_keys(
    container: Any,
) -> None:
    image, _, tag = (container.get("name") or container["image"]).rpartition(":")
    source = re.findall(r'image\.source="https://github\.com/(\S+)"', _dockerfile())
    assert [image] == [f"ghcr.io/{each}" for each in source]
    assert tag.isdigit()  # Of each major version there is a tag: see below.
    variables = container.get("env") or container.get("environment") or container["variables"]
    config = load({}, {**variables, "MOMENTO_EMULATOR_HOST": "0.0.0.0"})
    assert config.fixed_keys == WELL_KNOWN_KEYS


def test_a_release_tags_the_image_with_its_major_version() -> None:
    release = read(WORKFLOWS / "release.yml")
    (script,) = (step["run"] for step in steps(release) if step.get("id") == "tags")
    assert '"${VERSION%%.*}"' in script


def test_the_key_of_the_recipes_is_the_well_known_one_of_the_owner() -> None:
    keys = set(re.findall(r"MOMENTO_API_KEY: (\S+)", PAGE))
    assert keys == {WELL_KNOWN_KEYS["owner"]}


@pytest.mark.parametrize("command", sorted(each for each in commands() if each.startswith("--")))
def test_the_options_of_a_start_exist(command: str) -> None:
    _parser().parse_args(shlex.split(command))


def test_the_page_uses_every_way_to_wait_and_to_run() -> None:
    assert {each.split()[0] for each in commands()} == {"exec", "wait", "env", "--port"}


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_recipe_is_as_its_ci_describes(schema: str, tmp_path: Path) -> None:
    assert len(SCHEMAS[schema]) >= 2
    files = []
    for number, text in enumerate(SCHEMAS[schema]):
        files.append(tmp_path / f"{number}.yml")
        files[-1].write_text(text, encoding="utf-8")
    run_program("check-jsonschema", "--builtin-schema", schema, *files)


@pytest.mark.slow(seconds=30)
def test_actionlint_finds_nothing_in_the_recipes_for_github(tmp_path: Path) -> None:
    files = []
    for number, text in enumerate(GITHUB):
        files.append(tmp_path / f"{number}.yml")
        files[-1].write_text(text, encoding="utf-8")
    actionlint(tmp_path, *files)


@pytest.mark.slow
def test_the_emulator_of_one_step_serves_the_next_ones(tmp_path: Path) -> None:
    (recipe,) = (parsed(text) for text in GITHUB if "wait --ready-file" in text)
    (script,) = (step["run"] for step in steps(recipe) if step.get("name") == "Start the emulator")
    variables = tmp_path / "variables"
    ready = tmp_path / "ready.json"
    try:
        _as_step(tmp_path, script, GITHUB_ENV=str(variables))
        given = dict(re.findall(r"^(\w+)=(\S+)$", variables.read_text(), re.MULTILINE))
        assert given["MOMENTO_API_KEY"] == json.loads(ready.read_text())["api_keys"]["owner"]
        _as_step(tmp_path, f"{PROGRAM} stores list", **given)
    finally:
        pid = json.loads(ready.read_text())["pid"]
        os.kill(pid, 15)


@pytest.mark.slow
def test_a_job_with_exec_has_the_endpoint_and_the_key(tmp_path: Path) -> None:
    (line,) = {each for each in commands() if each == "exec -- python -m unittest"}
    (tmp_path / "test_environment.py").write_text(UNITTEST, encoding="utf-8")
    _as_step(tmp_path, f"{PROGRAM} {line}")


def _as_step(directory: Path, script: str, **variables: str) -> None:
    """Run a script as GitHub runs a step: in a shell that ends with the first failure."""
    programs = f'{PROGRAM}() {{ "{sys.executable}" -m emulator "$@"; }}\n'
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", programs + script],
        cwd=directory,
        env=environment({"PATH": path, **variables}),
        capture_output=True,
        text=True,
        timeout=STEP_SECONDS,
        check=False,
        **leash.leashed(),
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")
