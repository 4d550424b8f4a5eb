"""States and data directories of version 0.1: all that is in them is there in this version.

`saved/` has what three emulators of that version wrote, with the seed file's account and three
objects: before tags and clusters, before clusters, and its last. They stay as they are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import Emulator
from emulator.backends.account import file as account_file
from emulator.control import state_file
from tests.support.client import Client
from tests.support.environment import ROOT

LATEST = "2026-08-12"

SAVED = sorted((Path(__file__).parent / "saved").glob("0.1-*"))

SEED_KEYS = {
    key["role"]: key["api_key"]
    for key in yaml.safe_load((ROOT / "fixtures" / "seed.yaml").read_text("utf-8"))["api_keys"]
}
"""The keys of all three accounts beside their first ones, by their roles."""

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(scope="module", params=SAVED, ids=lambda saved: saved.name)
def saved(request: pytest.FixtureRequest) -> Path:
    """What one emulator of version 0.1 wrote."""
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def state(saved: Path) -> dict[str, Any]:
    """The exported state."""
    document: dict[str, Any] = json.loads((saved / "state.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def imported(state: dict[str, Any]) -> Iterator[Emulator]:
    """An emulator that has imported the state."""
    with Emulator(cache="memory", api_revision=LATEST) as emulator:
        emulator.import_state(state)
        yield emulator


@pytest.fixture(scope="module")
def continued(
    saved: Path, state: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """An emulator on a copy of the data directory, at the time at which it was left."""
    directory = tmp_path_factory.mktemp("data") / "data"
    shutil.copytree(saved / "data", directory)
    with Emulator(data_dir=directory, cache="memory", api_revision=LATEST) as emulator:
        emulator.clock.freeze(state["clock"]["frozen_at_us"])
        yield emulator


def test_an_export_of_this_version_says_all_that_theirs_did(
    state: dict[str, Any], imported: Emulator
) -> None:
    assert_within(state, imported.export_state())


def test_a_data_directory_has_the_same_account_and_objects(
    state: dict[str, Any], continued: Emulator
) -> None:
    exported = continued.export_state()
    assert_within(state["account"], exported["account"])
    assert exported["objects"] == state["objects"]


def test_objects_and_keys_of_an_export_are_those_of_then(imported: Emulator) -> None:
    assert_served(imported)


def test_objects_and_keys_of_a_data_directory_are_those_of_then(continued: Emulator) -> None:
    assert_served(continued)


def assert_served(emulator: Emulator) -> None:
    """Assert that the seed file's keys still open the objects, and only what they may."""
    owner = Client(emulator.endpoint, SEED_KEYS["owner"])
    text = owner.get("web-assets", "text")
    assert (text.body, text.headers["b"]) == (b"one\ntwo\n", "2")
    assert text.headers["Content-Type"] == "text/plain"
    assert owner.get("web-assets", "binary").body == bytes(range(256))
    assert Client(emulator.endpoint, SEED_KEYS["viewer"]).put("web-assets", "x", b"").status == 403


def test_the_first_keys_of_a_data_directory_open_it(saved: Path, continued: Emulator) -> None:
    keys = json.loads((saved / "data" / "api-keys.json").read_text("utf-8"))
    assert keys.items() <= dict(continued.api_keys).items()
    assert Client(continued.endpoint, keys["owner"]).list_stores().status == 200


def test_an_object_expires_when_it_was_to(state: dict[str, Any]) -> None:
    with Emulator(cache="memory") as emulator:
        emulator.import_state(state)
        owner = Client(emulator.endpoint, SEED_KEYS["owner"])
        emulator.clock.advance(timedelta(days=1) - MICROSECOND)
        assert owner.get("web-assets", "binary").status == 200
        emulator.clock.advance(MICROSECOND)
        assert owner.get("web-assets", "binary").status == 404


def test_the_page_of_versions_names_the_formats() -> None:
    page = (ROOT / "docs" / "versions.md").read_text("utf-8")
    assert f"exports {state_file.FORMAT}, the account's file {account_file.FORMAT}." in page


def assert_within(then: Any, now: Any, path: str = "") -> None:
    """Assert that each member of one document is in another; what lists have is the same."""
    if not isinstance(then, dict):
        assert now == then, path
        return
    for name, value in then.items():
        assert name in now, f"{path}/{name}"
        assert_within(value, now[name], f"{path}/{name}")
