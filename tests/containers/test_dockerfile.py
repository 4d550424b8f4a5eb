"""The Dockerfile builds from what is there, with every extra that an emulator can use."""

from __future__ import annotations

import re
from fnmatch import fnmatch

from tests.support.environment import ROOT

from .engine import BASE

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

OF_OTHER_USES = {"bench", "cli", "conformance", "dev", "docs", "fuzz", "mutants", "test"}
"""Extras for what nobody does in a container: completion, tests, building the documentation."""


def copied() -> list[str]:
    """What the Dockerfile copies from the repository."""
    found = re.findall(r"^COPY ((?!--).*) \S+$", DOCKERFILE, re.MULTILINE)
    return [name for names in found for name in names.split()]


def ignored(name: str) -> bool:
    """Whether .dockerignore leaves this out."""
    result = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch(name, pattern):
            result = not line.startswith("!")
    return result


def test_what_the_image_needs_is_copied_and_nothing_else_is_sent_to_the_builder() -> None:
    assert set(copied()) == {path.name for path in ROOT.iterdir() if not ignored(path.name)}
    assert all(
        map(ignored, (".git", ".venv", "tests", "data", "docs", "emulator/core/__pycache__"))
    )


def test_every_extra_of_a_running_emulator_is_installed() -> None:
    (extras,) = re.findall(r"^ARG EXTRAS=(\S+)$", DOCKERFILE, re.MULTILINE)
    table = PROJECT.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    known = set(re.findall(r"^(\w+) = \[$", table, re.MULTILINE))
    assert set(extras.split(",")) == known - OF_OTHER_USES
    assert "'.[${EXTRAS}]'" in DOCKERFILE.replace('"', "'")


def test_the_python_of_the_image_is_one_that_is_tested() -> None:
    (version,) = re.findall(r"^FROM python:(\S+)-slim AS base$", DOCKERFILE, re.MULTILINE)
    assert f'"Programming Language :: Python :: {version}"' in PROJECT


def test_the_stand_in_for_the_base_image_has_its_name() -> None:
    (image,) = re.findall(r"^FROM (\S+:\S+) AS base$", DOCKERFILE, re.MULTILINE)
    assert f"docker.io/library/{image}" == BASE
