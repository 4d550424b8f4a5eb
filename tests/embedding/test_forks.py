"""A process forks while an emulator runs in it: the child has nothing of it, and says so (D128)."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client, create_store
from tests.support.emulators import ANY_NAMES, Start, client
from tests.support.environment import environment
from tests.support.forks import Child, in_child, needs_fork
from tests.support.leash import leashed

pytestmark = [needs_fork, pytest.mark.proves("D128")]

USES: dict[str, Callable[[Emulator], object]] = {
    "stop": lambda emulator: emulator.stop(),
    "start": lambda emulator: emulator.start(),
    "reset": lambda emulator: emulator.reset(),
    "checkpoint": lambda emulator: emulator.checkpoint("here"),
    "account_id": lambda emulator: emulator.account_id,
    "create_api_key": lambda emulator: emulator.create_api_key("viewer"),
    "add_observer": lambda emulator: emulator.add_observer(print),
    "clock.freeze": lambda emulator: emulator.clock.freeze(),
    "clock.set": lambda emulator: emulator.clock.set(5),
    "clock.advance": lambda emulator: emulator.clock.advance(1),
    "clock.release": lambda emulator: emulator.clock.release(),
    "faults": lambda emulator: emulator.faults.add("cache_down"),
    "journal": lambda emulator: emulator.journal.calls(),
    "tiers": lambda emulator: emulator.tiers.counts(),
    "access_logs": lambda emulator: emulator.access_logs.groups(),
    "metrics": lambda emulator: emulator.metrics.all(),
}


def refused(use: Callable[[Emulator], object], emulator: Emulator) -> str:
    try:
        use(emulator)
    except RuntimeError as error:
        return str(error)
    return "it was not refused"


def test_every_use_in_a_child_is_refused_at_once_and_says_why(start: Start) -> None:
    emulator = start(api_revision="latest")

    said = in_child(lambda: "\n".join(refused(use, emulator) for use in USES.values()))

    expected = f"this emulator runs in process {os.getpid()}, from which this process was forked"
    assert {line.partition(":")[0] for line in said.splitlines()} == {expected}
    assert len(said.splitlines()) == len(USES)
    assert client(emulator).store_names() == []


def test_a_child_sends_requests_to_the_emulator_of_its_parent(start: Start) -> None:
    emulator = start()

    def create_a_store() -> str:
        return str(Client(emulator.endpoint, emulator.api_key()).create_store("store").status)

    assert in_child(create_a_store) == "201"
    assert client(emulator).store_names() == ["store"]


def test_the_port_is_free_when_the_parent_has_stopped_the_emulator(start: Start) -> None:
    emulator = start()
    port, owner = emulator.port, client(emulator)
    with Child(lambda: "forked") as child, contextlib.closing(owner.connect()) as used:
        assert child.says() == "forked"
        assert owner.list_stores(over=used).status == 200  # It was accepted: others are reset.
        emulator.stop()
        assert used.sock.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        assert client(start(port=port)).store_names() == []


def test_a_connection_ends_with_the_emulator_although_a_child_was_forked(start: Start) -> None:
    emulator = start()
    owner = client(emulator)
    with contextlib.closing(owner.connect()) as connection:
        assert owner.list_stores(over=connection).status == 200
        with Child(lambda: "forked") as child:
            assert child.says() == "forked"
            emulator.stop()
            assert connection.sock.recv(1) == b""


def test_a_child_has_no_socket_and_no_lock_of_the_emulator(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    emulator = start(data_dir=data, fsync=False)
    before = in_child(open_files)
    with contextlib.closing(client(emulator).connect()) as connection:
        client(emulator).list_stores(over=connection)
        there = in_child(open_files)
    emulator.stop()

    assert not {str(data), str(data / "lock")} & {*before.splitlines()}
    assert there.count("socket:") == before.count("socket:") + 1  # That of the client.
    assert in_child(open_files).count("socket:") == before.count("socket:")


def open_files() -> str:
    found = []
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/dev/fd/{name}"))
    return "\n".join(found)


def test_a_with_block_that_a_child_leaves_does_not_stop_the_emulator(start: Start) -> None:
    emulator = start()

    def leave() -> str:
        emulator.__exit__(None, None, None)
        with emulator.faults.get("fault"):
            return "left"

    emulator.faults.add("cache_down", id="fault")
    assert "RuntimeError: this emulator runs in process" in in_child(leave)
    assert client(emulator).store_names() == []
    assert emulator.faults.get("fault").fired == 0


def test_a_child_starts_an_emulator_of_its_own_with_other_ids(start: Start) -> None:
    emulator = start()

    def account() -> str:
        with Emulator(cache="memory", api_revision="latest", **ANY_NAMES) as own:
            owner = client(own)
            create_store(owner, "store")
            answer = owner.get("store", "key")
            return f"{own.account_id} {answer.header('mo-request-id')} {own.create_role('R', ROLE)}"

    found = [in_child(account).split() for _ in range(2)]
    assert [len(words) for words in found] == [3, 3], found
    assert len({*found[0], *found[1], emulator.account_id}) == 7


ROLE: dict[str, Any] = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}


def test_what_a_child_opens_stays_open_in_its_own_children(start: Start, tmp_path: Path) -> None:
    emulator = start()
    (tmp_path / "file").write_text("mine")

    def fork_again() -> str:
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context((tmp_path / "file").open()) for _ in range(50)]
            return in_child(lambda: str({file.read() for file in files}))

    assert in_child(fork_again) == "{'mine'}"
    assert emulator.account_id


def test_workers_of_multiprocessing_use_the_emulator_over_http(start: Start) -> None:
    emulator = start()
    create_store(client(emulator), "store")
    arguments = [(emulator.endpoint, emulator.api_key(), f"key-{number}") for number in range(4)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.starmap(put_one, arguments) == [204] * 4
    assert emulator.journal.count == 5


def put_one(endpoint: str, api_key: str, key: str) -> int:
    return Client(endpoint, api_key).put("store", key, b"body").status


EXITS = """
import os, sys, time
from pathlib import Path
from emulator import Emulator
from tests.support.client import Client, create_store
from tests.support.connections import Upload

