"""Everything that one run measured."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.coldstart import ColdStarts
from tests.bench.cycles import Cycles
from tests.bench.files import Files
from tests.bench.growth import Growth
from tests.bench.idle import IdleMemory
from tests.bench.large import LargeObject
from tests.bench.soak import Soak
from tests.bench.stats import Spread
from tests.bench.throughput import ScenarioResult


@dataclass
class Results:
    """What was asked for and measured; the rest is empty or None."""

    machine: dict[str, str]
    rounds: int
    seconds: float
    throughput: dict[str, ScenarioResult] = field(default_factory=dict)
    cold: ColdStarts | None = None
    idle: IdleMemory | None = None
    large: LargeObject | None = None
    large_s3: LargeObject | None = None
    cycles: Cycles | str | None = None
    growth: list[Growth] | str | None = None
    files: list[Files] | str | None = None
    soak: Soak | str | None = None

    def failures(self) -> list[str]:
        """Say what was asked for and could not be measured or did not hold, and why."""
        found: list[str] = []
        for result in self.throughput.values():
            title = result.scenario.title
            found += [f"{title}, {name}: {why}" for name, why in result.failures.items()]
        for title, part in (("Cold start", self.cold), ("Idle memory", self.idle)):
            if part:
                found += [f"{title}, {name}: {why}" for name, why in part.failures.items()]
        for title, large in (("Large object", self.large), ("Large object in S3", self.large_s3)):
            if large and large.failure:
                found.append(f"{title}: {large.failure}")
            if large and large.memory_note:
                found.append(f"{title}, memory: {large.memory_note}")
        if isinstance(self.cycles, str):
            found.append(f"Reset cycles: {self.cycles}")
        if isinstance(self.files, str):
            found.append(f"Files: {self.files}")
        if self.soak is not None:
            broken = [self.soak] if isinstance(self.soak, str) else self.soak.broken()
            found += [f"Soak: {each}" for each in broken]
        if isinstance(self.growth, str):
            found.append(f"Growth: {self.growth}")
        return found

    def raw(self) -> dict[str, Any]:
        """Return every single figure, for `--json`."""
        return {
            "machine": self.machine,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "throughput": {name: _raw_scenario(r) for name, r in self.throughput.items()},
            "cold": dataclasses.asdict(self.cold) if self.cold else None,
            "idle": dataclasses.asdict(self.idle) if self.idle else None,
            "large": dataclasses.asdict(self.large) if self.large else None,
            "large-s3": dataclasses.asdict(self.large_s3) if self.large_s3 else None,
            "files": _raw_list(self.files),
            "growth": _raw_list(self.growth),
            "cycles": dataclasses.asdict(self.cycles) if isinstance(self.cycles, Cycles) else None,
            "soak": dataclasses.asdict(self.soak) if isinstance(self.soak, Soak) else None,
            "failures": self.failures(),
        }


def _raw_list(found: Sequence[Files | Growth] | str | None) -> list[dict[str, Any]] | None:
    return None if found is None or isinstance(found, str) else list(map(dataclasses.asdict, found))


def _raw_scenario(result: ScenarioResult) -> dict[str, Any]:
    scenario = result.scenario
    ratios: dict[str, dict[str, Spread | None]] = {
        subject.name: {base.name: result.ratio(subject, base) for base in scenario.against}
        for subject in scenario.subjects
    }
    return {
        "method": scenario.method,
        "size": scenario.size,
        "connections": scenario.connections,
        "keys": scenario.keys,
        "rounds": {
            name: [{**dataclasses.asdict(outcome), "rate": outcome.rate} for outcome in outcomes]
            for name, outcomes in result.outcomes.items()
        },
        "ratios": {
            name: {
                base: dataclasses.asdict(spread) if spread else None
                for base, spread in by_base.items()
            }
            for name, by_base in ratios.items()
        },
    }
