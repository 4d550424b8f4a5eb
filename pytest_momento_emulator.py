"""pytest plugin: fixtures that give tests a running emulator.

``momento_emulator`` gives a test an emulator in its initial state. One server serves the whole
session, so a clean emulator costs a reset and not a start. Tests whose markers have the same other
options share another server. Each worker of pytest-xdist has its own servers. The report of a
failed test shows the requests to its emulators. With ``--fail-on-hints`` a test fails whose
requests lean on what nobody promised.

The package ``emulator`` is imported only when a fixture is used or an option is given: a project
may have its own package of that name, and one that uses no fixture should not pay for the import.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from emulator import Emulator

NAME = "momento_emulator"
"""Name of the marker, of the setting in pytest's configuration and, with a dash, of the option."""

_FLAG = "--momento-emulator"
_SETTING = f"{NAME} in pytest's configuration"
_MARKER = f"the marker {NAME}"

_FROZEN = "frozen"
"""Argument of the marker that is not an option of the emulator: begin with a frozen clock, at an
instant if it is one."""

_FAIL_ON_HINTS, _ALLOW_HINTS = "fail_on_hints", "allow_hints"
"""Further ones, and with the name in front settings of pytest's configuration: fail a test whose
requests have hints, except hints of these ids."""

_OF_MARKER = (_FROZEN, _FAIL_ON_HINTS, _ALLOW_HINTS)

_DEFAULTS: Mapping[str, Any] = {"no_limits": True, "stop_timeout": 1.0}
"""Default options of a test's emulator: tests send requests faster than the default limits of a
store allow, and need not wait for a connection that one of them has left open."""

_PATHS = (
    "seed",
    "data_dir",
    "ready_file",
    "access_log_dir",
    "ca_dir",
    "tls_certificate",
    "tls_key",
)

_OF_ONE_PROCESS = ("data_dir", "ready_file", "access_log_dir")

_PORTS = ("port", "tls_port")

_AUTHORITY = "momento-emulator-ca"
"""Directory of the authority of all emulators of a session, among pytest's temporary ones."""

_REPORTED_CALLS = 50
"""Maximum number of requests in the report of a failed test: the last ones."""

_XDIST_WORKER = "PYTEST_XDIST_WORKER"


class _Used(NamedTuple):
    """An emulator that a test uses, its endpoint, and the number of requests before the test."""

    emulator: Emulator
    endpoint: str
    calls_before: int


_USED = pytest.StashKey[list[_Used]]()

