"""What lies in which tier: looked at, put there, taken away and counted without the service."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

import pytest

from emulator import Emulator
from emulator.control.object_pages import Asked
from emulator.core.object_info import ObjectInfo
from tests.support.client import Client, create_store
from tests.support.emulators import Start, client, control

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND


class Tiers(Protocol):
    """The same in the process and over HTTP."""

    def objects(self, store: str) -> list[dict[str, Any]]: ...

    def put(self, store: str, key: str, body: bytes, **more: Any) -> None: ...

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None: ...

    def flush(self, cluster: str) -> None: ...

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]: ...


class InProcess(Tiers):
    def __init__(self, emulator: Emulator) -> None:
        self._tiers = emulator.tiers

    def objects(self, store: str) -> list[dict[str, Any]]:
        return [placed.document() for placed in self._tiers.objects(store)]

    def put(self, store: str, key: str, body: bytes, **more: Any) -> None:
        self._tiers.put(store, key, body, **more)

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        self._tiers.drop(store, key, tier=tier)

    def flush(self, cluster: str) -> None:
        self._tiers.flush(cluster)

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        return self._tiers.counts(store)


class OverHttp(Tiers):
    """Raises what the handle raises where the endpoints answer with the status for it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def _ask(self, method: str, path: str, document: object = None) -> Any:
        answer = control(self._emulator, method, path, document)
        if answer.status == 404:
            raise LookupError(answer.json()["message"])
        if answer.status == 400:
            raise ValueError(answer.json()["message"])
        assert answer.status == 200, answer
        return answer.json()

    def objects(self, store: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", f"/objects/{store}")["objects"]
        return found

    def put(self, store: str, key: str, body: bytes, **more: Any) -> None:
        document = {"base64": base64.b64encode(body).decode(), **more}
        self._ask("PUT", f"/objects/{store}/{quote(key, safe='')}", document)

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        query = "" if tier is None else f"?tier={tier}"
        self._ask("DELETE", f"/objects/{store}/{quote(key, safe='')}{query}")

    def flush(self, cluster: str) -> None:
        self._ask("POST", "/flush", {"cluster": cluster})

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        counted: dict[str, dict[str, int]] = self._ask(
            "GET", "/counts" if store is None else f"/counts?store={store}"
        )
        return counted


@pytest.fixture
def emulator(with_either_cache: Emulator) -> Emulator:
    """An emulator with a store, whose clock stands still."""
    with_either_cache.reset()
    with_either_cache.clock.freeze(INSTANT)
    create_store(client(with_either_cache), "store")
    return with_either_cache


@pytest.fixture(params=[InProcess, OverHttp])
def tiers(request: pytest.FixtureRequest, emulator: Emulator) -> Tiers:
    made: Tiers = request.param(emulator)
    return made


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    return client(emulator)


def outcome(emulator: Emulator, store: str = "store") -> str | None:
    """The outcome of a Get."""
    client(emulator).get(store, "key")
    return emulator.journal.last().outcome


def where(tiers: Tiers, store: str = "store") -> dict[str, tuple[bool, bool]]:
    """Whether each object is in storage, and in the cache."""
    return {
        each["key"]: (each["storage"] is not None, each["cache"] is not None)
        for each in tiers.objects(store)
    }


def test_what_the_service_puts_is_in_both_tiers(tiers: Tiers, owner: Client) -> None:
    owner.put("store", "key", b"hello", ttl_seconds=60, metadata={"colour": "red"})
    described = {
        "size": 5,
        "created_at": "2033-05-18T03:33:20.000000Z",
        "expires_at": "2033-05-18T03:34:20.000000Z",
        "metadata": {"colour": "red"},
    }
    (placed,) = tiers.objects("store")
    assert placed["key"] == "key"
    assert placed["storage"] == placed["cache"]
    assert placed["storage"].items() >= described.items()


def test_an_empty_store_has_nothing(tiers: Tiers) -> None:
    assert tiers.objects("store") == []


def test_what_is_put_into_storage_alone_is_found_there_and_then_in_the_cache(
    tiers: Tiers, emulator: Emulator, owner: Client
) -> None:
    tiers.put("store", "key", b"hello", tier="storage", metadata={"Colour": "red"})
    assert where(tiers) == {"key": (True, False)}
    answer = owner.get("store", "key")
    assert (answer.body, answer.headers["colour"]) == (b"hello", "red")
    assert emulator.journal.last().outcome == "storage_hit"
    assert where(tiers) == {"key": (True, True)}
    assert outcome(emulator) == "cache_hit"


def test_what_is_put_into_the_cache_alone_is_found_there_until_it_is_dropped(
    tiers: Tiers, emulator: Emulator, owner: Client
) -> None:
    tiers.put("store", "key", b"hello", tier="cache")
    assert where(tiers) == {"key": (False, True)}
    assert owner.get("store", "key").body == b"hello"
    assert emulator.journal.last().outcome == "cache_hit"
    tiers.drop("store", "key", tier="cache")
    assert where(tiers) == {}
    assert outcome(emulator) == "miss"


def test_an_object_that_is_put_without_a_tier_is_where_the_service_puts_it(
    tiers: Tiers, emulator: Emulator
) -> None:
    tiers.put("store", "key", b"hello")
    assert where(tiers) == {"key": (True, True)}
    assert outcome(emulator) == "cache_hit"


def test_the_tiers_can_be_made_to_differ(tiers: Tiers, emulator: Emulator, owner: Client) -> None:
    tiers.put("store", "key", b"old", tier="cache")
    tiers.put("store", "key", b"new and longer", tier="storage")
    (placed,) = tiers.objects("store")
    assert (placed["cache"]["size"], placed["storage"]["size"]) == (3, 14)
    assert placed["cache"]["version"] < placed["storage"]["version"]
    assert owner.get("store", "key").body == b"old"
    tiers.drop("store", "key", tier="cache")
    assert owner.get("store", "key").body == b"new and longer"
    assert emulator.journal.last().outcome == "storage_hit"


@pytest.mark.parametrize(
    ("tier", "left"), [("cache", (True, False)), ("storage", (False, True)), (None, None)]
)
def test_an_object_is_taken_out_of_one_tier_or_of_both(
    tiers: Tiers, owner: Client, tier: str | None, left: tuple[bool, bool] | None
) -> None:
    owner.put("store", "key", b"hello")
    owner.put("store", "other", b"hello")
    tiers.drop("store", "key", tier=tier)
    expected = {"other": (True, True)} if left is None else {"key": left, "other": (True, True)}
    assert where(tiers) == expected
    if left is None:
        assert owner.get("store", "key").status == 404


@pytest.mark.parametrize("tier", ["cache", "storage", None])
def test_what_is_not_there_cannot_be_taken(tiers: Tiers, owner: Client, tier: str | None) -> None:
    owner.put("store", "other", b"hello")
    with pytest.raises(LookupError):
        tiers.drop("store", "key", tier=tier)
    owner.put("store", "key", b"hello")
    tiers.drop("store", "key", tier=tier)
    with pytest.raises(LookupError):
        tiers.drop("store", "key", tier=tier)


def test_what_has_expired_is_listed_until_a_get_removes_it(
    tiers: Tiers, emulator: Emulator
) -> None:
    tiers.put("store", "key", b"hello", ttl_seconds=60)
    emulator.clock.advance(60)
    assert where(tiers) == {"key": (True, True)}
    assert outcome(emulator) == "cache_hit_expired"
    assert where(tiers) == {"key": (True, False)}
    assert outcome(emulator) == "storage_hit_expired"
    assert where(tiers) == {"key": (True, False)}


@pytest.mark.parametrize("tier", ["cache", "storage"])
def test_what_is_put_into_one_tier_expires_there(
    tiers: Tiers, emulator: Emulator, tier: str
) -> None:
    tiers.put("store", "key", b"hello", tier=tier, ttl_seconds=60)
    emulator.clock.advance(59)
    assert outcome(emulator) == f"{tier}_hit"
    emulator.clock.advance(1)
    assert outcome(emulator) == "cache_hit_expired"


KEYS = [
    "a/b",
    "/a",
    "a//b",
    "a%b",
    "a%2Fb",
    "100%",
    "a b",
    "a+b",
    "grüße/日",
    "a?b#c",
    "..",
    "\u2028",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_may_be_any_text(tiers: Tiers, owner: Client, key: str) -> None:
    tiers.put("store", key, b"hello", tier="storage")
    assert where(tiers) == {key: (True, False)}
    assert owner.get("store", key).body == b"hello"
    tiers.drop("store", key, tier="cache")
    tiers.drop("store", key, tier="storage")
    assert tiers.objects("store") == []


def test_objects_are_listed_in_the_order_of_their_keys(tiers: Tiers) -> None:
    keys = ["b", "a/2", "a", "é", "a/10", "B"]
    for number, key in enumerate(keys):
        tiers.put("store", key, b"", tier=("cache", "storage", None)[number % 3])
    assert [each["key"] for each in tiers.objects("store")] == sorted(keys)


def test_a_store_with_a_prefix_has_what_lies_below_it(tiers: Tiers, owner: Client) -> None:
    create_store(owner, "inner", prefix="media/hls")
    tiers.put("inner", "a/b", b"inner", tier="storage")
    tiers.put("store", "media/hls", b"no slash", tier="storage")
    tiers.put("store", "media/hlsx", b"other", tier="storage")
    assert where(tiers, "inner") == {"a/b": (True, False)}
    assert set(where(tiers)) == {"media/hls", "media/hls/a/b", "media/hlsx"}
    assert owner.get("store", "media/hls/a/b").body == b"inner"
    tiers.drop("inner", "a/b")
    assert set(where(tiers)) == {"media/hls", "media/hls/a/b", "media/hlsx"}
    assert where(tiers)["media/hls/a/b"] == (False, True)


def test_two_stores_over_one_bucket_share_storage_and_have_caches_of_their_own(
    tiers: Tiers, emulator: Emulator, owner: Client
) -> None:
    create_store(owner, "twin")
    tiers.put("store", "key", b"hello")
    assert where(tiers, "twin") == {"key": (True, False)}
    assert outcome(emulator, "twin") == "storage_hit"
    tiers.drop("store", "key", tier="cache")
    assert where(tiers, "twin") == {"key": (True, True)}
    assert where(tiers, "store") == {"key": (True, False)}


def test_a_cluster_forgets_all_that_it_has_and_another_nothing(tiers: Tiers, owner: Client) -> None:
    create_store(owner, "twin")
    create_store(owner, "elsewhere", bucket="other", cluster="another cluster")
    for store in ("store", "twin", "elsewhere"):
        tiers.put(store, "key", b"hello")
        tiers.put(store, "other", b"hello")
    tiers.flush("cluster")
    assert set(where(tiers, "store").values()) == {(True, False)}
    assert set(where(tiers, "twin").values()) == {(True, False)}
    assert set(where(tiers, "elsewhere").values()) == {(True, True)}


def test_a_cluster_that_no_store_has_is_refused_with_those_that_there_are(
    tiers: Tiers, owner: Client
) -> None:
    create_store(owner, "elsewhere", cluster="another")
    with pytest.raises(ValueError, match=r"'clustr'.*another.*cluster"):
        tiers.flush("clustr")


def test_a_store_that_is_none_is_not_found(tiers: Tiers) -> None:
    for ask in (
        lambda: tiers.objects("none"),
        lambda: tiers.put("none", "key", b""),
        lambda: tiers.put("none", "key", b"", tier="cache"),
        lambda: tiers.drop("none", "key"),
    ):
        with pytest.raises(LookupError, match="Store Not Found"):
            ask()


def test_a_tier_that_is_none_is_refused_with_those_that_there_are(
    tiers: Tiers, owner: Client
) -> None:
    owner.put("store", "key", b"")
    with pytest.raises(ValueError, match=r"'disk'.*cache, storage"):
        tiers.put("store", "key", b"", tier="disk")
    with pytest.raises(ValueError, match=r"'disk'.*cache, storage"):
        tiers.drop("store", "key", tier="disk")
    assert where(tiers) == {"key": (True, True)}


BLOCKED = ["Host", "cookie", "Proxy-Whatever", "X-Forwarded-For", "Access-Control-Allow-Origin", ""]


@pytest.mark.parametrize("name", BLOCKED)
@pytest.mark.parametrize("tier", ["cache", "storage", None])
def test_metadata_that_the_service_does_not_keep_is_refused(
    tiers: Tiers, name: str, tier: str | None
) -> None:
    more = {} if tier is None else {"tier": tier}
    with pytest.raises(ValueError, match=f"metadata.{name}"):
        tiers.put("store", "key", b"", metadata={name: "x"}, **more)
    assert tiers.objects("store") == []


WRONG: list[Mapping[str, Any]] = [
    {"metadata": {"a b": "x"}},
    {"metadata": {"a": "x\r\ny"}},
    {"metadata": {"a": 5}},
    {"ttl_seconds": 0},
    {"ttl_seconds": -1},
    {"ttl_seconds": 1.5},
    {"ttl_seconds": True},
    {"ttl_seconds": "60"},
    {"tier": ""},
]


@pytest.mark.parametrize("more", WRONG, ids=str)
def test_an_object_that_the_service_could_not_have_is_refused(
    tiers: Tiers, more: Mapping[str, Any]
) -> None:
    with pytest.raises(ValueError, match=next(iter(more)).partition("_")[0]):
        tiers.put("store", "key", b"", **more)
    assert tiers.objects("store") == []


@pytest.mark.parametrize("key", ["a" * 1025, "é" * 513, "a\0b"])
def test_a_key_that_the_service_could_not_have_is_refused(tiers: Tiers, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        tiers.put("store", key, b"")


@pytest.mark.parametrize("kind", [InProcess, OverHttp])
def test_an_object_too_large_for_the_cache_is_refused_there_and_not_in_storage(
    start: Start, kind: type[InProcess | OverHttp]
) -> None:
    emulator = start(cache_max_object_bytes=10, max_object_bytes=20)
    create_store(client(emulator), "store")
    tiers = kind(emulator)
    tiers.put("store", "fits", bytes(10), tier="cache")
    with pytest.raises(ValueError, match=r"too large for the cache.*10 bytes"):
        tiers.put("store", "large", bytes(11), tier="cache")
    tiers.put("store", "large", bytes(11), tier="storage")
    tiers.put("store", "whole", bytes(20))
    with pytest.raises(ValueError, match="too large"):
        tiers.put("store", "too large", bytes(21))
    assert where(tiers) == {
        "fits": (False, True),
        "large": (True, False),
        "whole": (True, False),
    }


NONE = {"hits": 0, "expired": 0, "misses": 0}


def test_an_emulator_that_nobody_has_asked_counts_nothing(tiers: Tiers) -> None:
    assert tiers.counts() == {"cache": NONE, "storage": NONE}


def test_gets_are_counted_by_what_each_tier_had(
    tiers: Tiers, emulator: Emulator, owner: Client
) -> None:
    tiers.put("store", "key", b"", ttl_seconds=60)
    for _ in range(3):
        owner.get("store", "key")  # cache_hit
    owner.call("HEAD", "/objectstore/store/key")  # cache_hit
    tiers.drop("store", "key", tier="cache")
    owner.get("store", "key")  # storage_hit
    owner.get("store", "none")  # miss
    emulator.clock.advance(60)
    owner.get("store", "key")  # cache_hit_expired
    owner.get("store", "key")  # storage_hit_expired
    owner.get("store", "key")  # storage_hit_expired
    assert tiers.counts() == {
        "cache": {"hits": 4, "expired": 1, "misses": 4},
        "storage": {"hits": 1, "expired": 2, "misses": 1},
    }


def test_what_is_no_get_or_was_refused_is_not_counted(
    tiers: Tiers, emulator: Emulator, owner: Client
) -> None:
    owner.put("store", "key", b"")
    owner.get("none", "key")
    Client(emulator.endpoint).get("store", "key")
    owner.call("GET", "/objectstore/store/%")
    tiers.objects("store")
    owner.list_stores()
    assert tiers.counts() == {"cache": NONE, "storage": NONE}


def test_counts_are_of_one_store_or_of_all(tiers: Tiers, owner: Client) -> None:
    create_store(owner, "twin")
    tiers.put("store", "key", b"")
    owner.get("store", "key")
    owner.get("twin", "key")
    owner.get("twin", "key")
    assert tiers.counts("store") == {"cache": {**NONE, "hits": 1}, "storage": NONE}
    assert tiers.counts("twin") == {
        "cache": {**NONE, "hits": 1, "misses": 1},
        "storage": {**NONE, "hits": 1},
    }
    assert tiers.counts()["cache"] == {"hits": 2, "expired": 0, "misses": 1}
    with pytest.raises(LookupError, match="Store Not Found"):
        tiers.counts("none")


def test_a_reset_counts_from_nothing(tiers: Tiers, emulator: Emulator, owner: Client) -> None:
    owner.get("store", "key")
    assert tiers.counts()["cache"]["misses"] == 1
    emulator.reset()
    assert tiers.counts() == {"cache": NONE, "storage": NONE}


BODIES: list[tuple[object, str]] = [
    ({}, "text"),
    ({"text": "a", "base64": "YQ=="}, "base64"),
    ({"text": 5}, "text"),
    ({"text": "\ud800"}, "text"),
    ({"base64": "not base64"}, "base64"),
    ({"base64": "YQ"}, "base64"),
    ({"text": "", "colour": "red"}, "colour"),
    ([], "request body"),
    ({"text": "", "metadata": []}, "metadata"),
]


@pytest.mark.parametrize(("document", "named"), BODIES, ids=str)
def test_a_body_that_describes_no_object_is_refused_by_what_is_wrong(
    emulator: Emulator, document: object, named: str
) -> None:
    answer = control(emulator, "PUT", "/objects/store/key", document)
    assert answer.status == 400
    assert named in answer.json()["message"]
    assert emulator.tiers.objects("store") == []


def test_a_text_is_stored_as_it_is(emulator: Emulator, owner: Client) -> None:
    assert control(emulator, "PUT", "/objects/store/key", {"text": "grüße\n"}).status == 200
    assert owner.get("store", "key").body == "grüße\n".encode()
    assert control(emulator, "PUT", "/objects/store/key", {"text": ""}).status == 200
    assert owner.get("store", "key").body == b""


PATHS = [
    ("GET", "/objects/a%20b", 400),
    ("GET", "/objects/", 400),
    ("PUT", "/objects/store/", 400),
    ("PUT", "/objects/store/%", 400),
    ("PUT", "/objects/store/%FF", 400),
    ("DELETE", "/objects/store/%00", 400),
    ("DELETE", "/objects/store/key?colour=red", 400),
    ("DELETE", "/objects/store/key?tier=cache&tier=cache", 400),
    ("DELETE", "/objects/store/key?tier=", 400),
    ("GET", "/counts?stores=store", 400),
    ("GET", "/counts?store=", 400),
    ("POST", "/flush", 400),
]


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_what_a_door_does_not_understand_is_refused(
    emulator: Emulator, method: str, path: str, status: int
) -> None:
    document = {"text": ""} if method == "PUT" else None
    assert control(emulator, method, path, document).status == status


def test_an_object_of_the_service_that_came_later_wins(tiers: Tiers, owner: Client) -> None:
    tiers.put("store", "key", b"placed", tier="storage")
    owner.put("store", "key", b"put")
    assert where(tiers) == {"key": (True, True)}
    tiers.drop("store", "key", tier="cache")
    assert owner.get("store", "key").body == b"put"


@pytest.mark.parametrize("body", ["text", None, 5, [1], bytearray(b"x")])
def test_a_body_that_is_not_bytes_is_a_type_error_and_puts_nothing(
    emulator: Emulator, body: Any
) -> None:
    create_store(client(emulator), "store")
    with pytest.raises(TypeError, match=f"must be bytes, not {type(body).__name__}"):
        emulator.tiers.put("store", "key", body)
    assert emulator.tiers.objects("store") == []


@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_others_are_served_while_very_many_objects_are_listed(start: Start, cache: str) -> None:
    emulator = start(cache=cache)
    create_store(client(emulator), "store")
    app = emulator._running()

    async def fill_and_list() -> tuple[int, int]:
        store = await app._stores.get("store")
        for number in range(5000):
            info = ObjectInfo(1, number, number)
            await app._storage.put(store.location(f"{number}"), info, b"x")
            await app._cache_tier.put(store, f"{number}", info, b"x")

        async def list_twice() -> list[Any]:
            await app.control.tiers.objects("store")
            page: list[Any] = (await app.control.browser.page("store", Asked()))["objects"]
            return page

        listing = asyncio.ensure_future(list_twice())
        turns = 0
        while not listing.done():
            await asyncio.sleep(0)
            turns += 1
        return len(await listing), turns

    count, turns = emulator._call(fill_and_list())
    assert count == 5000
    assert turns >= 100
