"""Cold start: from spawning the process until its first object is stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.stats import Spread
from tests.bench.subjects import BARE, DEFAULT, MOTO, RequestError, Subject

SUBJECTS: tuple[Subject, ...] = (DEFAULT, MOTO, BARE)
MAX_RUNS = 7


@dataclass
class ColdStarts:
    """Seconds of every run, by subject, and why some have none."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def ratio(self, subject: Subject, base: Subject) -> Spread | None:
        mine, theirs = self.seconds.get(subject.name), self.seconds.get(base.name)
        return Spread.of_ratios(mine, theirs) if mine and theirs else None


def measure(runs: int, progress: Callable[[str], None]) -> ColdStarts:
    """Start each subject `runs` times in turn, after one start each that is not counted."""
    result = ColdStarts()
    for number in range(min(runs, MAX_RUNS) + 1):
        progress(f"Cold start: run {number}" if number else "Cold start: warm-up")
        for subject in SUBJECTS:
            if subject.name in result.failures:
                continue
            try:
                seconds = _until_first_object(subject)
            except (StartError, RequestError, OSError) as error:
                result.failures[subject.name] = str(error)
                result.seconds.pop(subject.name, None)
                continue
            if number:
                result.seconds.setdefault(subject.name, []).append(seconds)
    return result


def _until_first_object(subject: Subject) -> float:
    body = payload(1024)
    begin = time.perf_counter()
    with subject.running() as running:
        running.put("first", body)
        return time.perf_counter() - begin
