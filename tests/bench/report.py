"""The results as Markdown."""

from tests.bench import report_parts, report_scenarios
from tests.bench.results import Results
from tests.bench.targets import TARGETS
from tests.bench.text import table


def markdown(results: Results, with_targets: bool) -> str:
    """Return everything that was measured: tables, or why there is none."""
    sections = [_machine(results)]
    sections += [report_scenarios.section(result) for result in results.throughput.values()]
    sections += report_parts.sections(results)
    if failures := [*results.failures(), *results.absent()]:
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


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        measured, verdict = target.verdict(results)
        rows.append([target.title, target.wanted(), measured, verdict])
    return "\n\n".join(["## Targets", table(["Target", "Wanted", "Measured", ""], rows)])
