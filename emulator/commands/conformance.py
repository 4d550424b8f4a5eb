"""``conformance``: hold an endpoint against the documents, and compare two reports."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence

from emulator.commands.errors import CommandError, UsageError
from emulator.commands.parser import INVOCATION, Parser, of_lone_command
from emulator.core.colors import wants_color

NAME = "conformance"
COMPARE = "compare"

EXIT_DIFFERENT = 1
"""The exit status where something does not hold, or two reports differ."""

_EPILOG = f"""\
examples:
  {INVOCATION} {NAME} --endpoint http://127.0.0.1:8080 \\
      --bucket my-bucket --cluster my-valkey-cluster \\
      --role-arn arn:aws:iam::123456789012:role/r --report report.html
  {INVOCATION} {NAME} {COMPARE} a.json b.json
      what differs between two reports

Every option can also be set in the environment, as MOMENTO_CONFORMANCE_BUCKET for --bucket. Set the
keys there, since other users of the machine can read a flag; the Owner's may be in MOMENTO_API_KEY.
A run can be stopped by Ctrl-C, and goes on with the same command. It deletes what it has made.

exit status: 0 when all that can be shown holds, 1 when something does not, 2 when the command is
wrong, 130 when it was stopped.
"""


def run(words: Sequence[str]) -> None:
    """Run the command with these arguments.

    Raises:
        CommandError: the command failed.
        SystemExit: something does not hold, or differs.
    """
    if list(words[:1]) == [COMPARE]:
        raise SystemExit(_compare(words[1:]))
    for module in ("pytest", "hypothesis"):
        if importlib.util.find_spec(module) is None:
            from emulator.core.installation import missing_package

            raise CommandError(missing_package(NAME, module, "conformance"))
    from emulator.conformance.command import MisuseError, execute

    given = vars(parser().parse(words))
    try:
        status = execute(
            given,
            reports=given["report"],
            yes=given["yes"],
            quiet=given["quiet"],
            answers=given["learn"],
        )
    except MisuseError as error:
        raise UsageError(f"{error}; see {NAME} --help") from None
    raise SystemExit(status)


def parser() -> Parser:
    """Return the parser of the arguments."""
    from emulator.conformance.options import SWITCHES, TABLE

    made = Parser(**of_lone_command(NAME, _EPILOG))
    for option in TABLE:
        made.add_argument(
            option.flag,
            metavar=option.metavar,
            help=option.help,
            action="append" if option.repeated else "store",
        )
    for name, does in SWITCHES.items():
        made.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=does)
    made.add_argument(
        "--report",
        metavar="FILE",
        action="append",
        default=[],
        help="write a report: .html, .json, .md, .junit or .svg; may be repeated",
    )
    made.add_argument(
        "--learn",
        metavar="FILE",
        default="",
        help="write the endpoint's answers, a .json that makes an emulator (--answers) behave so",
    )
    made.add_argument("-y", "--yes", action="store_true", help="do not ask before it starts")
    made.add_argument("-q", "--quiet", action="store_true", help="print the result alone")
    return made


def _compare(words: Sequence[str]) -> int:
    """Compare two reports. Returns the exit status."""
    from emulator.conformance.compare import compare, in_words, read

    made = Parser(
        see=f"{NAME} {COMPARE} --help",
        prog=f"{INVOCATION} {NAME} {COMPARE}",
        description="Show what differs between two endpoints, releases or revisions.",
        epilog="exit status: 0 when nothing differs, 1 when something does, 2 when it fails.",
    )
    made.add_argument("a", metavar="A.json", help="a report that --report wrote")
    made.add_argument("b", metavar="B.json", help="the report to compare it with")
    made.add_argument("--json", action="store_true", help="print the differences as JSON")
    arguments = made.parse(words)
    try:
        difference = compare(read(arguments.a), read(arguments.b))
    except ValueError as error:
        raise UsageError(str(error)) from None
    if arguments.json:
        print(json.dumps(difference.document(), indent=1))
    else:
        print(in_words(difference, colored=wants_color(sys.stdout)))
    return EXIT_DIFFERENT if difference.is_any else 0
