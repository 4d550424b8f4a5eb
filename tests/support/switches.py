"""The tables of switches in ``docs/fidelity.md``, as the emulator's own tables have them.

``python -m tests.support.switches`` prints them.
"""

from __future__ import annotations

from itertools import takewhile

from emulator.conformance.questions.table import QUESTIONS
from emulator.core.answers import OURS, SWITCHES

from .fidelity import PAGE


def switches() -> list[str]:
    """The lines of the table of switches."""
    found = ["| switch | what it decides | answers | the emulator's own |", "|---|---|---|---|"]
    for switch in SWITCHES.values():
        own = "its own text" if switch.default == OURS else f"`{switch.default}`"
        found.append(f"| {switch.id} | {switch.name} | {switch.answers} | {own} |")
    return found


def no_switches() -> list[str]:
    """The lines of the table of what is asked and is no switch."""
    found = [
        "| decision | question | the emulator's own | why it is no switch |",
        "|---|---|---|---|",
    ]
    for each in QUESTIONS.values():
        if each.probe is not None and not each.is_switch:
            own = " or ".join(f"`{answer}`" for answer in each.ours)
            found.append(f"| {each.id} | {each.question} | {own} | {each.why} |")
    return found


def written_in_docs(start: str) -> list[str]:
    """The lines of the table in the page whose first line begins so."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    [first] = [number for number, line in enumerate(lines) if line.startswith(start)]
    return list(takewhile(lambda line: line.startswith("|"), lines[first:]))


if __name__ == "__main__":
    print("\n".join([*switches(), "", *no_switches()]))
