"""The pytest plugin: what the report of a failed test says of its emulators."""

from __future__ import annotations

import re

import pytest

pytest_plugins = ["pytester"]

CALLS = """
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def get(emulator, path, key=None):
    headers = {"Authorization": key or emulator.api_key()}
    request = Request(f"{emulator.endpoint}{path}", headers=headers)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code
"""

TITLE = re.compile(r"-+ requests to the emulator at http://127\.0\.0\.1:\d+ -+")


@pytest.fixture
def session(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    pytester.makepyfile(calls=CALLS)
    return pytester


def report(session: pytest.Pytester, test: str, **outcomes: int) -> str:
    """What pytest says of the tests in ``test``, which end like that."""
    session.makepyfile(test)
    result = session.runpytest_subprocess("-p", "no:cacheprovider", "-rN", timeout=60)
    result.assert_outcomes(**outcomes)
    return result.stdout.str()


def test_a_failed_test_shows_its_requests_and_not_those_of_others(
    session: pytest.Pytester,
) -> None:
    said = report(
        session,
        """
        from calls import get


        def test_that_passes(momento_emulator):
            get(momento_emulator, "/objectstore/before/key")


        def test_that_fails(momento_emulator):
            get(momento_emulator, "/objectstore/mine/key?a=b")
            momento_emulator.faults.add({"type": "status", "status": 503}, id="an outage")
            get(momento_emulator, "/objectstore")
            raise AssertionError
        """,
        passed=1,
        failed=1,
    )
    assert len(TITLE.findall(said)) == 1
    assert "#1 GetObject (GET /objectstore/mine/key?a=b): 404 bad_request" in said
    assert "#2 ListObjectStores (GET /objectstore): 503" in said
    assert "faults: an outage" in said
    assert "/objectstore/before/key" not in said


def test_a_test_of_the_sessions_emulator_shows_the_requests_since_it_began(
    session: pytest.Pytester,
) -> None:
    said = report(
        session,
        """
        from calls import get


        def test_that_passes(momento_emulator_session):
            get(momento_emulator_session, "/objectstore/before/key")


        def test_that_fails(momento_emulator_session):
            get(momento_emulator_session, "/objectstore/mine/key")
            raise AssertionError


        def test_that_fails_after_a_reset(momento_emulator_session):
            momento_emulator_session.reset()
            get(momento_emulator_session, "/objectstore/later/key")
            raise AssertionError
        """,
        passed=1,
        failed=2,
    )
    first, second = said.split("test_that_fails_after_a_reset", 1)
    assert "#2 GetObject (GET /objectstore/mine/key)" in first
    assert "#1 GetObject (GET /objectstore/later/key)" in second
    assert "/objectstore/before/key" not in said


def test_every_emulator_of_a_failed_test_is_shown_once(session: pytest.Pytester) -> None:
    said = report(
        session,
        """
        from calls import get


        def test_that_fails(
            momento_emulator, momento_emulator_environment, momento_emulator_session,
            momento_emulator_factory,
        ):
            other = momento_emulator_factory(cache="memory")
            get(momento_emulator, "/objectstore/mine/key")
            get(other, "/objectstore/others/key")
            momento_emulator_factory(cache="memory").stop()
            raise AssertionError
        """,
        failed=1,
    )
    assert said.count("GET /objectstore/mine/key") == 1
    assert said.count("GET /objectstore/others/key") == 1
    assert "The emulator does not run any more" in said


def test_a_report_of_many_requests_shows_the_last_ones(session: pytest.Pytester) -> None:
    said = report(
        session,
        """
        from calls import get


        def test_that_fails(momento_emulator):
            for number in range(60):
                get(momento_emulator, f"/objectstore/s/{number}")
            raise AssertionError
        """,
        failed=1,
    )
    assert "10 requests before these" in said
    assert "#10 " not in said
    assert "#11 GetObject (GET /objectstore/s/10)" in said
    assert "#60 GetObject (GET /objectstore/s/59)" in said


def test_a_test_without_requests_says_so_and_one_without_an_emulator_says_nothing(
    session: pytest.Pytester,
) -> None:
    said = report(
        session,
        """
        def test_without_requests(momento_emulator):
            raise AssertionError


        def test_without_emulator():
            raise AssertionError
        """,
        failed=2,
    )
    assert len(TITLE.findall(said)) == 1
    assert said.count("There was none.") == 1


def test_a_setup_that_fails_shows_its_requests_too(session: pytest.Pytester) -> None:
    said = report(
        session,
        """
        import pytest
        from calls import get


        @pytest.fixture
        def library(momento_emulator):
            get(momento_emulator, "/objectstore/mine/key")
            raise AssertionError


        def test_anything(library):
            pass
        """,
        errors=1,
    )
    assert "#1 GetObject (GET /objectstore/mine/key)" in said


def test_no_report_holds_an_api_key(session: pytest.Pytester) -> None:
    said = report(
        session,
        """
        from pathlib import Path

        from calls import get


        def test_that_fails(momento_emulator):
            key = momento_emulator.api_key()
            Path("key").write_text(key)
            get(momento_emulator, f"/objectstore/s/{key}?key={key}")
            get(momento_emulator, "/objectstore/s/k", key=f"Bearer {key}")
            momento_emulator.journal.assert_called(key="other")
        """,
        failed=1,
    )
    assert "The nearest of 2 other requests" in said
    assert (session.path / "key").read_text() not in said
