"""``faults``: list, add and remove fault rules."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from emulator.commands.control import Answer, Handwritten, commands, quiet_list, quiet_member
from emulator.commands.errors import UsageError
from emulator.commands.files import read_json
from emulator.commands.output import counted, one_line, table
from emulator.commands.parser import Parser, assignments, json_word, not_empty
from emulator.control.conditions import RuleConditions

_RULE = "--rule"
_MEMBERS = "MEMBER=VALUE"
_AS_IN = "faults add status status=429"
_SEE = "see faults add --help"

_EXAMPLES = """\
  python -m emulator faults add storage_down
  python -m emulator faults add status status=429 --key 'live/*' --times 2
  python -m emulator faults add latency seconds=0.5 --operation GetObject
  python -m emulator faults add close where=answer_body after_bytes=10
  python -m emulator faults add --rule rule.json

with this rule.json, which has two effects:
  {"operation": "PutObject", "times": 1,
   "effects": ["storage_down", {"type": "cache_slow", "seconds": 2}]}"""

_CONDITIONS = [name for name in RuleConditions.__annotations__ if name not in ("id", "enabled")]
"""The members of a rule that decide when it fires, in the order of the output."""


def _listed(answer: Answer) -> str:
    if not answer.document["faults"]:
        return "There are no fault rules."
    rows = [
        (
            rule.get("id") if rule.get("enabled", True) else f"{rule.get('id')} (off)",
            _assigned({name: rule[name] for name in _CONDITIONS if name in rule}) or None,
            ", ".join(map(_effect, rule.get("effects", [rule.get("effect")]))),
            rule.get("matched"),
            rule.get("fired"),
        )
        for rule in answer.document["faults"]
    ]
    return table(("ID", "CONDITIONS", "EFFECTS", "MATCHED", "FIRED"), rows)


def _effect(effect: Any) -> str:
    """Format an effect as the arguments of ``faults add``."""
    if not isinstance(effect, dict):
        return str(effect)
    members = {name: value for name, value in effect.items() if name != "type"}
    return f"{effect.get('type')} {_assigned(members)}".rstrip()


def _assigned(members: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={_written(value)}" for name, value in members.items())


def _written(value: object) -> str:
    is_word = isinstance(value, str) and json_word(value) == value and not set(value) & set(" ,")
    return str(value) if is_word else json.dumps(value, ensure_ascii=False)


def _define_add(parser: Parser) -> None:
    parser.add_argument(
        "effect",
        nargs="?",
        type=not_empty,
        metavar="EFFECT",
        help="the rule's effect: status, latency, close, truncate, trickle, creation_failed, "
        "cache_down, cache_slow, cache_lost, storage_down, storage_slow or storage_lost",
    )
    parser.add_argument(
        "members",
        nargs="*",
        metavar=_MEMBERS,
        help="a value of the effect, as in status=429, seconds=0.5 or after_bytes=10; numbers, "
        "true, false and texts in double quotes are as in JSON, any other value is a text",
    )
    parser.add_argument(
        _RULE,
        metavar="FILE|-",
        help="JSON file with the whole rule, or - for stdin; instead of all other arguments",
    )


def _rule(arguments: argparse.Namespace, given: dict[str, Any]) -> object:
    if arguments.rule is not None:
        if given or arguments.effect is not None:
            beside = f"--{next(iter(given)).replace('_', '-')}" if given else "an effect"
            raise UsageError(f"{_RULE} has the whole rule: do not give {beside} too")
        return read_json(arguments.rule, _RULE, "a fault rule")
    if arguments.effect is None:
        raise UsageError(f"the effect is missing: give one as in {_AS_IN}, or {_RULE} FILE; {_SEE}")
    if "=" in arguments.effect:
        raise UsageError(
            f"{arguments.effect!r} must follow the effect that takes it, as in {_AS_IN}; {_SEE}"
        )
    members = assignments([f"type={arguments.effect}", *arguments.members], _MEMBERS, _AS_IN)
    kind = members.pop("type")
    # Two effects that lose entries take `store` and `key` as members of their own.
    for name in [] if kind.endswith("_lost") else members:
        if name in _CONDITIONS:
            flag = name.replace("_", "-")
            raise UsageError(f"{name} is an option: give --{flag} {members[name]}; {_SEE}")
    values = {name: json_word(written) for name, written in members.items()}
    return {**given, "effect": {"type": kind, **values} if values else kind}


def _removed(answer: Answer) -> str:
    fired = counted(answer.document["fired"], "time")
    return one_line(f"Removed the fault rule {answer.document['id']}, which fired {fired}.")


COMMANDS = commands(
    "faults",
    {
        "list": Handwritten(_listed, quiet=quiet_list("faults", "id", "the ids")),
        "add": Handwritten(
            "Added the fault rule {id}.",
            _define_add,
            _rule,
            examples=_EXAMPLES,
            quiet=quiet_member("id", "the id"),
        ),
        "remove": Handwritten(_removed),
        "disable": Handwritten("Switched the fault rule {id} off."),
        "enable": Handwritten("Switched the fault rule {id} on."),
        "clear": Handwritten("Removed every fault rule."),
    },
)
