"""Each file that a service reads is one that this service takes."""

from __future__ import annotations

import pytest

from tests.support.environment import ROOT

from .files import WORKFLOWS, run_program

pytestmark = pytest.mark.slow

_FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"

FILES = {
    "vendor.github-workflows": sorted(WORKFLOWS.glob("*.yml")),
    "vendor.dependabot": [ROOT / ".github" / "dependabot.yml"],
    "vendor.github-issue-config": [_FORMS / "config.yml"],
    "vendor.github-issue-forms": sorted(set(_FORMS.glob("*.yml")) - {_FORMS / "config.yml"}),
    "vendor.compose-spec": sorted((ROOT / "fixtures").glob("compose*.yaml")),
}
"""The files by the name of their schema in the package of check-jsonschema."""


@pytest.mark.parametrize("schema", FILES)
def test_files_are_as_the_service_that_reads_them_describes(schema: str) -> None:
    run_program("check-jsonschema", "--builtin-schema", schema, *FILES[schema])


def test_every_file_for_github_is_checked() -> None:
    checked = {path for paths in FILES.values() for path in paths}
    assert set((ROOT / ".github").rglob("*.yml")) <= checked


def test_the_dockerfile_has_none_of_the_usual_mistakes() -> None:
    run_program("hadolint", "Dockerfile")


def test_the_hooks_are_as_pre_commit_describes() -> None:
    run_program("pre-commit", "validate-config", ".pre-commit-config.yaml")