_CONFORMANCE = "emulator.conformance"
"""The suite that ``pytest --pyargs`` runs by this name, and whose plugin is needed for its options.
"""


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    if "--pyargs" in args and any(word.startswith(_CONFORMANCE) for word in args):
        early_config.pluginmanager.import_plugin(f"{_CONFORMANCE}.plugin")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take options of the emulator from the command line and from pytest's configuration."""
    help_text = "option of the session's emulator, as in seed=fixtures/seed.yaml"
    parser.getgroup(NAME, "Momento Object Store emulator").addoption(
        _FLAG,
        dest=NAME,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"{help_text}; may be given several times",
    )
    parser.addini(NAME, f"{help_text}; one per line", type="linelist", default=[])
    fail_text = "fail tests whose requests to an emulator lean on what nobody promised"
    parser.getgroup(NAME).addoption(
        "--fail-on-hints", dest=_FAIL_ON_HINTS, action="store_true", help=fail_text
    )
    parser.addini(f"{NAME}_{_FAIL_ON_HINTS}", fail_text, type="bool", default=False)
    allow_text = "ids of hints that tests do not fail on, or patterns; one per line"
    parser.addini(f"{NAME}_{_ALLOW_HINTS}", allow_text, type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and check the options.

    Raises:
        pytest.UsageError: an option is not valid.
    """
    config.addinivalue_line(
        "markers",
        f"{NAME}(frozen=False, fail_on_hints=…, allow_hints=(), **options): give the test an "
        "emulator with these options, and freeze its clock if frozen is True, or at frozen if that "
        "is an instant; fail the test if its requests have hints that allow_hints does not name",
    )
    is_worker = hasattr(config, "workerinput")
    if not is_worker:  # pytest-xdist starts workers after this, and gives them the same options.
        _check_options(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Record where the test begins in the journal of the session's emulator, if the test uses it: a
    fixture with session scope does not know the tests. Fail a test that has passed if its requests
    have hints, where that is wanted."""
    emulator = getattr(item, "funcargs", {}).get(f"{NAME}_session")
    if emulator is not None:
        _report(item, emulator, emulator.journal.count)
    result = yield
    if item.stash.get(_USED, []) and _fails_on_hints(item):
        _require_no_hints(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the requests to a test's emulators in the report, if the test failed."""
    report = yield
    if report.failed:
        for used in item.stash.get(_USED, []):
            title = f"requests to the emulator at {used.endpoint}"
            report.sections.append((title, _calls_since(used)))
    return report


@pytest.fixture(scope="session")
def momento_emulator_options(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """Options of the session's emulator: those of ``python -m emulator``, with underscores in their
    names. They come from pytest's command line and configuration; override the fixture to set
    others.

    Workers of pytest-xdist cannot share a port or a directory: each has its own, by its number.
    """
    return {**_options_of_setting(pytestconfig), **_options_of_flag(pytestconfig)}


@pytest.fixture(scope="session")
def _momento_emulators(
    request: pytest.FixtureRequest, momento_emulator_options: Mapping[str, Any]
) -> Iterator[_Emulators]:
    with ExitStack() as stack:
        yield _Emulators(stack, request, momento_emulator_options)


@pytest.fixture(scope="session")
def momento_emulator_session(_momento_emulators: _Emulators) -> Emulator:
    """The session's emulator, in the state in which the previous test left it."""
    with _failing_in_one_line():
        return _momento_emulators.having({})


@pytest.fixture
def momento_emulator(request: pytest.FixtureRequest, _momento_emulators: _Emulators) -> Emulator:
    """A running emulator in its initial state: only the seed, the first API keys, the real time.
    The limits of stores are not enforced unless ``no_limits`` is false.

    The marker ``momento_emulator`` can freeze the clock, now (``frozen=True``) or at an instant,
    and set other options than the session's.
    """
    with _failing_in_one_line():
        options = _options_of_marker(request.node)
        frozen = options.get(_FROZEN, False)
        options = {name: each for name, each in options.items() if name not in _OF_MARKER}
        emulator = _momento_emulators.having(_from_root(options, request.config.rootpath))
    emulator.reset()
    if frozen is not False:
        _freeze(emulator, None if frozen is True else frozen)
    _report(request.node, emulator)
    return emulator


@pytest.fixture
def momento_emulator_factory(
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Emulator]]:
    """Function that starts an emulator with the given options; it stops at the end of the test.

    A test may call it several times. The session's options do not apply, and the limits of stores
    are not enforced unless ``no_limits`` is false.
    """
    with _failing_in_one_line():
        _require_own_package()
    with ExitStack() as stack:

        def start(**options: Any) -> Emulator:
            from_root = _from_root(options, request.config.rootpath)
            wanted = _with_authority({**_DEFAULTS, **from_root}, request)
            emulator = stack.enter_context(_make_emulator(wanted))
            _report(request.node, emulator)
            return emulator

        yield start


@pytest.fixture
def momento_emulator_environment(
    momento_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Emulator:
    """The emulator of ``momento_emulator``, with ``MOMENTO_ENDPOINT`` and ``MOMENTO_API_KEY`` set
    for the code under test; the key has the role Owner. With ``tls`` or ``proxy``, the variables
    that have clients trust the emulator and use its proxy are set too.

    Raises:
        KeyError: only the digest of the key is known; one that is set already may be a real one.
    """
    key = {"MOMENTO_API_KEY": momento_emulator.api_key()}
    for name, value in {**momento_emulator.environment, **key}.items():
        monkeypatch.setenv(name, value)
    return momento_emulator


def _freeze(emulator: Emulator, at: str | datetime | None) -> None:
    try:
        emulator.clock.freeze(at)
    except ValueError as error:
        raise pytest.fail.Exception(f"{_MARKER}: {_FROZEN}: {error}", pytrace=False) from None


class _Emulators:
    """The emulators of a session, one for each set of options, started when needed."""

    def __init__(
        self, stack: ExitStack, request: pytest.FixtureRequest, options: Mapping[str, Any]
    ) -> None:
        self._stack = stack
        self._request = request
        self._options = options
        self._started: dict[frozenset[tuple[str, str]], Emulator] = {}

    def having(self, options: Mapping[str, Any]) -> Emulator:
        """Return the emulator with the session's options, overridden by those of a marker.

        Raises:
            pytest.UsageError: an option is not valid, or the emulator cannot start with them.
        """
        wanted = _for_this_process({**_DEFAULTS, **self._options, **options})
        known_by = frozenset((name, repr(value)) for name, value in wanted.items())
        if known_by not in self._started:
            _require_known(wanted, NAME)
            with _refusals_of(_MARKER if options else NAME):
                wanted = _with_authority(wanted, self._request)
                started = self._stack.enter_context(_make_emulator(wanted))
            self._started[known_by] = started
        return self._started[known_by]


def _report(item: pytest.Item, emulator: Emulator, calls_before: int = 0) -> None:
    """Show the requests to this emulator from now on in the report, if the test fails."""
    used = item.stash.setdefault(_USED, [])
    if all(other.emulator is not emulator for other in used):
        used.append(_Used(emulator, emulator.endpoint, calls_before))


def _fails_on_hints(item: pytest.Item) -> bool:
    """Whether a test fails if its requests have hints: as its marker says, else as configured."""
    config = item.config
    default = config.getoption(_FAIL_ON_HINTS) or config.getini(f"{NAME}_{_FAIL_ON_HINTS}")
    return bool(_marked(item, _FAIL_ON_HINTS, default))


def _marked(item: pytest.Item, name: str, default: Any) -> Any:
    """Return an argument of the closest marker of a test that has it."""
    markers = item.iter_markers(NAME)
    return next((each.kwargs[name] for each in markers if name in each.kwargs), default)


def _require_no_hints(item: pytest.Item) -> None:
    """Fail a test if its requests to a running emulator have hints that are not allowed."""
    allowed = _marked(item, _ALLOW_HINTS, ())
    by_marker = (allowed,) if isinstance(allowed, str) else tuple(allowed)
    allow = (*item.config.getini(f"{NAME}_{_ALLOW_HINTS}"), *by_marker)
    for used in item.stash[_USED]:
        try:
            journal = used.emulator.journal
            journal.assert_no_hints(allow, min_number=_first_call(used))
        except RuntimeError:  # The test has stopped it.
            continue
        except (AssertionError, ValueError) as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None


def _first_call(used: _Used) -> int:
    """Return the number of a test's first request to an emulator: if the journal was cleared
    meanwhile, of the first since then."""
    was_cleared = used.emulator.journal.count < used.calls_before
    return 1 if was_cleared else used.calls_before + 1


def _calls_since(used: _Used) -> str:
    """Return the requests of a test to an emulator, one per line."""
    try:
        calls = used.emulator.journal.calls(min_number=_first_call(used))
    except RuntimeError:
        return "The emulator is no longer running."
    lines = [str(call) for call in calls[-_REPORTED_CALLS:]]
    if len(calls) > len(lines):
        lines.insert(0, f"… {len(calls) - len(lines)} earlier requests")
    return "\n".join(lines) or f"No requests.{_elsewhere(used.emulator)}"


def _elsewhere(emulator: Emulator) -> str:
    """Say where code that reads ``MOMENTO_ENDPOINT`` sends requests, if not to this emulator."""
    endpoint = os.environ.get("MOMENTO_ENDPOINT", "")
    if endpoint in ("", emulator.endpoint, emulator.environment["MOMENTO_ENDPOINT"]):
        return ""
    return f" MOMENTO_ENDPOINT is {endpoint}, which is not this emulator."


def _options_of_setting(config: pytest.Config) -> dict[str, Any]:
    texts = dict(_name_and_value(line, _SETTING) for line in config.getini(NAME))
    return _from_root(texts, config.rootpath)


def _options_of_flag(config: pytest.Config) -> dict[str, Any]:
    return dict(_name_and_value(text, _FLAG) for text in config.getoption(NAME))


def _options_of_marker(item: pytest.Item) -> dict[str, Any]:
    """Return the options in the markers of a test, ``frozen`` among them.

    Raises:
        pytest.UsageError: an argument of a marker is not valid.
    """
    options: dict[str, Any] = {}
    for marker in item.iter_markers(NAME):  # The closest first: it overrides the others.
        if marker.args:
            raise pytest.UsageError(f"{_MARKER} takes options by name, as in seed='seed.yaml'")
        options = {**marker.kwargs, **options}
    _require_known(options, _MARKER)
    frozen = options.get(_FROZEN, False)
    if not isinstance(frozen, (bool, str, datetime)):
        raise pytest.UsageError(f"{_MARKER}: {_FROZEN} must be True or False, not {frozen!r}")
    return options


def _name_and_value(text: str, source: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise pytest.UsageError(f"{source}: {text!r} must be NAME=VALUE, as in seed=seed.yaml")
    return name.strip().replace("-", "_"), value.strip()


def _from_root(options: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return the options with relative paths resolved against pytest's root directory."""
    return {
        name: root / value if name in _PATHS and _is_path(value) else value
        for name, value in options.items()
    }


def _is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike)) and value != ""


def _for_this_process(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with a port and directories of this worker of pytest-xdist."""
    worker = os.environ.get(_XDIST_WORKER, "")
    number = worker.removeprefix("gw")
    if not number.isdecimal():
        return dict(options)
    own = dict(options)
    for name in _PORTS:
        port = str(own.get(name, 0))
        if port.isdecimal() and int(port) != 0:
            own[name] = int(port) + int(number)
    for name in _OF_ONE_PROCESS:
        if own.get(name) is not None:
            own[name] = f"{own[name]}-{worker}"
    return own


def _with_authority(options: Mapping[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options with a temporary directory for the authority, if they want one and do not
    say where it is."""
    wants_tls = any(str(options.get(name)).lower() == "true" for name in ("tls", "proxy"))
    has_own = any(options.get(name) is not None for name in ("ca_dir", "tls_certificate"))
    if not wants_tls or has_own:
        return dict(options)
    temporary: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return {**options, "ca_dir": temporary.getbasetemp() / _AUTHORITY}


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """Fail the test without a traceback on a UsageError inside the block."""
    try:
        yield
    except pytest.UsageError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _check_options(config: pytest.Config) -> None:
    """Check the options of pytest's configuration and command line.

    Raises:
        pytest.UsageError: an option is not valid, or two contradict each other.
    """
    given = {_SETTING: _options_of_setting(config), _FLAG: _options_of_flag(config)}
    given = {source: options for source, options in given.items() if options}
    if not given or _other_package() is not None:  # Tests that use a fixture report the latter.
        return
    with _package_forgotten():
        for source, options in given.items():
            _require_known(options, source)
        with _refusals_of(" or ".join(given)):
            _require_valid({**_DEFAULTS, **given.get(_SETTING, {}), **given.get(_FLAG, {})})


@contextmanager
def _package_forgotten() -> Iterator[None]:
    """Unload the package at the end of the block if it was not loaded before: pytest adds the
    project's directory to Python's path later, and it may have another ``emulator``."""
    was_there = "emulator" in sys.modules
    try:
        yield
    finally:
        for name in [] if was_there else [*sys.modules]:
            if name.partition(".")[0] == "emulator":
                del sys.modules[name]


def _other_package() -> str | None:
    """Return the location of the package that ``import emulator`` gives, or None if it is the one
    that belongs to this plugin. Nothing is imported."""
    try:
        spec = importlib.util.find_spec("emulator")
    except ValueError:
        return "a module that was created at run time"
    if spec is None or spec.origin is None:
        return "nothing" if spec is None else ", ".join(spec.submodule_search_locations or ())
    package = Path(spec.origin).parent
    is_ours = package.name == "emulator" and package.with_name(Path(__file__).name).is_file()
    return None if is_ours else spec.origin


def _require_own_package() -> None:
    """Check that ``import emulator`` gives the package that belongs to this plugin.

    Raises:
        pytest.UsageError: it gives another one.
    """
    found = _other_package()
    if found is not None:
        raise pytest.UsageError(
            f"`import emulator` finds {found}, not the package of momento-objectstore-emulator in "
            f"{Path(__file__).parent}: rename the former, or run these tests where it is not first "
            "on Python's path"
        )


# Only what follows imports the package `emulator`.


def _require_known(names: Iterable[str], source: str) -> None:
    """Check the names of options.

    Raises:
        pytest.UsageError: there is no such option, or ``emulator`` is another package.
    """
    _require_own_package()
    import difflib  # Half of the time that the import of this plugin would take.

    from emulator.config import Config

    options = [field.name for field in dataclasses.fields(Config)]
    taken = [*options, *_OF_MARKER] if source == _MARKER else options
    for name in names:
        if name in taken:
            continue
        nearest = next(iter(difflib.get_close_matches(name, [*options, *_OF_MARKER], 1)), None)
        if nearest is None:
            hint = "python -m emulator --help lists them"
        elif nearest in taken:
            hint = f"did you mean {nearest}?"
        else:
            hint = f"{nearest} is for the marker, @pytest.mark.{NAME}({nearest}=True)"
        raise pytest.UsageError(f"{source}: unknown option {name!r}; {hint}")


def _require_valid(options: Mapping[str, Any]) -> None:
    """Check options as the emulator's command line does, as far as possible without a start.

    Raises:
        ConfigurationError: an option is not valid, or two contradict each other.
    """
    from emulator.config import Config

    config = Config(**options)
    if config.seed is not None:
        from emulator.startup.seed_file import read_seed

        read_seed(config.seed, config.revision)


def _make_emulator(options: Mapping[str, Any]) -> Emulator:
    from emulator import Emulator

    return Emulator(**options)


@contextmanager
def _refusals_of(source: str) -> Iterator[None]:
    """Report a ConfigurationError inside the block with the source of the options.

    Raises:
        pytest.UsageError: instead of ConfigurationError, with its text in one line.
    """
    from emulator.config import ConfigurationError

    try:
        yield
    except ConfigurationError as error:
        text = " ".join(str(error).split())
        raise pytest.UsageError(f"{source}: {text}") from None
