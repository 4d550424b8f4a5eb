"""The command line: ``python -m emulator [serve]``."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from emulator import __version__
from emulator.config import (
    ENVIRONMENT_PREFIX,
    OPTIONS,
    Config,
    ConfigurationError,
)
from emulator.config_sources import config_path, load, unknown_variables
from emulator.logs import line

PROGRAM = "momento-objectstore-emulator"

EXIT_USAGE = 2
"""The exit status when the emulator cannot start as it was asked to."""

_DESCRIPTION = """\
Momento Object Store on your machine. Starts the service, prints its endpoint and an API key to
use, and runs until it gets SIGINT (Ctrl-C) or SIGTERM.
"""

_EPILOG = f"""\
examples:
  python -m emulator
      everything in memory on port 8080, with fresh API keys
  python -m emulator --data-dir ./data
      stores, keys and objects are still there next time
  python -m emulator --port 0 --ready-file ready.json --seed fixtures/seed.yaml
      for CI: a free port, the endpoint and keys in ready.json, known content

Every option can also be given in the environment, as {ENVIRONMENT_PREFIX}PORT for --port, or in
a TOML file with --config, as port = 9000. A flag wins over the environment, which wins over the
file. API keys that have to be the same every time have no flag, since others could read it:
set {ENVIRONMENT_PREFIX}OWNER_KEY, {ENVIRONMENT_PREFIX}OPERATOR_KEY and
{ENVIRONMENT_PREFIX}VIEWER_KEY, or owner_key and so on in the file.

exit status: 0 after a signal, 2 when it cannot start as asked; the last line then says why.
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line that says what to do."""

    def error(self, message: str) -> NoReturn:
        unknown = re.fullmatch(r"unrecognized arguments: (\S+).*", message, re.DOTALL)
        if unknown and unknown.group(1) == "serve":
            message = "the command serve comes before its options; see --help"
        elif unknown and not unknown.group(1).startswith("-"):
            message = f"there is a word too many, {unknown.group(1)!r}; see --help"
        elif unknown:
            flag = unknown.group(1).partition("=")[0]
            close = difflib.get_close_matches(flag, self._option_string_actions, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            for option in OPTIONS:
                if option.flag is None and flag == f"--{option.name.replace('_', '-')}":
                    hint = f"set {option.variable} instead; "
            message = f"unknown option {flag}: {hint}see --help"
        else:
            message = message.replace("argument ", "").replace(
                "expected one argument", "it needs a value"
            )
        _fail(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["serve"]:
        del words[0]
    elif words and not words[0].startswith("-"):
        _fail(f"unknown command {words[0]!r}: the command is serve; see --help")
    try:
        config = _configuration(words)
    except ConfigurationError as error:
        _fail(str(error))
    try:
        from emulator.serve import serve

        serve(config, unknown_variables(os.environ))
    except ConfigurationError as error:
        _fail(str(error), config.log_format)
    except KeyboardInterrupt:  # Before the start had come to where it catches signals.
        return 130
    return 0


def _configuration(words: list[str]) -> Config:
    given = vars(_parser().parse_args(words))
    config_file = config_path(given.pop("config"), "--config") if "config" in given else None
    return load(given, os.environ, config_file)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        usage="python -m emulator [serve] [options]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("--config", metavar="FILE", help="TOML file with any of these options")
    for option in OPTIONS:
        if option.flag is None:
            continue
        shown = option.default is not None and "(" not in option.help
        default = f" ({option.default!s})" if shown else ""
        parser.add_argument(
            option.flag, dest=option.name, metavar=option.metavar, help=option.help + default
        )
    return parser


def _fail(message: str, log_format: str = "text") -> NoReturn:
    print(line(f"{PROGRAM}: {' '.join(message.split())}", log_format), file=sys.stderr)
    raise SystemExit(EXIT_USAGE)
