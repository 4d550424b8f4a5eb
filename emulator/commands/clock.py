"""``clock``: the emulator's time."""

from __future__ import annotations

from emulator.commands.control import Answer, Handwritten, commands


def _line(answer: Answer) -> str:
    now = str(answer.document["now"])
    return f"{now} (frozen)" if answer.document["frozen"] else now


COMMANDS = commands(
    "clock", dict.fromkeys(("show", "freeze", "advance", "set", "release"), Handwritten(_line))
)
