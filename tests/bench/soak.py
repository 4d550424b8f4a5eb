"""A soak: days of a live stream, and kills. It takes minutes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import kills, live
from tests.bench.kills import Kills
from tests.bench.live import LiveStream
from tests.bench.memory import MEGABYTE, NotMeasuredError
from tests.bench.process import StartError
from tests.bench.subjects import RequestError

DAYS = 7
KILLS = 100
MOST_GROWTH = 1.05
"""How much more memory than after the first day may be in use after the last one."""


@dataclass(frozen=True)
class Soak:
    """What both parts saw."""

    stream: LiveStream
    kills: Kills

    def broken(self) -> list[str]:
        """Say what was promised and did not hold."""
        counts = {
            "wrong answers": self.stream.wrong,
            "lost objects": self.kills.lost,
            "torn objects": self.kills.torn,
            "states neither old nor new": self.kills.mixed,
        }
        found = [f"{count} {what}" for what, count in counts.items() if count]
        _, first_day, *later = self.stream.resident
        if later and later[-1] > MOST_GROWTH * first_day:
            found.append(
                f"{(later[-1] - first_day) / MEGABYTE:.1f} MB more than after the first day"
            )
        if self.stream.descriptors[-1] > self.stream.descriptors[0]:
            found.append(f"{self.stream.descriptors[-1]} descriptors, more than at the start")
        return found


def measure(days: int, count: int, progress: Callable[[str], None]) -> Soak | str:
    """The figures, or why there are none."""
    try:
        return Soak(live.measure(days, progress), kills.measure(count, progress))
    except (OSError, StartError, RequestError, NotMeasuredError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
