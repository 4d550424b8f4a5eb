"""``pytest --pyargs emulator.conformance``: the same suite, by pytest's own command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import ROLE_ARN
from tests.support.environment import environment

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


@pytest.mark.slow(seconds=5)
def test_pytest_runs_the_suite_by_its_name(emulator: Emulator, tmp_path: Path) -> None:
    facts = {
        "endpoint": emulator.endpoint,
        "owner-key": emulator.api_key("owner"),
        "bucket": "b",
        "role-arn": ROLE_ARN,
        "cluster": "my-valkey-cluster",
        "only": "HTTP-PUT*",
        "rate": "0",
        "state": str(tmp_path / "state.json"),
        "report": str(tmp_path / "report.json"),
    }
    words = [f"--conformance-{name}={value}" for name, value in facts.items()]
    ended = pytest_run(tmp_path, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "conformance" in ended.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["score"]["held"] > 0
    assert report["score"]["failed"] == 0


@pytest.mark.slow(seconds=5)
def test_pytest_says_what_is_missing(tmp_path: Path) -> None:
    ended = pytest_run(tmp_path)
    assert ended.returncode == 4
    assert "--conformance-endpoint or MOMENTO_CONFORMANCE_ENDPOINT is missing" in ended.stderr
