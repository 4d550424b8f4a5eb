"""The page about credentials: what a reader pastes from it works, block after block."""

from __future__ import annotations

from pathlib import Path

from emulator import Emulator

from .blocks import blocks, script
from .commands import needs_curl_and_bash, run_script

PAGE = "docs/credentials.md"


@needs_curl_and_bash
def test_every_block_of_the_page_does_what_the_page_says(tmp_path: Path) -> None:
    with Emulator(cache="memory") as emulator:
        done = run_script(emulator, tmp_path, script(PAGE))

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Thumbnail uploader" in done.stdout
    assert done.stdout.endswith("jpeg")


def test_the_page_has_the_blocks_that_are_run() -> None:
    assert len(blocks(PAGE, "sh")) >= 6
