"""``exec``: run a command with an emulator of its own, and end with its exit status (D143)."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from emulator.commands.errors import UsageError
from emulator.commands.parser import INVOCATION, PROGRAM, Parser, of_lone_command
from emulator.config.command_line import add_flags
from emulator.config.options import OPTIONS, Config
from emulator.config.sources import config_path, load, unknown_variables
from emulator.core.failures import ConfigurationError
from emulator.core.logs import configure
from emulator.tls.environment import JAVA_OPTIONS

if TYPE_CHECKING:
    from emulator.embedding import Emulator

logger = logging.getLogger(__name__)

NAME = "exec"

_SEPARATOR = "--"

_SEE = f"see {NAME} --help"

_DEFAULTS = {"port": "0", "tls_port": "0", "log_level": "warning"}
"""Unless an option says something else: free ports, and a log of what is wrong alone."""

_WITHOUT = ("ready_file", "exit_with_parent", "quiet")
"""Options of ``serve`` that are for a process of its own."""

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
"""Exit statuses of a shell for a command that cannot be run."""

_SIGNALLED = 128
"""Added to the number of the signal that ended the command, as a shell does."""

_ENDED = b"\0"
"""What is read when the command has ended; signals have other numbers."""

_HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")

_OF_TERMINAL = ("SIGINT", "SIGQUIT", "SIGHUP")
"""What a terminal sends to every process in its foreground, and so to the command too."""

_JOINED = {"NO_PROXY": ",", "no_proxy": ",", JAVA_OPTIONS: " "}
"""Variables whose value is added to that of this process, and what comes between the two."""

_NO_KEY = (
    "The plain API keys of this account are not known here, so MOMENTO_API_KEY is left as it is; "
    "set MOMENTO_EMULATOR_OWNER_KEY to your own key"
)

_EPILOG = f"""\
examples:
  {INVOCATION} {NAME} -- npm test
  {INVOCATION} {NAME} --seed seed.yaml -- go test ./...
  {INVOCATION} {NAME} --proxy -- terraform apply
      the hosts of production lead to the emulator; nothing else has to be set

The command finds the endpoint and an API key in MOMENTO_ENDPOINT and MOMENTO_API_KEY; with --tls or
--proxy, other variables tell clients what to trust and the proxy. The ports are free ones, and the
log on stderr has warnings and errors only, unless options say something else.

exit status: that of the command, or 128 and the number of the signal that ended it; 127 or 126 when
the command is not found or cannot be run, 2 when the emulator cannot start.
"""


class _Parser(Parser):
    def hint_for_option(self, flag: str) -> str:
        if flag.removeprefix("--").replace("-", "_") in _WITHOUT:
            return "the command finds all that it needs in its environment, and ends first; "
        for option in OPTIONS:
            if option.flag is None and flag == f"--{option.name.replace('_', '-')}":
                return f"set {option.variable} instead; "
        return super().hint_for_option(flag)


def run(words: Sequence[str]) -> NoReturn:
    """Run the command with these arguments.

    Raises:
        CommandError: the arguments are not valid.
        ConfigurationError: the emulator cannot start.
        SystemExit: the command has ended.
    """
    options, command = _split(words)
    given = vars(parser().parse(options))
    if not command:
        raise UsageError(f"the command is missing: it comes behind {_SEPARATOR}; {_SEE}")
    if command[0].startswith("-"):
        raise UsageError(
            f"{command[0]} comes before {_SEPARATOR}, which only the command follows; {_SEE}"
        )
    config_file = config_path(given.pop("config"), "--config") if "config" in given else None
    config = load(given, os.environ, config_file, defaults=_DEFAULTS)
    if config.ready_file is not None:
        raise ConfigurationError(f"--ready-file: {NAME} writes none; use `serve` for one")
    configure(config.log_level, config.log_format)
    raise SystemExit(_run(config, command))


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options and the command.

    Raises:
        UsageError: nothing stands between the two.
    """
    if _SEPARATOR in words:
        position = words.index(_SEPARATOR)
        return [*words[:position]], [*words[position + 1 :]]
    begin = _first_word(words)
    if begin is None:
        return [*words], []
    meant = shlex.join([*words[:begin], _SEPARATOR, *words[begin:]])
    raise UsageError(f"the command comes behind {_SEPARATOR}: {NAME} {meant}")


