"""The image of the Dockerfile, built, and run as docs/deployment.md says.

One test, since the image is built once: each of its steps is a function that says what holds.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from emulator.auth.well_known import WELL_KNOWN_KEYS
from tests.clients import projects
from tests.support.environment import ROOT
from tests.support.waiting import wait_until

from .engine import HINT, IMAGE, ContainerEngine, find_engine

HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")

STOP_SECONDS = "10"
"""How long `docker stop` gives a container before it kills it."""

USER = "10001"

VOLUME = "momento-emulator-test-data"

TESTCONTAINERS = {
    "python": ("pytest -p no:randomly test_in_a_container.py", r"^=+ 1 passed in"),
    "node": ("cd container && npx vitest run", r"Tests .*\b1 passed"),
    "go": ("cd container && go test -v .", r"^--- PASS"),
    "java": (
        "mvn --batch-mode test -Dtest=ContainerTest",
        r"Tests run: 1, Failures: 0, Errors: 0, Skipped: 0",
    ),
}
"""By project, the command that runs its test with Testcontainers, and what that prints then."""

WELL_KNOWN = ("--well-known-keys", "--allow-well-known-keys-beyond-loopback")

ROUND_TRIP = """
import json, os, urllib.request

def call(method, path, body=None, **headers):
    headers["Authorization"] = os.environ["KEY"]
    url = os.environ["ENDPOINT"] + "/objectstore/" + path
    return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method)).read()

if os.environ["PUT"]:
    store = {
        "storage_config": {"s3": {
            "bucket_name": "my-s3-bucket",
            "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"}},
        "cache_config": {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}},
    }
    call("PUT", "my-store", json.dumps(store).encode(), **{"Content-Type": "application/json"})
    call("PUT", "my-store/greeting.txt", b"Hello")
print(call("GET", "my-store/greeting.txt").decode())
"""


@pytest.fixture
def engine() -> Iterator[ContainerEngine]:
    with TemporaryDirectory(prefix="momento-") as short:  # Podman takes no long path.
        found = find_engine(Path(short))
        if found is None:
            pytest.skip(HINT)
        try:
            yield found
        finally:
            found.clean_up()


@pytest.mark.slow(seconds=180)
def test_the_image_is_built_and_keeps_the_promises_of_the_page(
    engine: ContainerEngine, tmp_path: Path
) -> None:
    engine.build("--build-arg=VERSION=1.2.3")
    _it_says_what_it_is(engine)
    _it_holds_every_extra_and_nothing_of_the_build(engine)
    _it_serves_as_the_compose_file_starts_it(engine)
    _it_keeps_a_volume_and_serves_https(engine)
    _a_stop_ends_in_time_and_the_log_is_not_held_back(engine)
    _it_is_unhealthy_where_nothing_answers(engine)
    _the_projects_pass_with_testcontainers(engine, tmp_path)


def _it_says_what_it_is(engine: ContainerEngine) -> None:
    config = engine.inspect(IMAGE)["Config"]
    assert config["User"] == USER
    assert set(config["Volumes"]) == {"/data"}
    assert set(config["ExposedPorts"]) == {"8080/tcp"}
    assert config["StopSignal"] == "SIGTERM"
    assert "PYTHONUNBUFFERED=1" in config["Env"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert config["Labels"]["org.opencontainers.image.version"] == "1.2.3"


def _it_holds_every_extra_and_nothing_of_the_build(engine: ContainerEngine) -> None:
    modules = "botocore, grpc, h2, hiredis, prometheus_client"
    with engine.running("--entrypoint=sleep", "--user=root", words=["60"]) as name:
        engine("exec", name, "python", "-c", f"import {modules}")
        assert engine("exec", name, "sh", "-c", "ls -A /src /root/.cache 2>/dev/null || true") == ""


def _it_serves_as_the_compose_file_starts_it(engine: ContainerEngine) -> None:
    compose = yaml.safe_load((ROOT / "fixtures" / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["momento"]
    with engine.running(*_options_of(service), words=service["command"]) as name:
        _wait_until_healthy(engine, name)
        assert _round_trip(engine, name, "http://127.0.0.1:8080", puts=True) == "Hello"
        assert engine("exec", name, "id", "-u").strip() == USER
        refused = engine.attempt("exec", name, "touch", "/tmp/new")
        assert "Read-only file system" in refused.stderr
        granted = engine("exec", name, "grep", "CapEff", "/proc/1/status")
        assert int(granted.split()[1], 16) == 0


def _it_keeps_a_volume_and_serves_https(engine: ContainerEngine) -> None:
    options = (*HARDENED, f"--volume={VOLUME}:/data", "--env=MOMENTO_EMULATOR_PORT=9000")
    words = ["--data-dir=/data/state", "--tls", "--ca-dir=/data/ca", *WELL_KNOWN]
    engine("volume", "create", VOLUME)
    try:
        for puts, endpoint in ((True, "http://127.0.0.1:9000"), (False, "https://127.0.0.1:8443")):
            with engine.running(*options, words=words) as name:
                _wait_until_healthy(engine, name)
                assert _round_trip(engine, name, endpoint, puts=puts) == "Hello"
    finally:
        engine("volume", "rm", VOLUME)


def _a_stop_ends_in_time_and_the_log_is_not_held_back(engine: ContainerEngine) -> None:
    with engine.running(*HARDENED) as name:
        _wait_until_healthy(engine, name)
        wait_until(lambda: "endpoint  http://127.0.0.1:8080" in engine.log(name), "the banner")
        engine("stop", "--time", STOP_SECONDS, name)
        assert engine.inspect(name)["State"]["ExitCode"] == 0
        assert "emulator.serve: stopped" in engine.log(name)


def _it_is_unhealthy_where_nothing_answers(engine: ContainerEngine) -> None:
    with engine.running("--entrypoint=sleep", words=["60"]) as name:
        ended = engine.attempt("exec", name, *engine.health_check())
        assert ended.returncode == 1, ended


def _the_projects_pass_with_testcontainers(engine: ContainerEngine, directory: Path) -> None:
    with engine.api() as variables:
        for project, (command, passed) in TESTCONTAINERS.items():
            with contextlib.suppress(pytest.skip.Exception):  # Its other tests are skipped too.
                projects.NEEDS[project]()
                copy = projects.copy_of(project, directory, in_container=True)
                printed = projects.run(copy, command, variables)
                assert re.search(passed, printed, re.MULTILINE), printed


def _options_of(service: Mapping[str, Any]) -> list[str]:
    """The options of ``run`` for what a compose file says of a service."""
    assert service["read_only"] is True
    dropped = [f"--cap-drop={each}" for each in service["cap_drop"]]
    return [
        "--read-only",
        *dropped,
        *(f"--security-opt={each}" for each in service["security_opt"]),
    ]


def _wait_until_healthy(engine: ContainerEngine, name: str) -> None:
    """Ask the health check, but with more time than it has by itself."""
    *program, script = engine.health_check()
    assert "--timeout 3" in script
    engine("exec", name, *program, script.replace("--timeout 3", "--timeout 30"))


def _round_trip(engine: ContainerEngine, name: str, endpoint: str, *, puts: bool) -> str:
    """Put an object, if ``puts``, and get it, from inside the container."""
    variables = {
        "ENDPOINT": endpoint,
        "KEY": WELL_KNOWN_KEYS["owner"],
        "PUT": "1" if puts else "",
        "SSL_CERT_FILE": "/data/ca/ca.pem",
    }
    options = [f"--env={variable}={value}" for variable, value in variables.items()]
    return engine("exec", "--interactive", *options, name, "python", "-", given=ROUND_TRIP).strip()
