"""Bodies that are cut short without a word, and bodies that trickle."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest

from emulator import Emulator
from tests.contract.stores import Store, configuration
from tests.support.bodies import some_bytes
from tests.support.raw_client import Response

from .operations import OPERATIONS
from .wire import Connection

HELD = [1, 100, 60_000, 100_000]
LARGE = 9 * 1024 * 1024
SIZES = [*HELD, LARGE]
FAST = 1_000_000_000


def truncate(**more: object) -> dict[str, Any]:
    return {"type": "truncate", **more}


def trickle(rate: float) -> dict[str, Any]:
    return {"type": "trickle", "bytes_per_second": rate}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fraction", [0, 0.5, 0.999])
def test_a_truncated_body_is_shorter_than_it_was_announced(
    emulator: Emulator, store: Store, size: int, fraction: float
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(truncate(after_fraction=fraction, announce="whole"))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        status, headers = connection.head()
        assert (status, headers["content-length"]) == (200, str(size))
        assert connection.rest() == some_bytes(size)[: int(size * fraction)]


@pytest.mark.parametrize("size", HELD)
@pytest.mark.parametrize("fraction", [0, 0.5, 0.999, 1])
def test_a_truncated_body_may_look_whole_and_the_connection_goes_on(
    emulator: Emulator, store: Store, size: int, fraction: float
) -> None:
    store.put("key", some_bytes(size), headers=[("mo-meta-mark", "kept")])
    emulator.faults.add(truncate(after_fraction=fraction, announce="part"), times=1)
    end = int(size * fraction)
    with store.client.wire() as wire:
        short = wire.request("GET", store.path_of("key"))
        assert short.headers.all("Content-Length") == [str(end)]
        assert short.headers.get("mark") == "kept"
        assert short.body == some_bytes(size)[:end]
        assert wire.request("GET", store.path_of("key")).body == some_bytes(size)


def test_by_default_half_of_a_body_is_sent_and_all_of_it_announced(
    emulator: Emulator, store: Store
) -> None:
    store.put("key", b"12345678")
    emulator.faults.add("truncate")
    with pytest.raises(http.client.IncompleteRead) as broken:
        store.get("key")
    assert broken.value.partial == b"1234"


def test_the_cache_has_the_whole_of_an_object_whose_body_was_truncated(
    emulator: Emulator, store: Store
) -> None:
    emulator.tiers.put("store", "key", b"12345678", tier="storage")
    emulator.faults.add(truncate(after_bytes=2, announce="part"), times=1)
    assert store.get("key").body == b"12"
    assert store.get("key").body == b"12345678"


@pytest.mark.parametrize("announce", ["whole", "part"])
def test_a_body_shorter_than_its_truncation_is_sent_as_it_is(
    emulator: Emulator, store: Store, announce: str
) -> None:
    store.put("key", b"body")
    store.put("empty")
    emulator.faults.add(truncate(after_bytes=4, announce=announce))
    with store.client.wire() as wire:
        assert wire.request("GET", store.path_of("key")).body == b"body"
        assert wire.request("GET", store.path_of("empty")).body == b""
        assert wire.request("PUT", store.path_of("key"), body=b"new").status == 204
        assert wire.request("GET", store.path_of("key")).body == b"new"


def test_head_announces_what_get_does(emulator: Emulator, store: Store) -> None:
    store.put("key", b"12345678")
    with store.client.wire() as wire:
        for announce, length in (("whole", "8"), ("part", "2")):
            with emulator.faults.add(truncate(after_bytes=2, announce=announce)):
                head = wire.request("HEAD", store.path_of("key"))
                assert (head.status, head.headers.get("Content-Length")) == (200, length)


def test_a_truncated_body_in_http_1_0_looks_whole_too(emulator: Emulator, store: Store) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(truncate(after_bytes=3, announce="part"))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"), version="1.0")
        assert connection.head()[1]["content-length"] == "3"
        assert connection.rest() == b"123"


def test_a_list_of_stores_or_roles_is_truncated_as_well(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(truncate(after_bytes=10, announce="part"))
    assert store.client.get("/objectstore").body == b'{"object_s'
    assert store.client.get("/roles").body == b'{"roles": '


@pytest.mark.parametrize(("size", "rate"), [(2, 20), (10, 100), (200, 2000), (2000, 20_000)])
def test_a_body_that_trickles_is_whole_and_takes_its_time(
    emulator: Emulator, store: Store, size: int, rate: int
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(trickle(rate))
    before = time.monotonic()
    answer = store.get("key")
    assert time.monotonic() - before >= 0.05
    assert answer.body == some_bytes(size)
    assert answer.headers.all("Content-Length") == [str(size)]


@pytest.mark.parametrize("size", [0, *HELD])
def test_a_fast_trickle_changes_nothing(emulator: Emulator, store: Store, size: int) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(trickle(FAST))
    with store.client.wire() as wire:
        for _ in range(2):
            assert wire.request("GET", store.path_of("key")).body == some_bytes(size)


def test_a_body_that_trickles_comes_in_pieces(emulator: Emulator, store: Store) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(trickle(2))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        assert connection.head()[1]["content-length"] == "8"
        assert connection.exactly(1) == b"1"
        emulator.reset()  # Seconds before the last piece would have come.
        assert len(connection.rest()) < 7


def test_what_has_no_body_does_not_trickle(emulator: Emulator, store: Store) -> None:
    store.put("key", b"body")
    store.put("empty")
    rule = emulator.faults.add(trickle(1e-9))
    with store.client.wire() as wire:
        assert wire.request("HEAD", store.path_of("key")).headers.get("Content-Length") == "4"
        assert wire.request("GET", store.path_of("empty")).body == b""
        assert wire.request("PUT", store.path_of("key"), body=b"new").status == 204
        assert wire.request("DELETE", store.path).status == 200
    assert rule.fired == 2  # Of what can have a body.


def test_an_upload_does_not_trickle(emulator: Emulator, store: Store) -> None:
    with pytest.raises(ValueError, match="GetObject"):
        emulator.faults.add(trickle(1e-9), operation="PutObject")
    emulator.faults.add(trickle(1e6))
    assert store.put("key", some_bytes(1_000_000)).status == 204
    assert store.get("key").body == some_bytes(1_000_000)


def test_a_trickle_in_http_1_0_ends_with_the_connection(emulator: Emulator, store: Store) -> None:
    store.put("key", b"12345678")
    emulator.faults.add(trickle(FAST))
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"), version="1.0")
        assert connection.head()[0] == 200
        assert connection.rest() == b"12345678"


def test_a_download_that_trickles_stays_one_version(emulator: Emulator, store: Store) -> None:
    store.put("key", b"a" * 1000)
    emulator.faults.add(trickle(10_000), operation="GetObject", times=1)
    with Connection(store.client) as connection:
        connection.ask("GET", store.path_of("key"))
        connection.head()
        connection.exactly(1)
        assert store.put("key", b"b" * 1000).status == 204
        assert store.get("key").body == b"b" * 1000
        assert connection.exactly(999) == b"a" * 999


def headers_of(answer: Response) -> list[tuple[str, str]]:
    fields = [(name.lower(), value) for name, value in answer.headers.fields]
    return sorted(field for field in fields if field[0] != "date")


SAFE = [
    pytest.param(trickle(FAST), id="trickle"),
    pytest.param(truncate(after_fraction=1), id="truncate"),
    pytest.param({"type": "latency", "seconds": 0.01, "before": "first_byte"}, id="first byte"),
]


@pytest.mark.parametrize("effect", SAFE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("size", [0, 1, 9 * 1024 * 1024])
def test_an_object_has_the_headers_that_it_has_without_a_fault(
    emulator: Emulator, store: Store, effect: dict[str, Any], method: str, size: int
) -> None:
    metadata = [("mo-meta-content-type", "text/plain"), ("mo-meta-x-mark", "mark")]
    store.put("key", some_bytes(size), headers=metadata)
    path = store.path_of("key")
    usual = store.client.request(method, path)
    with emulator.faults.add(effect):
        assert headers_of(store.client.request(method, path)) == headers_of(usual)


@pytest.mark.parametrize("effect", SAFE)
@pytest.mark.parametrize(
    "name", ["PutObject", "GetObject", "DescribeObjectStore", "ListObjectStores", "ListRoles"]
)
def test_every_answer_has_the_headers_that_it_has_without_a_fault(
    emulator: Emulator, store: Store, effect: dict[str, Any], name: str
) -> None:
    usual = OPERATIONS[name].send(store.client)
    with emulator.faults.add(effect):
        answer = OPERATIONS[name].send(store.client)
    assert headers_of(answer) == headers_of(usual)
    assert answer.body == usual.body


@pytest.mark.parametrize("effect", SAFE)
def test_the_deletion_of_a_store_has_the_headers_that_it_has_without_a_fault(
    emulator: Emulator, store: Store, effect: dict[str, Any]
) -> None:
    usual = store.delete()
    assert store.configure(configuration()).status == 201
    with emulator.faults.add(effect):
        assert headers_of(store.delete()) == headers_of(usual)


@pytest.mark.parametrize(
    "effect",
    [
        *SAFE,
        pytest.param(truncate(after_fraction=0, announce="part"), id="nothing of it"),
        pytest.param(truncate(after_fraction=0.5, announce="part"), id="a half of it"),
    ],
)
def test_a_body_too_large_for_the_cache_leaves_the_connection_in_order(
    emulator: Emulator, store: Store, effect: dict[str, Any]
) -> None:
    store.put("large", some_bytes(LARGE))
    store.put("key", b"body")
    emulator.faults.add(effect, key="large")
    with store.client.wire() as wire:
        for _ in range(2):
            answer = wire.request("GET", store.path_of("large"))
            assert answer.headers.all("Content-Length") == [str(len(answer.body))]
            assert some_bytes(LARGE).startswith(answer.body)
            assert wire.request("HEAD", store.path_of("large")).status == 200
            assert wire.request("GET", store.path_of("key")).body == b"body"


@pytest.mark.parametrize(("size", "rate"), [(1, 20), (10, 200), (1000, 20_000)])
def test_a_body_is_never_faster_than_its_trickle(
    emulator: Emulator, store: Store, size: int, rate: int
) -> None:
    store.put("key", some_bytes(size))
    emulator.faults.add(trickle(rate))
    before = time.monotonic()
    assert store.get("key").body == some_bytes(size)
    assert time.monotonic() - before >= size / rate
