"""Tables of ``docs/options.md``, from the table in ``emulator/config/options.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from emulator.config.options import OPTIONS, Option
from emulator.core.revisions import REVISIONS

_DEFAULT = re.compile(r" \(([^()]+)\)$")
_CODE = re.compile(r"--[a-z][a-z0-9-]*|\b[a-z-]+://(?:\.{3}|\S*[^\s,.)])")
"""Flags and URLs in a text of help, which are set as code."""

BY_NAME = {option.name: option for option in OPTIONS}


def options_table(names: Sequence[str]) -> Iterator[str]:
    """The lines of a table with these options, in this order."""
    yield "| option | value | default | |"
    yield "|---|---|---|---|"
    for name in names:
        yield _row(BY_NAME[name])


def _row(option: Option) -> str:
    text, default = _described(option)
    return f"| {_name(option)} | {_value(option)} | {default} | {text}{_required(option)} |"


def _name(option: Option) -> str:
    if option.flag is None:
        return f"`{option.variable}`"
    return ", ".join(f"`{flag}`" for flag in (option.flag, option.off_flag) if flag)


def _value(option: Option) -> str:
    if option.is_flag:
        return ""
    return ", ".join(f"`{each}`" for each in option.metavar.split("|"))


def _described(option: Option) -> tuple[str, str]:
    """The help of the option without its default, and the default."""
    found = _DEFAULT.search(option.help)
    if found is None:
        default = "" if option.default is None else f"`{option.default}`"
        return _coded(option.help), default
    default = _coded(found[1]) if " " in found[1] else f"`{found[1]}`"
    return _coded(option.help[: found.start()]), default


def _coded(text: str) -> str:
    return _CODE.sub(lambda code: f"`{code[0]}`", text)


def _required(option: Option) -> str:
    """What else has to be set, as a sentence."""
    if option.only_with is not None:
        other, wanted = option.only_with
        or_with = f" or `--{option.or_with}`" if option.or_with else ""
        return f". Requires `--{other} {wanted}`{or_with}"
    if option.since is not None:
        first = min(date for date, each in REVISIONS.items() if each.has(option.since))
        return f". Requires `--api-revision {first}` or later"
    return ""
