"""SIGTERM and SIGINT: what runs is finished, and nothing half-written stays."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support.client import TIMEOUT_SECONDS, Client, object_path
from tests.support.connections import Download, Upload
from tests.support.environment import environment
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

MIB = 1024**2
BUSY_MACHINE_SECONDS = 15.0
"""Longer than any of these stops takes, and less than any time after which a client gives up."""

SIGNALS = [signal.SIGTERM, signal.SIGINT]

# Larger bodies go to a file as they arrive; those that are cached are gathered first.
CACHE_UP_TO_1_MIB = ["--cache-max-object-bytes", "1MiB"]

by_either_signal = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)


def noise(size: int) -> bytes:
    """Bytes that are nowhere the same."""
    return hashlib.shake_128(b"noise").digest(size)


def refuses_connections(client: Client) -> bool:
    try:
        socket.create_connection(client.address, timeout=5).close()
    except ConnectionError:
        return True
    return False


def begin_to_stop(running: Running, number: signal.Signals) -> None:
    """Send the signal, and wait until the emulator acts upon it."""
    running.send(number)
    client = running.anonymous()
    wait_until(lambda: refuses_connections(client), "new connections are refused", seconds=5)


def unfinished_uploads(data: Path) -> list[str]:
    return os.listdir(data / "tmp")


@by_either_signal
def test_an_idle_emulator_ends_at_once_with_status_0(
    from_scratch: Launcher, number: signal.Signals
) -> None:
    running = from_scratch.start()

    log = running.stop(number)

    assert not running.ready_file.exists()
    assert log.rstrip().endswith("stopped")


@by_either_signal
def test_uploads_in_the_middle_of_their_bodies_are_finished_and_stored(
    emulators: Launcher, data: Path, number: signal.Signals
) -> None:
    running = emulators.start("--data-dir", data, *CACHE_UP_TO_1_MIB)
    owner = running.client()
    owner.create_store("store")
    bodies = {"small": b"two parts", "large": noise(3 * MIB), "chunked": noise(5 * MIB)}
    sizes = {"small": 9, "large": 3 * MIB, "chunked": None}

    with contextlib.ExitStack() as stack:
        uploads = {
            key: stack.enter_context(Upload(owner, "store", key, size=size))
            for key, size in sizes.items()
        }
        for key, upload in uploads.items():
            upload.send(bodies[key][: len(bodies[key]) // 2])
        begin_to_stop(running, number)
        assert running.process.poll() is None
        for key, upload in uploads.items():
            upload.send(bodies[key][len(bodies[key]) // 2 :])
        assert {key: upload.finish() for key, upload in uploads.items()} == dict.fromkeys(
            bodies, 204
        )

    assert running.wait() == 0
    assert "Traceback" not in running.stderr
    assert unfinished_uploads(data) == []
    again = emulators.start("--data-dir", data).client()
    for key, body in bodies.items():
        assert again.get("store", key).body == body


@pytest.mark.parametrize(
    ("storage", "size"),
    [("filesystem", 24 * MIB), ("memory", 24 * MIB), ("memory", 8 * MIB)],
    ids=["from-a-file", "from-memory", "from-the-cache"],
)
def test_a_slow_download_is_completed(
    emulators: Launcher, data: Path, storage: str, size: int
) -> None:
    running = emulators.start("--data-dir", data, "--storage", storage)
    owner = running.client()
    owner.create_store("store")
    body = noise(size)
    owner.put("store", "large", body)

    with Download(owner, "store", "large") as download:
        begin_to_stop(running, signal.SIGTERM)
        assert running.process.poll() is None
        received = download.rest()

    assert len(received) == size
    assert received == body
    assert running.wait() == 0


class Uploader(threading.Thread):
    """A client that puts 1 MB again and again over one connection, until that is closed."""

    def __init__(self, owner: Client, key: str) -> None:
        super().__init__()
        self._socket = socket.create_connection(owner.address, timeout=TIMEOUT_SECONDS)
        head = f"PUT {object_path('store', key)} HTTP/1.1\r\nHost: h\r\n"
        head += f"Authorization: {owner.api_key}\r\nContent-Length: {MIB}\r\n\r\n"
        self._request = head.encode() + bytes(MIB)
        self.acknowledged = 0
        self.was_let_hang = False

    def run(self) -> None:
        try:
            with self._socket, self._socket.makefile("rb") as answers:
                while True:
                    self._socket.sendall(self._request)
                    if not answers.readline().startswith(b"HTTP/1.1 204 "):
                        return
                    while answers.readline().strip():
                        pass
                    self.acknowledged += 1
        except TimeoutError:
            self.was_let_hang = True
        except OSError:
            pass  # It was closed in the middle of a request.


@pytest.mark.proves("D121")
@pytest.mark.parametrize("attempt", range(2))
def test_no_client_that_puts_in_a_loop_is_let_hang(emulators: Launcher, attempt: int) -> None:
    running = emulators.start()
    owner = running.client()
    owner.create_store("store")
    uploaders = [Uploader(owner, f"{attempt}-{number}") for number in range(8)]
    for uploader in uploaders:
        uploader.start()
    wait_until(lambda: all(uploader.acknowledged > 2 for uploader in uploaders))
    before = time.monotonic()
    log = running.stop()
    took = time.monotonic() - before
    for uploader in uploaders:
        uploader.join()
    assert not any(uploader.was_let_hang for uploader in uploaders)
    assert "Cut off" not in log
    assert took < BUSY_MACHINE_SECONDS


@pytest.mark.proves("D121")
def test_an_upload_that_does_not_go_on_is_cut_off_in_time_for_the_stop_to_end(
    emulators: Launcher, data: Path
) -> None:
    running = emulators.start("--data-dir", data, "--stop-timeout", "0.5", *CACHE_UP_TO_1_MIB)
    owner = running.client()
    owner.create_store("store")
    with Upload(owner, "store", "key", size=4 * MIB) as upload:
        upload.send(noise(2 * MIB))
        wait_until(lambda: unfinished_uploads(data) != [], "the upload has a file")
        before = time.monotonic()
        log = running.stop()
        assert time.monotonic() - before < BUSY_MACHINE_SECONDS
        with contextlib.suppress(ConnectionError):
            assert upload.receive_to_end() == b""
    assert "Cut off 1 requests that did not finish" in log
    assert unfinished_uploads(data) == []


def test_a_process_whose_stop_hangs_is_ended_and_says_so() -> None:
    code = (
        "import threading\n"
        "from emulator.serve import _end_at_the_latest\n"
        "_end_at_the_latest(0.01)\n"
        "threading.Event().wait()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "The stop takes too long" in ended.stderr


def test_idle_connections_are_closed(emulators: Launcher) -> None:
    running = emulators.start()
    owner = running.client()
    with (
        contextlib.closing(owner.connect()) as used,
        socket.create_connection(owner.address, timeout=10) as unused,
    ):
        owner.list_stores(over=used)
        assert used.sock is not None

        running.stop()

        assert used.sock.recv(1) == b""
        assert unused.recv(1) == b""


@pytest.mark.parametrize("attempt", range(3))
def test_a_signal_is_not_lost_while_uploads_make_threads(
    emulators: Launcher, data: Path, attempt: int
) -> None:
    """The system may hand a signal to any thread, and then it wakes no other one by itself."""
    running = emulators.start("--data-dir", data, "--cache-max-object-bytes", "1KiB")
    owner = running.client()
    owner.create_store(f"store-{attempt}")
    with contextlib.ExitStack() as stack:
        uploads = [
            stack.enter_context(Upload(owner, f"store-{attempt}", key, size=2 * MIB))
            for key in ("one", "other")
        ]
        for upload in uploads:
            upload.send(bytes(MIB))
        begin_to_stop(running, signal.SIGTERM)

    assert running.wait() == 0


def test_an_upload_whose_client_goes_away_meanwhile_leaves_nothing(
    emulators: Launcher, data: Path
) -> None:
    running = emulators.start("--data-dir", data, *CACHE_UP_TO_1_MIB)
    owner = running.client()
    owner.create_store("store")
    owner.put("store", "key", b"old")

    with Upload(owner, "store", "key", size=4 * MIB) as upload:
        upload.send(noise(2 * MIB))
        wait_until(lambda: unfinished_uploads(data) != [], "the upload has a file")
        begin_to_stop(running, signal.SIGTERM)

    assert running.wait() == 0
    assert "Traceback" not in running.stderr
    assert unfinished_uploads(data) == []
    assert emulators.start("--data-dir", data).client().get("store", "key").body == b"old"


@by_either_signal
def test_a_signal_during_the_start_ends_the_emulator_with_status_0(
    from_scratch: Launcher, tmp_path: Path, number: signal.Signals
) -> None:
    seed = tmp_path / "seed.yaml"
    os.mkfifo(seed)
    running = from_scratch.spawn("--seed", seed)
    with seed.open("w") as file:  # Opens once the emulator waits for what the seed says.
        running.send(number)
        file.write("stores: []\n")

    assert running.wait() == 0
    assert "Traceback" not in running.stderr
    assert not running.ready_file.exists()
