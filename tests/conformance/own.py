"""Runs of the suite against emulators in this process, whose clock moves on where a case waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator import Emulator
from emulator.conformance.command import run_cases
from emulator.conformance.endpoint_time import EndpointTime
from emulator.conformance.options import Options
from emulator.conformance.plugin import COMPLETE, Given
from emulator.conformance.run import Run
from emulator.conformance.statements import FIRST
from tests.support.client import ROLE_ARN

CLUSTER = "my-valkey-cluster"
LOG_GROUP = "log-group"

Report = Mapping[str, Any]


class OwnTime(EndpointTime):
    """The time of an emulator in this process, which moves on where a case waits."""

    def __init__(self, emulator: Emulator) -> None:
        self._clock = emulator.clock

    def now(self) -> float:
        return self._clock.now() / 1_000_000

    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds)


class NoTime(EndpointTime):
    """The time of a server that is not waited for."""

    def wait(self, seconds: float) -> None:
        del seconds


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
    emulator.clock.freeze()  # However slow the machine is, nothing expires unasked.
    run = Run(chosen, clock=OwnTime(emulator))
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
