"""The pytest plugin: options for the session's emulator, markers, and further emulators."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emulator.embedding  # noqa: F401  # or each session in this process would import it anew
import pytest_momento_emulator
from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.config.sources import load
from emulator.startup.seed_file import read_seed
from tests.support.nested_pytest import Project, Run, run, without_others

pytestmark = pytest.mark.slow

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

project = Project("addopts = --strict-markers", calls=CALLS)


def with_seeds(directory: Path) -> Path:
    """The directory, with two seed files in it."""
    for name in ("one", "other"):
        (directory / f"{name}.yaml").write_text(SEED.format(name=name), encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of all that is added to the project, where the environment has a key already."""
    directory = project.write(with_seeds(tmp_path_factory.mktemp("options")))
    return run(directory, *without_others(), MOMENTO_API_KEY="before")


def in_this_process(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    """How pytest ends with these words, before an emulator starts."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *without_others(), *words)


def test_options_come_from_pytests_configuration_wherever_pytest_is_called(tmp_path: Path) -> None:
    configured = Project("momento_emulator =\n    seed = one.yaml\n    max-stores=1\n", calls=CALLS)
    configured.write(with_seeds(tmp_path))
    below = tmp_path / "below"
    below.mkdir()
    (below / "__init__.py").touch()
    (below / "test_it.py").write_text(
        "from calls import stores\n\n\n"
        "def test_it(momento_emulator):\n"
        '    assert stores(momento_emulator) == ["one"]\n'
        "    assert momento_emulator.config.max_stores == 1\n",
        encoding="utf-8",
    )
    run(tmp_path, *without_others(), "below").passed("below.test_it", tests=1)
    run(below, *without_others(), ".").passed("below.test_it", tests=1)


def test_the_command_line_wins_over_the_configuration(tmp_path: Path) -> None:
    configured = Project(
        "momento_emulator = seed=one.yaml",
        calls=CALLS,
        test_it="""
        from calls import stores


        def test_it(momento_emulator):
            assert stores(momento_emulator) == ["other"]
            assert momento_emulator.config.cache == "memory"
        """,
    )
    words = ("--momento-emulator", "seed=other.yaml", "--momento-emulator=cache=memory")
    ran = configured.run(with_seeds(tmp_path), *without_others(), *words)
    ran.passed("test_it", tests=1)


project.add(
    test_marker="""
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


def test_a_marker_asks_for_other_options_and_tests_with_the_same_share_a_server(
    session: Run,
) -> None:
    assert session.outcomes("test_marker") == {"passed": 4}, session.report()
    session.passed("test_marker.TestOther", tests=2)


project.add(
    test_frozen="""
    import pytest


    @pytest.mark.momento_emulator(frozen=True)
    def test_frozen(momento_emulator, momento_emulator_session):
        assert momento_emulator.clock.frozen
        assert momento_emulator is momento_emulator_session


    def test_not_frozen(momento_emulator):
        assert not momento_emulator.clock.frozen
    """
)


def test_a_marker_asks_for_a_clock_that_stands_still_for_its_test_alone(session: Run) -> None:
    session.passed("test_frozen", tests=2)


project.add(
    test_factory="""
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
        assert len(started) == 2
        for endpoint in started:
            with pytest.raises(URLError):
                urlopen(endpoint, timeout=10)
    """
)


def test_a_test_may_have_as_many_emulators_as_it_likes(session: Run) -> None:
    session.passed("test_factory", tests=2)


project.add(
    test_environment="""
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


def test_an_unknown_key_never_leaves_the_one_that_was_set_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Emulator(data_dir=data, cache="memory") as emulator:
        assert emulator.api_keys_file is not None
        emulator.api_keys_file.unlink()
    unknown = Project(
        test_it=f"""
        import pytest


        @pytest.mark.momento_emulator(data_dir={str(data)!r})
        def test_it(momento_emulator_environment): ...
        """
    )
    ran = unknown.run(tmp_path, *without_others())
    assert ran.outcomes("test_it") == {"error": 1}, ran.report()
    assert "no plain API key of role 'owner'" in ran.report()


def test_with_the_proxy_the_environment_leads_clients_of_production_to_the_emulator(
    tmp_path: Path,
) -> None:
    proxied = Project(
        test_it="""
        import os
        from urllib.request import Request, urlopen

        import pytest


        @pytest.mark.momento_emulator(proxy=True)
        def test_it(momento_emulator_environment, tmp_path):
            url = "https://api.cache.cell-us-east-1-1.prod.a.momentohq.com/objectstore"
            headers = {"Authorization": os.environ["MOMENTO_API_KEY"]}
            with urlopen(Request(url, headers=headers), timeout=10) as answer:
                assert answer.status == 200
            # The authority is a temporary one, for all emulators of the session.
            ca_file = momento_emulator_environment.ca_file
            assert ca_file.parent.parent == tmp_path.parent
            assert os.environ["NODE_EXTRA_CA_CERTS"] == str(ca_file)


        def test_factory(momento_emulator_factory, tmp_path):
            emulator = momento_emulator_factory(tls=True, cache="memory")
            assert emulator.ca_file.parent.parent == tmp_path.parent


        def test_after(momento_emulator_environment):
            assert "HTTPS_PROXY" not in os.environ
        """
    )
    proxied.run(tmp_path, *without_others()).passed("test_it", tests=3)


def test_code_that_reads_the_environment_finds_the_emulator_there(session: Run) -> None:
    session.passed("test_environment", tests=2)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("seed", "'seed' must be NAME=VALUE, as in seed=seed.yaml"),
        ("sed=x", "unknown option 'sed'; did you mean seed?"),
        ("max-stors=1", "unknown option 'max_stors'; did you mean max_stores?"),
        ("xyzzy=x", "unknown option 'xyzzy'; python -m emulator --help lists them"),
        (
            "frozn=true",
            "unknown option 'frozn'; "
            "frozen is for the marker, @pytest.mark.momento_emulator(frozen=True)",
        ),
    ],
)
def test_what_is_no_option_stops_the_run_with_one_line(
    pytester: pytest.Pytester, option: str, said: str
) -> None:
    stops_with(pytester, f"--momento-emulator: {said}", "--momento-emulator", option)
    pytester.makeini(f"[pytest]\nmomento_emulator = {option}\n")
    stops_with(pytester, f"momento_emulator in pytest's configuration: {said}")


@pytest.mark.parametrize(
    "options",
    [
        {"port": "abc"},
        {"seed": "nope.yaml"},
        {"seed": "wrong.yaml"},
        {"seed": ""},
        {"cache": "fakereds"},
        {"storage": "filesystem", "max_stores": "1"},
    ],
    ids=lambda options: " ".join(f"{name}={value}" for name, value in options.items()),
)
def test_a_wrong_value_stops_the_run_with_the_line_of_the_command_line(
    pytester: pytest.Pytester, options: dict[str, str]
) -> None:
    (pytester.path / "wrong.yaml").write_text("stores: [{name: a/b}]", encoding="utf-8")
    said = refusal_of_the_command_line(options)
    pairs = [f"{name}={value}" for name, value in options.items()]

    words = [word for pair in pairs for word in ("--momento-emulator", pair)]
    stops_with(pytester, f"--momento-emulator: {said}", *words)

    pytester.makeini("\n    ".join(["[pytest]\nmomento_emulator =", *pairs]))
    stops_with(pytester, f"momento_emulator in pytest's configuration: {said}")


def refusal_of_the_command_line(options: dict[str, str]) -> str:
    """What the emulator's own command line says of options that are wrong."""
    try:
        config = load(options, {})
        assert config.seed is not None
        read_seed(config.seed)
    except ConfigurationError as error:
        return str(error)
    raise AssertionError("they are right")


def stops_with(pytester: pytest.Pytester, line: str, *words: str) -> None:
    """Fail unless pytest, with these words, says that alone and runs nothing."""
    pytester.makepyfile("def test_it(): pass")
    result = in_this_process(pytester, *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [*filter(None, result.errlines)] == [f"ERROR: {line}"]
    assert [*filter(None, result.outlines)] == []


def test_options_that_contradict_each_other_across_both_places_name_both(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nmomento_emulator = storage=s3\n")
    stops_with(
        pytester,
        "momento_emulator in pytest's configuration or --momento-emulator: --max-object-bytes: "
        "with --storage s3 it must be at most 5GiB, the most that S3 copies in one step",
        *("--momento-emulator", "max-object-bytes=6GiB"),
    )


def test_workers_of_xdist_do_not_repeat_what_is_wrong(tmp_path: Path) -> None:
    workers = Project(test_it="def test_it(momento_emulator): pass")
    others = without_others("xdist", "xdist.looponfail")
    ran = workers.run(tmp_path, "-n", "2", *others, "--momento-emulator", "sed=x")
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    line = "ERROR: --momento-emulator: unknown option 'sed'; did you mean seed?"
    assert ran.report().strip() == line


def test_a_worker_of_xdist_leaves_the_options_to_the_process_that_started_it(
    pytester: pytest.Pytester,
) -> None:
    config = pytester.parseconfig("--momento-emulator", "sed=x", *without_others())
    with pytest.raises(pytest.UsageError):
        pytest_momento_emulator.pytest_configure(config)
    config.workerinput = {}  # type: ignore[attr-defined]
    pytest_momento_emulator.pytest_configure(config)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("sed='one.yaml'", "the marker momento_emulator: unknown option 'sed'; did you mean seed?"),
        ("frozn=True", "the marker momento_emulator: unknown option 'frozn'; did you mean frozen?"),
        (
            "xyzzy=1",
            "the marker momento_emulator: unknown option 'xyzzy'; "
            "python -m emulator --help lists them",
        ),
        (
            "'one.yaml'",
            "the marker momento_emulator takes options by name, as in seed='seed.yaml'",
        ),
        ("frozen=1", "the marker momento_emulator: frozen must be True or False, not 1"),
        (
            "port='abc'",
            "the marker momento_emulator: --port: 'abc' is not a port: "
            "give a number from 0 to 65535",
        ),
    ],
)
def test_a_marker_that_asks_for_what_is_wrong_fails_its_test_with_one_line(
    pytester: pytest.Pytester, marker: str, said: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest


        @pytest.mark.momento_emulator({marker})
        def test_it(momento_emulator):
            pass
        """
    )
    result = in_this_process(pytester)
    result.assert_outcomes(errors=1)
    (_, report, _) = re.split(r"_+ ERROR at setup of test_it _+\n|=+ short", result.stdout.str())
    assert report.strip() == said


def test_pytest_explains_the_options_and_the_marker(pytester: pytest.Pytester) -> None:
    in_this_process(pytester, "--help").stdout.fnmatch_lines(["*--momento-emulator=NAME=VALUE*"])
    in_this_process(pytester, "--markers").stdout.fnmatch_lines(
        ["@pytest.mark.momento_emulator(frozen=False*"]
    )
