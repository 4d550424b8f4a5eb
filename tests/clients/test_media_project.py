"""The project for media: ffmpeg publishes, nginx is the CDN, and hls.js plays in a browser."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from emulator import Emulator
from tests.console.browser import chromium, expect, why_not
from tests.support import leash
from tests.support.client import Client
from tests.support.ports import accepts, free_port
from tests.support.waiting import wait_until

from .projects import commands, copy_of, media, run, variables

pytestmark = pytest.mark.slow(seconds=20)

SHOW = "shows/test-card"
SEGMENT = f"{SHOW}/segment-000.ts"
SECONDS = 6
"""Length of the show: three segments."""

FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Cdn:
    """nginx over an emulator, as ``serve.sh`` starts it."""

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self.origin = f"http://127.0.0.1:{port}"
        self.publisher = Client(emulator.endpoint, emulator.api_key("operator"))

    def get(self, key: str, method: str = "GET", **headers: str) -> Answer:
        request = urllib.request.Request(
            f"{self.origin}/media/{key}", headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def asked(self, key: str) -> int:
        """How often the CDN has asked the emulator for an object."""
        return len(self.emulator.journal.calls(operation="GetObject", key=key, role="viewer"))


def of(emulator: Emulator) -> dict[str, str]:
    """The variables that ``exec`` sets."""
    return {"MOMENTO_ENDPOINT": emulator.endpoint, "MOMENTO_API_KEY": emulator.api_key()}


@contextmanager
def serving(copy: Path, emulator: Emulator) -> Iterator[Cdn]:
    port = free_port()
    process = leash.popen(
        ["./serve.sh"], cwd=copy, env=variables({**of(emulator), "CDN_PORT": str(port)})
    )
    with process:
        try:
            wait_until(lambda: accepts(port) or process.poll() is not None, "nginx listens")
            yield Cdn(emulator, port)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    media()
    return copy_of("media", tmp_path_factory.mktemp("projects"))


@pytest.fixture(scope="module")
def running(project: Path) -> Iterator[Cdn]:
    """A CDN of a store in which ffmpeg has published the show."""
    with Emulator(cache="memory", seed=project / "seed.yaml", stop_timeout=1) as emulator:
        run(project, f"./publish.sh {SECONDS}", of(emulator))
        with serving(project, emulator) as cdn:
            yield cdn


@pytest.fixture
def cdn(running: Cdn) -> Cdn:
    """The CDN, with nothing in the journal."""
    running.emulator.faults.clear()
    running.emulator.journal.clear()
    return running


def test_the_command_of_the_readme_publishes_and_serves_until_it_is_stopped(
    project: Path, tmp_path: Path
) -> None:
    port = free_port()
    (command,) = commands("media")
    process = leash.popen(
        ["sh", "-c", f"exec {command.replace(' 60 ', ' 2 ')}"],
        cwd=project,
        env=variables({"CDN_PORT": str(port), "TMPDIR": str(tmp_path)}),
    )
    with process:
        try:
            wait_until(lambda: accepts(port) or process.poll() is not None, "nginx listens")
            url = f"http://127.0.0.1:{port}/media/{SHOW}/index.m3u8"
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.read().endswith(b"#EXT-X-ENDLIST\n")
        finally:
            process.terminate()
    assert not accepts(port)
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_has_published_every_segment_and_the_playlist_that_names_it(cdn: Cdn) -> None:
    playlist = cdn.get(f"{SHOW}/index.m3u8").body.decode().splitlines()

    segments = [line for line in playlist if not line.startswith("#")]
    assert len(segments) == SECONDS / 2
    assert playlist[-1] == "#EXT-X-ENDLIST"
    assert {cdn.get(f"{SHOW}/{name}").status for name in segments} == {200}


def test_the_cdn_asks_once_for_many_players_that_come_at_the_same_time(cdn: Cdn) -> None:
    cdn.publisher.put("media", "new.ts", b"segment", metadata=FOR_GOOD)
    cdn.emulator.faults.add({"type": "latency", "seconds": "200ms"}, operation="GetObject")

    with ThreadPoolExecutor(8) as players:
        answers = list(players.map(cdn.get, ["new.ts"] * 8))

    assert {answer.body for answer in answers} == {b"segment"}
    assert cdn.asked("new.ts") == 1
    assert cdn.get("new.ts").headers["X-Cache"] == "HIT"


def test_the_cdn_caches_nothing_without_cache_control(cdn: Cdn) -> None:
    cdn.publisher.put("media", "plain.m3u8", b"#EXTM3U\n")

    assert [cdn.get("plain.m3u8").headers["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]
    assert cdn.asked("plain.m3u8") == 2


def test_the_cdn_answers_a_range_that_the_service_ignores(cdn: Cdn) -> None:
    cdn.publisher.put("media", "film.mp4", b"0123456789", metadata=FOR_GOOD)

    answer = cdn.get("film.mp4", Range="bytes=2-4")

    assert (answer.status, answer.body) == (206, b"234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"
    direct = cdn.publisher.call("GET", "/objectstore/media/film.mp4", b"", {"Range": "bytes=2-4"})
    assert (direct.status, direct.body) == (200, b"0123456789")


def test_the_cdn_serves_an_old_playlist_while_the_service_fails(cdn: Cdn) -> None:
    metadata = {"cache-control": "public, max-age=1"}
    cdn.publisher.put("media", "live.m3u8", b"#EXTM3U\n", metadata=metadata)
    cdn.get("live.m3u8")
    cdn.emulator.faults.add({"type": "status", "status": 500}, operation="GetObject")

    wait_until(lambda: cdn.get("live.m3u8").headers["X-Cache"] == "STALE", "the second has passed")

    assert cdn.get("live.m3u8").body == b"#EXTM3U\n"


def test_a_player_needs_no_key_and_cannot_write(cdn: Cdn) -> None:
    assert cdn.get("any.ts", method="PUT").status == 403
    assert cdn.emulator.journal.calls(operation="PutObject") == []
    assert cdn.get("nothing-there").status == 404


@pytest.mark.asyncio
async def test_hls_js_plays_the_show_in_a_browser(cdn: Cdn) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    errors: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{cdn.origin}/")
        video = page.locator("video")
        await expect(video).to_have_js_property("ended", True)
        played = await page.evaluate("""() => {
          const video = document.querySelector("video");
          const {width, height} = {width: video.videoWidth, height: video.videoHeight};
          return JSON.stringify({length: Math.round(video.duration), width, height});
        }""")
    assert json.loads(played) == {"length": SECONDS, "width": 256, "height": 144}
    assert errors == []
