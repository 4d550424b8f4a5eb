"""Requests per second: every subject in turn, round after round, each by a fresh generator."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace

from tests.bench.calm import Round, Verdict, most, until_calm
from tests.bench.disturbance import LoadMonitor
from tests.bench.load import Job, Outcome
from tests.bench.payload import payload
from tests.bench.process import StartError
from tests.bench.scenarios import Scenario
from tests.bench.stats import Spread
from tests.bench.subjects import AbsentError, RequestError, Running, Subject
from tests.support.environment import ROOT

MAX_REQUESTS = 200_000  # per round and subject, whatever `seconds` says
GENERATOR_GRACE = 60.0  # seconds beyond its round until a generator is given up
WARM_UP_SECONDS = 0.5


class GeneratorError(Exception):
    """The generator met a wrong response, or did not end."""


@dataclass
class ScenarioResult:
    """Every round of every subject that was measured, and why the others were not."""

    scenario: Scenario
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)  # of disturbed rounds too
    failures: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)  # which nobody has to have
    verdict: Verdict = field(default_factory=lambda: Verdict(0, 0, {}))

    def counted(self, subject: Subject) -> list[Outcome]:
        """Return the outcomes of the calm rounds: none if the subject was not measured."""
        outcomes = self.outcomes.get(subject.name)
        return [outcomes[index] for index in self.verdict.calm()] if outcomes else []

    def rates(self, subject: Subject) -> list[float]:
        return [outcome.rate for outcome in self.counted(subject)]

    def ratio(self, subject: Subject, base: Subject) -> Spread | None:
        """Compare two subjects round by round, or return None if one was not measured."""
        return self._ratio(subject, base, lambda outcome: outcome.rate)

    def p99_ratio(self, subject: Subject, base: Subject) -> Spread | None:
        """Compare the 99th percentiles of the latency likewise."""
        return self._ratio(subject, base, lambda outcome: outcome.p99)

    def _ratio(
        self, subject: Subject, base: Subject, figure: Callable[[Outcome], float]
    ) -> Spread | None:
        mine, theirs = self.counted(subject), self.counted(base)
        if not (mine and theirs):
            return None
        return Spread.of_ratios(list(map(figure, mine)), list(map(figure, theirs)))


def measure(
    scenario: Scenario, rounds: int, seconds: float, progress: Callable[[str], None]
) -> ScenarioResult:
    """Run the scenario: one warm-up, then `rounds` calm rounds of `seconds` for each subject."""
    result = ScenarioResult(scenario)
    with ExitStack() as stack:
        alive = _started(scenario, seconds, result, stack)

        def one_round(number: int) -> Round:
            progress(f"{scenario.title}: round {number}, of {rounds} if they are calm")
            return _round(alive, scenario, seconds, result)

        result.verdict = until_calm(rounds, one_round, scenario.yardstick.title)
        for running in alive:
            _check_stored(running, scenario, result)
    return result


def _started(
    scenario: Scenario, seconds: float, result: ScenarioResult, stack: ExitStack
) -> list[Running]:
    """Start and warm up every subject, and note why those that are not returned did not start."""
    alive: list[Running] = []
    for subject in (*scenario.subjects, scenario.ceiling):
        try:
            running = stack.enter_context(subject.running())
            _fill(running, scenario)
            _generate(running, scenario, min(seconds, WARM_UP_SECONDS))
        except AbsentError as error:
            result.absent[subject.name] = str(error)
        except (StartError, RequestError, GeneratorError, OSError) as error:
            result.failures[subject.name] = str(error)
        else:
            alive.append(running)
            result.outcomes[subject.name] = []
    return alive


def _round(
    alive: list[Running], scenario: Scenario, seconds: float, result: ScenarioResult
) -> Round:
    """Have every subject take its turn; one that fails takes part no more."""
    found: dict[str, Outcome] = {}
    for running in list(alive):
        name = running.subject.name
        try:
            found[name] = _generate(running, scenario, seconds)
        except GeneratorError as error:
            alive.remove(running)
            del result.outcomes[name]
            result.failures[name] = str(error)
        else:
            result.outcomes[name].append(found[name])
    base = found.get(scenario.yardstick.name)
    return Round(most([each.others for each in found.values()]), base.rate if base else None)


def _fill(running: Running, scenario: Scenario) -> None:
    """Store what a GET will find; before a PUT, something else, so that it has to be replaced."""
    body = payload(scenario.size)
    for key in scenario.key_names():
        if scenario.method == "PUT":
            running.put(key, body[::-1])
            continue
        running.put(key, body)
        if running.get(key) != body:
            raise RequestError(f"{key} did not come back as it was stored")


def _check_stored(running: Running, scenario: Scenario, result: ScenarioResult) -> None:
    """Read back what the rounds left behind: a rate counts only if the objects are there."""
    body = payload(scenario.size)
    name = running.subject.name
    written = max(outcome.responses for outcome in result.outcomes[name])
    try:
        wrong = [key for key in scenario.key_names()[:written] if running.get(key) != body]
    except (RequestError, OSError) as error:
        wrong = [str(error)]
    if wrong:
        del result.outcomes[name]
        result.failures[name] = f"objects differ after the rounds: {', '.join(wrong)}"


def _generate(running: Running, scenario: Scenario, seconds: float) -> Outcome:
    job = Job(
        port=running.port,
        method=scenario.method,
        paths=[running.path(key) for key in scenario.key_names()],
        headers=running.headers,
        size=scenario.size,
        status=200 if scenario.method == "GET" else running.subject.put_status,
        seconds=seconds,
        connections=scenario.connections,
        max_requests=MAX_REQUESTS,
    )
    monitor = LoadMonitor()
    return replace(run_job(job), others=monitor.others())


def run_job(job: Job) -> Outcome:
    """Have a generator do the job, in a process of its own. Raises `GeneratorError`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"],
            input=json.dumps(asdict(job)),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=job.seconds + GENERATOR_GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"the generator did not end after {error.timeout} s") from error
    if done.returncode:
        raise GeneratorError(done.stderr.strip())
    return Outcome(**json.loads(done.stdout))
