"""Runs of the suite against emulators in this process, whose clock moves on where a case waits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator import Emulator
from emulator.conformance.command import run_cases
from emulator.conformance.options import Options
from emulator.conformance.plugin import COMPLETE, Given
from emulator.conformance.run import Run
from emulator.conformance.statements import FIRST
from tests.support.client import ROLE_ARN

CLUSTER = "my-valkey-cluster"
LOG_GROUP = "log-group"

Report = Mapping[str, Any]


def options(endpoint: str, owner_key: str, **others: Any) -> Options:
    """Options of a run that uses all there is at an emulator, as fast as it can."""
    given: dict[str, Any] = {
        "bucket": "bucket",
        "role_arn": ROLE_ARN,
        "cluster": CLUSTER,
        "log_group": LOG_GROUP,
        "create_clusters": True,
        "long_waits": True,
        "rate": 0,
        "variants": 0,
        "state": "",
        **others,
    }
    return Options(endpoint, owner_key, **given)


def emulator_of(revision: str, **others: Any) -> Emulator:
    """An emulator of a revision with all that the suite needs, to be started."""
    groups = {"log_groups": (LOG_GROUP,)} if revision > FIRST else {}
    return Emulator(**{"cache": "memory", "api_revision": revision, **groups, **others})


def run_on(emulator: Emulator, endpoint: str | None = None, **others: Any) -> Run:
    """Run the suite. Returns the run, which has ended."""
    chosen = options(endpoint or emulator.endpoint, emulator.api_key("owner"), **others)
    run = Run(chosen, wait=emulator.clock.advance)
    assert run_cases(Given(run)) in COMPLETE
    return run


def report_on(emulator: Emulator, **others: Any) -> Report:
    """Run the suite. Returns its report."""
    return run_on(emulator, **others).report(complete=True)


def ids(report: Report, status: str) -> list[str]:
    """The statements with this status."""
    return [each["id"] for each in report["statements"] if each["status"] == status]


def failures(report: Report) -> dict[str, str]:
    """Why each statement failed that did."""
    return {each["id"]: each["why"] for each in report["statements"] if each["status"] == "failed"}


def without_fsync(directory: Path) -> dict[str, Any]:
    """Options of an emulator with files that are not synced."""
    return {"data_dir": directory, "fsync": False}