def _first_word(words: Sequence[str]) -> int | None:
    """Return where the first word stands that is neither an option nor its value."""
    known = parser().flags
    value_of: str | int | None = 0
    for position, word in enumerate(words):
        is_value = value_of is None or (value_of == "?" and word in ("true", "false"))
        if not word.startswith("-") and not is_value:
            return position
        value_of = known.get(word, 0)
    return None


def parser() -> Parser:
    """Return the parser of the arguments."""
    made = _Parser(
        **of_lone_command(NAME, _EPILOG),
        usage=f"{INVOCATION} {NAME} [options] {_SEPARATOR} COMMAND...",
        argument_default=argparse.SUPPRESS,
    )
    add_flags(made, without=_WITHOUT, defaults=_DEFAULTS)
    return made


def _run(config: Config, command: Sequence[str]) -> int:
    """Run the command while an emulator runs, and return the exit status."""
    from emulator.startup.quick_start import import_aiohttp, keeping_all

    with keeping_all():
        import_aiohttp()
        from emulator.embedding import Emulator

        for warning in (*unknown_variables(os.environ), *config.warnings()):
            logger.warning("%s", warning)
        emulator = Emulator(config)
    with _signals() as reader, emulator, _logging_hints(emulator):
        if emulator.api_keys["owner"] is None:
            logger.warning("%s", _NO_KEY)
        return _status(reader, command, _environment(emulator.environment))


def _logging_hints(emulator: Emulator) -> contextlib.AbstractContextManager[None]:
    """Log hints inside the block, if the log shows them."""
    if not logger.isEnabledFor(logging.INFO):
        return contextlib.nullcontext()
    from emulator.hint_lines import logging_hints

    return logging_hints(emulator)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with variables of the emulator; hosts that were reached
    without a proxy still are, and Java's other options stay."""
    found = {**os.environ, **variables}
    for name, between in _JOINED.items():
        # Clients read NO_PROXY in either case, but only one of the two.
        before = os.environ.get(name) or os.environ.get(name.swapcase())
        if before and name in variables:
            found[name] = f"{before}{between}{variables[name]}"
    return found


def _status(reader: socket.socket, command: Sequence[str], env: Mapping[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=env)
    except FileNotFoundError as error:
        return _cannot_run(command, error, _NOT_FOUND)
    except OSError as error:
        return _cannot_run(command, error, _NOT_EXECUTABLE)
    _wait(process, reader)
    status = process.returncode
    return status if status >= 0 else _SIGNALLED - status


def _cannot_run(command: Sequence[str], error: OSError, status: int) -> int:
    print(f"{PROGRAM}: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
    return status


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """Have the numbers of signals written to a socket inside the block, which is returned.

    The system may deliver a signal to any thread, where Python only records it, so the main thread
    must not wait for the command itself.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    before = {}
    for name in _HANDED_ON:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writer.fileno())
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _wait(process: subprocess.Popen[bytes], reader: socket.socket) -> None:
    """Wait until the command has ended, and hand signals on to it."""
    ended, tell = socket.socketpair()

    def watch() -> None:
        process.wait()
        tell.send(_ENDED)

    thread = threading.Thread(target=watch, name="momento-emulator-exec", daemon=True)
    thread.start()
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if ended in ready:
                break
            for number in reader.recv(64):
                _hand_on(process, number)
    thread.join()
    ended.close()
    tell.close()


def _hand_on(process: subprocess.Popen[bytes], number: int) -> None:
    if signal.Signals(number).name in _OF_TERMINAL and _is_in_foreground():
        return
    with contextlib.suppress(OSError, ValueError):  # It has just ended.
        process.send_signal(number)


def _is_in_foreground() -> bool:
    """Whether this process and the command are in the foreground of a terminal, which sends its
    signals to both."""
    if sys.platform == "win32":
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
