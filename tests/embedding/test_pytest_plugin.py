"""The pytest plugin, in sessions of pytest of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import emulator.embedding  # noqa: F401  # or each session in this process would import it anew
from pytest_momento_emulator import _other_package
from tests.support.nested_pytest import Project, Run, run, without_others

pytest_plugins = ["pytester"]

CALLS = """
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
STORE = {
    "storage_config": {"s3": {"bucket_name": "bucket", "iam_role_arn": ROLE}},
    "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
}


def call(emulator, method, path, body=None, role="owner", **headers):
    headers["Authorization"] = emulator.api_key(role)
    url = f"{emulator.endpoint}/objectstore{path}"
    try:
        with urlopen(Request(url, method=method, data=body, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def make_store(emulator, name="store"):
    body = json.dumps(STORE).encode()
    return call(emulator, "PUT", f"/{name}", body, **{"Content-Type": "application/json"})[0]
"""

SEED = """
stores:
  - name: seeded
    storage_config:
      s3:
        bucket_name: bucket
        iam_role_arn: arn:aws:iam::123456789012:role/MomentoObjectStoreRole
    cache_config:
      valkey_cluster:
        cluster_name: cluster
objects:
  - {store: seeded, key: key, text: seed}
"""

project = Project(
    """
    asyncio_mode = auto
    asyncio_default_fixture_loop_scope = function
    """,
    calls=CALLS,
)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of all that is added to the project."""
    return project.run(tmp_path_factory.mktemp("plugin"), *without_others("asyncio"))


project.add(
    test_first_state="""
    import time

    import pytest
    from calls import call, make_store

    endpoints = set()
    created = []


    @pytest.mark.parametrize("time_that_it_runs", range(3))
    def test_all_that_is_changed_is_changed_for_this_test_alone(
        momento_emulator, time_that_it_runs
    ):
        assert call(momento_emulator, "GET", "/store")[0] == 404
        assert abs(momento_emulator.clock.now() / 1e6 - time.time()) < 60
        for key in created:
            with pytest.raises(KeyError):
                momento_emulator.revoke_api_key(key)
        assert make_store(momento_emulator) == 201
        assert call(momento_emulator, "GET", "/store/key")[0] == 404
        assert call(momento_emulator, "PUT", "/store/key", b"body")[0] == 204
        assert call(momento_emulator, "GET", "/store/key", role="viewer") == (200, b"body")
        created.append(momento_emulator.create_api_key("owner"))
        momento_emulator.revoke_api_key(momento_emulator.api_key("operator"))
        momento_emulator.clock.freeze(0)
        endpoints.add(momento_emulator.endpoint)


    def test_it_is_one_server_for_the_session(momento_emulator, momento_emulator_session):
        assert momento_emulator is momento_emulator_session
        assert endpoints == {momento_emulator.endpoint}


    def test_a_key_that_another_test_revoked_is_valid(momento_emulator):
        assert call(momento_emulator, "GET", "", role="operator")[0] == 200
    """
)


def test_the_fixture_is_an_emulator_in_its_first_state_for_every_test(session: Run) -> None:
    session.passed("test_first_state", tests=5)


project.add(
    test_client="""
    import aiohttp
    import pytest
    from calls import STORE


    @pytest.fixture
    async def client(momento_emulator):
        headers = {"Authorization": momento_emulator.api_key()}
        async with aiohttp.ClientSession(momento_emulator.endpoint, headers=headers) as client:
            yield client


    @pytest.mark.parametrize("body", [b"one", b"two"])
    async def test_put_and_get(client, momento_emulator, body):
        async with client.get("/objectstore/store/key") as answer:
            assert (answer.status, await answer.json()) == (404, {"message": "Store Not Found"})
        async with client.put("/objectstore/store", json=STORE) as answer:
            assert answer.status == 201
        async with client.put("/objectstore/store/key?ttl_seconds=60", data=body) as answer:
            assert answer.status == 204
        async with client.get("/objectstore/store/key") as answer:
            assert (answer.status, await answer.read()) == (200, body)
        momento_emulator.clock.advance(60)
        async with client.get("/objectstore/store/key") as answer:
            assert answer.status == 404
    """
)


def test_the_fixture_serves_an_asynchronous_client_in_the_tests_own_loop(session: Run) -> None:
    session.passed("test_client", tests=2)


def test_its_options_can_be_overridden_with_a_fixture(tmp_path: Path) -> None:
    overriding = Project(
        calls=CALLS,
        conftest="""
        import pytest


        @pytest.fixture(scope="session")
        def momento_emulator_options(tmp_path_factory):
            data = tmp_path_factory.mktemp("data")
            return {"seed": "seed.yaml", "cache": "memory", "data_dir": data, "max_stores": 2}
        """,
        test_it="""
        import json
        from urllib.request import urlopen

        import pytest
        from calls import call, make_store


        @pytest.mark.parametrize("time_that_it_runs", range(2))
        def test_seed_tiers_and_limits(momento_emulator, time_that_it_runs):
            with urlopen(f"{momento_emulator.endpoint}/_emulator/health", timeout=10) as answer:
                health = json.load(answer)
            assert health["cache"]["engine"] == "memory"
            assert health["storage"]["engine"] == "filesystem"
            assert call(momento_emulator, "GET", "/seeded/key") == (200, b"seed")
            assert call(momento_emulator, "PUT", "/seeded/key", b"changed")[0] == 204
            assert [make_store(momento_emulator, name) for name in ("a", "b")] == [201, 429]
        """,
    )
    (tmp_path / "seed.yaml").write_text(SEED, encoding="utf-8")
    overriding.run(tmp_path, *without_others()).passed("test_it", tests=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cache": "fakereds"}, "momento_emulator: --cache: 'fakereds' is not one of *"),
        ({"sed": "x"}, "momento_emulator: unknown option 'sed'; did you mean seed?"),
    ],
)
def test_options_of_an_overriding_fixture_that_are_wrong_fail_a_test_with_one_line(
    pytester: pytest.Pytester, options: dict[str, str], said: str
) -> None:
    pytester.makeconftest(
        f"""
        import pytest


        @pytest.fixture(scope="session")
        def momento_emulator_options():
            return {options}
        """
    )
    pytester.makepyfile("def test_anything(momento_emulator): pass")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *without_others())

    result.assert_outcomes(errors=1)
    title = "*_ ERROR at setup of test_anything _*"
    result.stdout.fnmatch_lines([title, said, "*= short test summary info =*"], consecutive=True)


