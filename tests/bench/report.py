"""The results as Markdown."""

from collections.abc import Callable, Iterable, Sequence

from tests.bench.coldstart import SUBJECTS as COLD_SUBJECTS
from tests.bench.coldstart import ColdStarts
from tests.bench.cycles import OBJECTS, Cycles, Held
from tests.bench.files import Files
from tests.bench.growth import Growth
from tests.bench.idle import SUBJECTS as IDLE_SUBJECTS
from tests.bench.idle import IdleMemory
from tests.bench.large import LargeObject
from tests.bench.live import PLAYERS, STALLED
from tests.bench.memory import MEGABYTE
from tests.bench.results import Results
from tests.bench.soak import Soak
from tests.bench.stats import Spread
from tests.bench.subjects import MOTO, Subject
from tests.bench.targets import TARGETS
from tests.bench.throughput import ScenarioResult

DISTURBED = 0.1  # of one processor, used by other work; less is the system's own noise
BULK = 64 * 1024  # bytes from which on MB/s says more than requests/s


def markdown(results: Results, with_targets: bool) -> str:
    sections = [_machine(results)]
    sections += [_scenario(result) for result in results.throughput.values()]
    if results.cold:
        sections.append(_cold(results.cold))
    if results.idle:
        sections.append(_idle(results.idle))
    if results.large:
        sections.append(_large(results.large, "filesystem storage"))
    if results.large_s3:
        sections.append(_large(results.large_s3, "storage in S3 (moto's server)"))
    if isinstance(results.cycles, Cycles):
        sections.append(_cycles(results.cycles))
    if isinstance(results.growth, list):
        sections.append(_growth(results.growth))
    if isinstance(results.files, list):
        sections.append(_files(results.files))
    if isinstance(results.soak, Soak):
        sections.append(_soak(results.soak))
    if failures := results.failures():
        sections.append("## Not measured\n\n" + "\n".join(f"- {line}" for line in failures))
    if with_targets:
        sections.append(_targets(results))
    return "\n\n".join(sections) + "\n"


def _machine(results: Results) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in results.machine.items())
    method = (
        f"Medians of {results.rounds} rounds of {results.seconds:g} s, the servers taking turns in"
        " every round. Ratios are taken round by round; in brackets the lowest and the highest."
        " MB = 1 000 000 bytes."
    )
    return f"# Benchmark\n\n{facts}\n\n{method}"


def _scenario(result: ScenarioResult) -> str:
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
        row = [subject.title, _with_range(spread, _count)]
        if bulk:
            row.append(_count(spread.median * scenario.size / MEGABYTE))
        row += [_ratio(result.ratio(subject, base)) for base in scenario.against]
        row += [f"{_busy(result, subject):.0%}", _others(result, subject)]
        rows.append(row)
    notes = [_headroom(result), *_reconnects(result), *_disturbed(result)]
    about = f"{scenario.connections} connections, {scenario.keys} keys."
    return "\n\n".join([f"## {scenario.title}", about, _table(header, rows), " ".join(notes)])


def _headroom(result: ScenarioResult) -> str:
    ceiling = result.rates(result.scenario.ceiling)
    measured = [s for s in result.scenario.subjects if result.rates(s)]
    if not ceiling or not measured:
        return "The load generator's headroom was not measured."
    fastest = max(measured, key=lambda s: Spread.of(result.rates(s)).median)
    ratio = result.ratio(result.scenario.ceiling, fastest)
    assert ratio is not None
    return (
        f"The load generator gets {_count(Spread.of(ceiling).median)} requests/s from a server"
        f" that sends constant bytes, {_ratio(ratio)} times the fastest here ({fastest.title}),"
        f" and is busy {_busy(result, result.scenario.ceiling):.0%} of the time then. Below 100%,"
        " it waits for the server and could do more."
    )


