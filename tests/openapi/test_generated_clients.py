"""Clients in other languages, generated from the files of the repository, compile and work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.core.revisions import REVISIONS, latest
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.steps import run

from . import generators
from .documents import FILES, NAMES

pytestmark = pytest.mark.slow(seconds=90)


@pytest.fixture(params=REVISIONS)
def date(request: pytest.FixtureRequest) -> str:
    """The name of a revision."""
    return str(request.param)


@pytest.fixture
def documents(date: str) -> dict[str, Path]:
    """The files of a revision, by the name of the document."""
    return {name: FILES / f"{name}-{date}.json" for name in NAMES}


def test_a_typescript_client_compiles_and_works(
    tmp_path: Path, documents: dict[str, Path], start: Start
) -> None:
    generators.typescript(tmp_path, documents)
    emulator = start()
    given = emulator.endpoint, emulator.api_key()
    Client(*given).create_store("store")
    told = json.loads(run(tmp_path, "node", "client.js", *given))
    assert told == {"names": ["store"], "isFrozen": True}


def test_a_go_client_compiles(tmp_path: Path, documents: dict[str, Path]) -> None:
    generators.go(tmp_path, documents)


def test_a_java_client_compiles(tmp_path: Path, date: str, documents: dict[str, Path]) -> None:
    if REVISIONS[date] is not latest():
        del documents["control"]  # It differs in the members of stores, which service has too.
    generators.java(tmp_path, documents)
