"""What an emulator says and does when it has started."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from pathlib import Path

import pytest

from emulator import __version__
from tests.support.client import Client
from tests.support.environment import PROGRAM, ROOT
from tests.support.keys import is_base64, jwt_parts
from tests.support.launch import Launcher, Running, run
from tests.support.ports import has_ipv6, reserved_port

REVISION = "2026-02-05"
ROLES = {"owner", "operator", "viewer"}

CALL = """
import os, urllib.request
request = urllib.request.Request(
    os.environ["MOMENTO_ENDPOINT"] + "/objectstore",
    headers={"Authorization": os.environ["MOMENTO_API_KEY"]},
)
print(urllib.request.urlopen(request, timeout=10).status)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_banner_names_the_endpoint_the_revision_and_both_tiers(running: Running) -> None:
    banner = running.wait_for_banner()

    assert __version__ in banner
    assert re.search(rf"endpoint\s+{re.escape(running.endpoint)}$", banner, re.MULTILINE)
    assert re.search(rf"revision\s+{REVISION}$", banner, re.MULTILINE)
    assert re.search(r"storage\s+memory$", banner, re.MULTILINE)
    assert re.search(r"cache\s+fakeredis$", banner, re.MULTILINE)


def test_the_lines_to_paste_let_a_shell_call_the_service(running: Running) -> None:
    exports = re.findall(r"^\s*(export MOMENTO_\w+=.+)$", running.wait_for_banner(), re.MULTILINE)
    script = "\n".join([*exports, f"exec \"{sys.executable}\" -c '{CALL}'"])

    shell = run("sh", "-eu", "-c", script)

    assert [line.split("=")[0] for line in exports] == [
        "export MOMENTO_ENDPOINT",
        "export MOMENTO_API_KEY",
    ]
    assert (shell.stdout, shell.stderr) == ("200\n", "")


LISTENING = {
    "::": ("[::1]", ["[::]"], " (IPv6 alone; 0.0.0.0,:: is both)"),
    "0.0.0.0": ("127.0.0.1", ["0.0.0.0"], ""),
    "localhost": ("127.0.0.1", ["127.0.0.1", "[::1]"], ""),
    "0.0.0.0,::": ("127.0.0.1", ["0.0.0.0", "[::]"], ""),
}


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")
@pytest.mark.parametrize("host", LISTENING)
def test_the_banner_and_the_ready_file_say_what_it_listens_on(
    emulators: Launcher, host: str
) -> None:
    running = emulators.start("--host", host)
    reached_at, listens, hint = LISTENING[host]
    port = running.facts["port"]
    addresses = [f"{address}:{port}" for address in listens]

    assert running.endpoint == f"http://{reached_at}:{port}"
    assert running.facts["addresses"] == addresses
    said = re.escape(f"on {', '.join(addresses)}{hint}")
    assert re.search(rf"listens\s+{said}$", running.wait_for_banner(), re.MULTILINE)


@pytest.mark.proves("D155")
def test_the_banner_and_the_ready_file_name_the_console(running: Running) -> None:
    console = f"{running.endpoint}/_emulator/"
    assert re.search(
        rf"^  console\s+{re.escape(console)}$", running.wait_for_banner(), re.MULTILINE
    )
    assert running.facts["console"] == console


@pytest.mark.proves("D155")
def test_without_the_console_neither_names_it(emulators: Launcher) -> None:
    running = emulators.start("--no-console")
    assert "console" not in running.wait_for_banner()
    assert running.facts["console"] is None


def test_the_banner_says_nothing_of_addresses_that_the_endpoint_says(running: Running) -> None:
    assert "listens" not in running.wait_for_banner()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ["--api-revision", "latest"],
            "those of each store, 5/s on keys, roles and tokens; --no-limits for none",
        ),
        (["--api-revision", "latest", "--no-limits"], "not enforced"),
    ],
)
def test_the_banner_says_whether_limits_are_watched(
    emulators: Launcher, flags: list[str], said: str
) -> None:
    running = emulators.start("serve", *flags)
    banner = running.wait_for_banner()
    assert re.search(r"revision\s+2026-08-12$", banner, re.MULTILINE)
    assert re.search(rf"limits\s+{re.escape(said)}$", banner, re.MULTILINE)
    assert running.facts["api_revision"] == "2026-08-12"


def test_the_first_revision_says_nothing_of_limits(running: Running) -> None:
    assert "limits" not in running.wait_for_banner()


def test_an_account_without_history_has_one_v2_key_for_each_role(running: Running) -> None:
    assert running.keys.keys() == ROLES
    assert len(set(running.keys.values())) == len(ROLES)
    for key in running.keys.values():
        header, payload = jwt_parts(key)
        assert header["alg"] == "HS512"
        assert payload.keys() == {"t", "jti"}
        assert payload["t"] == "g"
        assert not is_base64(key)


@pytest.mark.parametrize(
    ("role", "may_list", "may_create"),
    [("owner", 200, 201), ("operator", 200, 201), ("viewer", 200, 403)],
)
def test_the_key_of_a_role_opens_what_the_role_may_do(
    running: Running, role: str, may_list: int, may_create: int
) -> None:
    client = running.client(role)

    assert client.list_stores().status == may_list
    assert client.create_store(f"made-by-{role}").status == may_create


