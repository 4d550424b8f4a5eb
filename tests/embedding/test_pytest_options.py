"""The pytest plugin: options for the session's emulator, markers, and further emulators."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CALLS = """
import json
from urllib.request import Request, urlopen


def stores(emulator):
    request = Request(
        f"{emulator.endpoint}/objectstore", headers={"Authorization": emulator.api_key()}
    )
    with urlopen(request, timeout=10) as answer:
        return [store["name"] for store in json.load(answer)["object_stores"]]
"""

SEED = """
stores:
  - name: {name}
    storage_config:
      s3: {{bucket_name: b, iam_role_arn: "arn:aws:iam::123456789012:role/r"}}
    cache_config: {{valkey_cluster: {{cluster_name: c}}}}
"""


@pytest.fixture
def session(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with two seed files, whose tests can list stores."""
    pytester.makeini(
        "[pytest]\n"
        "addopts = --strict-markers\n"
        "asyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\n"
    )
    pytester.makepyfile(calls=CALLS)
    for name in ("one", "other"):
        (pytester.path / f"{name}.yaml").write_text(SEED.format(name=name))
    return pytester


def run(session: pytest.Pytester, *words: str) -> pytest.RunResult:
    return session.runpytest_subprocess("-p", "no:cacheprovider", *words, timeout=60)


def test_options_come_from_pytests_configuration_wherever_pytest_is_called(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    ini = session.path / "tox.ini"
    ini.write_text(
        ini.read_text() + "\nmomento_emulator =\n    seed = one.yaml\n    max-stores=1\n"
    )
    below = session.mkpydir("below")
    (below / "test_it.py").write_text(
        "from calls import stores\n\n\n"
        "def test_it(momento_emulator):\n"
        '    assert stores(momento_emulator) == ["one"]\n'
        "    assert momento_emulator.config.max_stores == 1\n"
    )
    run(session, "below").assert_outcomes(passed=1)
    monkeypatch.chdir(below)
    run(session, ".").assert_outcomes(passed=1)


def test_the_command_line_wins_over_the_configuration(session: pytest.Pytester) -> None:
    ini = session.path / "tox.ini"
    ini.write_text(ini.read_text() + "\nmomento_emulator = seed=one.yaml\n")
    session.makepyfile(
        """
        from calls import stores


        def test_it(momento_emulator):
            assert stores(momento_emulator) == ["other"]
            assert momento_emulator.config.cache == "memory"
        """
    )
    words = ("--momento-emulator", "seed=other.yaml", "--momento-emulator=cache=memory")
    run(session, *words).assert_outcomes(passed=1)


def test_a_marker_asks_for_other_options_and_tests_with_the_same_share_a_server(
    session: pytest.Pytester,
) -> None:
    session.makepyfile(
        """
        import pytest
        from calls import stores

        endpoints = set()


        @pytest.mark.momento_emulator(seed="one.yaml")
        @pytest.mark.parametrize("time", range(3))
        def test_seeded(momento_emulator, momento_emulator_session, time):
            assert stores(momento_emulator) == ["one"]
            assert momento_emulator is not momento_emulator_session
            momento_emulator.clock.advance(3600)
            endpoints.add(momento_emulator.endpoint)
            assert len(endpoints) == 1


        def test_not_seeded(momento_emulator, momento_emulator_session):
            assert stores(momento_emulator) == []
            assert momento_emulator is momento_emulator_session


        @pytest.mark.momento_emulator(seed="other.yaml")
        class TestOther:
            def test_of_the_class(self, momento_emulator):
                assert stores(momento_emulator) == ["other"]

            @pytest.mark.momento_emulator(seed="one.yaml")
            def test_of_its_own(self, momento_emulator):
                assert momento_emulator.endpoint in endpoints
        """
    )
    run(session).assert_outcomes(passed=6)


def test_a_marker_asks_for_a_clock_that_stands_still_for_its_test_alone(
    session: pytest.Pytester,
) -> None:
    session.makepyfile(
        """
        import pytest


        @pytest.mark.momento_emulator(frozen=True)
        def test_frozen(momento_emulator, momento_emulator_session):
            assert momento_emulator.clock.frozen
            assert momento_emulator is momento_emulator_session


        def test_not_frozen(momento_emulator):
            assert not momento_emulator.clock.frozen
        """
    )
    run(session).assert_outcomes(passed=2)


def test_a_test_may_have_as_many_emulators_as_it_likes(session: pytest.Pytester) -> None:
    session.makepyfile(
        """
        from urllib.error import URLError

        import pytest
        from calls import stores

        started = []


        def test_several(momento_emulator_factory, momento_emulator):
            one = momento_emulator_factory(seed="one.yaml")
            other = momento_emulator_factory(seed="other.yaml", cache="memory")
            assert (stores(one), stores(other)) == (["one"], ["other"])
            assert stores(momento_emulator) == []
            started.extend([one.endpoint, other.endpoint])


        def test_they_have_ended_with_it(momento_emulator):
            from urllib.request import urlopen
            for endpoint in started:
                with pytest.raises(URLError):
                    urlopen(endpoint, timeout=10)
        """
    )
    run(session).assert_outcomes(passed=2)


def test_code_that_reads_the_environment_finds_the_emulator_there(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTO_API_KEY", "before")
    monkeypatch.delenv("MOMENTO_ENDPOINT", raising=False)
    session.makepyfile(
        """
        import os


        def test_inside(momento_emulator_environment, momento_emulator):
            assert momento_emulator_environment is momento_emulator
            assert os.environ["MOMENTO_ENDPOINT"] == momento_emulator.endpoint
            assert os.environ["MOMENTO_API_KEY"] == momento_emulator.api_key("owner")


        def test_outside(momento_emulator):
            assert os.environ["MOMENTO_API_KEY"] == "before"
            assert "MOMENTO_ENDPOINT" not in os.environ
        """
    )
    run(session).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--momento-emulator", "seed"], "*--momento-emulator: 'seed' is not NAME=VALUE*"),
        (["--momento-emulator", "sed=x"], "*unknown option 'sed'; did you mean seed?*"),
        (["--momento-emulator", "xyzzy=x"], "*unknown option 'xyzzy': there are host, port,*"),
        (["--momento-emulator", "port=x"], "*port*'x' is not a port*"),
    ],
)
def test_an_option_that_is_none_is_named(
    session: pytest.Pytester, words: list[str], said: str
) -> None:
    session.makepyfile("def test_it(momento_emulator): pass")
    result = run(session, *words)
    assert result.ret != 0
    (result.stdout if result.parseoutcomes().get("errors") else result.stderr).fnmatch_lines(said)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        (
            "sed='one.yaml'",
            "*the marker momento_emulator: unknown option 'sed'; did you mean seed?*",
        ),
        ("'one.yaml'", "*the marker momento_emulator takes options by name*"),
    ],
)
def test_a_marker_that_asks_for_nothing_there_is_is_named(
    session: pytest.Pytester, marker: str, said: str
) -> None:
    session.makepyfile(
        f"""
        import pytest


        @pytest.mark.momento_emulator({marker})
        def test_it(momento_emulator):
            pass
        """
    )
    result = run(session)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(said)


def test_pytest_explains_the_options_and_the_marker(session: pytest.Pytester) -> None:
    run(session, "--help").stdout.fnmatch_lines(["*--momento-emulator=NAME=VALUE*"])
    run(session, "--markers").stdout.fnmatch_lines(["@pytest.mark.momento_emulator(frozen=False*"])
