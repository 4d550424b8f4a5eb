"""The command line: find the command, and parse the options of ``serve``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from emulator.commands import COMMANDS, LONE_COMMANDS
from emulator.commands.errors import CommandError
from emulator.commands.output import EXIT_BROKEN_PIPE, ReaderGoneError, flushed_stdout
from emulator.commands.parser import PROGRAM, Parser, listed
from emulator.config.command_line import add_flags
from emulator.config.options import ENVIRONMENT_PREFIX, OPTIONS, Config
from emulator.config.sources import config_path, load, unknown_variables, wanted_ready_file
from emulator.core.failures import ConfigurationError
from emulator.core.logs import line
from emulator.core.redaction import redact
from emulator.core.version import __version__

if TYPE_CHECKING:
    from emulator.startup.ready_file import ReadyFile


EXIT_USAGE = 2
"""The exit status when the emulator cannot start with its configuration."""

EXIT_INTERRUPTED = 130
"""The exit status when Ctrl-C ended a command, or came before the service handled signals."""

SERVE = "serve"
"""The command that starts an emulator. Commands in groups talk to a running one."""

HELP = "help"
"""The command that shows the help of the program, of a group or of a command."""

COMPLETION = "--print-completion"

_LONE = {
    SERVE: "start the service; the default command",
    **LONE_COMMANDS,
    HELP: "show the help of a command, as in 'help keys create'",
}

_EPILOG = f"""\
examples:
  python -m emulator
      everything in memory on port 8080, with fresh API keys
  python -m emulator --data-dir ./data
      stores, keys and objects are kept for the next start
  python -m emulator --port 0 --ready-file ready.json --seed fixtures/seed.yaml
      for CI: a free port, the endpoint and keys in ready.json, known content

Every option can also be set in the environment, as {ENVIRONMENT_PREFIX}PORT for --port, or in
a TOML file with --config, as port = 9000. A flag wins over the environment, which wins over the
file. Fixed API keys have no flag, since other users of the machine could read it: set
{ENVIRONMENT_PREFIX}OWNER_KEY, {ENVIRONMENT_PREFIX}OPERATOR_KEY and
{ENVIRONMENT_PREFIX}VIEWER_KEY, or owner_key and so on in the file.

exit status: 0 after a signal, 2 when it cannot start; the last line then says why.
"""


def _description() -> str:
    groups = [
        {f"{group} {name}": summary for name, summary in commands.items()}
        for group, commands in COMMANDS.items()
    ]
    width = max(len(name) for commands in groups for name in commands)
    lists = "\n\n".join(listed(commands, width) for commands in (_LONE, *groups))
    return f"""\
Momento Object Store on your machine. Starts the service, prints its endpoint and an API key to
use, and runs until it gets SIGINT (Ctrl-C), SIGTERM or SIGHUP.

commands:
{lists}

