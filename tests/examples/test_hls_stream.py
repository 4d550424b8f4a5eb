"""A media team publishes an HLS stream and players play it, recorded and live."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.environment import ROOT

STREAM = ROOT / "fixtures" / "hls"
FILES = {
    path.relative_to(STREAM).as_posix(): path.read_bytes()
    for path in sorted(STREAM.rglob("*"))
    if path.suffix in {".m3u8", ".ts"}
}
SEGMENTS = {name: body for name, body in FILES.items() if name.endswith(".ts")}

STORE = "media"
PLAYLIST = {"content-type": "application/vnd.apple.mpegurl", "cache-control": "public, max-age=2"}
SEGMENT = {
    "content-type": "video/mp2t",
    "cache-control": "public, max-age=31536000, immutable",
}
TRANSPORT_STREAM_PACKET_BYTES = 188
TRANSPORT_STREAM_SYNC_BYTE = 0x47
DEADLINE_SECONDS = 120


@pytest.fixture
def publisher(momento_emulator: Emulator) -> Client:
    """The media team: an operator key, and a new store."""
    publisher = Client(momento_emulator.endpoint, momento_emulator.api_key("operator"))
    assert publisher.create_store(STORE).status == 201
    return publisher


@pytest.fixture
def player(momento_emulator: Emulator) -> Client:
    """A player: a viewer key."""
    return Client(momento_emulator.endpoint, momento_emulator.api_key("viewer"))


def publish(
    publisher: Client,
    key: str,
    body: bytes,
    metadata: Mapping[str, str],
    ttl_seconds: int | None = None,
) -> None:
    assert publisher.put(STORE, key, body, metadata=metadata, ttl_seconds=ttl_seconds).status == 204


def publish_recording(publisher: Client, folder: str) -> None:
    """Segments before the playlist that names them, the master playlist last."""
    for name in sorted(FILES, key=lambda name: (name.endswith(".m3u8"), name == "master.m3u8")):
        publish(
            publisher, f"{folder}/{name}", FILES[name], SEGMENT if name in SEGMENTS else PLAYLIST
        )


def fetch(player: Client, key: str, metadata: Mapping[str, str]) -> bytes:
    """The body at ``key``, which is there, with the metadata it was published with."""
    answer = player.get(STORE, key)
    assert answer.status == 200, key
    assert {name: answer.header(name) for name in metadata} == metadata
    return answer.body


def entries(playlist_key: str, playlist: bytes) -> list[str]:
    """The keys that a playlist refers to: its lines that are no tags, relative to its own key."""
    lines = playlist.decode().splitlines()
    assert lines[0] == "#EXTM3U"
    folder = posixpath.dirname(playlist_key)
    return [posixpath.join(folder, line) for line in lines if line and not line.startswith("#")]


def play(player: Client, master_key: str) -> dict[str, bytes]:
    """Fetch what a player fetches: the master playlist, each variant, each segment, in order."""
    fetched = {master_key: fetch(player, master_key, PLAYLIST)}
    for variant_key in entries(master_key, fetched[master_key]):
        fetched[variant_key] = fetch(player, variant_key, PLAYLIST)
        for segment_key in entries(variant_key, fetched[variant_key]):
            fetched[segment_key] = fetch(player, segment_key, SEGMENT)
    return fetched


def test_a_player_that_follows_the_playlists_gets_the_published_stream_byte_for_byte(
    publisher: Client, player: Client
) -> None:
    publish_recording(publisher, "shows/test-card")

    fetched = play(player, "shows/test-card/master.m3u8")

    assert fetched == {f"shows/test-card/{name}": body for name, body in FILES.items()}


def test_segments_come_back_as_whole_transport_stream_packets(
    publisher: Client, player: Client
) -> None:
    publish_recording(publisher, "shows/test-card")

    for name in SEGMENTS:
        segment = fetch(player, f"shows/test-card/{name}", SEGMENT)
        assert len(segment) % TRANSPORT_STREAM_PACKET_BYTES == 0
        assert set(segment[::TRANSPORT_STREAM_PACKET_BYTES]) == {TRANSPORT_STREAM_SYNC_BYTE}


def test_two_streams_of_one_store_do_not_mix(publisher: Client, player: Client) -> None:
    publish_recording(publisher, "shows/first")
    publish(publisher, "shows/second/master.m3u8", b"#EXTM3U\n", PLAYLIST)

    assert play(player, "shows/second/master.m3u8") == {"shows/second/master.m3u8": b"#EXTM3U\n"}
    assert len(play(player, "shows/first/master.m3u8")) == len(FILES)


def test_a_viewer_key_plays_a_stream_but_cannot_publish_to_it(
    publisher: Client, player: Client
) -> None:
    publish_recording(publisher, "shows/test-card")

    answer = player.put(STORE, "shows/test-card/master.m3u8", b"#EXTM3U\n", metadata=PLAYLIST)

    assert answer.status == 403
    assert fetch(player, "shows/test-card/master.m3u8", PLAYLIST) == FILES["master.m3u8"]


LIVE_PLAYLIST = "channels/one/index.m3u8"
LIVE_PLAYLIST_METADATA = {**PLAYLIST, "cache-control": "public, max-age=1"}
LIVE_SEGMENTS = 40
WINDOW_SEGMENTS = 3
SEGMENT_TTL_SECONDS = 600


def live_segment(number: int) -> tuple[str, bytes]:
    """The key and the body of a live segment: the recorded ones, over and over."""
    return f"channels/one/{number:06d}.ts", list(SEGMENTS.values())[number % len(SEGMENTS)]


def live_playlist(newest: int) -> bytes:
    """The playlist of the last segments up to ``newest``."""
    first = max(0, newest - WINDOW_SEGMENTS + 1)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        "#EXT-X-TARGETDURATION:2",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{max(0, first - 1) // len(SEGMENTS)}",
    ]
    for number in range(first, newest + 1):
        if number and number % len(SEGMENTS) == 0:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += ["#EXTINF:2.000,", f"{number:06d}.ts"]
    return "".join(f"{line}\n" for line in lines).encode()


def publish_live_segment(publisher: Client, number: int) -> None:
    key, body = live_segment(number)
    publish(publisher, key, body, SEGMENT, ttl_seconds=SEGMENT_TTL_SECONDS)


def publish_live_playlist(publisher: Client, newest: int) -> None:
    publish(publisher, LIVE_PLAYLIST, live_playlist(newest), LIVE_PLAYLIST_METADATA)


def watch(player: Client) -> bytes:
    """Fetch the live playlist and every segment in it, newest first; return the playlist."""
    playlist = fetch(player, LIVE_PLAYLIST, LIVE_PLAYLIST_METADATA)
    for key in reversed(entries(LIVE_PLAYLIST, playlist)):
        number = int(posixpath.basename(key).removesuffix(".ts"))
        assert (key, fetch(player, key, SEGMENT)) == live_segment(number)
    return playlist


def test_players_move_to_a_new_live_segment_only_once_the_playlist_names_it(
    publisher: Client, player: Client
) -> None:
    publish_live_segment(publisher, 0)
    publish_live_playlist(publisher, 0)

    for newest in range(1, 2 * len(SEGMENTS)):
        publish_live_segment(publisher, newest)
        assert watch(player) == live_playlist(newest - 1)

        publish_live_playlist(publisher, newest)
        assert watch(player) == live_playlist(newest)


def test_a_live_playlist_never_names_a_segment_that_players_cannot_get(
    publisher: Client, player: Client
) -> None:
    players = 4
    start = Barrier(players + 1)
    off_air = Event()
    position = {live_playlist(newest): newest for newest in range(LIVE_SEGMENTS)}

    def keep_watching() -> list[int]:
        """The playlists that one player got, the last of them after the end of the broadcast."""
        seen = []
        start.wait(DEADLINE_SECONDS)
        last_round = False
        while not last_round:
            last_round = off_air.is_set()
            seen.append(position[watch(player)])
        return seen

    publish_live_segment(publisher, 0)
    publish_live_playlist(publisher, 0)
    with ThreadPoolExecutor(players) as threads:
        watching = [threads.submit(keep_watching) for _ in range(players)]
        try:
            start.wait(DEADLINE_SECONDS)
            for newest in range(1, LIVE_SEGMENTS):
                publish_live_segment(publisher, newest)
                publish_live_playlist(publisher, newest)
        finally:
            off_air.set()
        seen_by_player = [watched.result(DEADLINE_SECONDS) for watched in watching]

    for seen in seen_by_player:
        assert seen == sorted(seen), "a player was sent back to an older playlist"
        assert seen[-1] == LIVE_SEGMENTS - 1


def test_the_playlist_of_a_finished_broadcast_carries_the_metadata_of_its_last_upload(
    publisher: Client, player: Client
) -> None:
    publish_live_playlist(publisher, 0)
    recording = live_playlist(0) + b"#EXT-X-ENDLIST\n"
    metadata = {"content-type": PLAYLIST["content-type"]}

    publish(publisher, LIVE_PLAYLIST, recording, metadata)

    answer = player.get(STORE, LIVE_PLAYLIST)
    assert answer.body == recording
    assert answer.header("content-type") == metadata["content-type"]
    assert answer.header("cache-control") is None
