"""The sections of everything that is no scenario."""

from tests.bench.calm import Verdict
from tests.bench.coldstart import SUBJECTS as COLD_SUBJECTS
from tests.bench.coldstart import ColdStarts
from tests.bench.cycles import OBJECTS, Cycles, Held
from tests.bench.embedded import Embedded
from tests.bench.files import Files
from tests.bench.growth import Growth
from tests.bench.idle import SUBJECTS as IDLE_SUBJECTS
from tests.bench.idle import IdleMemory
from tests.bench.instructions import SUBJECTS as COUNTED_SUBJECTS
from tests.bench.instructions import Instructions
from tests.bench.large import LargeObject
from tests.bench.live import PLAYERS, STALLED
from tests.bench.memory import MEGABYTE
from tests.bench.objects import Objects
from tests.bench.results import Results
from tests.bench.soak import Soak
from tests.bench.stats import Spread
from tests.bench.stores import COUNT, Stores
from tests.bench.subjects import BARE, MOTO
from tests.bench.text import (
    as_count,
    as_factor,
    as_megabytes,
    as_milliseconds,
    as_ratio,
    as_seconds,
    table,
    with_range,
)


def sections(results: Results) -> list[str]:
    """Return a section for each part that was measured."""
    found: list[str] = []
    if results.instructions:
        found.append(_instructions(results.instructions))
    if results.cold:
        found.append(_cold(results.cold))
    if isinstance(results.embedded, Embedded):
        found.append(_embedded(results.embedded))
    if results.idle:
        found.append(_idle(results.idle))
    if results.objects:
        found.append(_objects(results.objects))
    if results.stores:
        found.append(_stores(results.stores, results.verdicts["stores"]))
    if results.large:
        found.append(_large(results.large, "filesystem storage", results.verdicts["large"]))
    if results.large_s3:
        where = "storage in S3 (moto's server)"
        found.append(_large(results.large_s3, where, results.verdicts["large-s3"]))
    if isinstance(results.cycles, Cycles):
        found.append(_cycles(results.cycles, results.verdicts["cycles"]))
    if isinstance(results.growth, list):
        found.append(_growth(results.growth, results.verdicts["growth"]))
    if isinstance(results.files, list):
        found.append(_files(results.files, results.verdicts["files"]))
    if isinstance(results.soak, Soak):
        found.append(_soak(results.soak))
    return found


def _section(title: str, verdict: Verdict | None, *parts: str) -> str:
    """Return the parts below their title, or only the verdict if it refuses them."""
    line = verdict.line() if verdict else ""
    shown = () if verdict and verdict.refused else parts
    return "\n\n".join(filter(None, [f"## {title}", *shown, line]))


def _cold(cold: ColdStarts) -> str:
    rows = []
    for subject in COLD_SUBJECTS:
        seconds = cold.counted(subject)
        if not seconds:
            rows.append([subject.title, "not measured", ""])
            continue
        spread, ratio = Spread.of(seconds), cold.ratio(subject, MOTO)
        rows.append([subject.title, with_range(spread, as_seconds), as_ratio(ratio)])
    about = "From spawning the process until the first object is stored, store or bucket included."
    header = ["Server", "Seconds", f"Ratio to {MOTO.title}"]
    return _section("Cold start", cold.verdict, about, table(header, rows))


def _embedded(embedded: Embedded) -> str:
    about = (
        "Processor time in a new interpreter. A start is the import of the emulator, its start, and"
        " its first answer. The plugin is imported after pytest."
    )
    start, plugin = embedded.counted(embedded.start), embedded.counted(embedded.plugin)
    rows = []
    if not embedded.verdict.refused:
        rows = [
            ["Start of an embedded emulator", as_milliseconds(Spread.of(start))],
            ["Import of the pytest plugin", as_milliseconds(Spread.of(plugin))],
        ]
    return _section("Embedded", embedded.verdict, about, table(["", "Processor time"], rows))


def _idle(idle: IdleMemory) -> str:
    rows = []
    for subject in IDLE_SUBJECTS:
        resident = idle.resident.get(subject.name)
        if resident is None:
            rows.append([subject.title, "not measured", ""])
            continue
        rows.append([subject.title, as_megabytes(resident.idle), as_megabytes(resident.used)])
    header = ["Server", "Just started", "After its first object"]
    return _section("Idle memory (resident)", None, table(header, rows))


def _instructions(found: Instructions) -> str:
    about = (
        "Instructions in user space for one request of 1 KiB, counted by callgrind. Two counts of"
        " the same code differ by about 1 %."
    )
    base = found.counts.get(BARE.name)
    rows = []
    for subject in COUNTED_SUBJECTS:
        counts = found.counts.get(subject.name)
        if counts is None:
            rows.append([subject.title, "not measured", "", "", ""])
            continue
        ratios = [counts.get / base.get, counts.put / base.put] if base else []
        rows.append(
            [
                subject.title,
                as_count(counts.get),
                as_count(counts.put),
                *([as_factor(ratio) for ratio in ratios] or ["", ""]),
            ]
        )
    header = ["Server", "Get", "Put", f"Get, ratio to {BARE.title}", f"Put, ratio to {BARE.title}"]
    return _section("Instructions", None, about, table(header, rows))


