"""A process that serves HTTPS and is a proxy: what it says, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import socket
import sys
from pathlib import Path

import pytest

from emulator.tls.directory import AuthorityDirectory
from tests.support.launch import Launcher, run
from tests.support.tls import needs_tls

CALL = """
import os, urllib.request
url = f"https://api.cache.{os.environ['MOMENTO_ENDPOINT']}/objectstore"
request = urllib.request.Request(url, headers={"Authorization": os.environ["MOMENTO_API_KEY"]})
print(urllib.request.urlopen(request, timeout=10).status)
"""


@needs_tls
def test_the_banner_the_ready_file_and_env_lead_clients_of_production_here(
    emulators: Launcher, tmp_path: Path
) -> None:
    directory = tmp_path / "ca"
    running = emulators.start("--tls", "--tls-port", "0", "--proxy", "--ca-dir", directory)
    facts, banner = running.facts, running.wait_for_banner()

    assert facts["tls_endpoint"].startswith("https://127.0.0.1:")
    assert facts["proxy"] == running.endpoint
    assert facts["ca_file"] == str(directory / "ca.pem")
    for name in ("tls_endpoint", "proxy", "ca_file"):
        assert re.search(rf"\s{re.escape(facts[name])}$", banner, re.MULTILINE)
    pasted = re.findall(r"^\s*(export .+)$", banner, re.MULTILINE)
    env = run(sys.executable, "-m", "emulator", "env", "--ready-file", str(running.ready_file))
    assert env.stdout.splitlines() == pasted
    assert len(pasted) == len(facts["environment"])

    script = "\n".join([*pasted, shlex.join(["exec", sys.executable, "-c", CALL])])
    shell = run("sh", "-euc", script)
    assert (shell.stdout, shell.stderr) == ("200\n", "")
    assert "Traceback" not in running.stop()


@needs_tls
def test_the_banner_as_json_has_them_too(emulators: Launcher, tmp_path: Path) -> None:
    running = emulators.start("--proxy", "--ca-dir", tmp_path / "ca", "--log-format", "json")
    ready = next(
        document
        for document in map(json.loads, running.stop().splitlines())
        if document["message"] == "ready"
    )

    assert ready["environment"] == running.facts["environment"]
    assert (ready["tls_endpoint"], ready["proxy"]) == (None, running.endpoint)


def test_without_tls_the_ready_file_says_so(emulators: Launcher) -> None:
    facts = emulators.start().facts

    assert [facts[name] for name in ("tls_endpoint", "proxy", "ca_file")] == [None, None, None]
    assert facts["environment"].keys() == {"MOMENTO_ENDPOINT", "MOMENTO_API_KEY"}


@needs_tls
def test_a_port_in_use_and_a_foreign_directory_are_refused(
    emulators: Launcher, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = ("--port", "0", "--tls", "--tls-port", port, "--ca-dir", str(tmp_path / "ca"))
        emulators.refuse(*words).says("--tls-port", port, "in use")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").touch()
    emulators.refuse("--port", "0", "--tls", "--ca-dir", foreign).says("--ca-dir", "thesis.tex")


@needs_tls
@pytest.mark.parametrize("content", ["", "not a certificate"])
def test_a_certificate_that_is_none_is_refused(
    emulators: Launcher, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "own.pem"
    file.write_text(content, encoding="utf-8")
    words = ("--port", "0", "--tls", "--tls-certificate", file, "--tls-key")

    emulators.refuse(*words, file).says("--tls-certificate, --tls-key: cannot use", "in PEM")
    missing = tmp_path / "missing.pem"
    emulators.refuse(*words, missing).says("cannot read", str(missing))


@needs_tls
def test_a_key_of_another_certificate_is_refused(emulators: Launcher, tmp_path: Path) -> None:
    for name in ("one", "other"):
        made = AuthorityDirectory(tmp_path / name).authority
        (tmp_path / f"{name}.pem").write_bytes(made.issue(["localhost"]))
    words = ("--tls", "--tls-certificate", tmp_path / "one.pem", "--tls-key")

    said = "the key is not that of the certificate"
    emulators.refuse(*words, tmp_path / "other.pem").says("--tls-key", said)
