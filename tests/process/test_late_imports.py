"""What `serve` shows of requests loads no module after its start: clients may have taken every file
descriptor by then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import environment

PROGRAM = """
import logging, sys
import emulator.serve
from emulator import Emulator
from emulator.hint_lines import logging_hints
from emulator.request_lines import printing_requests
from tests.support.emulators import client

logging.basicConfig(stream=sys.stderr, level=logging.INFO)

def ask(emulator):
    owner = client(emulator)
    owner.create_store("media")
    owner.put("media", "key", b"body")
    owner.call("GET", "/objectstore/media/key", None, {"Range": "bytes=0-1"})
    owner.call("DELETE", "/_emulator/account/members/not-printable-%C2%85")

with Emulator(cache="memory") as emulator:
    ask(emulator)
    before = set(sys.modules)
    with printing_requests(emulator, as_json=AS_JSON), logging_hints(emulator):
        ask(emulator)
    print(sorted(set(sys.modules) - before))
"""


@pytest.mark.proves("D163", "D166")
@pytest.mark.parametrize("as_json", [False, True])
def test_lines_of_requests_and_hints_load_no_module(tmp_path: Path, as_json: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("AS_JSON", str(as_json))],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr
    assert "not-printable" in done.stderr
    assert "range-ignored" in done.stderr
