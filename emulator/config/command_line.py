"""Options as flags of a command line."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from emulator.config.options import OPTIONS


def add_flags(
    parser: argparse.ArgumentParser,
    *,
    without: Collection[str] = (),
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Add a flag for every option that has one, and ``--config``, to a parser that leaves out what
    is not given; ``without`` are names of options to leave out, ``defaults`` others than the
    table's."""
    parser.add_argument("--config", metavar="FILE", help="TOML file with any of these options")
    for option in OPTIONS:
        if option.flag is None or option.name in without:
            continue
        text, default = option.help, option.default
        if option.name in defaults:
            text, default = text.partition(" (")[0], defaults[option.name]
        if default is not None and "(" not in text:
            text += f" ({default!s})"
        alone: dict[str, Any] = {"nargs": "?", "const": "true"} if option.is_flag else {}
        parser.add_argument(
            option.flag,
            dest=option.name,
            metavar=option.metavar,
            help=text,
            **alone,
        )
        if option.off_flag is not None:
            parser.add_argument(
                option.off_flag,
                dest=option.name,
                action="store_const",
                const="false",
                help=f"the same as {option.flag} false",
            )
