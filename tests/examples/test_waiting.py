"""The lines of the page on deployment that start an emulator, wait for it and find it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT, environment
from tests.support.leash import leashed

from .commands import TIMEOUT_SECONDS, needs_curl_and_bash

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
(LINES,) = re.findall(r"^```sh\n([^`]* wait --ready-file [^`]*)^```$", PAGE, re.MULTILINE)

CALL = 'curl -fsS -H "Authorization: $MOMENTO_API_KEY" "$MOMENTO_ENDPOINT/objectstore"\n'


@needs_curl_and_bash
@pytest.mark.proves("D170")
def test_they_lead_to_an_emulator_which_ends_with_the_script(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{LINES}{CALL}"],
        cwd=tmp_path,
        env={
            **environment({"MOMENTO_EMULATOR_QUIET": "true"}),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
        **leashed(),
    )

    endpoint, answer = done.stdout.splitlines()
    assert done.returncode == 0
    assert endpoint.startswith("http://127.0.0.1:")
    assert '"object_stores":' in answer
