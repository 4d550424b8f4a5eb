"""Requests per second: every subject in turn, round after round, each by a fresh generator."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace

from tests.bench.disturbance import LoadMonitor
from tests.bench.load import Job, Outcome
from tests.bench.payload import payload
from tests.bench.process import ROOT, StartError
from tests.bench.scenarios import Scenario
from tests.bench.stats import Spread
from tests.bench.subjects import RequestError, Running, Subject

MAX_REQUESTS = 200_000  # per round and subject, whatever `seconds` says
GENERATOR_GRACE = 60.0  # seconds beyond its round until a generator is given up
WARM_UP_SECONDS = 0.5


class GeneratorError(Exception):
    """The generator met a wrong response, or did not end."""


@dataclass
class ScenarioResult:
    """Every round of every subject that was measured, and why the others were not."""

    scenario: Scenario
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def rates(self, subject: Subject) -> list[float]:
        return [outcome.rate for outcome in self.outcomes.get(subject.name, [])]

    def ratio(self, subject: Subject, base: Subject) -> Spread | None:
        """Compare two subjects round by round, or return None if one was not measured."""
        if not (self.rates(subject) and self.rates(base)):
            return None
        return Spread.of_ratios(self.rates(subject), self.rates(base))


def measure(
    scenario: Scenario, rounds: int, seconds: float, progress: Callable[[str], None]
) -> ScenarioResult:
    """Run the scenario: one warm-up, then `rounds` rounds of `seconds` for each subject."""
    result = ScenarioResult(scenario)
    with ExitStack() as stack:
        alive: list[Running] = []
        for subject in (*scenario.subjects, scenario.ceiling):
            try:
                running = stack.enter_context(subject.running())
                _fill(running, scenario)
                _generate(running, scenario, min(seconds, WARM_UP_SECONDS))
            except (StartError, RequestError, GeneratorError, OSError) as error:
                result.failures[subject.name] = str(error)
                continue
            alive.append(running)
            result.outcomes[subject.name] = []
        for number in range(1, rounds + 1):
            progress(f"{scenario.title}: round {number} of {rounds}")
            for running in list(alive):
                name = running.subject.name
                try:
                    outcome = _generate(running, scenario, seconds)
                except GeneratorError as error:
                    alive.remove(running)
                    del result.outcomes[name]
                    result.failures[name] = str(error)
                else:
                    result.outcomes[name].append(outcome)
        for running in alive:
            _check_stored(running, scenario, result)
    return result


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
    monitor = LoadMonitor(running.process.pid)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.load"],
            input=json.dumps(asdict(job)),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=seconds + GENERATOR_GRACE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"the generator did not end after {error.timeout} s") from error
    if done.returncode:
        raise GeneratorError(done.stderr.strip())
    return replace(Outcome(**json.loads(done.stdout)), others=monitor.others())
