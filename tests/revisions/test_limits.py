"""The limits of a store, as clients meet them: bursts, refusals, refills, debts."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator import Emulator
from tests.contract.expect import STORE_NOT_FOUND, expect_error, expect_object
from tests.contract.stores import JSON, Configuration, Store, Stores, configuration, unique_name
from tests.support.client import Client
from tests.support.connections import Upload
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Response

from .expect import expect_bytes_exceeded, expect_operations_exceeded, request_id
from .stores import DURABLE, EPHEMERAL, FIRST, HIGHEST_LIMIT, INSTANT, extended, limited

READS: dict[str, Callable[[Store], Response]] = {
    "get": lambda store: store.get("key"),
    "head": lambda store: store.head("key"),
    "a miss": lambda store: store.get("absent"),
}
WRITES: dict[str, Callable[[Store], Response]] = {
    "put": lambda store: store.put("key", b"body"),
    "ephemeral put": lambda store: store.put("key", b"body", headers=EPHEMERAL),
    "delete": lambda store: store.remove("key"),
}


def served(send: Callable[[], Response], most: int = 300) -> int:
    """How many requests in a row are served before one is refused."""
    for number in range(most):
        if send().status == 429:
            return number
    return most


@pytest.mark.proves("Store configuration: 100 operations a second by default")
@pytest.mark.parametrize("send", [READS["a miss"], WRITES["delete"]], ids=["read", "write"])
def test_by_default_a_hundred_operations_a_second_are_served(
    frozen: Stores, send: Callable[[Store], Response]
) -> None:
    store = frozen.create(name="store")
    assert served(lambda: send(store)) == 100


@pytest.mark.proves("Store configuration: 1048576 bytes a second by default")
def test_by_default_a_mebibyte_a_second_is_served(emulator: Emulator, frozen: Stores) -> None:
    store = frozen.create(name="store")
    assert store.put("key", bytes(1_048_575)).status == 204
    assert store.put("key", b"x").status == 204
    expect_bytes_exceeded(store.put("key", b"x"))
    emulator.clock.advance(0.000001)
    assert store.put("key", bytes(1_048_576)).status == 204
    emulator.clock.advance(1)
    assert store.get("key").status == 200
    expect_bytes_exceeded(store.get("key"))


@pytest.mark.proves("Get Object: 429, Put Object: 429, operations")
@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_an_operation_over_the_limit_is_429_and_does_nothing(
    emulator: Emulator, frozen: Stores, name: str
) -> None:
    store = limited(frozen, read_operations_per_second=2, write_operations_per_second=2)
    send = {**READS, **WRITES}[name]
    store.put("key", b"body")
    if name in READS:
        store.get("key")
    send(store)
    refused = send(store)
    assert refused.status == 429
    request_id(refused)
    if name != "head":
        expect_operations_exceeded(refused)
    emulator.clock.advance(0.499999)
    assert send(store).status == 429
    emulator.clock.advance(0.000001)
    assert send(store).status != 429
    assert send(store).status == 429


@pytest.mark.proves("Put Object: 429, operations")
def test_a_put_that_is_refused_stores_nothing(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=1)
    store.put("key", b"old")
    for headers in (DURABLE, EPHEMERAL):
        expect_operations_exceeded(store.put("key", b"new", headers=headers))
        expect_operations_exceeded(store.put("absent", b"new", headers=headers))
    expect_object(store.get("key"), b"old")
    expect_error(store.get("absent"), 404)
    assert [entry.key for entry in emulator.tiers.objects(store.name)] == ["key"]


@pytest.mark.proves("Put Object: 429, operations")
def test_of_many_at_once_as_many_are_served_as_the_limit_allows(frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=7)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda number: store.put(f"key-{number}", b"body"), range(40)))
    assert sorted(answer.status for answer in answers) == [204] * 7 + [429] * 33


@pytest.mark.proves("Get Object: 429, Put Object: 429, reads and writes apart")
def test_reads_and_writes_have_limits_of_their_own(frozen: Stores) -> None:
    store = limited(frozen, read_operations_per_second=1, write_operations_per_second=1)
    assert store.put("key", b"body").status == 204
    assert store.get("key").status == 200
    expect_operations_exceeded(store.put("key", b"body"))
    expect_operations_exceeded(store.remove("key"))
    expect_operations_exceeded(store.get("key"))


@pytest.mark.proves("Store configuration: object_store_limits")
def test_each_store_has_limits_of_its_own(frozen: Stores) -> None:
    one = limited(frozen, write_operations_per_second=1)
    other = limited(frozen, write_operations_per_second=1)
    assert one.put("key", b"body").status == 204
    expect_operations_exceeded(one.put("key", b"body"))
    assert other.put("key", b"body").status == 204


@pytest.mark.proves("Store configuration: object_store_limits, a burst of one second")
def test_what_is_not_used_is_saved_up_for_one_second_and_no_longer(
    emulator: Emulator, frozen: Stores
) -> None:
    store = limited(frozen, read_operations_per_second=5)
    for seconds in (0, 1, 3600, 10**9):
        emulator.clock.advance(seconds)
        assert served(lambda: store.get("absent")) == 5
    emulator.clock.advance(0.4)
    assert served(lambda: store.get("absent")) == 2


@pytest.mark.proves("Put Object: 429, bytes")
@pytest.mark.parametrize("headers", [DURABLE, EPHEMERAL], ids=["durable", "ephemeral"])
def test_bytes_may_go_into_debt_and_until_it_is_paid_puts_are_refused(
    emulator: Emulator, frozen: Stores, headers: list[tuple[str, str]]
) -> None:
    store = limited(frozen, write_bytes_per_second=10)
    assert store.put("key", b"x" * 35, headers=headers).status == 204  # 25 in debt
    for _ in range(3):
        expect_bytes_exceeded(store.put("key", b"", headers=headers))
    emulator.clock.advance(2.5)
    expect_bytes_exceeded(store.put("key", b"x", headers=headers))  # Just out of it, with nothing.
    emulator.clock.advance(0.000001)
    assert store.put("key", b"x", headers=headers).status == 204
    expect_bytes_exceeded(store.put("key", b"x", headers=headers))
    expect_object(store.get("key"), b"x")


@pytest.mark.proves("Get Object: 429, bytes, D100")
@pytest.mark.parametrize("name", ["get", "head"])
def test_gets_and_heads_are_charged_for_the_bytes_that_they_find(
    emulator: Emulator, frozen: Stores, name: str
) -> None:
    store = limited(frozen, read_bytes_per_second=4)
    store.put("key", b"body")
    for _ in range(50):
        assert store.get("absent").status == 404  # Which is for nothing.
    assert READS[name](store).status == 200
    expect_bytes_exceeded(store.get("key"))
    expect_bytes_exceeded(store.get("absent"))
    assert store.head("key").status == 429
    emulator.clock.advance(1)
    assert READS[name](store).status == 200


@pytest.mark.proves("Get Object: 429, bytes")
def test_an_object_that_has_expired_costs_no_bytes(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, read_bytes_per_second=1)
    store.put("key", b"body", query="ttl_seconds=1")
    emulator.clock.advance(1)
    for _ in range(3):
        expect_error(store.get("key"), 404)


@pytest.mark.proves("Put Object: 429, bytes")
def test_a_put_that_is_refused_costs_no_bytes(frozen: Stores) -> None:
    store = limited(frozen, write_bytes_per_second=1)
    for _ in range(3):
        expect_error(store.put("key", b"body", query="ttl_seconds=0"), 400)
    assert store.put("key", b"body").status == 204


@pytest.mark.proves("Put Object: 429, D100")
def test_the_limit_of_operations_is_looked_at_first(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=1, write_bytes_per_second=1)
    assert store.put("key", b"body").status == 204
    expect_operations_exceeded(store.put("key", b"body"))
    emulator.clock.advance(1)
    expect_bytes_exceeded(store.put("key", b"body"))


@pytest.mark.proves("Put Object: 429, D100")
def test_what_is_refused_takes_no_tokens(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=2, write_bytes_per_second=10)
    assert store.put("key", b"x" * 20).status == 204
    for _ in range(10):
        expect_bytes_exceeded(store.put("key", b"x"))
    assert store.remove("key").status == 204  # The other operation is still there.
    for _ in range(10):
        expect_operations_exceeded(store.remove("key"))
    emulator.clock.advance(0.5)
    assert store.remove("key").status == 204


@pytest.mark.proves("Put Object: 429, D99")
def test_the_limit_comes_after_the_store_and_before_the_parameters(
    frozen: Stores, emulator: Emulator
) -> None:
    store = limited(frozen, read_operations_per_second=1, write_operations_per_second=1)
    store.put("key", b"body")
    store.get("key")
    expect_operations_exceeded(store.put("key", b"body", query="ttl_seconds=0"))
    expect_operations_exceeded(store.put("key", b"body", headers=[("mo-persistence", "x")]))
    expect_operations_exceeded(store.get("key", headers=[("read-concern", "x")]))
    viewer = store.seen_by(raw_client(emulator, "viewer"))
    nobody = store.seen_by(store.client.with_key(None))
    sends: list[Callable[[Store], Response]] = [
        lambda each: each.put("key", b"body"),
        lambda each: each.remove("key"),
    ]
    for send in sends:
        expect_error(send(viewer), 403)
        expect_error(send(nobody), 401)
        expect_error(send(Store(store.client, unique_name())), 404, STORE_NOT_FOUND)
    expect_error(store.put("%zz", b"body"), 400)


@pytest.mark.proves("Put Object: 429, D99")
def test_a_put_over_the_limit_is_refused_before_its_body_is_sent(frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=1)
    store.put("key", b"body")
    fields = store.client.fields([("Content-Length", "4"), ("Expect", "100-continue")])
    with store.client.wire() as wire:
        wire.send_head("PUT", store.path_of("key"), fields)
        expect_operations_exceeded(wire.answer("PUT"))


@pytest.mark.proves("Put Object: 429")
def test_a_connection_goes_on_after_a_refusal(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, write_operations_per_second=1)
    with store.client.wire() as wire:
        path = store.path_of("key")
        assert wire.request("PUT", path, body=b"body").status == 204
        for body in (b"x" * 100_000, [b"in", b"chunks"]):
            expect_operations_exceeded(wire.request("PUT", path, body=body))
        emulator.clock.advance(1)
        assert wire.request("PUT", path, body=b"new").status == 204
        expect_object(wire.request("GET", path), b"new")


def updated(store: Store, config: Configuration, **limits: int) -> None:
    given = dict.fromkeys(("read_bytes_per_second", "write_bytes_per_second"), HIGHEST_LIMIT)
    answer = store.configure(extended(config, object_store_limits={**given, **limits}))
    assert answer.status in (200, 201), answer


@pytest.mark.proves("Store configuration: limits can change, D100")
def test_changed_limits_hold_from_the_next_request(emulator: Emulator, frozen: Stores) -> None:
    store, config = frozen.named("store"), configuration()
    updated(store, config, read_operations_per_second=50)
    updated(store, config, read_operations_per_second=3)
    assert served(lambda: store.get("absent")) == 3
    updated(store, config, read_operations_per_second=10)
    expect_operations_exceeded(store.get("absent"))  # What is used is used.
    emulator.clock.advance(0.5)
    assert served(lambda: store.get("absent")) == 5
    updated(store, config)
    emulator.clock.advance(1)
    assert served(lambda: store.get("absent")) == 100


def slow_put(emulator: Emulator, store: Store) -> Upload:
    return Upload(Client(emulator.endpoint, emulator.api_key()), store.name, "slow", size=1)


@pytest.mark.proves("Store configuration: limits can change, D100")
def test_a_put_that_began_before_an_update_does_not_bring_the_limits_from_before_back(
    emulator: Emulator, frozen: Stores
) -> None:
    store, config = frozen.named("store"), configuration()
    updated(store, config, write_operations_per_second=1)
    with slow_put(emulator, store) as up:
        updated(store, config, write_operations_per_second=1000)
        emulator.clock.advance(1)
        up.send(b"1")
        assert up.finish() == 204
    assert [store.put("key", b"").status for _ in range(5)] == [204] * 5


@pytest.mark.proves("Store configuration: object_store_limits, D100")
def test_a_put_to_a_store_that_was_deleted_fills_no_buckets_of_its_successor(
    emulator: Emulator, frozen: Stores
) -> None:
    store, config = frozen.named("store"), configuration()
    updated(store, config, write_operations_per_second=1)
    with slow_put(emulator, store) as up:
        assert store.delete().status == 204
        updated(store, config, write_operations_per_second=1)
        assert store.put("key", b"").status == 204
        up.send(b"1")
        up.finish()
    expect_operations_exceeded(store.put("key", b""))


@pytest.mark.proves("Store configuration: limits can change, D100")
def test_an_update_that_keeps_the_limits_fills_no_buckets(frozen: Stores) -> None:
    store, config = frozen.named("store"), configuration()
    updated(store, config, read_operations_per_second=2)
    assert served(lambda: store.get("absent")) == 2
    updated(store, config, read_operations_per_second=2)
    config["storage_config"]["s3"]["iam_role_arn"] += "-changed"
    updated(store, config, read_operations_per_second=2)
    expect_operations_exceeded(store.get("absent"))


@pytest.mark.proves("Store configuration: object_store_limits, D100")
def test_a_store_that_is_made_anew_has_full_buckets(frozen: Stores) -> None:
    store = limited(frozen, read_operations_per_second=2)
    config = store.describe().json
    for _ in range(3):
        assert served(lambda: store.get("absent")) == 2
        assert store.delete().status == 204
        assert store.configure(config).status == 201


@pytest.mark.proves("Store configuration: object_store_limits, D100")
def test_a_restore_fills_all_buckets(emulator: Emulator, frozen: Stores) -> None:
    store = limited(frozen, read_operations_per_second=2)
    emulator.checkpoint("before")
    assert served(lambda: store.get("absent")) == 2
    emulator.restore("before")
    assert served(lambda: store.get("absent")) == 2
    emulator.import_state(emulator.export_state())
    assert served(lambda: store.get("absent")) == 2


@pytest.mark.proves("Store configuration: object_store_limits, D100")
def test_a_reset_fills_all_buckets(start: Start, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    entry = extended(object_store_limits={"read_operations_per_second": 2})
    seed.write_text(json.dumps({"stores": [{"name": "store", **entry}]}))
    emulator = start(seed=seed)
    store = Store(raw_client(emulator), "store")
    for _ in range(2):
        emulator.clock.freeze(INSTANT)
        assert served(lambda: store.get("absent")) == 2
        emulator.reset()


@pytest.mark.proves("Store configuration: object_store_limits")
def test_a_clock_that_is_set_back_takes_nothing_and_lets_nobody_wait(
    emulator: Emulator, frozen: Stores
) -> None:
    store = limited(frozen, read_operations_per_second=2)
    assert store.get("absent").status == 404
    emulator.clock.set(INSTANT - 10**15)
    assert served(lambda: store.get("absent")) == 1
    emulator.clock.advance(0.5)
    assert served(lambda: store.get("absent")) == 1


@pytest.mark.proves("Store configuration: object_store_limits, --no-limits")
def test_without_limits_nothing_is_refused_and_they_are_returned_all_the_same(
    start: Start,
) -> None:
    emulator = start(no_limits=True)
    emulator.clock.freeze(INSTANT)
    limits = {"read_operations_per_second": 1, "write_bytes_per_second": 1}
    store = Stores(raw_client(emulator)).create(extended(object_store_limits=limits))
    assert served(lambda: store.get("absent"), 5) == 5
    assert served(lambda: store.put("key", b"body"), 5) == 5
    described = store.describe().json["object_store_limits"]
    assert described.items() >= limits.items()


@pytest.mark.proves("Store configuration: the first revision")
def test_the_first_revision_refuses_nothing(start: Start) -> None:
    emulator = start(api_revision=FIRST)
    emulator.clock.freeze(INSTANT)
    limits = {"read_operations_per_second": 1, "write_bytes_per_second": 1}
    store = Stores(raw_client(emulator)).create(extended(object_store_limits=limits))
    assert served(lambda: store.get("absent"), 150) == 150
    assert served(lambda: store.put("key", b"body"), 5) == 5


@pytest.mark.proves("Store configuration: object_store_limits")
def test_the_control_plane_has_no_limits(frozen: Stores) -> None:
    store = limited(frozen, read_operations_per_second=1, write_operations_per_second=1)
    config = store.describe().json
    for _ in range(5):
        assert store.describe().status == 200
        body = json.dumps(config).encode()
        assert store.client.put(store.path, body, headers=JSON).status == 200
    assert store.get("absent").status == 404


@pytest.mark.proves("CORS: OPTIONS, HEAD")
def test_a_preflight_takes_no_tokens(frozen: Stores) -> None:
    store = limited(frozen, read_operations_per_second=1, write_operations_per_second=1)
    for _ in range(5):
        assert store.client.request("OPTIONS", store.path_of("key")).status == 204
    assert store.put("key", b"body").status == 204
    assert store.get("key").status == 200
    assert store.client.request("OPTIONS", store.path_of("key")).status == 204
