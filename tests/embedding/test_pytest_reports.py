"""The pytest plugin: what the report of a failed test says of its emulators."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.nested_pytest import Project, Run, without_others

TITLE = re.compile(r"-+ requests to the emulator at http://127\.0\.0\.1:\d+ -+")

project = Project(
    calls="""
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
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def session(directory: Path) -> Run:
    """A run of all that is added to the project."""
    return project.run(directory, "-rN", *without_others())


project.add(
    test_its_own="""
    from calls import get


    def test_that_passes(momento_emulator):
        get(momento_emulator, "/objectstore/before/key")


    def test_with_two_requests(momento_emulator):
        get(momento_emulator, "/objectstore/mine/key?a=b")
        momento_emulator.faults.add({"type": "status", "status": 503}, id="an outage")
        get(momento_emulator, "/objectstore")
        raise AssertionError
    """
)


def test_a_failed_test_shows_its_requests_and_not_those_of_others(session: Run) -> None:
    assert session.outcomes("test_its_own") == {"passed": 1, "failed": 1}, session.report()
    said = session.report("test_with_two_requests")
    assert len(TITLE.findall(said)) == 1
    assert "#1 GetObject (GET /objectstore/mine/key?a=b): 404 bad_request (Store Not Found)" in said
    assert "#2 ListObjectStores (GET /objectstore): 503" in said
    assert "faults: an outage" in said
    assert "/objectstore/before/key" not in session.report()


project.add(
    test_of_the_session="""
    from calls import get


    def test_that_passes(momento_emulator_session):
        momento_emulator_session.reset()
        get(momento_emulator_session, "/objectstore/before/key")


    def test_of_the_session(momento_emulator_session):
        get(momento_emulator_session, "/objectstore/mine/key")
        raise AssertionError


    def test_of_the_session_after_a_reset(momento_emulator_session):
        momento_emulator_session.reset()
        get(momento_emulator_session, "/objectstore/later/key")
        raise AssertionError
    """
)


def test_a_test_of_the_sessions_emulator_shows_the_requests_since_it_began(session: Run) -> None:
    assert session.outcomes("test_of_the_session") == {"passed": 1, "failed": 2}, session.report()
    first = session.report("test_of_the_session")
    second = session.report("test_of_the_session_after_a_reset")
    assert "#2 GetObject (GET /objectstore/mine/key)" in first
    assert "#1 GetObject (GET /objectstore/later/key)" in second
    assert "/objectstore/before/key" not in session.report()


project.add(
    test_several="""
    from calls import get


    def test_with_several_emulators(
        momento_emulator, momento_emulator_environment, momento_emulator_session,
        momento_emulator_factory,
    ):
        other = momento_emulator_factory(cache="memory")
        get(momento_emulator, "/objectstore/mine/key")
        get(other, "/objectstore/others/key")
        momento_emulator_factory(cache="memory").stop()
        raise AssertionError
    """
)


def test_every_emulator_of_a_failed_test_is_shown_once(session: Run) -> None:
    assert session.outcomes("test_several") == {"failed": 1}, session.report()
    said = session.report("test_with_several_emulators")
    assert said.count("GET /objectstore/mine/key") == 1
    assert said.count("GET /objectstore/others/key") == 1
    assert "The emulator is no longer running" in said


project.add(
    test_many="""
    from calls import get


    def test_with_many_requests(momento_emulator):
        for number in range(60):
            get(momento_emulator, f"/objectstore/s/{number}")
        raise AssertionError
    """
)


def test_a_report_of_many_requests_shows_the_last_ones(session: Run) -> None:
    assert session.outcomes("test_many") == {"failed": 1}, session.report()
    said = session.report("test_with_many_requests")
    assert "10 earlier requests" in said
    assert "#10 " not in said
    assert "#11 GetObject (GET /objectstore/s/10)" in said
    assert "#60 GetObject (GET /objectstore/s/59)" in said


project.add(
    test_none="""
    def test_without_requests(momento_emulator):
        raise AssertionError


    def test_without_emulator():
        raise AssertionError


    def test_that_asks_another(momento_emulator, monkeypatch):
        monkeypatch.setenv("MOMENTO_ENDPOINT", "http://127.0.0.1:1")
        raise AssertionError


    def test_that_asks_nobody(momento_emulator_environment):
        raise AssertionError
    """
)


def test_a_test_without_requests_says_so_and_one_without_an_emulator_says_nothing(
    session: Run,
) -> None:
    assert session.outcomes("test_none") == {"failed": 4}, session.report()
    said = session.report("test_without_requests")
    assert len(TITLE.findall(said)) == 1
    assert said.count("No requests.") == 1
    assert TITLE.search(session.report("test_without_emulator")) is None


def test_a_test_without_requests_is_told_of_an_endpoint_elsewhere(session: Run) -> None:
    said = session.report("test_that_asks_another")
    assert "No requests. MOMENTO_ENDPOINT is http://127.0.0.1:1, which is not this em" in said
    assert "MOMENTO_ENDPOINT" not in session.report("test_that_asks_nobody")


project.add(
    test_refused="""
    import pytest


    def test_a_rule(momento_emulator):
        momento_emulator.faults.add("status", status=503)


    def test_an_instant(momento_emulator):
        momento_emulator.clock.set(1893456000)


    def test_a_store(momento_emulator):
        momento_emulator.stores.get("unknown")


    def test_a_role(momento_emulator):
        momento_emulator.create_api_key("unknown")
    """
)


@pytest.mark.parametrize("name", ["a_rule", "an_instant", "a_store", "a_role"])
def test_a_refused_call_is_shown_where_the_test_makes_it(session: Run, name: str) -> None:
    said = session.report(f"test_{name}")
    assert re.findall(r"^(\S+\.py):\d+: \w+Error$", said, re.MULTILINE) == ["test_refused.py"]
    assert "emulator/" not in said


project.add(
    test_setup="""
    import pytest
    from calls import get


    @pytest.fixture
    def library(momento_emulator):
        get(momento_emulator, "/objectstore/mine/key")
        raise AssertionError


    def test_with_a_setup_that_fails(library):
        pass
    """
)


def test_a_setup_that_fails_shows_its_requests_too(session: Run) -> None:
    assert session.outcomes("test_setup") == {"error": 1}, session.report()
    said = session.report("test_with_a_setup_that_fails")
    assert "#1 GetObject (GET /objectstore/mine/key)" in said


project.add(
    test_key="""
    from pathlib import Path

    from calls import get


    def test_with_an_api_key(momento_emulator):
        key = momento_emulator.api_key()
        Path("key").write_text(key)
        get(momento_emulator, f"/objectstore/s/{key}?key={key}")
        get(momento_emulator, "/objectstore/s/k", key=f"Bearer {key}")
        momento_emulator.journal.assert_called(key="other")
    """
)


def test_no_report_holds_an_api_key(session: Run, directory: Path) -> None:
    assert session.outcomes("test_key") == {"failed": 1}, session.report()
    assert "The nearest of 2 other requests" in session.report("test_with_an_api_key")
    assert (directory / "key").read_text() not in session.report()
