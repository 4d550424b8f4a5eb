"""``env``: print the variables that lead clients to a running emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.commands.errors import CommandError, UsageError
from emulator.commands.parser import INVOCATION, Parser, of_lone_command, one_of
from emulator.config.options import ENVIRONMENT_PREFIX
from emulator.tls.environment import FORMATS

NAME = "env"

_VARIABLE = f"{ENVIRONMENT_PREFIX}READY_FILE"

_EPILOG = f"""\
examples:
  eval "$({INVOCATION} {NAME} --ready-file ready.json)"
  {INVOCATION} {NAME} --ready-file ready.json --format fish | source
  {INVOCATION} {NAME} --ready-file ready.json --format powershell |
      Out-String | Invoke-Expression
  {INVOCATION} {NAME} --ready-file ready.json --format dotenv > .env

The emulator has written the file: start it with --ready-file. The output contains an API key.

exit status: 0 on success, 1 when the file cannot be read, 2 when the command itself is wrong.
"""


def run(words: Sequence[str]) -> None:
    """Run the command with these arguments.

    Raises:
        CommandError: it failed.
    """
    given = parser().parse(words)
    if not given.ready_file:
        raise UsageError(
            f"--ready-file is missing: start the emulator with it, and give the same file here or "
            f"in {_VARIABLE}; see {NAME} --help"
        )
    print(FORMATS[given.format](_variables(Path(given.ready_file))))


def parser() -> Parser:
    """Return the parser of the arguments."""
    made = Parser(**of_lone_command(NAME, _EPILOG))
    made.add_argument(
        "--ready-file",
        metavar="FILE",
        default=os.environ.get(_VARIABLE),
        help=f"ready file of the emulator (default: {_VARIABLE})",
    )
    made.add_argument(
        "--format",
        type=one_of(*FORMATS),
        default="sh",
        metavar="|".join(FORMATS),
        help="what is to read the output (sh)",
    )
    made.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    return made


def _variables(path: Path) -> Mapping[str, str]:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        variables = document["environment"]
        is_valid = all(isinstance(value, str) for value in variables.values())
    except FileNotFoundError:
        raise CommandError(
            f"there is no file {path}: no emulator that was started with --ready-file {path} runs"
        ) from None
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        is_valid = False
    if not is_valid:
        raise CommandError(f"{path} is not the ready file of an emulator of this version")
    found: Mapping[str, str] = variables
    return found