def _reconnects(result: ScenarioResult) -> list[str]:
    return [
        f"The {subject.title} closes the connection after each response; opening the next is"
        " part of its figure."
        for subject in result.scenario.subjects
        if sum(outcome.reconnects for outcome in result.outcomes.get(subject.name, []))
    ]


def _busy(result: ScenarioResult, subject: Subject) -> float:
    return Spread.of([outcome.busy for outcome in result.outcomes[subject.name]]).median


def _others(result: ScenarioResult, subject: Subject) -> str:
    shares = [o.others for o in result.outcomes[subject.name] if o.others is not None]
    return f"{Spread.of(shares).median:.0%}" if shares else "not measured"


def _disturbed(result: ScenarioResult) -> list[str]:
    rounds = [outcome for outcomes in result.outcomes.values() for outcome in outcomes]
    count = sum((outcome.others or 0.0) > DISTURBED for outcome in rounds)
    if not count:
        return []
    return [
        f"**Other work took more than {DISTURBED:.0%} of a processor in {count} of {len(rounds)}"
        " rounds**: for figures to rely on, repeat this on a quiet machine."
    ]


def _cold(cold: ColdStarts) -> str:
    rows = []
    for subject in COLD_SUBJECTS:
        seconds = cold.seconds.get(subject.name)
        if not seconds:
            rows.append([subject.title, "not measured", ""])
            continue
        ratio = cold.ratio(subject, MOTO)
        rows.append([subject.title, _with_range(Spread.of(seconds), _seconds), _ratio(ratio)])
    about = "From spawning the process until the first object is stored, store or bucket included."
    header = ["Server", "Seconds", f"Ratio to {MOTO.title}"]
    return "\n\n".join(["## Cold start", about, _table(header, rows)])


def _idle(idle: IdleMemory) -> str:
    rows = []
    for subject in IDLE_SUBJECTS:
        resident = idle.resident.get(subject.name)
        if resident is None:
            rows.append([subject.title, "not measured", ""])
            continue
        rows.append([subject.title, _megabytes(resident.idle), _megabytes(resident.used)])
    header = ["Server", "Just started", "After its first object"]
    return "\n\n".join(["## Idle memory (resident)", _table(header, rows)])


def _cycles(cycles: Cycles) -> str:
    about = (
        "Each cycle is a test that makes a store, an object, a key, a role, a fault rule and a"
        " checkpoint, moves the clock, and is followed by a reset. Objects are those that the"
        " garbage collector knows."
    )

    def row(title: str, held: Held) -> list[str]:
        counts = (held.descriptors, held.threads, held.tasks, held.objects)
        return [title, _megabytes(held.resident), *(_count(each) for each in counts)]

    header = ["", "Resident", "Descriptors", "Threads", "Tasks", "Objects"]
    held = _table(header, [row("before", cycles.before), row("after", cycles.after)])
    rows = [
        ["Reset", _milliseconds(cycles.reset), f"{cycles.reset_p99 * 1000:.2f} ms"],
        [f"Checkpoint, {OBJECTS} objects of 1 KiB", _milliseconds(cycles.checkpoint), ""],
        [f"Restore, {OBJECTS} objects of 1 KiB", _milliseconds(cycles.restore), ""],
    ]
    times = _table(["", "Median, and extremes", "99 % are below"], rows)
    return "\n\n".join([f"## {_count(cycles.cycles)} reset cycles", about, held, times])


def _files(found: list[Files]) -> str:
    about = (
        "Objects of 1 KiB in one bucket of the file system tier, with fsync. The start is from the"
        " command to the ready file; each Get is the first of its object; Puts are of new keys, one"
        " after the other."
    )
    rows = [
        [
            _count(each.count),
            _milliseconds(each.start),
            _milliseconds(each.get),
            _milliseconds(each.put),
            f"{each.listing:.2f} s",
            f"{each.reset:.2f} s",
        ]
        for each in found
    ]
    table = _table(["Objects", "Start", "Get", "Put", "List of all", "Reset"], rows)
    return "\n\n".join(["## The file system tier", about, table])


