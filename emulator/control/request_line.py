"""One line of text about a request that has ended, for somebody who watches a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.colors import CYAN, FAINT, GREEN, RED, YELLOW, paint
from emulator.core.one_line import one_line

_COLORS = {2: GREEN, 3: CYAN, 4: YELLOW}


def request_line(call: Mapping[str, Any], *, colored: bool) -> str:
    """Return the line of a call's document: method, target, status, outcome, milliseconds."""
    status, duration = call["status"], call["duration_ms"]
    answer = "no answer" if status is None else str(status)
    if status is not None and not call["complete"]:
        answer += " cut off"
    if call["outcome"]:
        answer += f" {call['outcome']}"
    if call["message"]:
        answer += f" ({one_line(call['message'])})"
    took = "" if duration is None else f"{duration:.1f} ms"
    faults = [f"faults: {one_line(', '.join(call['faults']))}"] if call["faults"] else []
    if colored:
        answer = paint(answer, RED if status is None else _COLORS.get(status // 100, RED))
        took = paint(took, FAINT)
    asked = one_line(f"{call['method'] or '?'} {call['target'] or '?'}")
    return "  ".join(filter(None, (asked, answer, took, *faults)))
