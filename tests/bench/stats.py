"""Medians, and how far the rounds lay apart."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of several rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    @classmethod
    def of_ratios(cls, values: Sequence[float], bases: Sequence[float]) -> "Spread":
        """Compare round by round, so that what slows a whole round down cancels out."""
        return cls.of([value / base for value, base in zip(values, bases, strict=True)])