def test_a_session_that_does_not_use_it_does_not_pay_for_it(tmp_path: Path) -> None:
    idle = Project(
        test_it="""
        import sys


        def test_anything(pytestconfig):
            assert pytestconfig.pluginmanager.hasplugin("pytest_momento_emulator")
            assert not {"aiohttp", "fakeredis", "yaml", "emulator"} & sys.modules.keys()
        """
    )
    idle.write(tmp_path)
    words = ("-p", "pytest_momento_emulator")
    run(tmp_path, *words, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").passed("test_it", tests=1)


def test_options_that_nobody_uses_cost_no_import_of_the_server(tmp_path: Path) -> None:
    idle = Project(
        "momento_emulator =\n    seed=seed.yaml\n    cache=memory\n",
        test_it="""
        import sys


        def test_anything():
            assert not {"aiohttp", "fakeredis", "emulator"} & sys.modules.keys()
        """,
    )
    (tmp_path / "seed.yaml").write_text(SEED, encoding="utf-8")
    idle.write(tmp_path)
    words = ("-p", "pytest_momento_emulator")
    run(tmp_path, *words, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").passed("test_it", tests=1)


def test_beside_another_package_of_that_name_only_tests_that_use_a_fixture_fail(
    tmp_path: Path,
) -> None:
    own = Project(
        emulator="IS_THE_PROJECTS = True",
        test_it="""
        import emulator


        def test_of_the_project():
            assert emulator.IS_THE_PROJECTS


        def test_of_ours(momento_emulator):
            pass
        """,
    )
    ran = own.run(tmp_path, *without_others())
    assert ran.outcomes("test_it") == {"passed": 1, "error": 1}, ran.report()
    _, said, after = ran.report("test_of_ours").splitlines()
    assert said.startswith(f"`import emulator` finds {tmp_path}/emulator.py, not ")
    assert after.startswith("---")


@pytest.mark.parametrize("name", ["emulator/__init__.py", "emulator.py"])
def test_another_package_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert _other_package() is None
    monkeypatch.delitem(sys.modules, "emulator")
    assert _other_package() is None
    monkeypatch.syspath_prepend(tmp_path)
    assert _other_package() == str(tmp_path / name)


def test_a_folder_without_an_init_file_is_another_package_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "emulator").mkdir()
    monkeypatch.delitem(sys.modules, "emulator")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert _other_package() == str(tmp_path / "emulator")


def test_a_module_that_a_test_has_made_is_another_package_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "emulator", ModuleType("emulator"))
    assert _other_package() == "a module that was created at run time"