def _soak(found: Soak) -> str:
    stream, kills = found.stream, found.kills
    about = (
        f"A live stream for {stream.days} days of the emulator's clock in {stream.seconds:.0f} s:"
        f" {_count(stream.requests)} requests, {stream.wrong} wrong answers;"
        f" {PLAYERS} connections of players, {STALLED} clients that do not read."
        f" The longest standstill was {stream.standstill * 1000:.0f} ms."
    )
    rows = [
        [_day(number), _megabytes(resident), str(descriptors)]
        for number, (resident, descriptors) in enumerate(
            zip(stream.resident, stream.descriptors, strict=True)
        )
    ]
    during = ", ".join(f"{count} in {kind}" for kind, count in sorted(kills.during.items()))
    killed = (
        f"{kills.count} SIGKILLs ({during}): {kills.lost} objects lost, {kills.torn} torn,"
        f" {kills.mixed} states neither old nor new; the slowest start after one took"
        f" {kills.slowest_start:.2f} s."
    )
    table = _table(["End of", "Resident", "Descriptors"], rows)
    return "\n\n".join(["## Soak", about, table, killed])


def _day(number: int) -> str:
    return f"day {number}" if number else "the start"


def _growth(found: list[Growth]) -> str:
    about = (
        "An emulator with account and cache in one Valkey, objects in memory. So many stores, as"
        " many keys and as many cached objects were there before; one request after the other. A"
        " store that is deleted has its cached objects looked for among all."
    )
    rows = [
        [
            _count(each.count),
            _milliseconds(each.get),
            _milliseconds(each.put),
            _milliseconds(each.create),
            f"{each.listing * 1000:.0f} ms",
            f"{each.delete * 1000:.0f} ms",
        ]
        for each in found
    ]
    header = ["Of each", "Get (cached)", "Put", "Create a store", "List stores", "Delete a store"]
    return "\n\n".join(["## A shared account and cache", about, _table(header, rows)])


def _milliseconds(spread: Spread) -> str:
    low, high = spread.low * 1000, spread.high * 1000
    return f"{spread.median * 1000:.2f} ms ({low:.2f} to {high:.2f})"


def _large(large: LargeObject, where: str) -> str:
    title = f"## One object of {large.size / 2**30:.3g} GiB, {where}"
    if large.failure:
        return f"{title}\n\nNot measured: {large.failure}"

    def row(name: str, seconds: float, growth: int | None) -> list[str]:
        memory = "not measured" if growth is None else _megabytes(growth)
        rate = _count(large.size / seconds / MEGABYTE)
        return [name, _seconds(seconds), rate, memory]

    rows = [
        row("Put", large.put_seconds, large.put_growth),
        row("Get", large.get_seconds, large.get_growth),
    ]
    if large.disk_seconds:
        plain = row("the same bytes into a plain file, synced", large.disk_seconds, None)
        rows.append([*plain[:3], ""])
    header = ["", "Seconds", "MB/s", "Peak memory above what was resident before"]
    return "\n\n".join([title, "Every byte compared on the way back.", _table(header, rows)])


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        measured, verdict = target.verdict(results)
        rows.append([target.title, target.wanted(), measured, verdict])
    parts = ["## Targets", _table(["Target", "Wanted", "Measured", ""], rows)]
    if any(_disturbed(result) for result in results.throughput.values()):
        parts.append("Other work disturbed this run (see above): it settles no target.")
    return "\n\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _with_range(spread: Spread, text: Callable[[float], str]) -> str:
    return f"{text(spread.median)} ({text(spread.low)} to {text(spread.high)})"


def _ratio(spread: Spread | None) -> str:
    if spread is None:
        return "not measured"
    return "1" if spread == Spread(1, 1, 1) else _with_range(spread, _factor)


def _factor(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _count(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _seconds(value: float) -> str:
    return f"{value:.2f}"


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"
