"""The budget of instructions: what a Get and a Put may cost, kept in `instructions.json`.

It holds for one minor version of Python and of the packages below, and for interpreters that need
as many instructions for the bare handler: another build of Python has other figures.
"""

import dataclasses
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.instructions import Count
from tests.bench.subjects import BARE

FILE = Path(__file__).with_name("instructions.json")
TOLERANCE = 0.05
BARE_TOLERANCE = 0.03  # Two counts of the same differ by at most 1.5 %.
PACKAGES = ("aiohttp", "fakeredis")
REWRITE = 'make bench ARGS="--only instructions --write-budget"'


@dataclass(frozen=True)
class Budget:
    """Instructions of one request, by the name of the subject, and where these figures hold."""

    holds_for: Mapping[str, str]
    counts: Mapping[str, Count]

    @classmethod
    def read(cls, file: Path = FILE) -> "Budget":
        document = json.loads(file.read_text())
        counts = {name: Count(**count) for name, count in document["instructions"].items()}
        return cls(document["holds_for"], counts)

    def write(self, file: Path = FILE) -> None:
        counts = {name: dataclasses.asdict(count) for name, count in self.counts.items()}
        document = {"holds_for": dict(self.holds_for), "instructions": counts}
        file.write_text(json.dumps(document, indent=2) + "\n")

    def elsewhere(self, here: Mapping[str, str]) -> str:
        """Say why the budget does not hold here, or nothing."""
        differences = [
            f"{name} {wanted}, and here is {here.get(name)}"
            for name, wanted in self.holds_for.items()
            if here.get(name) != wanted
        ]
        return f"the budget is for {'; for '.join(differences)}" if differences else ""

    def another_build(self, counts: Mapping[str, Count]) -> str:
        """Say why these counts cannot be held against the budget, or nothing."""
        for action in ("get", "put"):
            wanted, found = (
                getattr(self.counts[BARE.name], action),
                getattr(counts[BARE.name], action),
            )
            if abs(found / wanted - 1) > BARE_TOLERANCE:
                return (
                    f"the budget is for a Python that needs {wanted} instructions for a"
                    f" {action.capitalize()} of the {BARE.title} handler; this one needs {found}"
                )
        return ""

    def broken(self, counts: Mapping[str, Count]) -> list[str]:
        """Say which counts are further than `TOLERANCE` from the budget, and what to do."""
        found = []
        for name, wanted in self.counts.items():
            if name == BARE.name:
                continue
            for action in ("get", "put"):
                limit, count = getattr(wanted, action), getattr(counts[name], action)
                if abs(count / limit - 1) > TOLERANCE:
                    found.append(_line(name, action, count, limit))
        return found


def here() -> dict[str, str]:
    """Return what a budget that is written now holds for: minor versions."""
    return {
        "python": f"{platform.python_implementation()} {_minor(platform.python_version())}",
        "machine": platform.machine(),
        **{package: _minor(version(package)) for package in PACKAGES},
    }


def _minor(text: str) -> str:
    return ".".join(text.split(".")[:2])


def _line(name: str, action: str, count: int, limit: int) -> str:
    change = f"{action.capitalize()}, {name} cache: {count} instructions, budget {limit}"
    if count > limit:
        return f"{change}: {count / limit - 1:.1%} above it. Make it cheaper, or say why it is not."
    return f"{change}: {1 - count / limit:.1%} below it. Lower the budget to keep that: {REWRITE}"
