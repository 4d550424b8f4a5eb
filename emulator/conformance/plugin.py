"""The pytest plugin of the conformance suite: its options, what cases use, and what is noted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest

from .options import PYTEST_PREFIX, SWITCHES, TABLE
from .outcome import FAILED, HELD, NOT_SHOWN
from .preparing import prepared
from .report import summary, write
from .run import Run
from .selection import QUESTIONS, STATEMENTS, VARIANTS, is_selected
from .statements import BY_ID
from .target import Store, Target

_GIVEN = "momento-conformance-run"
"""The name of the plugin that is a ``Given``; without one, options of pytest make the run."""

COMPLETE = (
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.NO_TESTS_COLLECTED,  # All that are asked for were done before.
)
"""The statuses with which pytest has run all that is asked for."""

_MARKS = (
    "statement(*ids): the statements that the case shows",
    "question(id): the question that the case asks",
    "variant(operation, revisions): the case sends generated requests of an operation that these "
    "revisions have",
    "needs(*names): options without which the case cannot run",
    "last: the case ends what others use, and runs after them in any order",
)

MOST_UNANSWERED = 5
"""After how many requests without an answer, in a row, a run gives up."""

_KEEP_EVERY = 10
"""Cases after which the run is kept; a case takes less than a second."""

_RUN = pytest.StashKey[Run]()
_DONE = pytest.StashKey[int]()


class Given:
    """A plugin with the run of a command. pytest tells it the progress, and prints nothing."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.__name__ = _GIVEN

    def on_start(self, cases: int) -> bool:  # noqa: ARG002
        """Called with the number of cases to run. Returns whether to run them."""
        return True

    def on_case(self, done: int, total: int) -> None:
        """Called after each case."""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            print(report.longreprtext, file=sys.stderr)

    def pytest_internalerror(self, excrepr: object) -> None:
        print(excrepr, file=sys.stderr)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items and not self.on_start(len(session.items)):
            pytest.exit("not wanted", returncode=pytest.ExitCode.INTERRUPTED)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance of an endpoint with Momento Object Store")
    for option in TABLE:
        action = "append" if option.repeated else "store"
        group.addoption(
            option.pytest_flag,
            dest=f"conformance_{option.name}",
            action=action,
            metavar=option.metavar,
            help=f"{option.help} [{option.variable}]",
        )
    for name, does in SWITCHES.items():
        group.addoption(
            f"{PYTEST_PREFIX}{name.replace('_', '-')}",
            dest=f"conformance_{name}",
            action="store_true",
            help=does,
        )
    group.addoption(
        f"{PYTEST_PREFIX}report",
        dest="conformance_report",
        action="append",
        default=[],
        metavar="FILE",
        help="write a report: .html, .json, .md, .junit or .svg",
    )


def pytest_configure(config: pytest.Config) -> None:
    for line in _MARKS:
        config.addinivalue_line("markers", line)
    given = config.pluginmanager.get_plugin(_GIVEN)
    if given is not None:
        config.stash[_RUN] = given.run
        return
    names = [option.name for option in TABLE]
    values = {name: config.getoption(f"conformance_{name}") for name in (*names, *SWITCHES)}
    try:
        config.stash[_RUN] = prepared(values, config.getoption("conformance_report"))
    except ValueError as error:
        raise pytest.UsageError(str(error).replace("--", PYTEST_PREFIX, 1)) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not asked for, is of another revision, or has been done before."""
    run = config.stash[_RUN]
    chosen = [item for item in items if _is_wanted(item, run)]
    kept = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("last") is not None)


def _is_wanted(item: pytest.Item, run: Run) -> bool:
    options, name = run.options, _name(item)
    question = item.get_closest_marker("question")
    if question is not None:
        done = question.args[0] in run.findings.questions
        return not done and is_selected(options.only, QUESTIONS, question.args)
    variant = item.get_closest_marker("variant")
    if variant is not None:
        operation, revisions = variant.args
        is_due = options.variants and run.target.revision in revisions
        done = operation in run.findings.variants
        return bool(is_due) and not done and is_selected(options.only, VARIANTS, ())
    ids = _statements(item, run)
    return (
        bool(ids) and name not in run.findings.cases and is_selected(options.only, STATEMENTS, ids)
    )


def _statements(item: pytest.Item, run: Run) -> tuple[str, ...]:
    """The statements of a case that hold in the revision."""
    named = [each for mark in item.iter_markers("statement") for each in mark.args]
    return tuple(each for each in named if run.target.revision in BY_ID[each].revisions)


def _name(item: pytest.Item) -> str:
    """The name of a case, wherever the suite is installed."""
    path, _, case = item.nodeid.partition("::")
    return f"{path.rpartition('/')[2]}::{case}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    run = item.config.stash[_RUN]
    ids = _statements(item, run)
    if not ids:
        return report
    name = _name(item)
    if report.skipped:
        run.note_case(name, NOT_SHOWN, ids, str(getattr(call.excinfo, "value", "")))
    elif report.failed:
        run.note_case(name, FAILED, ids, _why(call))
    elif report.when == "call":
        run.note_case(name, HELD, ids)
    return report


def _why(call: pytest.CallInfo[None]) -> str:
    """What failed: the first line of an assertion, or the error."""
    error = call.excinfo.value if call.excinfo is not None else None
    text = str(error).strip().partition("\n")[0]
    return text if isinstance(error, AssertionError) and text else f"{type(error).__name__}: {text}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        session.config.stash[_RUN].begin()


def pytest_runtest_setup(item: pytest.Item) -> None:
    run = item.config.stash[_RUN]
    run.target.exchanges.clear()
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if not getattr(run.options, name):
                pytest.skip(f"It needs --{name.replace('_', '-')}.")


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    done = item.config.stash[_DONE] = item.config.stash.get(_DONE, 0) + 1
    run = item.config.stash[_RUN]
    if nextitem is None or done % _KEEP_EVERY == 1:
        run.keep()
    if run.target.unanswered >= MOST_UNANSWERED:
        run.give_up()
        item.session.shouldstop = f"{MOST_UNANSWERED} requests in a row were not answered"
    given = item.config.pluginmanager.get_plugin(_GIVEN)
    if given is not None:
        given.on_case(done, item.session.testscollected)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    run = session.config.stash[_RUN]
    if session.config.option.collectonly:
        run.target.close()
        return
    complete = exitstatus in COMPLETE
    run.end(complete=complete)
    for path in session.config.getoption("conformance_report"):
        write(run.report(complete=complete), path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    config = terminalreporter.config
    if not config.option.collectonly:
        terminalreporter.section("conformance")
        report = config.stash[_RUN].report(complete=exitstatus in COMPLETE)
        terminalreporter.write_line(summary(report))


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """The endpoint under test."""
    return pytestconfig.stash[_RUN].target


@pytest.fixture
def run(pytestconfig: pytest.Config) -> Run:
    """The run, for cases that note what they find out."""
    return pytestconfig.stash[_RUN]


@pytest.fixture
def store(target: Target) -> Store:
    """The store that the cases of a run share, each with keys of its own."""
    return target.store


@pytest.fixture
def key(target: Target) -> str:
    """An object's key that has not been used."""
    return target.fresh_key()


@pytest.fixture
def new_store(target: Target) -> Iterator[Callable[..., Store]]:
    """Makes stores for this case alone; see ``Target.new_store``."""
    with ExitStack() as stack:

        def make(body: object | None = None) -> Store:
            made: AbstractContextManager[Store] = target.new_store(body)
            return stack.enter_context(made)

        yield make
