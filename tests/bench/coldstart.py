"""Cold start: from spawning the process until its first object is stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.calm import Round, Verdict, until_calm
from tests.bench.disturbance import LoadMonitor
from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.s3rver import S3RVER
from tests.bench.stats import Spread
from tests.bench.subjects import BARE, DEFAULT, MOTO, AbsentError, RequestError, Subject

SUBJECTS: tuple[Subject, ...] = (DEFAULT, MOTO, S3RVER, BARE)
YARDSTICK = BARE
MAX_RUNS = 7


@dataclass
class ColdStarts:
    """Seconds of every run, by subject, and why some have none."""

    seconds: dict[str, list[float]] = field(default_factory=dict)  # of disturbed runs too
    failures: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)  # which nobody has to have
    verdict: Verdict = field(default_factory=lambda: Verdict(0, 0, {}))

    def counted(self, subject: Subject) -> list[float]:
        """Return the seconds of the calm runs: none if the subject was not measured."""
        seconds = self.seconds.get(subject.name)
        return [seconds[index] for index in self.verdict.calm()] if seconds else []

    def ratio(self, subject: Subject, base: Subject) -> Spread | None:
        mine, theirs = self.counted(subject), self.counted(base)
        return Spread.of_ratios(mine, theirs) if mine and theirs else None


def measure(runs: int, progress: Callable[[str], None]) -> ColdStarts:
    """Start each subject in turn, until `runs` runs were calm; one warm-up is not counted."""
    result = ColdStarts()
    progress("Cold start: warm-up")
    _run(result)
    result.seconds = {name: [] for name in result.seconds}

    def one_run(number: int) -> Round:
        progress(f"Cold start: run {number}")
        monitor = LoadMonitor()
        _run(result)
        yardstick = result.seconds.get(YARDSTICK.name)
        return Round(monitor.others(), yardstick[-1] if yardstick else None)

    result.verdict = until_calm(min(runs, MAX_RUNS), one_run, YARDSTICK.title)
    return result


def _run(result: ColdStarts) -> None:
    """Start each subject once; one that fails takes part no more."""
    for subject in SUBJECTS:
        if subject.name in result.failures or subject.name in result.absent:
            continue
        try:
            seconds = _until_first_object(subject)
        except AbsentError as error:
            result.absent[subject.name] = str(error)
        except (StartError, RequestError, OSError) as error:
            result.failures[subject.name] = str(error)
            result.seconds.pop(subject.name, None)
        else:
            result.seconds.setdefault(subject.name, []).append(seconds)


def _until_first_object(subject: Subject) -> float:
    subject.require()
    body = payload(1024)
    begin = time.perf_counter()
    with subject.running() as running:
        running.put("first", body)
        return time.perf_counter() - begin
