"""Real clients of a host of production reach the emulator, with the variables of ``exec`` alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import leash
from tests.support.environment import ROOT, environment
from tests.support.waiting import wait_until

from .production import CLIENTS, TIMEOUT_SECONDS, Toolchains, run, without_trust

SECONDS = {"go": 60, "java": 20}
"""With what is compiled first."""

each_client = pytest.mark.parametrize(
    "client",
    [
        pytest.param(client, marks=pytest.mark.slow(seconds=SECONDS.get(client, 5)))
        for client in CLIENTS
    ],
)

SEED_FILE = ROOT / "fixtures" / "seed.yaml"

SHOW_AND_WAIT = """
import json, os, sys
print(json.dumps(dict(os.environ)), flush=True)
sys.stdin.read()
"""


class Inside(NamedTuple):
    """What a command of ``exec --proxy`` finds."""

    variables: Mapping[str, str]
    log: Path
    """What the emulator has written to stderr."""


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    directory = tmp_path_factory.mktemp("exec")
    options = ("--proxy", "--cache", "memory", "--seed", SEED_FILE, "--ca-dir", directory / "ca")
    log = directory / "log"
    with log.open("wb") as stderr:
        process = leash.popen(
            [
                *(sys.executable, "-m", "emulator", "exec", *map(str, options)),
                *("--", sys.executable, "-c", SHOW_AND_WAIT),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment(),
        )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text(encoding="utf-8")
            yield Inside(json.loads(line), log)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(TIMEOUT_SECONDS) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def toolchains(tmp_path_factory: pytest.TempPathFactory) -> Toolchains:
    return Toolchains(tmp_path_factory.mktemp("programs"), environment())


@each_client
def test_a_client_of_production_puts_and_gets_an_object(
    inside: Inside, toolchains: Toolchains, client: str
) -> None:
    greeting = f"Hello from {client}"
    ended = run(toolchains.command(client), greeting, inside.variables)

    assert ended.stdout.splitlines() == ["204", greeting, "200"], ended.stderr


@each_client
def test_a_client_without_the_authority_fails_and_the_log_says_what_to_set(
    inside: Inside, toolchains: Toolchains, client: str
) -> None:
    command = toolchains.command(client)
    already = len(inside.log.read_bytes())

    def is_logged() -> bool:  # Each line comes at most once a second.
        ended = run(command, "unseen", without_trust(inside.variables))
        assert "unseen" not in ended.stdout
        assert "204" not in ended.stdout
        return len(inside.log.read_bytes()) > already

    wait_until(is_logged, "a line is logged")
    (line, *_) = inside.log.read_bytes()[already:].decode().splitlines()
    bundle = inside.variables["SSL_CERT_FILE"]
    assert "the emulator's certificate; " in line
    assert f"set SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE for it to {bundle}" in line
