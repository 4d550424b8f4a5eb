"""``clock``: the emulator's time."""

from __future__ import annotations

from emulator.commands.control import Answer, Handwritten, Quiet, commands


def _line(answer: Answer) -> str:
    now = str(answer.document["now"])
    return f"{now} (frozen)" if answer.document["frozen"] else now


_CHANGE = Handwritten(_line)
_SHOW = Handwritten(
    _line, quiet=Quiet(lambda answer: str(answer.document["now"]), "the instant alone")
)

COMMANDS = commands(
    "clock",
    {"show": _SHOW, **dict.fromkeys(("freeze", "advance", "set", "release"), _CHANGE)},
)
