"""Parse command lines, with errors of one line that say what to do; and types of values."""

from __future__ import annotations

import argparse
import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from emulator.commands import LONE_COMMANDS
from emulator.commands.errors import UsageError
from emulator.core.clock import MICROSECONDS
from emulator.core.instants import from_duration, from_iso

PROGRAM = "momento-objectstore-emulator"
"""The program in error messages."""

INVOCATION = "python -m emulator"
"""The program in usage lines and hints."""

_NEGATIVE = re.compile(r"-[0-9.]+[a-z]?")

_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")

_REQUIRED = "the following arguments are required: "


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Fills paragraphs to the width of the terminal, and leaves lists and examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(
            paragraph
            if any(line.startswith(" ") for line in paragraph.split("\n"))
            else argparse.HelpFormatter._fill_text(self, paragraph, width, indent)
            for paragraph in text.rstrip().split("\n\n")
        )


_COLUMNS = 80


def listed(commands: Mapping[str, str], width: int = 0) -> str:
    """Format a line of help for each command, indented; ``width`` is the least of the names'."""
    import textwrap

    width = max(width, *map(len, commands))
    between = " " * (width + 4)
    return "\n".join(
        textwrap.fill(
            summary, _COLUMNS, initial_indent=f"  {name:{width}}  ", subsequent_indent=between
        )
        for name, summary in commands.items()
    )


class Parser(argparse.ArgumentParser):
    """An argument parser that raises ``UsageError`` instead of exiting.

    ``see`` is the option that shows help, with its command, for hints.
    """

    def __init__(self, *, see: str = "--help", **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, allow_abbrev=False, **options)
        self._see = see
        # argparse takes a negative number for a value and not for an option: take `-1h` so, too.
        self._negative_number_matcher = _NEGATIVE

    def error(self, message: str) -> NoReturn:
        unknown = re.fullmatch(r"unrecognized arguments: (\S+).*", message, re.DOTALL)
        if unknown and unknown.group(1).startswith("-"):
            flag = unknown.group(1).partition("=")[0]
            hint = self.hint_for_option(flag) or did_you_mean(flag, self._option_string_actions)
            raise UsageError(f"unknown option {flag}: {hint}see {self._see}")
        if unknown:
            raise UsageError(f"{self.hint_for_word(unknown.group(1))}; see {self._see}")
        if message.startswith(_REQUIRED):
            missing = message[len(_REQUIRED) :].split(", ")[0]
            raise UsageError(f"{missing} is missing: {self._help_of(missing)}; see {self._see}")
        message = re.sub(r"^argument ", "", message)
        message = re.sub(r"ignored explicit argument .*", "it takes no value", message)
        raise UsageError(message.replace("expected one argument", "it needs a value"))

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse the words of a command line.

        A misspelt option is reported first: argparse would report that the right one is missing.

        Raises:
            UsageError: they are not valid.
        """
        for word in words:
            if word == "--":
                break
            flag = word.partition("=")[0]
            is_flag = flag.startswith("--") and " " not in word
            if is_flag and flag not in self._option_string_actions:
                self.error(f"unrecognized arguments: {word}")
        if any(action.nargs in ("*", "?") for action in self._get_positional_actions()):
            return self.parse_intermixed_args(words)  # Options may stand between the words.
        return self.parse_args(words)

    @property
    def flags(self) -> Mapping[str, str | int | None]:
        """How many values each option takes, as ``nargs`` says it."""
        return {flag: action.nargs for flag, action in self._option_string_actions.items()}

    def hint_for_option(self, flag: str) -> str:
        """Return what to do instead of an unknown option, with a space at the end, or nothing."""
        del flag
        return ""

    def hint_for_word(self, word: str) -> str:
        """Return what is wrong with an unexpected word."""
        return f"there is one word too many, {word!r}"

    def _help_of(self, name: str) -> str:
        for action in self._actions:
            if action.help and name in (*action.option_strings, action.metavar, action.dest):
                return action.help
        return "the command needs it"


def of_lone_command(name: str, epilog: str) -> dict[str, Any]:
    """Return what the parser of a command without a group is made with."""
    summary = LONE_COMMANDS[name]
    return {
        "see": f"{name} --help",
        "prog": f"{INVOCATION} {name}",
        "description": f"{summary[0].upper()}{summary[1:]}.",
        "epilog": epilog,
    }


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """Return a question with a space at the end, or nothing if no known word is similar."""
    close = difflib.get_close_matches(typed, known, 1)
    return f"did you mean {close[0]}? " if close else ""


def duration(text: str) -> int:
    """Parse a duration such as ``90s``, ``15m``, ``1h``, ``7d`` or ``90``; return its seconds.

    Raises:
        ArgumentTypeError: it is not a duration, or shorter than a second.
    """
    if _NEGATIVE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is negative: it must be at least 1s")
    seconds = from_duration(f"{text}s" if text[-1:].isdecimal() else text)
    if seconds is None or seconds != int(seconds):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a duration: give a whole number of seconds, "
            "or one with a unit as in 90s, 15m, 1h or 7d"
        )
    if seconds == 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be at least 1s")
    return int(seconds)


def instant(text: str) -> float:
    """The seconds since the Unix epoch that an instant in ISO 8601 with its offset, or a number
    of seconds, stands for.

    Raises:
        ArgumentTypeError: it is neither.
    """
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    instant = from_iso(text)
    if instant is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an instant: give one as in 2030-01-01T00:00:00Z, "
            "or in seconds since the Unix epoch"
        )
    return instant / MICROSECONDS


def json_word(text: str) -> bool | int | float | str:
    """What a word stands for: a JSON number, boolean or text in quotes for that, any other for
    itself."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, float) and not math.isfinite(value):
        return text
    return value if isinstance(value, (bool, int, float, str)) else text


def probability(text: str) -> float:
    """A kind of value that is a number from 0 to 1.

    Raises:
        ArgumentTypeError: it is another number, or none.
    """
    value = json_word(text)
    if isinstance(value, (bool, str)) or not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def whole_number(at_least: int) -> Callable[[str], int]:
    """Return a type of values: whole numbers of at least ``at_least``."""

    def parse(text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text) or int(text) < at_least:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number of at least {at_least}"
            )
        return int(text)

    return parse


def assignments(words: Iterable[str], flag: str, example: str) -> dict[str, str]:
    """Parse words such as ``name=value``; return the values by name. ``example`` is for messages.

    Raises:
        UsageError: a word has another form, or a name is given twice.
    """
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(f"{flag}: {word!r} is not a name and a value as in {example}")
        if name in values:
            raise UsageError(f"{flag}: {name} is given more than once")
        values[name] = value
    return values


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a type of values: one of ``choices``."""

    def parse(text: str) -> str:
        if text not in choices:
            hint = did_you_mean(text.lower(), choices).strip()
            raise argparse.ArgumentTypeError(
                f"{text!r} is not one of {', '.join(choices)}{f' ({hint})' if hint else ''}"
            )
        return text

    return parse


def not_empty(text: str) -> str:
    """The type of values that are not empty.

    Raises:
        ArgumentTypeError: it is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text
