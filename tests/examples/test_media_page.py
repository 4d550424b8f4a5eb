"""The page for media people: its commands and its tests run, and it names what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.control.hints.table import IDS
from tests.support.environment import ROOT
from tests.support.nested_pytest import run as run_pytest
from tests.support.nested_pytest import without_others
from tests.support.programs import require

from .commands import needs_curl_and_bash, run_script

PAGE = (ROOT / "docs" / "media.md").read_text(encoding="utf-8")
FIDELITY = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(?:sh|python)\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.DOTALL))
AUTHORIZATION = '"Authorization: $MOMENTO_API_KEY"'

MADE = "ffmpeg -nostdin -loglevel error -f lavfi -i testsrc2=size=640x360:rate=15:duration=4"
"""The beginning of a command that makes a film, of more bytes than a player reads at once."""


@pytest.fixture
def store() -> Iterator[Emulator]:
    """An emulator with the store `media`, for ffmpeg."""
    require("ffmpeg", "run `make services`")
    with Emulator(cache="memory", stop_timeout=1) as emulator:
        emulator.stores.create("media")
        yield emulator


def run(store: Emulator, directory: Path, script: str) -> tuple[int, str]:
    """Run a script of the shell with the store; return its status, and what it printed."""
    done = run_script(store, directory, script)
    return done.returncode, done.stdout + done.stderr


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    (tmp_path / "test_media.py").write_text(BLOCKS["test_media.py"], encoding="utf-8")
    tests = len(re.findall(r"^def test_", BLOCKS["test_media.py"], re.MULTILINE))

    run_pytest(tmp_path, *without_others()).passed("test_media", tests=tests)


@pytest.mark.slow(seconds=10)
@needs_curl_and_bash
def test_ffmpeg_publishes_as_the_page_says(store: Emulator, tmp_path: Path) -> None:
    status, printed = run(store, tmp_path, BLOCKS["ffmpeg"])

    assert status == 0, printed
    assert "segment-001.ts\n#EXT-X-ENDLIST" in printed


@pytest.mark.slow(seconds=10)
@needs_curl_and_bash
def test_ffmpeg_ends_with_status_0_though_its_uploads_were_refused(
    store: Emulator, tmp_path: Path
) -> None:
    script = BLOCKS["ffmpeg"].replace("Authorization: $MOMENTO_API_KEY", "Authorization: wrong")
    status, printed = run(store, tmp_path, script.partition("curl ")[0])

    assert status == 0, printed
    assert {call.status for call in store.journal.calls(operation="PutObject")} == {401}


@pytest.mark.slow(seconds=10)
@needs_curl_and_bash
def test_the_dash_muxer_of_ffmpeg_takes_its_headers_as_the_page_says(
    store: Emulator, tmp_path: Path
) -> None:
    (option,) = re.findall(r"`(-http_opts .*?)`", PAGE)
    manifest = "$MOMENTO_ENDPOINT/objectstore/media/show/manifest.mpd"
    status, printed = run(
        store,
        tmp_path,
        f"{MADE} -f dash -seg_duration 2 -method PUT {option} {manifest}\n"
        f"curl -s -f -H {AUTHORIZATION} {manifest}",
    )

    assert status == 0, printed
    assert "</MPD>" in printed


@pytest.mark.slow(seconds=20)
@needs_curl_and_bash
@pytest.mark.parametrize(("flags", "plays"), [("", False), ("-movflags +faststart", True)])
def test_ffmpeg_plays_an_mp4_from_the_store_only_with_its_index_in_front(
    store: Emulator, tmp_path: Path, flags: str, plays: bool
) -> None:
    film = "$MOMENTO_ENDPOINT/objectstore/media/film.mp4"
    status, printed = run(
        store,
        tmp_path,
        f"{MADE} -f lavfi -i anoisesrc=duration=4 -crf 4 {flags} film.mp4\n"
        f"curl -s -f -H {AUTHORIZATION} --upload-file film.mp4 {film}\n"
        f"ffmpeg -nostdin -v error -headers {AUTHORIZATION} -i {film} -f null -",
    )

    assert (status == 0) is plays, printed


def test_the_page_names_hints_and_decisions_that_exist() -> None:
    hints = re.findall(r"hint `([\w-]+)`", PAGE)
    decisions = re.findall(r"\bD\d+\b", PAGE)

    assert len(hints) >= 7
    assert set(hints) <= set(IDS)
    assert [name for name in decisions if f"| {name} |" not in FIDELITY] == []
