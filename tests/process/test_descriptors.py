"""A process that is out of file descriptors: it says so once a second, and goes on afterwards."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from pathlib import Path

import pytest

from tests.support.launch import Launcher
from tests.support.waiting import wait_until

LIMIT = 64
CLIENTS = 100
"""More than the process can serve, and few enough for the system to keep the rest waiting."""

WITH_FEW = (
    sys.executable,
    "-c",
    "import os, resource, sys\n"
    f"resource.setrlimit(resource.RLIMIT_NOFILE, ({LIMIT}, {LIMIT}))\n"
    "os.execvp(sys.argv[1], sys.argv[1:])",
)


@pytest.mark.proves("D120")
def test_requests_that_find_no_descriptor_for_their_file_are_few_lines_in_the_log(
    from_scratch: Launcher, data: Path
) -> None:
    running = from_scratch.start(
        "--data-dir", data, "--cache-max-object-bytes", "0", through=WITH_FEW
    )
    owner = running.client()
    owner.create_store("store")
    owner.put("store", "key", b"body")
    before = time.monotonic()
    with contextlib.ExitStack() as stack:
        held = stack.enter_context(contextlib.closing(owner.connect()))
        held.connect()
        for _ in range(CLIENTS):
            stack.enter_context(socket.create_connection(owner.address, timeout=10))
        # A descriptor that a thread gives back late may serve a request before it is taken.
        wait_until(lambda: owner.get("store", "key", over=held).status == 500)
        statuses = [owner.get("store", "key", over=held).status for _ in range(100)]
    passed = time.monotonic() - before

    log = running.stop()
    assert "Traceback" not in log
    assert 1 <= log.count("A request failed") <= passed + 2 < statuses.count(500)
    assert log.count("store/key failed") == 0


@pytest.mark.proves("D120")
def test_without_descriptors_clients_wait_the_log_is_short_and_then_all_are_served(
    from_scratch: Launcher,
) -> None:
    running = from_scratch.start(through=WITH_FEW)
    owner = running.client()
    before = time.monotonic()
    with contextlib.ExitStack() as stack:
        for _ in range(CLIENTS):
            stack.enter_context(socket.create_connection(owner.address, timeout=10))
        wait_until(lambda: "Too many open files" in running.stderr)
        with contextlib.closing(owner.connect()) as waiting:
            waiting.request("GET", "/_emulator/health")
            stack.close()
            assert waiting.getresponse().status == 200
    assert owner.create_store("store").status == 201
    passed = time.monotonic() - before

    log = running.stop()
    assert "Traceback" not in log
    assert 1 <= log.count("Cannot accept a connection") <= passed + 2
