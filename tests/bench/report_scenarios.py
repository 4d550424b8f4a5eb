"""The section of a scenario: requests per second, or latencies."""

from tests.bench.memory import MEGABYTE
from tests.bench.stats import Spread
from tests.bench.subjects import Subject
from tests.bench.text import as_count, as_milliseconds, as_ratio, table, with_range
from tests.bench.throughput import ScenarioResult

BULK = 64 * 1024  # bytes from which on MB/s says more than requests/s


def section(result: ScenarioResult) -> str:
    """Return the section of one scenario: its table, or why there is none."""
    title = f"## {result.scenario.title}"
    if result.verdict.refused:
        return f"{title}\n\n{result.verdict.line()}"
    about = f"{result.scenario.connections} connections, {result.scenario.keys} keys."
    if result.scenario.latency:
        parts = [title, about, _latencies(result), result.verdict.line()]
    else:
        notes = [_headroom(result), *_reconnects(result), result.verdict.line()]
        parts = [title, about, _rates(result), " ".join(filter(None, notes))]
    return "\n\n".join(filter(None, parts))


def _rates(result: ScenarioResult) -> str:
    scenario = result.scenario
    bulk = scenario.size >= BULK
    header = ["Server", "Requests/s", *(["MB/s"] if bulk else [])]
    header += [f"Ratio to {base.title}" for base in scenario.against]
    header += ["Generator busy", "Other work"]
    rows = []
    for subject in scenario.subjects:
        rates = result.rates(subject)
        if not rates:
            rows.append([subject.title, "not measured", *[""] * (len(header) - 2)])
            continue
        spread = Spread.of(rates)
        row = [subject.title, with_range(spread, as_count)]
        if bulk:
            row.append(as_count(spread.median * scenario.size / MEGABYTE))
        row += [as_ratio(result.ratio(subject, base)) for base in scenario.against]
        row += [f"{_busy(result, subject):.0%}", _others(result, subject)]
        rows.append(row)
    return table(header, rows)


def _latencies(result: ScenarioResult) -> str:
    base = result.scenario.yardstick
    rows = []
    for subject in result.scenario.subjects:
        outcomes = result.counted(subject)
        if not outcomes:
            rows.append([subject.title, "not measured", "", "", ""])
            continue
        rows.append(
            [
                subject.title,
                as_milliseconds(Spread.of([outcome.p50 for outcome in outcomes])),
                as_milliseconds(Spread.of([outcome.p99 for outcome in outcomes])),
                f"{max(outcome.slowest for outcome in outcomes) * 1000:.2f} ms",
                as_ratio(result.p99_ratio(subject, base)),
            ]
        )
    header = ["Server", "Half are below", "99 % are below", "Slowest of all"]
    return table([*header, f"99 %, ratio to {base.title}"], rows)


def _headroom(result: ScenarioResult) -> str:
    ceiling = result.rates(result.scenario.ceiling)
    measured = [s for s in result.scenario.subjects if result.rates(s)]
    if not ceiling or not measured:
        return "The load generator's headroom was not measured."
    fastest = max(measured, key=lambda s: Spread.of(result.rates(s)).median)
    ratio = result.ratio(result.scenario.ceiling, fastest)
    assert ratio is not None
    return (
        f"The load generator gets {as_count(Spread.of(ceiling).median)} requests/s from a server"
        f" that sends constant bytes, {as_ratio(ratio)} times the fastest here ({fastest.title}),"
        f" and is busy {_busy(result, result.scenario.ceiling):.0%} of the time then. Below 100%,"
        " it waits for the server and could do more."
    )


def _reconnects(result: ScenarioResult) -> list[str]:
    return [
        f"The {subject.title} closes the connection after each response; opening the next is"
        " part of its figure."
        for subject in result.scenario.subjects
        if sum(outcome.reconnects for outcome in result.counted(subject))
    ]


def _busy(result: ScenarioResult, subject: Subject) -> float:
    return Spread.of([outcome.busy for outcome in result.counted(subject)]).median


def _others(result: ScenarioResult, subject: Subject) -> str:
    shares = [o.others for o in result.counted(subject) if o.others is not None]
    return f"{Spread.of(shares).median:.0%}" if shares else "not measured"