MIB = 1024**2
data = Path(sys.argv[1])
with Emulator(data_dir=data, cache_max_object_bytes=1) as emulator:
    emulator.checkpoint("here")
    owner = Client(emulator.endpoint, emulator.api_key())
    create_store(owner, "store")
    with Upload(owner, "store", "key", size=4 * MIB) as upload:
        upload.send(b"a" * (3 * MIB // 2))
        while not list((data / "tmp").iterdir()):
            time.sleep(0.001)
        pid = os.fork()
        if pid == 0:
            sys.exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
        upload.send(b"a" * (5 * MIB // 2))
        assert upload.finish() == 204
    assert owner.get("store", "key").body == b"a" * 4 * MIB
    emulator.restore("here")
"""


@pytest.mark.slow
def test_a_child_that_exits_as_programs_do_disturbs_nothing(tmp_path: Path) -> None:
    """It unwinds the ``with`` block, and collects what it has inherited."""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", EXITS, "data"],
        check=False,
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(Path(__file__).parents[2])}),
        capture_output=True,
        text=True,
        timeout=50,
        **leashed(),
    )
    assert ended.returncode == 0, ended.stderr


KILLED = """
import os, signal, sys
from emulator import Emulator

emulator = Emulator(data_dir=sys.argv[1], cache="memory")
emulator.start()
if os.fork() == 0:
    os.write(1, f"{os.getpid()}\\n".encode())
    signal.pause()
signal.pause()
"""


@pytest.mark.slow
def test_a_child_does_not_keep_the_data_directory_of_a_parent_that_was_killed(
    tmp_path: Path, start: Start
) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", KILLED, tmp_path / "data"],
        env=environment(),
        stdout=subprocess.PIPE,
        **leashed(),
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        try:
            assert start(data_dir=tmp_path / "data", fsync=False).account_id
        finally:
            os.kill(child, signal.SIGKILL)
