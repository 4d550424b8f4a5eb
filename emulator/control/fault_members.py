"""Parsers of the members of effects and rules: latencies, portions, choices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emulator.core.documents import invalid, member, text, unknown, whole_number
from emulator.core.instants import parse_seconds
from emulator.core.private import Random
from emulator.core.response_fault import Portion

LONGEST_SECONDS = 3600.0
"""The longest latency of a fault."""

LATENCY_MEMBERS = (
    "distribution",
    "seconds",
    "min_seconds",
    "max_seconds",
    "median_seconds",
    "sigma",
)

PORTION_MEMBERS = ("after_bytes", "after_fraction")

OF_DISTRIBUTION: Mapping[str, tuple[str, str]] = {
    "fixed": ("seconds", "seconds"),
    "uniform": ("min_seconds", "max_seconds"),
    "lognormal": ("median_seconds", "sigma"),
}
"""The two parameters of each distribution."""


@dataclass(frozen=True, slots=True)
class Latency:
    """A distribution of latencies: ``fixed``, ``uniform`` between two bounds, or ``lognormal`` with
    a median and the standard deviation of the logarithm. In seconds, except that deviation."""

    distribution: str
    first: float
    second: float

    def draw(self, chance: Random) -> float:
        """Draw a latency, in seconds."""
        if self.distribution == "uniform":
            return chance.uniform(self.first, self.second)
        if self.distribution == "lognormal":
            drawn = self.first * math.exp(chance.gauss(0.0, self.second))
            return min(drawn, LONGEST_SECONDS)
        return self.first


def parse_latency(body: Mapping[str, object], path: str) -> Latency:
    """Parse a latency.

    Raises:
        BadRequestError: a member is missing, not valid, or of another distribution.
    """
    distribution = one_of(body, f"{path}.distribution", tuple(OF_DISTRIBUTION), default="fixed")
    names = OF_DISTRIBUTION[distribution]
    for name in LATENCY_MEMBERS[1:]:
        if name in body and name not in names:
            invalid(f"{path}.{name}", f"it does not apply to a {distribution} latency")
    first, second = (
        number(body, f"{path}.{name}", at_most=10.0)
        if name == "sigma"
        else _seconds(body, f"{path}.{name}")
        for name in names
    )
    if distribution == "uniform" and first > second:
        invalid(f"{path}.min_seconds", "it is above max_seconds")
    return Latency(distribution, first, second)


def parse_portion(body: Mapping[str, object], path: str) -> Portion:
    """Parse ``after_bytes`` or ``after_fraction``, the first part of a body; by default a half.

    Raises:
        BadRequestError: both are given, or one is not a valid number.
    """
    if "after_bytes" in body and "after_fraction" in body:
        invalid(f"{path}.after_fraction", "after_bytes is given too")
    if "after_bytes" in body:
        return Portion(parse_bytes(body, f"{path}.after_bytes"))
    if "after_fraction" in body:
        return Portion(None, number(body, f"{path}.after_fraction", at_most=1.0))
    return Portion(None, 0.5)


def parse_bytes(body: Mapping[str, object], path: str) -> int:
    """Parse a number of bytes.

    Raises:
        BadRequestError: the member is missing, or not a whole number of at least 0.
    """
    count = whole_number(member(body, path), path)
    if count < 0:
        invalid(path, "it must not be negative")
    return count


def _seconds(body: Mapping[str, object], path: str) -> float:
    value = member(body, path)
    if isinstance(value, str):
        value = parse_seconds(value, path)
    return number({path.rpartition(".")[2]: value}, path, at_most=LONGEST_SECONDS)


def number(body: Mapping[str, object], path: str, *, at_most: float) -> float:
    """Parse a number from 0 to ``at_most``.

    Raises:
        BadRequestError: the member is missing, or not such a number.
    """
    value = member(body, path)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        invalid(path, "it must be a number")
    if not 0 <= value <= at_most:
        invalid(path, f"it must lie between 0 and {at_most:g}")
    return float(value)


def one_of(body: Mapping[str, object], path: str, choices: Sequence[str], *, default: str) -> str:
    """Parse one of ``choices``; ``default`` if the member is missing.

    Raises:
        BadRequestError: it is not one of the choices. The message lists them.
    """
    name = path.rpartition(".")[2]
    if name not in body:
        return default
    value = text(body[name], path)
    if value not in choices:
        raise unknown(path, value, choices)
    return value


def flag(body: Mapping[str, object], path: str) -> bool:
    """Parse true or false; a missing member is false.

    Raises:
        BadRequestError: it is neither true nor false.
    """
    value = body.get(path.rpartition(".")[2], False)
    if not isinstance(value, bool):
        invalid(path, "it must be true or false")
    return value


def pattern(body: Mapping[str, object], path: str) -> str | None:
    """Parse a pattern; None if the member is missing.

    Raises:
        BadRequestError: it is not text, or empty.
    """
    value = body.get(path.rpartition(".")[2])
    return None if value is None else text(value, path)
