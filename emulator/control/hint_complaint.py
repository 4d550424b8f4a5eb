"""What a check says of hints that it does not allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from emulator.control.call import Call
from emulator.control.hints.hint import Hint
from emulator.control.hints.table import IDS
from emulator.core.documents import unknown
from emulator.core.patterns import is_pattern, matches

_SHOWN = 3
"""How many calls of a hint are listed: the first ones."""


def allowing(allow: Iterable[str]) -> Callable[[Hint], bool]:
    """Return what says whether a hint is allowed by these ids or patterns.

    Raises:
        BadRequestError: there is no hint of such an id.
    """
    allowed = (allow,) if isinstance(allow, str) else tuple(allow)
    for each in allowed:
        if not is_pattern(each) and each not in IDS:
            raise unknown("hint", each, IDS)
    return lambda hint: any(matches(each, hint.id) for each in allowed)


def complaint(found: Mapping[Hint, Sequence[Call]]) -> str | None:
    """Describe hints and the first of their calls; None if there are none."""
    if not found:
        return None
    lines = ["Requests lean on what nobody promised:"]
    for hint, calls in found.items():
        count = "1 request" if len(calls) == 1 else f"{len(calls)} requests"
        lines.append(f"  {hint.id} ({count}): {hint.text} See {hint.link}")
        lines += (f"    {call}" for call in calls[:_SHOWN])
        if len(calls) > _SHOWN:
            lines.append("    ...")
    return "\n".join(lines)
