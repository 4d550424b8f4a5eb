"""Bodies over the control API: got from either tier, harmless in a browser, put by the service's
rules."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from emulator import Emulator
from tests.support.bodies import some_bytes
from tests.support.client import Answer, Client, create_store, object_path
from tests.support.emulators import Start, as_new, client

pytestmark = pytest.mark.proves("D157")

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND
LATER = "2026-08-12"
KEYS = ["key", "a/b c", "é", "%2F", "?x=1#y", "..", "<script>"]


@pytest.fixture(scope="module", params=["2026-02-05", LATER])
def of_either_revision(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=request.param, strict_clusters=None) as emulator:
        yield emulator


@pytest.fixture
def emulator(of_either_revision: Emulator) -> Emulator:
    """An emulator with a store, whose clock stands still."""
    emulator = as_new(of_either_revision)
    emulator.clock.freeze(INSTANT)
    create_store(client(emulator), "store", cluster="my-valkey-cluster")
    emulator.journal.clear()
    return emulator


def target(key: str, query: str = "") -> str:
    return f"/_emulator/bodies/store/{quote(key, safe='')}{query}"


def call(
    emulator: Emulator,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    return Client(emulator.endpoint).call(method, path, body, headers)


@pytest.mark.parametrize("key", KEYS)
def test_what_was_put_is_got_from_both_tiers_and_by_the_service(
    emulator: Emulator, key: str
) -> None:
    sent = {"mo-meta-content-type": "text/html", "mo-meta-author": "Ä"}
    headers = {name: value.encode().decode("latin-1") for name, value in sent.items()}
    assert call(emulator, "PUT", target(key), b"<b>body</b>", headers).status == 204
    for query in ("", "?tier=storage", "?tier=cache"):
        answer = call(emulator, "GET", target(key, query))
        assert (answer.status, answer.body) == (200, b"<b>body</b>")
        assert answer.header("Content-Type") == "text/html"
        assert answer.header("Author") == "Ä"
        assert answer.header("Content-Length") == "11"
    served = client(emulator).get("store", key)
    assert (served.status, served.body, served.header("Author")) == (200, b"<b>body</b>", "Ä")


def test_an_answer_is_no_page_of_the_emulator(emulator: Emulator) -> None:
    hostile = {
        "content-type": "text/html",
        "Content-Security-Policy": "default-src *",
        "x-content-type-options": "sniff",
        "cache-control": "public, max-age=9999",
        "cross-origin-resource-policy": "cross-origin",
        "clear-site-data": '"*"',
        "refresh": "0; url=http://example.com",
        "link": "<http://example.com>; rel=preload",
        "set-cookie": "a=b",
        "service-worker-allowed": "/",
        "strict-transport-security": "max-age=9",
        "speculation-rules": '"/rules"',
        "accept-ch": "downlink",
        "etag": '"kept"',
    }
    headers = {f"mo-meta-{name}": value for name, value in hostile.items()}
    assert call(emulator, "PUT", target("key"), b"<script>", headers).status == 204
    for method in ("GET", "HEAD"):
        answer = call(emulator, method, target("key"))
        assert answer.status == 200
        got = {name.lower(): answer.headers.get_all(name) for name in answer.headers}
        assert got["content-security-policy"] == ["sandbox; default-src 'none'"]
        assert got["x-content-type-options"] == ["nosniff"]
        assert got["cache-control"] == ["no-store"]
        assert got["cross-origin-resource-policy"] == ["same-origin"]
        assert got["etag"] == ['"kept"']
        own = {"x-content-type-options", "cache-control", "cross-origin-resource-policy"}
        assert got.keys() & hostile.keys() <= {*own, "content-type", "etag"}
        assert not any(name.startswith("access-control-") for name in got)


def test_each_tier_has_its_own_version(emulator: Emulator) -> None:
    emulator.tiers.put("store", "key", b"stored", tier="storage")
    assert call(emulator, "GET", target("key", "?tier=cache")).status == 404
    emulator.tiers.put("store", "key", b"cached", tier="cache")
    assert call(emulator, "GET", target("key", "?tier=cache")).body == b"cached"
    assert call(emulator, "GET", target("key")).body == b"stored"
    emulator.tiers.drop("store", "key", tier="storage")
    assert call(emulator, "GET", target("key")).body == b"cached"
    assert emulator.tiers.body("store", "key") == b"cached"
    with pytest.raises(LookupError):
        emulator.tiers.body("store", "key", tier="storage")
    with pytest.raises(ValueError, match="Unknown tier 'both'"):
        emulator.tiers.body("store", "key", tier="both")


def test_an_expired_object_is_not_found_for_that_reason(emulator: Emulator) -> None:
    call(emulator, "PUT", target("key", "?ttl_seconds=10"), b"body")
    emulator.clock.advance(10)
    for query, tier in (("", "storage"), ("?tier=storage", "storage"), ("?tier=cache", "cache")):
        answer = call(emulator, "GET", target("key", query))
        assert answer.status == 404
        assert answer.json()["message"] == (
            f"Object not found: the object in the {tier} tier expired at "
            "2033-05-18T03:33:30.000000Z."
        )
    emulator.tiers.put("store", "key", b"alive", tier="cache")
    assert call(emulator, "GET", target("key")).body == b"alive"


def test_what_is_not_there_is_not_found(emulator: Emulator) -> None:
    assert call(emulator, "GET", target("key")).json() == {"message": "Object not found."}
    for method in ("GET", "PUT"):
        answer = call(emulator, method, "/_emulator/bodies/other/key", b"")
        assert (answer.status, answer.json()) == (404, {"message": "Store Not Found"})


@pytest.mark.parametrize("query", ["?tier=both", "?tier=", "?x=1", "?tier=cache&tier=cache"])
def test_only_a_tier_can_be_asked_for(emulator: Emulator, query: str) -> None:
    assert call(emulator, "GET", target("key", query)).status == 400


@pytest.mark.parametrize("raw", ["", "%00", "%ff", "a" * 1025, "%"])
def test_a_key_that_no_object_can_have_is_refused(emulator: Emulator, raw: str) -> None:
    for method in ("GET", "PUT"):
        path = f"/_emulator/bodies/store/{raw}"
        assert call(emulator, method, path, b"").status == 400
        served = client(emulator).call(method, f"/objectstore/store/{raw}", b"")
        assert call(emulator, method, path, b"").json() == served.json()


REFUSED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "no number": ("?ttl_seconds=soon", {}),
    "nothing": ("?ttl_seconds=", {}),
    "twice": ("?ttl_seconds=1&ttl_seconds=1", {}),
    "a name that is no header": ("", {"mo-meta-a(b": "x"}),
    "a value that is not UTF-8": ("", {"mo-meta-a": "\xff"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_put_that_the_service_refuses_is_refused_in_the_same_words(
    emulator: Emulator, case: str
) -> None:
    query, headers = REFUSED[case]
    served = client(emulator).call("PUT", object_path("store", "key") + query, b"", headers)
    answer = call(emulator, "PUT", target("key", query), b"", headers)
    assert (answer.status, answer.body) == (served.status, served.body)
    assert answer.status == 400
    assert emulator.tiers.objects("store") == []


def test_a_parameter_that_the_service_ignores_is_ignored(emulator: Emulator) -> None:
    assert call(emulator, "PUT", target("key", "?x=1&x=2"), b"body").status == 204


def placed(emulator: Emulator, key: str = "key") -> dict[str, Any]:
    return emulator.tiers.get("store", key).document()


def test_the_same_request_does_the_same_with_and_without_a_key(emulator: Emulator) -> None:
    headers = {
        "Content-Type": "text/plain",
        "mo-meta-content-type": "image/png",
        "mo-tag-team": "video",
        "mo-persistence": "ephemeral",
    }
    query = "?ttl_seconds=60"
    path = object_path("store", "served") + query
    assert client(emulator).call("PUT", path, b"body", headers).status == 204
    assert call(emulator, "PUT", target("key", query), b"body", headers).status == 204
    served, put = placed(emulator, "served"), placed(emulator)
    for tier in ("storage", "cache"):
        for document in (served, put):
            (document[tier] or {}).pop("version", None)
    assert {**served, "key": "key"} == put


def test_a_put_counts_for_nobody(emulator: Emulator) -> None:
    before = emulator.tiers.counts()
    call(emulator, "PUT", target("key"), b"body")
    call(emulator, "GET", target("key"))
    assert emulator.journal.calls() == []
    assert emulator.tiers.counts() == before


def test_fault_rules_and_limits_are_for_others(start: Start) -> None:
    emulator = start(api_revision=LATER, cache="memory")
    owner = client(emulator)
    create_store(owner, "store")
    emulator.clock.freeze(INSTANT)
    emulator.faults.add("storage_down")
    emulator.faults.add("cache_down")
    assert owner.put("store", "key", b"body").status == 500
    for _ in range(300):
        assert call(emulator, "PUT", target("key"), b"body").status == 204
    assert call(emulator, "GET", target("key")).body == b"body"


@pytest.mark.parametrize("storage", ["memory", "filesystem"])
def test_a_large_body_is_streamed_both_ways(start: Start, tmp_path: Any, storage: str) -> None:
    directory = {"data_dir": tmp_path} if storage == "filesystem" else {}
    emulator = start(cache="memory", storage=storage, cache_max_object_bytes="1KiB", **directory)
    create_store(client(emulator), "store")
    body = some_bytes(3 * 1024 * 1024 + 1)
    assert call(emulator, "PUT", target("key"), body).status == 204
    answer = call(emulator, "GET", target("key"))
    assert (answer.status, answer.body == body) == (200, True)
    assert emulator.tiers.body("store", "key") == body
    assert call(emulator, "GET", target("key", "?tier=cache")).status == 404


def test_a_body_that_is_too_large_is_refused(start: Start) -> None:
    emulator = start(cache="memory", max_object_bytes=10)
    create_store(client(emulator), "store")
    assert call(emulator, "PUT", target("key"), b"x" * 11).status == 400
    assert call(emulator, "PUT", target("key"), b"x" * 10).status == 204


def test_an_upload_that_breaks_off_stores_nothing(emulator: Emulator) -> None:
    with socket.create_connection((emulator.host, emulator.port), timeout=20) as connection:
        head = f"PUT {target('key')} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
        connection.sendall(head.encode() + b"12345")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536) == b""
    assert emulator.tiers.objects("store") == []


def test_a_reset_does_not_wait_for_an_upload_that_stands_still(emulator: Emulator) -> None:
    with socket.create_connection((emulator.host, emulator.port), timeout=20) as connection:
        head = f"PUT {target('key')} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        emulator.reset()
        connection.sendall(b"1234567890")
        assert connection.recv(65536) == b""
    create_store(client(emulator), "store", cluster="my-valkey-cluster")
    assert emulator.tiers.objects("store") == []