def test_another_run_has_another_account_and_other_keys(
    running: Running, emulators: Launcher
) -> None:
    other = emulators.start("serve")

    assert other.facts["account_id"] != running.facts["account_id"]
    assert not set(other.keys.values()) & set(running.keys.values())
    assert Client(other.endpoint, running.keys["owner"]).list_stores().status == 401


def test_the_ready_file_says_what_a_script_needs(running: Running) -> None:
    facts = running.facts

    assert facts.keys() == {
        "console",
        "tls_endpoint",
        "proxy",
        "ca_file",
        "environment",
        "endpoint",
        "addresses",
        "port",
        "pid",
        "version",
        "api_revision",
        "account_id",
        "api_keys",
        "well_known_keys",
    }
    assert facts["endpoint"] == f"http://127.0.0.1:{facts['port']}"
    assert facts["addresses"] == [f"127.0.0.1:{facts['port']}"]
    assert facts["pid"] == running.process.pid
    assert facts["version"] == __version__
    assert facts["api_revision"] == REVISION
    assert isinstance(facts["account_id"], str)
    assert facts["account_id"]
    assert facts["well_known_keys"] is False


@pytest.mark.proves("D169")
def test_the_well_known_keys_are_those_of_the_page_and_of_the_ready_file(
    emulators: Launcher,
) -> None:
    page = (ROOT / "docs" / "credentials.md").read_text(encoding="utf-8")
    published = dict(
        re.findall(r"^\| `(owner|operator|viewer)` \| `(\S+)` \|$", page, re.MULTILINE)
    )
    running = emulators.start("--well-known-keys")

    assert running.facts["api_keys"] == published
    assert running.facts["well_known_keys"] is True
    assert re.search(r"^  keys +well-known ones", running.wait_for_banner(), re.MULTILINE)
    assert Client(running.endpoint, published["viewer"]).create_store("a").status == 403
    assert Client(running.endpoint, published["operator"]).create_store("a").status == 201
    assert Client(running.endpoint, published["owner"]).list_stores().status == 200


@pytest.mark.proves("D169")
def test_a_data_directory_keeps_no_well_known_key(emulators: Launcher, data: Path) -> None:
    first = emulators.start("--data-dir", data, "--well-known-keys")
    well_known = first.keys["owner"]
    first.stop()

    again = emulators.start("--data-dir", data)

    assert Client(again.endpoint, well_known).list_stores().status == 401
    assert "or start with --well-known-keys" in again.wait_for_banner()


def test_the_ready_file_is_for_its_owner_alone(emulators: Launcher) -> None:
    running = emulators.spawn(umask=0)
    running.wait_until_ready()

    assert mode(running.ready_file) == 0o600


def test_nothing_but_the_ready_file_appears_and_it_goes_at_the_end(
    from_scratch: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    running = from_scratch.start("--port", "0", "--ready-file", ready, ready_file=ready)
    while_running = os.listdir(tmp_path)

    running.stop()

    assert while_running == ["ready.json"]
    assert os.listdir(tmp_path) == []


def test_health_needs_no_key_and_tells_version_revision_and_tiers(running: Running) -> None:
    answer = running.anonymous().call("GET", "/_emulator/health")

    assert answer.status == 200
    assert answer.headers.get_content_type() == "application/json"
    assert answer.json() == {
        "status": "ok",
        "version": __version__,
        "api_revision": REVISION,
        "storage": {"engine": "memory", "status": "ok"},
        "cache": {"engine": "fakeredis", "status": "ok"},
        "account": {"engine": "memory", "status": "ok"},
    }


def test_health_takes_any_key_that_is_sent(running: Running) -> None:
    assert Client(running.endpoint, "no key").call("GET", "/_emulator/health").status == 200


def test_health_names_a_storage_tier_that_fails(emulators: Launcher, data: Path) -> None:
    running = emulators.start("--data-dir", data)
    shutil.rmtree(data / "objects")

    answer = running.anonymous().call("GET", "/_emulator/health")

    assert answer.status == 200
    assert answer.json()["storage"]["status"] == "failing"
    assert str(data / "objects") in answer.json()["storage"]["cause"]
    assert answer.json()["cache"]["status"] == "ok"
    assert answer.json()["status"] != "ok"


def test_a_port_that_was_given_is_taken_and_is_free_again_afterwards(
    emulators: Launcher, tmp_path: Path
) -> None:
    ready = tmp_path / "ready.json"
    with reserved_port() as port:
        words = ("--port", str(port), "--cache", "memory", "--ready-file", str(ready))
        for _ in range(2):
            running = emulators.start(*words, ready_file=ready)
            assert running.endpoint == f"http://127.0.0.1:{port}"
            assert running.client().store_names() == []
            running.stop()


def test_version_is_one_line_on_stdout() -> None:
    result = run(sys.executable, "-m", "emulator", "--version")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{PROGRAM} {__version__}\n"
