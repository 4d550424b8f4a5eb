"""``faults``: what is to go wrong, and how often it has."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from typing import Any

from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import Told, asking, counted, item, saying
from emulator.commands.errors import UsageError
from emulator.commands.files import read_json
from emulator.commands.keys import key_id
from emulator.commands.output import one_line, table
from emulator.commands.parser import Parser, assignments, not_empty, whole_number

FAULTS = "/_emulator/faults"

_RULE = "--rule"
_MEMBERS = "MEMBER=VALUE"
_AS_IN = "faults add status status=429"
_SEE = "see faults add --help"

_CONDITIONS = (
    "operation",
    "store",
    "key",
    "role",
    "key_id",
    "nth",
    "times",
    "probability",
    "seed",
    "since",
    "until",
)
"""The members of a rule that say when it fires, in the order in which they are shown."""


def _prepare_list(arguments: argparse.Namespace) -> Request:
    return asking(arguments, "GET", FAULTS, answer={"faults": list}, shown=_listed)


def _listed(told: Told) -> str:
    if not told["faults"]:
        return "There are no fault rules."
    rows = [
        (
            str(rule.get("id")),
            _assigned({name: rule[name] for name in _CONDITIONS if name in rule}) or "-",
            ", ".join(map(_effect, rule.get("effects", [rule.get("effect")]))),
            str(rule.get("matched")),
            str(rule.get("fired")),
        )
        for rule in told["faults"]
    ]
    return table(("ID", "CONDITIONS", "EFFECTS", "MATCHED", "FIRED"), rows)


def _effect(effect: Any) -> str:
    """An effect in the words that ``faults add`` takes."""
    if not isinstance(effect, dict):
        return str(effect)
    members = {name: value for name, value in effect.items() if name != "type"}
    return f"{effect.get('type')} {_assigned(members)}".rstrip()


def _assigned(members: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={_written(value)}" for name, value in members.items())


def _written(value: object) -> str:
    is_word = isinstance(value, str) and _value(value) == value and not set(value) & set(" ,")
    return str(value) if is_word else json.dumps(value, ensure_ascii=False)


def _value(written: str) -> object:
    """What a word stands for: a JSON number, boolean or text in quotes for that, any other for
    itself."""
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return written
    if isinstance(value, float) and not math.isfinite(value):
        return written
    return value if isinstance(value, (bool, int, float, str)) else written


def _probability(text: str) -> float:
    value = _value(text)
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def _define_add(parser: Parser) -> None:
    parser.add_argument(
        "effect",
        nargs="?",
        type=not_empty,
        metavar="EFFECT",
        help="what is to happen: status, latency, close, truncate, trickle, cache_down, "
        "cache_slow, cache_lost, storage_down, storage_slow or storage_lost",
    )
    parser.add_argument(
        "members",
        nargs="*",
        metavar=_MEMBERS,
        help="what the effect takes, as in status=429, seconds=0.5 or after_bytes=10; numbers, "
        "true, false and texts in double quotes are as in JSON, any other value is a text",
    )
    for name, help_ in (
        ("operation", "only on operations of this name, as in GetObject or '*Object'"),
        ("store", "only in stores whose name matches, as in 'media-*'"),
        ("key", "only on objects whose key matches, as in 'live/*'"),
        ("role", "only for callers with this role, by its name or id"),
    ):
        parser.add_argument(f"--{name}", type=not_empty, metavar="PATTERN", help=help_)
    parser.add_argument(
        "--key-id", type=key_id, metavar="ID", help="only for the API key of this id"
    )
    parser.add_argument(
        "--nth",
        type=whole_number(1),
        metavar="N",
        help="on the Nth of those, once; more often with --times",
    )
    parser.add_argument(
        "--times", type=whole_number(1), metavar="N", help="so often (default: without end)"
    )
    parser.add_argument(
        "--probability", type=_probability, metavar="P", help="on each of those by chance, 0 to 1"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), metavar="N", help="another course of the chances"
    )
    for name, help_ in (("since", "not before"), ("until", "no more from")):
        parser.add_argument(
            f"--{name}",
            type=not_empty,
            metavar="INSTANT",
            help=f"{help_} this instant of the emulator's clock, as in 2030-01-01T00:00:00Z",
        )
    parser.add_argument(
        "--id", type=not_empty, metavar="ID", help="what to call the rule (default: fault-1, ...)"
    )
    parser.add_argument(
        _RULE,
        metavar="FILE|-",
        help="instead of all that: the JSON file that holds the whole rule, or - for stdin",
    )


def _prepare_add(arguments: argparse.Namespace) -> Request:
    return asking(
        arguments,
        "POST",
        FAULTS,
        _rule(arguments),
        answer={"id": str},
        shown=lambda told: one_line(f"Added the fault rule {told['id']}."),
    )


def _rule(arguments: argparse.Namespace) -> object:
    given = {
        name: getattr(arguments, name)
        for name in ("id", *_CONDITIONS)
        if getattr(arguments, name) is not None
    }
    if arguments.rule is not None:
        if given or arguments.effect is not None:
            beside = f"--{next(iter(given)).replace('_', '-')}" if given else "an effect"
            raise UsageError(f"{_RULE} holds the whole rule, {beside} too: give one of them")
        return read_json(arguments.rule, _RULE, "a fault rule")
    if arguments.effect is None:
        raise UsageError(f"the effect is missing: give one as in {_AS_IN}, or {_RULE} FILE; {_SEE}")
    if "=" in arguments.effect:
        raise UsageError(
            f"{arguments.effect!r} comes after the effect that takes it, as in {_AS_IN}; {_SEE}"
        )
    members = assignments([f"type={arguments.effect}", *arguments.members], _MEMBERS, _AS_IN)
    kind = members.pop("type")
    values = {name: _value(written) for name, written in members.items()}
    return {**given, "effect": {"type": kind, **values} if values else kind}


def _define_remove(parser: Parser) -> None:
    parser.add_argument(
        "id", type=not_empty, metavar="ID", help="the rule's id, as 'faults list' shows it"
    )


def _prepare_remove(arguments: argparse.Namespace) -> Request:
    return asking(
        arguments,
        "DELETE",
        item(FAULTS, arguments.id),
        answer={"id": str, "fired": int},
        shown=_removed,
    )


def _removed(told: Told) -> str:
    fired = counted(told["fired"], "time")
    return one_line(f"Removed the fault rule {told['id']}, which had fired {fired}.")


def _prepare_clear(arguments: argparse.Namespace) -> Request:
    return saying(arguments, "DELETE", FAULTS, done="There are no fault rules any more.")


COMMANDS: Mapping[str, Command] = {
    "list": Command(
        lambda _: None,
        _prepare_list,
        "  python -m emulator faults list",
        WITH_CONTROL_TOKEN,
    ),
    "add": Command(
        _define_add,
        _prepare_add,
        """\
  python -m emulator faults add storage_down
  python -m emulator faults add status status=429 --operation GetObject --times 2
  python -m emulator faults add latency seconds=0.5 before=first_byte --key 'live/*'
  python -m emulator faults add close where=answer_body after_bytes=10 reset=true
  python -m emulator faults add --rule rule.json

with rule.json, of more than one effect:
  {"operation": "PutObject", "times": 1,
   "effects": ["storage_down", {"type": "cache_slow", "seconds": 2}]}""",
        WITH_CONTROL_TOKEN,
    ),
    "remove": Command(
        _define_remove,
        _prepare_remove,
        "  python -m emulator faults remove fault-1",
        WITH_CONTROL_TOKEN,
    ),
    "clear": Command(
        lambda _: None,
        _prepare_clear,
        "  python -m emulator faults clear",
        WITH_CONTROL_TOKEN,
    ),
}
