"""The well-known keys: they never change, and stand as they are wherever somebody copies them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.auth.keys import inner_key
from emulator.auth.well_known import WELL_KNOWN_KEYS, is_well_known
from tests.support.environment import ROOT

_PART = re.compile(r'"\s*\+?\s*"')
"""What stands between two parts of a text, in Python, Node, Go and Java."""

_KEY = re.compile(r"eyJ[\w-]+\.eyJ[\w-]*IndlbGwta25vd24t[\w-]*\.[\w-]+")
"""A key whose id begins with ``well-known-``."""


def copies() -> list[tuple[str, str]]:
    """Each well-known key in the documentation and in fixtures, with the file that has it."""
    found = []
    for folder in ("docs", "fixtures"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".go", ".java", ".js", ".md", ".py", ".yaml"} and _is_ours(path):
                text = _PART.sub("", path.read_text(encoding="utf-8"))
                name = path.relative_to(ROOT).as_posix()
                found += [(name, key) for key in _KEY.findall(text)]
    return found


def _is_ours(path: Path) -> bool:
    return path.is_file() and not {"node_modules", "target"} & {*path.parts}


COPIES = copies()


@pytest.mark.parametrize(("file", "key"), sorted(set(COPIES)), ids=lambda each: each[-24:])
def test_a_copy_is_a_key_that_the_emulator_knows(file: str, key: str) -> None:
    assert key in WELL_KNOWN_KEYS.values(), file


def test_the_page_and_the_projects_with_containers_have_copies() -> None:
    assert {file for file, _ in COPIES} >= {
        "docs/ci.md",
        "docs/credentials.md",
        "fixtures/clients/go/container/container_test.go",
        "fixtures/clients/java/src/test/java/example/ContainerTest.java",
        "fixtures/clients/node/container/container.test.js",
        "fixtures/clients/python/test_in_a_container.py",
    }


@pytest.mark.parametrize("role", WELL_KNOWN_KEYS)
def test_a_well_known_key_is_an_ordinary_key(role: str) -> None:
    key = WELL_KNOWN_KEYS[role]
    assert inner_key(key) == key
    assert is_well_known(key)
    assert not is_well_known(f"{key[:-1]}{'A' if key[-1] != 'A' else 'B'}")
