"""The seed file of the fixtures: what it names is there when the emulator starts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from emulator import Emulator
from tests.support.client import Client
from tests.support.environment import ROOT
from tests.support.keys import inner_key

FIXTURES = ROOT / "fixtures"
SEED_FILE = FIXTURES / "seed.yaml"
SEED = yaml.safe_load(SEED_FILE.read_text(encoding="utf-8"))

each_object = pytest.mark.parametrize(
    "entry", SEED["objects"], ids=[f"{entry['store']}:{entry['key']}" for entry in SEED["objects"]]
)
each_key = pytest.mark.parametrize(
    "entry", SEED["api_keys"], ids=[entry["description"] for entry in SEED["api_keys"]]
)


@pytest.fixture(scope="module")
def seeded() -> Iterator[Emulator]:
    """An emulator that was started with the seed file."""
    with Emulator(seed=SEED_FILE) as emulator:
        yield emulator


@pytest.fixture
def viewer(seeded: Emulator) -> Client:
    return Client(seeded.endpoint, seeded_key("viewer"))


def seeded_key(role: str) -> str:
    return next(str(each["api_key"]) for each in SEED["api_keys"] if each["role"] == role)


def body_of(entry: dict[str, str]) -> bytes:
    """The body that an object of the seed file names."""
    if "file" in entry:
        return (FIXTURES / entry["file"]).read_bytes()
    if "text" in entry:
        return entry["text"].encode()
    return base64.b64decode(entry["base64"], validate=True)


def v1_keys() -> list[str]:
    return [entry["api_key"] for entry in SEED["api_keys"] if "." not in entry["api_key"]]


def test_the_stores_of_the_seed_file_are_there_and_no_others(viewer: Client) -> None:
    assert viewer.list_stores().json() == {
        "object_stores": [{"name": "live"}, {"name": "team-files"}, {"name": "web-assets"}]
    }


@pytest.mark.parametrize("store", SEED["stores"], ids=lambda store: store["name"])
def test_a_store_of_the_seed_file_has_the_configuration_written_there(
    viewer: Client, store: dict[str, Any]
) -> None:
    assert viewer.describe_store(store["name"]).json() == store


@each_key
def test_a_key_of_the_seed_file_reads_whatever_its_role(
    seeded: Emulator, entry: dict[str, Any]
) -> None:
    answer = Client(seeded.endpoint, entry["api_key"]).get("web-assets", "hello.txt")

    assert (answer.status, answer.body) == (200, b"Hello from Momento Object Store.\n")


@each_key
def test_a_key_of_the_seed_file_writes_only_if_its_role_may(
    seeded: Emulator, entry: dict[str, Any]
) -> None:
    answer = Client(seeded.endpoint, entry["api_key"]).put("web-assets", "drafts/a", b"a")

    assert answer.status == (403 if entry["role"] == "viewer" else 204)


def test_a_v1_key_of_the_seed_file_is_accepted_whole_and_as_the_sdks_send_it(
    seeded: Emulator,
) -> None:
    [whole] = v1_keys()

    for form in (whole, inner_key(whole)):
        assert Client(seeded.endpoint, form).put("web-assets", "drafts/b", b"").status == 204


def test_a_key_that_is_not_in_the_seed_file_is_refused(seeded: Emulator) -> None:
    stranger = seeded_key("owner")[:-4] + "AAAA"

    assert Client(seeded.endpoint, stranger).list_stores().status == 401


@each_object
def test_an_object_of_the_seed_file_is_served_with_its_metadata(
    viewer: Client, entry: dict[str, Any]
) -> None:
    answer = viewer.get(entry["store"], entry["key"])

    expected = {"content-type": "application/octet-stream", **entry.get("metadata", {})}
    assert (answer.status, answer.body) == (200, body_of(entry))
    assert {name: answer.header(name) for name in expected} == expected


def test_an_object_of_one_seeded_store_is_not_in_another(viewer: Client) -> None:
    assert viewer.get("live", "hello.txt").status == 404


def test_seeded_text_is_utf_8_with_its_line_ends_and_nothing_added(viewer: Client) -> None:
    robots = viewer.get("web-assets", "robots.txt")
    notes = viewer.get("team-files", "notes/100% sure? #1 & 2+3.txt")

    assert robots.body == b"User-agent: *\nDisallow: /drafts/\n"
    assert notes.body == b"No newline at the end, and a tab:\tdone."


def test_a_seeded_file_of_any_bytes_is_served_unchanged(viewer: Client) -> None:
    logo = viewer.get("web-assets", "images/logo.png")

    assert logo.body == (FIXTURES / "objects" / "logo.png").read_bytes()
    assert logo.header("content-type") == "image/png"
    assert logo.header("cache-control") == "max-age=86400"


def test_a_seeded_key_may_hold_any_text(viewer: Client) -> None:
    answer = viewer.get("team-files", "Grüße aus Zürich/日本語.txt")

    assert answer.body.decode() == "Grüße aus Zürich!\nこんにちは、世界。\n"
    assert answer.header("title") == "Grüße aus Zürich"


def test_the_seed_file_holds_every_file_of_the_hls_stream(viewer: Client) -> None:
    stream = FIXTURES / "hls"
    content_types = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}
    files = [path for path in stream.rglob("*") if path.suffix in content_types]

    for path in files:
        key = f"channels/test-card/{path.relative_to(stream).as_posix()}"
        answer = viewer.get("live", key)
        assert (answer.status, answer.body) == (200, path.read_bytes())
        assert answer.header("content-type") == content_types[path.suffix]
        assert answer.header("cache-control") is not None


def test_every_start_with_the_seed_file_accepts_the_same_keys() -> None:
    for _ in range(2):
        with Emulator(seed=SEED_FILE) as emulator:
            assert Client(emulator.endpoint, seeded_key("viewer")).list_stores().status == 200
