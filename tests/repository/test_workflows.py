"""The workflows of GitHub test what the project promises, and may do no more than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import ROOT

from .files import WORKFLOWS, actionlint, make_targets, read, run_program, steps

CI = read(WORKFLOWS / "ci.yml")
RELEASE = read(WORKFLOWS / "release.yml")
BOTH = {"ci": CI, "release": RELEASE}

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

_COMMIT = re.compile(r"[\w./-]+@[0-9a-f]{40}")


def scripts(workflow: Any) -> str:
    return "\n".join(step.get("run", "") for step in steps(workflow))


def test_every_promised_python_is_tested() -> None:
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)
    assert CI["jobs"]["test"]["strategy"]["matrix"]["python"] == promised


def test_a_pull_request_is_linted_and_tested_and_its_image_is_built() -> None:
    assert "pull_request" in CI["on"]
    always = {name for name, job in CI["jobs"].items() if "if" not in job}
    assert always == {"lint", "test", "image"}
    assert {"lint", "test"} <= make_targets(scripts(CI))


def test_every_test_runs_at_night() -> None:
    assert CI["on"]["schedule"]
    job = CI["jobs"]["all"]
    assert "github.event_name == 'schedule'" in job["if"]
    assert make_targets(str(job["steps"])) == {"services", "test-all", "test-pythons"}


@pytest.mark.parametrize("name", BOTH)
def test_a_workflow_names_targets_of_make_that_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert make_targets(scripts(BOTH[name])) <= targets


@pytest.mark.parametrize("name", BOTH)
def test_an_action_is_one_commit_and_says_of_which_version(name: str) -> None:
    for step in steps(BOTH[name]):
        assert "uses" not in step or _COMMIT.fullmatch(step["uses"])
    text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "uses:" in line]
    assert lines
    assert all(re.search(r" # v\d+\.\d+\.\d+$", line) for line in lines)


@pytest.mark.parametrize("name", BOTH)
def test_a_job_that_hangs_is_ended(name: str) -> None:
    assert all("timeout-minutes" in job for job in BOTH[name]["jobs"].values())


def test_tests_may_only_read() -> None:
    assert CI["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in CI["jobs"].values())


def test_a_job_of_a_release_may_do_only_its_own_part() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in RELEASE["jobs"].items()} == {
        "build": {"contents": "read"},
        "package": {"id-token": "write"},
        "image": {"contents": "read", "packages": "write"},
        "notes": {"contents": "write"},
    }


def test_a_release_keeps_no_secret_but_the_token_of_its_run() -> None:
    text = (WORKFLOWS / "release.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"GITHUB_TOKEN"}


def test_nothing_is_published_before_the_tests_have_passed() -> None:
    assert "test" in make_targets(str(RELEASE["jobs"]["build"]["steps"]))
    assert RELEASE["jobs"]["package"]["needs"] == RELEASE["jobs"]["image"]["needs"] == "build"


def test_the_list_of_components_has_the_extras_of_the_image() -> None:
    (extras,) = re.findall(r"^ARG EXTRAS=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert f"[{extras}]" in scripts(RELEASE)


def test_the_image_lists_its_components_and_how_it_was_built() -> None:
    (push,) = (step for step in steps(RELEASE) if "build-push-action" in step.get("uses", ""))
    assert push["with"]["sbom"] == "true"
    assert push["with"]["provenance"] == "mode=max"


@pytest.mark.slow(seconds=30)
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    actionlint(tmp_path, *sorted(WORKFLOWS.glob("*.yml")))


@pytest.mark.slow
def test_no_workflow_is_unsafe() -> None:
    run_program("zizmor", "--offline", "--quiet", ROOT / ".github")
