"""Everything that one run measured."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from tests.bench.calm import Verdict
from tests.bench.coldstart import ColdStarts
from tests.bench.cycles import Cycles
from tests.bench.embedded import Embedded
from tests.bench.files import Files
from tests.bench.growth import Growth
from tests.bench.idle import IdleMemory
from tests.bench.instructions import Instructions
from tests.bench.large import LargeObject
from tests.bench.objects import Objects
from tests.bench.soak import Soak
from tests.bench.stats import Spread
from tests.bench.stores import Stores
from tests.bench.throughput import ScenarioResult


@dataclass
class Results:
    """What was asked for and measured; the rest is empty or None."""

    machine: dict[str, str]
    rounds: int
    seconds: float
    throughput: dict[str, ScenarioResult] = field(default_factory=dict)
    instructions: Instructions | None = None
    cold: ColdStarts | None = None
    embedded: Embedded | str | None = None
    idle: IdleMemory | None = None
    objects: Objects | None = None
    stores: Stores | None = None
    large: LargeObject | None = None
    large_s3: LargeObject | None = None
    cycles: Cycles | str | None = None
    growth: list[Growth] | str | None = None
    files: list[Files] | str | None = None
    soak: Soak | str | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)  # of parts that run as a whole

    def failures(self) -> list[str]:
        """Say what was asked for and could not be measured or did not hold, and why."""
        found: list[str] = []
        for result in self.throughput.values():
            title = result.scenario.title
            found += [f"{title}, {name}: {why}" for name, why in result.failures.items()]
        for title, part in (
            ("Cold start", self.cold),
            ("Idle memory", self.idle),
            ("Instructions", self.instructions),
            ("Memory of an object", self.objects),
            ("Many stores", self.stores),
        ):
            if part:
                found += [f"{title}, {name}: {why}" for name, why in part.failures.items()]
        for title, large in (("Large object", self.large), ("Large object in S3", self.large_s3)):
            if large and large.failure:
                found.append(f"{title}: {large.failure}")
            if large and large.memory_note:
                found.append(f"{title}, memory: {large.memory_note}")
        for title, whole in (
            ("Embedded", self.embedded),
            ("Reset cycles", self.cycles),
            ("Files", self.files),
            ("Growth", self.growth),
        ):
            if isinstance(whole, str):
                found.append(f"{title}: {whole}")
        if self.soak is not None:
            broken = [self.soak] if isinstance(self.soak, str) else self.soak.broken()
            found += [f"Soak: {each}" for each in broken]
        return found

    def absent(self) -> list[str]:
        """Say which servers are not here that are measured only where they can be had."""
        parts: list[tuple[str, ScenarioResult | ColdStarts]]
        parts = [(result.scenario.title, result) for result in self.throughput.values()]
        parts += [("Cold start", self.cold)] if self.cold else []
        return [
            f"{title}, {name}: {why}" for title, part in parts for name, why in part.absent.items()
        ]

    def is_refused(self) -> bool:
        """Whether the machine was too disturbed for one of the tables."""
        verdicts = [result.verdict for result in self.throughput.values()]
        verdicts += [self.cold.verdict] if self.cold else []
        verdicts += [self.embedded.verdict] if isinstance(self.embedded, Embedded) else []
        return any(verdict.refused for verdict in (*verdicts, *self.verdicts.values()))

    def raw(self) -> dict[str, Any]:
        """Return every single figure, for `--json`."""
        return {
            "machine": self.machine,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "throughput": {name: _raw_scenario(r) for name, r in self.throughput.items()},
            "instructions": _raw(self.instructions),
            "cold": _raw(self.cold),
            "embedded": _raw(self.embedded),
            "idle": _raw(self.idle),
            "objects": _raw(self.objects),
            "stores": _raw(self.stores),
            "large": _raw(self.large),
            "large-s3": _raw(self.large_s3),
            "files": _raw(self.files),
            "growth": _raw(self.growth),
            "cycles": _raw(self.cycles),
            "soak": _raw(self.soak),
            "verdicts": {name: _raw(verdict) for name, verdict in self.verdicts.items()},
            "failures": self.failures(),
            "absent": self.absent(),
        }


def _raw(found: object) -> Any:
    """Return what was measured as JSON: None if there is nothing, or only why."""
    if isinstance(found, list):
        return [_raw(each) for each in found]
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return dataclasses.asdict(found)
    return None


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
        "verdict": _raw(result.verdict),
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
