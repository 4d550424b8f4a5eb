"""``clock``: the emulator's time."""

from __future__ import annotations

from emulator.commands.control import Answer, Handmade, commands


def _line(answer: Answer) -> str:
    now = str(answer.told["now"])
    return f"{now} (frozen)" if answer.told["frozen"] else now


COMMANDS = commands(
    "clock", dict.fromkeys(("show", "freeze", "advance", "set", "release"), Handmade(_line))
)
