"""``pytest --pyargs emulator.conformance``: the same suite, by pytest's own command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.conformance import progress
from emulator.conformance.run import Run
from tests.support.client import ROLE_ARN
from tests.support.environment import environment

from .own import options

BACKWARDS = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items.reverse()
"""
"""A plugin of a user's that changes the order of tests."""

SUITE = [sys.executable, "-m", "pytest", "--pyargs", "emulator.conformance"]


def pytest_run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SUITE, "-p", "no:cacheprovider", *words],
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def words(emulator: Emulator, directory: Path, only: str) -> list[str]:
    """The options of a run that is held against the emulator, and reports."""
    facts = {
        "endpoint": emulator.endpoint,
        "owner-key": emulator.api_key("owner"),
        "bucket": "b",
        "role-arn": ROLE_ARN,
        "cluster": "my-valkey-cluster",
        "only": only,
        "rate": "0",
        "state": str(directory / "state.json"),
        "report": str(directory / "report.json"),
    }
    return [f"--conformance-{name}={value}" for name, value in facts.items()]


@pytest.mark.slow(seconds=5)
def test_pytest_runs_the_suite_by_its_name(emulator: Emulator, tmp_path: Path) -> None:
    ended = pytest_run(tmp_path, *words(emulator, tmp_path, "HTTP-PUT-2*"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "conformance" in ended.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["score"]["held"] > 0
    assert report["score"]["failed"] == 0


@pytest.mark.slow(seconds=5)
def test_what_cases_share_is_deleted_last_in_any_order(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "backwards.py").write_text(BACKWARDS)
    ended = pytest_run(
        tmp_path,
        *words(emulator, tmp_path, "VALKEY-LIST-01,VALKEY-DELETE-01"),
        "--conformance-create-clusters",
        "-p",
        "backwards",
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["score"]["held"] >= 2


@pytest.mark.slow(seconds=5)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("report=report.pdf", "'report.pdf' has none of the suffixes of reports"),
        ("report=none/report.md", "cannot use none"),
        ("only=HTPP-*", "--conformance-only: nothing has an id like HTPP-*"),
        ("owner-key=unknown", "--conformance-owner-key: the endpoint does not accept it"),
    ],
)
def test_a_mistake_is_said_before(
    emulator: Emulator, tmp_path: Path, wrong: str, said: str
) -> None:
    right = words(emulator, tmp_path, "HTTP-PUT-43")
    ended = pytest_run(tmp_path, *right, f"--conformance-{wrong}")
    assert ended.returncode == 4, ended.stdout
    assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow(seconds=5)
def test_a_list_of_cases_leaves_a_run_that_was_stopped(emulator: Emulator, tmp_path: Path) -> None:
    kept = Run(options(emulator.endpoint, emulator.api_key("owner"), state="state.json"))
    kept.note_case("case", "held", ("HTTP-PUT-43",))
    state = tmp_path / "state.json"
    progress.write(
        state,
        progress.Kept(
            emulator.endpoint,
            kept.target.revision,
            kept.target.run,
            kept.started_at,
            kept.findings,
            [],
        ),
    )
    kept.target.close()
    before = state.read_bytes()
    ended = pytest_run(tmp_path, *words(emulator, tmp_path, "HTTP-PUT-43"), "--collect-only")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert state.read_bytes() == before
    assert not (tmp_path / "report.json").exists()


@pytest.mark.slow(seconds=5)
def test_pytest_says_what_is_missing(tmp_path: Path) -> None:
    ended = pytest_run(tmp_path)
    assert ended.returncode == 4
    assert "--conformance-endpoint or MOMENTO_CONFORMANCE_ENDPOINT is missing" in ended.stderr
