"""The extras for AWS live beside the boto3 that a project has, and leave it as it is."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engines.s3 import Moto
from tests.support.environment import python_path
from tests.support.launch import run
from tests.support.leash import leashed

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]

TWO_YEARS_OLD = "boto3==1.35.*"

PROJECTS = {
    "the newest boto3": ["boto3"],
    "a boto3 of 2024": [TWO_YEARS_OLD],
    "moto": ["moto"],
}
"""What a project asks for beside the emulator."""

SECONDS = 30.0
"""How long pip may compute; how long it waits for other processes and for the network says nothing
of what it has to resolve."""

TIMEOUT_SECONDS = 280.0

PUT_AND_GET = """
import boto3, botocore, json, sys
from emulator import Emulator
from tests.support.client import create_store
from tests.support.emulators import client

url, body = sys.argv[1], bytes(9 * 1024 * 1024)
in_s3 = {"storage": "s3", "s3_endpoint_url": url, "create_buckets": True}
with Emulator(**in_s3, cache="memory", cache_max_object_bytes=0) as emulator:
    create_store(client(emulator), "store", bucket="beside")
    for key, content in (("small", b"body"), ("large", body)):
        assert client(emulator).call("PUT", f"/objectstore/store/{key}", content).status == 204
        assert client(emulator).call("GET", f"/objectstore/store/{key}").body == content
stored = boto3.client("s3", endpoint_url=url).head_object(Bucket="beside", Key="large")
print(json.dumps([botocore.__version__, stored["ContentLength"]]))
"""

pytestmark = pytest.mark.slow(seconds=50)


def of_the_extras() -> list[str]:
    """What pip is asked for by `pip install 'momento-objectstore-emulator[s3,aws]'`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["s3"], *extras["aws"]]


class Environment:
    """A virtual environment, in which pip works without being installed there."""

    def __init__(self, directory: Path) -> None:
        venv.create(directory, with_pip=False, symlinks=True)
        self._python = directory / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        (found,) = self._python.parents[1].glob("lib/python*/site-packages")
        return found

    def pip(self, *words: str) -> str:
        """What `pip install` says with these words."""
        command = [sys.executable, "-m", "pip", "--python", str(self._python), "install"]
        done = subprocess.run(
            [*command, "--quiet", "--no-input", "--disable-pip-version-check", *words],
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_SECONDS,
            check=False,
            **leashed(),
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def added(self, requirements: Sequence[str]) -> dict[str, str]:
        """The packages that pip would install, with their versions."""
        report: Any = json.loads(self.pip("--dry-run", "--report", "-", *requirements))
        found = [each["metadata"] for each in report["install"]]
        return {each["name"].lower(): each["version"] for each in found}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment without a package, where pip can have packages from somewhere."""
    environment = Environment(tmp_path_factory.mktemp("empty") / "venv")
    try:
        environment.added(["boto3", "--no-deps"])
    except AssertionError:
        pytest.skip("no package index here: connect pip to one")
    return environment


@pytest.fixture(scope="module")
def old(empty: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:  # noqa: ARG001
    """An environment with a boto3 that is two years old."""
    environment = Environment(tmp_path_factory.mktemp("old") / "venv")
    environment.pip(TWO_YEARS_OLD)
    return environment


def processor_seconds() -> float:
    """How much the child processes that have ended have used of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS.keys())
def test_pip_finds_soon_what_suits_the_extras_and_the_project(
    empty: Environment, project: list[str]
) -> None:
    before = processor_seconds()
    together = empty.added([*of_the_extras(), *project])
    assert processor_seconds() - before < SECONDS
    alone = empty.added([*project, "--no-deps"])
    assert together.items() >= alone.items()


def test_the_extras_leave_an_old_boto3_as_it_is(old: Environment) -> None:
    before = processor_seconds()
    added = old.added(of_the_extras())
    assert processor_seconds() - before < SECONDS
    assert "aiohttp" in added
    assert added.keys().isdisjoint({"boto3", "botocore", "jmespath", "s3transfer", "urllib3"})


def test_objects_are_in_s3_with_an_old_boto3_as_with_the_newest(
    old: Environment, moto: Moto
) -> None:
    moto.empty()
    path = os.pathsep.join([str(old.packages), python_path()])
    done = run(
        *(sys.executable, "-c", PUT_AND_GET, moto.url), env={**moto.environment, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    version, length = json.loads(done.stdout)
    assert version.startswith("1.35.")
    assert length == 9 * 1024 * 1024
