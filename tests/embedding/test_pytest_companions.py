"""The pytest plugin beside others: pytest-xdist, pytest-asyncio, pytest-aiohttp, anyio, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_momento_emulator import _for_this_process
from tests.support.nested_pytest import Project, without_others

pytestmark = pytest.mark.slow

STORE = {
    "storage_config": {
        "s3": {
            "bucket_name": "bucket",
            "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoObjectStoreRole",
        }
    },
    "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
}

SYNCHRONOUS = f"""
import pytest
import requests

STORE = {STORE!r}


@pytest.mark.parametrize("time_that_it_runs", range(2))
def test_a_plain_test_with_requests(momento_emulator, time_that_it_runs):
    session = requests.Session()
    session.headers["Authorization"] = momento_emulator.api_key()
    url = f"{{momento_emulator.endpoint}}/objectstore/store"
    assert session.put(url, json=STORE, timeout=10).status_code == 201
    assert session.put(f"{{url}}/key", data=b"body", timeout=10).status_code == 204
    assert session.get(f"{{url}}/key", timeout=10).content == b"body"
    session.close()
"""

ASYNCIO = "asyncio_default_fixture_loop_scope = function\n"
"""What pytest-asyncio warns about where it is not set."""


def test_a_synchronous_test_needs_no_other_plugin(tmp_path: Path) -> None:
    project = Project(test_it=SYNCHRONOUS)
    project.run(tmp_path, *without_others()).passed("test_it", tests=2)


def test_a_synchronous_test_does_not_mind_other_plugins(tmp_path: Path) -> None:
    project = Project(ASYNCIO, test_it=SYNCHRONOUS)
    project.run(tmp_path).passed("test_it", tests=2)


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_an_asynchronous_test_with_pytest_asyncio(tmp_path: Path, mode: str) -> None:
    project = Project(
        f"{ASYNCIO}asyncio_mode = {mode}",
        test_it="""
        import aiohttp
        import pytest


        @pytest.mark.asyncio
        async def test_it(momento_emulator):
            headers = {"Authorization": momento_emulator.api_key()}
            async with aiohttp.ClientSession(momento_emulator.endpoint, headers=headers) as client:
                async with client.get("/objectstore") as answer:
                    assert await answer.json() == {"object_stores": []}
            momento_emulator.journal.assert_called(operation="ListObjectStores", times=1)
        """,
    )
    project.run(tmp_path, *without_others("asyncio")).passed("test_it", tests=1)


def test_an_asynchronous_test_with_anyio(tmp_path: Path) -> None:
    project = Project(
        test_it="""
        import anyio
        import pytest

        pytestmark = pytest.mark.anyio


        @pytest.fixture
        def anyio_backend():
            return "asyncio"


        async def test_it(momento_emulator):
            async with await anyio.connect_tcp(
                momento_emulator.host, momento_emulator.port
            ) as stream:
                await stream.send(
                    b"GET /objectstore HTTP/1.0\\r\\nAuthorization: "
                    + momento_emulator.api_key().encode()
                    + b"\\r\\n\\r\\n"
                )
                answer = b""
                async for piece in stream:
                    answer += piece
            assert answer.endswith(b'{"object_stores": []}')
        """
    )
    project.run(tmp_path, *without_others("anyio")).passed("test_it", tests=1)


@pytest.fixture(scope="module")
def directory_of_two_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two workers have run tests whose options name a directory and a file."""
    directory = tmp_path_factory.mktemp("workers")
    project = Project(
        "momento_emulator =\n    data_dir=data\n    fsync=false\n    ready_file=ready.json\n",
        test_it=f"""
        from pathlib import Path

        import pytest
        import requests

        STORE = {STORE!r}


        @pytest.mark.parametrize("number", range(12))
        def test_nobody_else_is_seen(momento_emulator, worker_id, number):
            headers = {{"Authorization": momento_emulator.api_key()}}
            url = f"{{momento_emulator.endpoint}}/objectstore/store"
            for expected in (201, 200):
                answer = requests.put(url, json=STORE, headers=headers, timeout=10)
                assert answer.status_code == expected
            assert len(momento_emulator.journal) == 2
            Path(f"{{worker_id}}.endpoint").write_text(momento_emulator.endpoint)
        """,
    )
    run = project.run(directory, "-n", "2", *without_others("xdist", "xdist.looponfail"))
    run.passed("test_it", tests=12)
    return directory


def test_workers_of_xdist_have_an_emulator_each(directory_of_two_workers: Path) -> None:
    endpoints = [file.read_text() for file in directory_of_two_workers.glob("*.endpoint")]
    assert len(set(endpoints)) == len(endpoints) == 2


def test_workers_of_xdist_do_not_meet_in_a_directory_or_a_file(
    directory_of_two_workers: Path,
) -> None:
    made = sorted(path.name for path in directory_of_two_workers.glob("data*"))
    assert made == ["data-gw0", "data-gw1"]


def test_a_fixed_port_is_counted_up_by_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw3")
    assert _for_this_process({"port": 9000})["port"] == 9003
    assert _for_this_process({"port": "9000"})["port"] == 9003
    assert _for_this_process({"port": 0, "cache": "memory"}) == {"port": 0, "cache": "memory"}
    assert _for_this_process({"port": "x"}) == {"port": "x"}