The options below are those of {SERVE}. Every other command has its own --help. Commands of two
words talk to a running emulator.
"""


class _ServeParser(Parser):
    def format_help(self) -> str:
        self.description = _description()  # Only help needs it.
        return super().format_help()

    def hint_for_option(self, flag: str) -> str:
        if flag in ("--endpoint", "--json"):
            return "it is an option of commands that talk to an emulator, and comes after them; "
        for option in OPTIONS:
            if option.flag is None and flag == f"--{option.name.replace('_', '-')}":
                return f"set {option.variable} instead; "
        return ""

    def hint_for_word(self, word: str) -> str:
        if word in _LONE or word in COMMANDS:
            return f"the command {word} comes before its options"
        return super().hint_for_word(word)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status.

    Raises:
        SystemExit: it failed, with one line on stderr that says why; or help was printed.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] != SERVE and (words[0] in COMMANDS or words[0] in _LONE):
            _run_command(*words)
            return 0
        if words and words[0].partition("=")[0] == COMPLETION:
            _print_completion(words)
            return 0
        return _serve(words)
    except CommandError as error:
        _fail(str(error), status=error.status)
    except ConfigurationError as error:
        _fail(str(error))
    except ReaderGoneError:
        return EXIT_BROKEN_PIPE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _run_command(name: str, *words: str) -> None:
    with flushed_stdout():
        if name == HELP:
            _help(words)
            return
        if name in LONE_COMMANDS:
            importlib.import_module(f"emulator.commands.{name}").run(words)
            return
        from emulator.commands.command import run

        run(name, words)


def _serve(words: list[str]) -> int:
    if words[:1] == [SERVE]:
        del words[0]
    elif words and not words[0].startswith("-"):
        from emulator.commands.command import unknown_command

        raise unknown_command(words, [*_LONE])
    with flushed_stdout():
        try:
            config, warnings = _configuration(words)
        except (CommandError, ConfigurationError) as error:
            _note_failure(words, error)
            raise
    ready_file = _ready_file(config.ready_file)
    if ready_file is not None:
        ready_file.begin()
    try:
        from emulator.startup.quick_start import import_aiohttp, keeping_all

        with keeping_all():
            import_aiohttp()
            from emulator.serve import serve
        serve(config, [*unknown_variables(os.environ), *warnings])
    except ConfigurationError as error:
        if ready_file is not None:
            ready_file.fail(_in_one_line(error))
        _fail(str(error), config.log_format)
    return 0


def _note_failure(words: Sequence[str], error: Exception) -> None:
    """Tell ``wait`` of a command line that starts nothing, if it says where."""
    ready_file = _ready_file(wanted_ready_file(words, os.environ))
    if ready_file is not None:
        ready_file.begin()
        ready_file.fail(_in_one_line(error))


def _ready_file(path: Path | None) -> ReadyFile | None:
    if path is None:
        return None
    from emulator.startup.ready_file import ReadyFile

    return ReadyFile(path)


def _help(words: Sequence[str]) -> None:
    from emulator.commands.tree import find

    is_program = not words or tuple(words) in ((SERVE,), (HELP,))
    parser = _parser() if is_program else find(words, [*_LONE])
    parser.print_help()


def _print_completion(words: Sequence[str]) -> None:
    from emulator.commands.completion import script

    _, _, shell = words[0].partition("=")
    with flushed_stdout():
        print(script(_parser, SERVE, shell or "".join(words[1:2])), end="")


def _configuration(words: list[str]) -> tuple[Config, list[str]]:
    """Return the configuration, and warnings about how it was given."""
    given = vars(_parser().parse_args(words))
    warnings = _hide_token(given["control_token"]) if "control_token" in given else []
    config_file = config_path(given.pop("config"), "--config") if "config" in given else None
    return load(given, os.environ, config_file), warnings


def _hide_token(token: str) -> list[str]:
    from emulator.startup.process_list import hide

    if hide(token):
        return []
    return [
        "--control-token: other users of this machine can see it in the process list; set "
        f"{ENVIRONMENT_PREFIX}CONTROL_TOKEN or give --control-token-file instead"
    ]


def _parser() -> Parser:
    parser = _ServeParser(
        prog=PROGRAM,
        usage="python -m emulator [serve] [options]\n       python -m emulator COMMAND [options]",
        epilog=_EPILOG,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("-V", "--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument(
        COMPLETION,
        metavar="bash|zsh|tcsh",
        help="print a script with which a shell completes commands; needs the extra [cli]",
    )
    add_flags(parser)
    return parser


def _in_color(text: str) -> str:
    from emulator.core.colors import RED, paint, wants_color

    return text.replace(PROGRAM, paint(PROGRAM, RED), 1) if wants_color(sys.stderr) else text


def _in_one_line(message: object) -> str:
    return redact(" ".join(str(message).split()))


def _fail(message: str, log_format: str = "text", status: int = EXIT_USAGE) -> NoReturn:
    text = line(f"{PROGRAM}: {_in_one_line(message)}", log_format)
    if log_format == "text" and sys.stderr is not None and sys.stderr.isatty():
        text = _in_color(text)
    print(text, file=sys.stderr)
    raise SystemExit(status)
