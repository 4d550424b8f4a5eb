"""The pytest plugin: tests fail on hints where that is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.control.hints.hint import PAGE
from tests.support.nested_pytest import Project, Run, without_others

pytestmark = pytest.mark.proves("D165")

GET = """
from urllib.request import Request, urlopen


def get(emulator, **headers):
    emulator.stores.create("media")
    emulator.tiers.put("media", "key", b"hello")
    headers = {"Authorization": emulator.api_key(), **headers}
    urlopen(Request(f"{emulator.endpoint}/objectstore/media/key", headers=headers)).close()
"""


MARKED = """
import pytest
from get import get


def test_plain(momento_emulator):
    get(momento_emulator)


def test_leaning(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")


def test_of_another_emulator(momento_emulator_factory):
    get(momento_emulator_factory(cache="memory"), Range="bytes=0-1")


def test_stopping_its_emulator(momento_emulator_factory):
    emulator = momento_emulator_factory(cache="memory")
    get(emulator, Range="bytes=0-1")
    emulator.stop()


def test_of_the_session_before(momento_emulator_session):
    pass


@pytest.mark.momento_emulator(allow_hints=["range-*"], frozen=True)
def test_with_what_it_allows(momento_emulator, momento_emulator_session):
    assert momento_emulator is momento_emulator_session
    get(momento_emulator, Range="bytes=0-1")


@pytest.mark.momento_emulator(allow_hints="range-ignored")
def test_with_more_than_it_allows(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")
    get(momento_emulator, **{"If-None-Match": "*"})


@pytest.mark.momento_emulator(fail_on_hints=False)
def test_that_may_have_all(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")


@pytest.mark.momento_emulator(allow_hints=["ranges"])
def test_with_an_unknown_hint(momento_emulator):
    get(momento_emulator)


def test_that_fails_already(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")
    raise AssertionError("its own reason")


def test_without_an_emulator():
    pass
"""

WITHOUT = """
import pytest
from get import get


def test_leaning(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")


@pytest.mark.momento_emulator(fail_on_hints=True)
def test_that_wants_none(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")
"""

CONFIGURED = """
momento_emulator_fail_on_hints = true
momento_emulator_allow_hints =
    range-ignored
"""

PLAIN_AND_CONDITIONAL = """
from get import get


def test_leaning_on_what_is_allowed(momento_emulator):
    get(momento_emulator, Range="bytes=0-1")


def test_leaning_on_something_else(momento_emulator):
    get(momento_emulator, **{"If-None-Match": "*"})
"""


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of all tests with the flag."""
    directory = tmp_path_factory.mktemp("flagged")
    options = ("--fail-on-hints", "--strict-markers", *without_others())
    return Project(get=GET, test_marked=MARKED).run(directory, *options)


def outcomes(run: Run) -> dict[str, str]:
    return {test: outcome for _, test, outcome in run.cases}


def test_only_tests_with_hints_that_they_do_not_allow_fail(flagged: Run) -> None:
    assert outcomes(flagged) == {
        "test_plain": "passed",
        "test_leaning": "failed",
        "test_of_another_emulator": "failed",
        "test_stopping_its_emulator": "passed",
        "test_of_the_session_before": "passed",
        "test_with_what_it_allows": "passed",
        "test_with_more_than_it_allows": "failed",
        "test_that_may_have_all": "passed",
        "test_with_an_unknown_hint": "failed",
        "test_that_fails_already": "failed",
        "test_without_an_emulator": "passed",
    }, flagged.report()


def test_the_report_of_a_failed_test_is_the_hint_with_its_calls(flagged: Run) -> None:
    said = flagged.report("test_leaning")
    assert "Requests lean on what nobody promised:" in said
    assert "  range-ignored (1 request): Range has no effect" in said
    assert f"See {PAGE}#range-ignored" in said
    assert "Traceback" not in said


def test_an_allowed_hint_is_not_in_the_report(flagged: Run) -> None:
    said = flagged.report("test_with_more_than_it_allows")
    assert "  if-none-match-ignored (1 request)" in said
    assert "  range-ignored (" not in said


def test_an_unknown_hint_is_named(flagged: Run) -> None:
    assert "Unknown hint 'ranges'" in flagged.report("test_with_an_unknown_hint")


def test_a_test_that_fails_already_says_its_own_reason(flagged: Run) -> None:
    said = flagged.report("test_that_fails_already")
    assert "its own reason" in said
    assert "nobody promised" not in said


def test_without_the_flag_only_a_marker_makes_a_test_fail(tmp_path: Path) -> None:
    run = Project(get=GET, test_it=WITHOUT).run(tmp_path, *without_others())
    assert outcomes(run) == {"test_leaning": "passed", "test_that_wants_none": "failed"}


def test_the_configuration_says_what_fails_and_what_is_allowed(tmp_path: Path) -> None:
    project = Project(CONFIGURED, get=GET, test_it=PLAIN_AND_CONDITIONAL)
    assert outcomes(project.run(tmp_path, *without_others())) == {
        "test_leaning_on_what_is_allowed": "passed",
        "test_leaning_on_something_else": "failed",
    }