def _objects(objects: Objects) -> str:
    about = (
        f"By how much the resident memory of an emulator grows with {as_count(objects.count)}"
        " objects of 1 KiB, for each object and without its body. Their keys have 27 characters."
    )
    rows = [
        [title, *(f"{as_count(size)} bytes" for size in (each.plain, each.described))]
        for title, each in objects.overhead.items()
    ]
    header = ["Where", "Beyond its body", "with a content type and a TTL"]
    return _section("Memory of an object", None, about, table(header, rows))


def _stores(stores: Stores, verdict: Verdict) -> str:
    about = f"List Object Stores with {as_count(COUNT)} stores, one list after the other."
    rows = [[title, as_milliseconds(listing)] for title, listing in stores.listings.items()]
    return _section("Many stores", verdict, about, table(["", "Time"], rows))


def _cycles(cycles: Cycles, verdict: Verdict) -> str:
    about = (
        "Each cycle is a test that makes a store, an object, a key, a role, a fault rule and a"
        " checkpoint, moves the clock, and is followed by a reset. Objects are those that the"
        " garbage collector knows."
    )

    def row(title: str, held: Held) -> list[str]:
        counts = (held.descriptors, held.threads, held.tasks, held.objects)
        return [title, as_megabytes(held.resident), *(as_count(each) for each in counts)]

    header = ["", "Resident", "Descriptors", "Threads", "Tasks", "Objects"]
    held = table(header, [row("before", cycles.before), row("after", cycles.after)])
    rows = [
        ["Reset", as_milliseconds(cycles.reset), f"{cycles.reset_p99 * 1000:.2f} ms"],
        [f"Checkpoint, {OBJECTS} objects of 1 KiB", as_milliseconds(cycles.checkpoint), ""],
        [f"Restore, {OBJECTS} objects of 1 KiB", as_milliseconds(cycles.restore), ""],
    ]
    times = table(["", "Median, and extremes", "99 % are below"], rows)
    return _section(f"{as_count(cycles.cycles)} reset cycles", verdict, about, held, times)


def _files(found: list[Files], verdict: Verdict) -> str:
    about = (
        "Objects of 1 KiB in one bucket of the file system tier, with fsync. The start is from the"
        " command to the ready file; each Get is the first of its object; Puts are of new keys, one"
        " after the other."
    )
    rows = [
        [
            as_count(each.count),
            as_milliseconds(each.start),
            as_milliseconds(each.get),
            as_milliseconds(each.put),
            f"{each.listing:.2f} s",
            f"{each.reset:.2f} s",
        ]
        for each in found
    ]
    header = ["Objects", "Start", "Get", "Put", "List of all", "Reset"]
    return _section("The file system tier", verdict, about, table(header, rows))


def _soak(found: Soak) -> str:
    stream, kills = found.stream, found.kills
    about = (
        f"A live stream for {stream.days} days of the emulator's clock in {stream.seconds:.0f} s:"
        f" {as_count(stream.requests)} requests, {stream.wrong} wrong answers;"
        f" {PLAYERS} connections of players, {STALLED} clients that do not read."
        f" The longest standstill was {stream.standstill * 1000:.0f} ms."
    )
    rows = [
        [_day(number), as_megabytes(resident), str(descriptors)]
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
    header = ["End of", "Resident", "Descriptors"]
    return _section("Soak", None, about, table(header, rows), killed)


def _day(number: int) -> str:
    return f"day {number}" if number else "the start"


def _growth(found: list[Growth], verdict: Verdict) -> str:
    about = (
        "An emulator with account and cache in one Valkey, objects in memory. So many stores, as"
        " many keys and as many cached objects were there before; one request after the other. A"
        " store that is deleted has its cached objects looked for among all."
    )
    rows = [
        [
            as_count(each.count),
            as_milliseconds(each.get),
            as_milliseconds(each.put),
            as_milliseconds(each.create),
            f"{each.listing * 1000:.0f} ms",
            f"{each.delete * 1000:.0f} ms",
        ]
        for each in found
    ]
    header = ["Of each", "Get (cached)", "Put", "Create a store", "List stores", "Delete a store"]
    return _section("A shared account and cache", verdict, about, table(header, rows))


def _large(large: LargeObject, where: str, verdict: Verdict) -> str:
    title = f"One object of {large.size / 2**30:.3g} GiB, {where}"
    if large.failure:
        return _section(title, None, f"Not measured: {large.failure}")

    def row(name: str, seconds: float, growth: int | None) -> list[str]:
        memory = "not measured" if growth is None else as_megabytes(growth)
        rate = as_count(large.size / seconds / MEGABYTE)
        return [name, as_seconds(seconds), rate, memory]

    rows = [
        row("Put", large.put_seconds, large.put_growth),
        row("Get", large.get_seconds, large.get_growth),
    ]
    if large.disk_seconds:
        plain = row("the same bytes into a plain file, synced", large.disk_seconds, None)
        rows.append([*plain[:3], ""])
    header = ["", "Seconds", "MB/s", "Peak memory above what was resident before"]
    return _section(title, verdict, "Every byte compared on the way back.", table(header, rows))
