"""The page about credentials: what a reader pastes from it works, block after block."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator

PAGE = Path(__file__).parents[2] / "docs" / "credentials.md"
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None,
    reason="curl and bash are needed: install both",
)


@needs_curl
def test_every_block_of_the_page_does_what_the_page_says(tmp_path: Path) -> None:
    with Emulator(cache="memory") as emulator:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(BLOCKS)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "MOMENTO_ENDPOINT": emulator.endpoint,
                "MOMENTO_API_KEY": emulator.api_key(),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Thumbnail uploader" in done.stdout
    assert done.stdout.endswith("jpeg")


def test_the_page_has_the_blocks_that_are_run() -> None:
    assert len(BLOCKS) >= 6
