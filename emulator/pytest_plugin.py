"""The pytest plugin: a running emulator by the name of a fixture.

``momento_emulator`` gives a test an emulator in its first state. It is one server for the whole
session, so a clean one costs a reset and not a start. A test whose marker asks for other options
shares another server with those that ask for the same. Workers of pytest-xdist have servers of
their own. The report of a test that fails shows which requests its emulators were sent.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from emulator import Emulator

NAME = "momento_emulator"
"""Of the marker, of the setting in pytest's configuration and, with a dash, of the option."""

_DEFAULTS: Mapping[str, Any] = {"no_limits": True}
"""What the options of a test's emulator are unless it says otherwise: tests are faster than the
default limits of a store."""

_PATHS = ("seed", "data_dir", "ready_file", "access_log_dir")

_OF_ONE_PROCESS = ("data_dir", "ready_file", "access_log_dir")

_REPORTED_CALLS = 50
"""How many requests the report of a failed test shows at most, the last ones."""

_XDIST_WORKER = "PYTEST_XDIST_WORKER"


class _Used(NamedTuple):
    """An emulator that a test uses, where it was, and how many requests had come before."""

    emulator: Emulator
    endpoint: str
    calls_before: int


_USED = pytest.StashKey[list[_Used]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let options of the emulator be given on the command line and in pytest's configuration."""
    help_text = "option of the session's emulator, as in seed=fixtures/seed.yaml"
    parser.getgroup(NAME, "Momento Object Store emulator").addoption(
        "--momento-emulator",
        dest=NAME,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"{help_text}; may be given several times",
    )
    parser.addini(NAME, f"{help_text}; one a line", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{NAME}(frozen=False, **options): begin with a clock that stands still; have an emulator "
        "with these options",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Note where the test begins in the journal of the session's emulator, if it uses that: a
    fixture of the session does not know its tests."""
    emulator = getattr(item, "funcargs", {}).get(f"{NAME}_session")
    if emulator is not None:
        _report(item, emulator, emulator.journal.count)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show in the report of a failed test which requests its emulators were sent."""
    report = yield
    if report.failed:
        for used in item.stash.get(_USED, []):
            title = f"requests to the emulator at {used.endpoint}"
            report.sections.append((title, _calls_since(used)))
    return report


@pytest.fixture(scope="session")
def momento_emulator_options(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """The options of the session's emulator, fields of ``emulator.config.Config``: by default
    those of pytest's command line and configuration. Override it for others.

    Workers of pytest-xdist cannot share a port or a directory: each has its own, by its number.
    """
    from_file = [_option(line, NAME) for line in pytestconfig.getini(NAME)]
    given = [_option(text, "--momento-emulator") for text in pytestconfig.getoption(NAME)]
    return {**_from_root(dict(from_file), pytestconfig.rootpath), **dict(given)}


@pytest.fixture(scope="session")
def _momento_emulators(momento_emulator_options: Mapping[str, Any]) -> Iterator[_Emulators]:
    with ExitStack() as stack:
        yield _Emulators(stack, momento_emulator_options)


@pytest.fixture(scope="session")
def momento_emulator_session(_momento_emulators: _Emulators) -> Emulator:
    """The session's emulator, in whatever state the tests before have left it."""
    return _momento_emulators.having({})


@pytest.fixture
def momento_emulator(request: pytest.FixtureRequest, _momento_emulators: _Emulators) -> Emulator:
    """A running emulator in its first state: only the seed, the first API keys, the real time. The
    limits of stores are not watched unless ``no_limits`` is false.

    The marker ``momento_emulator`` may ask for a clock that stands still, and for other options
    than the session's.
    """
    wanted: dict[str, Any] = {}
    for marker in request.node.iter_markers(NAME):  # The closest first: it has the last word.
        if marker.args:
            raise pytest.UsageError(
                f"the marker {NAME} takes options by name, as in seed='seed.yaml'"
            )
        wanted = {**marker.kwargs, **wanted}
    frozen = wanted.pop("frozen", False)
    if not isinstance(frozen, bool):
        raise pytest.UsageError(f"the marker {NAME}: frozen is True or False, not {frozen!r}")
    for name in wanted:
        _require_known(name, f"the marker {NAME}")
    emulator = _momento_emulators.having(_from_root(wanted, request.config.rootpath))
    emulator.reset()
    if frozen:
        emulator.clock.freeze()
    _report(request.node, emulator)
    return emulator


@pytest.fixture
def momento_emulator_factory(
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Emulator]]:
    """Starts emulators with options of their own, as many as a test needs; they end with it. They
    have none of the session's options, and do not watch limits unless ``no_limits`` is false."""
    from emulator import Emulator

    with ExitStack() as stack:

        def start(**options: Any) -> Emulator:
            from_root = _from_root(options, request.config.rootpath)
            emulator = stack.enter_context(Emulator(**{**_DEFAULTS, **from_root}))
            _report(request.node, emulator)
            return emulator

        yield start


@pytest.fixture
def momento_emulator_environment(
    momento_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Emulator:
    """The emulator of ``momento_emulator``, where code finds it that reads ``MOMENTO_ENDPOINT`` and
    ``MOMENTO_API_KEY``; the key is an Owner's."""
    monkeypatch.setenv("MOMENTO_ENDPOINT", momento_emulator.endpoint)
    monkeypatch.setenv("MOMENTO_API_KEY", momento_emulator.api_key())
    return momento_emulator


class _Emulators:
    """The emulators of a session, one for each set of options, started when they are needed."""

    def __init__(self, stack: ExitStack, options: Mapping[str, Any]) -> None:
        self._stack = stack
        self._options = options
        self._started: dict[frozenset[tuple[str, str]], Emulator] = {}

    def having(self, options: Mapping[str, Any]) -> Emulator:
        """The emulator with the session's options and, over them, these."""
        from emulator import Emulator

        wanted = _for_this_process({**_DEFAULTS, **self._options, **options})
        known_by = frozenset((name, repr(value)) for name, value in wanted.items())
        if known_by not in self._started:
            self._started[known_by] = self._stack.enter_context(Emulator(**wanted))
        return self._started[known_by]


def _report(item: pytest.Item, emulator: Emulator, calls_before: int = 0) -> None:
    """Have the report show what this emulator is asked for from here on, if the test fails."""
    used = item.stash.setdefault(_USED, [])
    if all(other.emulator is not emulator for other in used):
        used.append(_Used(emulator, emulator.endpoint, calls_before))


def _calls_since(used: _Used) -> str:
    """What an emulator was asked for in a test, one request a line."""
    try:
        journal = used.emulator.journal
        was_cleared = journal.count < used.calls_before
        calls = journal.calls(min_number=1 if was_cleared else used.calls_before + 1)
    except RuntimeError:
        return "The emulator does not run any more."
    lines = [str(call) for call in calls[-_REPORTED_CALLS:]]
    if len(calls) > len(lines):
        lines.insert(0, f"… {len(calls) - len(lines)} requests before these")
    return "\n".join(lines) or "There was none."


def _for_this_process(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with what a worker of pytest-xdist cannot share with others."""
    worker = os.environ.get(_XDIST_WORKER, "")
    number = worker.removeprefix("gw")
    if not number.isdecimal():
        return dict(options)
    own = dict(options)
    port = str(own.get("port", 0))
    if port.isdecimal() and int(port) != 0:
        own["port"] = int(port) + int(number)
    for name in _OF_ONE_PROCESS:
        if own.get(name) is not None:
            own[name] = f"{own[name]}-{worker}"
    return own


def _option(text: str, source: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise pytest.UsageError(f"{source}: {text!r} is not NAME=VALUE, as in seed=seed.yaml")
    name = name.strip().replace("-", "_")
    _require_known(name, source)
    return name, value.strip()


def _require_known(name: str, source: str) -> None:
    from emulator.config.options import OPTIONS

    known = [option.name for option in OPTIONS]
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {close[0]}?" if close else f": there are {', '.join(known)}"
        raise pytest.UsageError(f"{source}: unknown option {name!r}{hint}")


def _from_root(options: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The options with paths that begin at pytest's root, wherever pytest was called."""
    return {
        name: root / value if name in _PATHS and value is not None else value
        for name, value in options.items()
    }
