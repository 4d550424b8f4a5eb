"""Which rounds count: the rule that keeps figures of a disturbed machine out of the tables.

A round is disturbed if other work took more than `MOST_OTHERS` of a processor during one of its
parts, or if the yardstick (the server that the others are compared with) was further than
`MOST_DEVIATION` from its median: that shows what no counter of the system does, as a slower clock.
A disturbed round is repeated. If after twice as many rounds as wanted too few are calm, there is no
table.
"""

import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

MOST_OTHERS = 0.1  # of one processor; less is the system's own noise
MOST_DEVIATION = 0.1  # of the median of the yardstick
MOST_ROUNDS = 2  # times as many as wanted


@dataclass(frozen=True)
class Round:
    """What tells whether a round was disturbed."""

    others: float | None  # the most processors that other work used during a part of it, if known
    yardstick: float | None = None  # the figure of what others are compared with, if there is one


@dataclass(frozen=True)
class Disturbance:
    """What was beyond its limit in a round; None is what was not."""

    others: float | None
    deviation: float | None  # of the yardstick from its median: 0.2 is 20 % above


@dataclass(frozen=True)
class Verdict:
    """Which rounds were disturbed, by what and how much."""

    rounds: int  # how many there were
    wanted: int  # how many of these have to be calm
    disturbed: dict[int, Disturbance]  # by the number of the round, which counts from 1
    yardstick: str = ""  # its name, for the reader

    @property
    def refused(self) -> bool:
        """Whether too few rounds were calm for a table."""
        return self.rounds - len(self.disturbed) < self.wanted

    def calm(self) -> list[int]:
        """Return the indices, from 0, of the rounds that count."""
        return [index for index in range(self.rounds) if index + 1 not in self.disturbed]

    def line(self) -> str:
        """Say what was disturbed and what follows from it; nothing if all was calm."""
        if not self.disturbed:
            return ""
        if not self.refused:
            return f"Repeated because the machine was disturbed: {self._reasons()}."
        calm = self.rounds - len(self.disturbed)
        return (
            f"**No table: the machine was disturbed** in {len(self.disturbed)} of {self.rounds}"
            f" rounds, and {calm} were calm, of {self.wanted} wanted: {self._reasons()}."
        )

    def _reasons(self) -> str:
        others = {n: each.others for n, each in self.disturbed.items() if each.others}
        deviations = {n: each.deviation for n, each in self.disturbed.items() if each.deviation}
        reasons = []
        if others:
            most = max(others.values())
            reasons.append(f"other work took up to {most:.0%} of a processor ({_named(others)})")
        if deviations:
            furthest = max(deviations.values(), key=abs)
            reasons.append(
                f"{self.yardstick} was up to {furthest:+.0%} from its median ({_named(deviations)})"
            )
        return ", ".join(reasons)


def judge(rounds: Sequence[Round], wanted: int, yardstick: str = "") -> Verdict:
    """Decide which rounds count. `yardstick` names the server for the reader."""
    noisy = [each.others is not None and each.others > MOST_OTHERS for each in rounds]
    quiet = [each for each, is_noisy in zip(rounds, noisy, strict=True) if not is_noisy] or rounds
    figures = [each.yardstick for each in quiet if each.yardstick is not None]
    median = statistics.median(figures) if figures else None
    disturbed = {}
    for number, (each, is_noisy) in enumerate(zip(rounds, noisy, strict=True), 1):
        deviation = None
        if median is not None and each.yardstick is not None:
            deviation = each.yardstick / median - 1
        is_off = deviation is not None and abs(deviation) > MOST_DEVIATION
        if is_noisy or is_off:
            others = each.others if is_noisy else None
            disturbed[number] = Disturbance(others, deviation if is_off else None)
    return Verdict(len(rounds), wanted, disturbed, yardstick)


def until_calm(wanted: int, one_round: Callable[[int], Round], yardstick: str = "") -> Verdict:
    """Call `one_round` with 1, 2, … until `wanted` rounds were calm, or it was called too often."""
    rounds: list[Round] = []
    for number in range(1, MOST_ROUNDS * wanted + 1):
        rounds.append(one_round(number))
        if number >= wanted and not judge(rounds, wanted, yardstick).refused:
            break
    return judge(rounds, wanted, yardstick)


def most(others: Sequence[float | None]) -> float | None:
    """Return the highest of those that are known."""
    return max((each for each in others if each is not None), default=None)


def _named(rounds: Collection[int]) -> str:
    return f"round{'s' if len(rounds) > 1 else ''} {', '.join(map(str, rounds))}"
