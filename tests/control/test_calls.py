"""What the journal says of one request."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.control.call import Call
from tests.support.client import JSON, Client, create_store
from tests.support.emulators import Start, client, wire

from .clients import EVERYTHING

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND
MIB = 1024 * 1024


@pytest.fixture
def frozen(stocked: Emulator) -> Emulator:
    """An emulator with a store and an object, whose clock stands still."""
    stocked.clock.freeze(INSTANT)
    client(stocked).put("store", "key", b"hello", metadata={"colour": "red"})
    stocked.journal.clear()
    return stocked


def asked(emulator: Emulator, method: str, path: str, body: bytes | None = None) -> Call:
    """The call that an Owner's request leaves."""
    client(emulator).call(method, path, body, {} if body is None else JSON)
    return emulator.journal.last()


def test_the_call_of_a_get_says_what_was_asked_by_whom_and_what_came_back(frozen: Emulator) -> None:
    frozen.clock.advance(2)
    call = asked(frozen, "GET", "/objectstore/store/key?x=1")

    assert (call.number, call.time) == (1, INSTANT + 2 * SECOND)
    assert (call.operation, call.method) == ("GetObject", "GET")
    assert call.target == "/objectstore/store/key?x=1"
    assert (call.store, call.key) == ("store", "key")
    assert (call.role, call.address) == ("owner", "127.0.0.1")
    assert call.key_id
    assert (call.status, call.outcome) == (200, "cache_hit")
    assert (call.complete, call.running) == (True, False)
    assert (call.request_size, call.response_size) == (0, 5)
    assert call.object_age == 2 * SECOND
    assert call.faults == ()


def test_the_call_of_a_put_says_how_much_came(frozen: Emulator) -> None:
    call = asked(frozen, "PUT", "/objectstore/store/new?ttl_seconds=5", b"123456")
    assert (call.operation, call.status, call.outcome) == ("PutObject", 204, "ok")
    assert (call.request_size, call.response_size, call.object_age) == (6, 0, None)


@pytest.mark.parametrize(
    ("method", "target", "status", "message"),
    [
        ("GET", "/objectstore/none/key", 404, "Store Not Found"),
        ("HEAD", "/objectstore/none/key", 404, "Store Not Found"),
        ("POST", "/objectstore/store", 405, "Method POST is not allowed here"),
        ("GET", "/nowhere", 404, "Unknown path"),
    ],
)
def test_the_call_of_an_error_has_its_message(
    frozen: Emulator, method: str, target: str, status: int, message: str
) -> None:
    call = asked(frozen, method, target)
    assert call.status == status
    assert call.message is not None
    assert call.message.startswith(message)
    assert f" ({call.message}), " in str(call)
    assert call.document()["message"] == call.message


def test_the_call_of_a_success_has_no_message(frozen: Emulator) -> None:
    call = asked(frozen, "GET", "/objectstore/store/key")
    assert call.message is None
    assert call.document()["message"] is None


def test_the_message_of_a_fault_is_that_of_its_answer(frozen: Emulator) -> None:
    frozen.faults.add({"type": "status", "status": 503, "message": "out\nof order"})
    call = asked(frozen, "GET", "/objectstore/store/key")
    assert call.message == "out\nof order"
    assert "(out\\nof order)" in str(call)


def test_the_call_of_a_head_says_that_no_body_left(frozen: Emulator) -> None:
    call = asked(frozen, "HEAD", "/objectstore/store/key")
    assert (call.operation, call.method, call.status) == ("GetObject", "HEAD", 200)
    assert (call.response_size, call.complete) == (0, True)
    assert dict(call.response_headers)["content-length"] == "5"


def test_the_call_of_a_head_of_a_large_object_says_that_no_body_left(frozen: Emulator) -> None:
    client(frozen).put("store", "large", bytes(20 * MIB))
    call = asked(frozen, "HEAD", "/objectstore/store/large")
    assert (call.status, call.response_size, call.complete) == (200, 0, True)


OUTCOMES = ["cache_hit", "storage_hit", "cache_hit_expired", "storage_hit_expired", "miss"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_call_of_a_get_says_which_tier_had_the_object_and_its_age(
    frozen: Emulator, outcome: str
) -> None:
    client(frozen).put("store", "key", b"hello", ttl_seconds=60)
    if outcome.startswith("storage"):
        frozen.tiers.drop("store", "key", tier="cache")
    if outcome == "miss":
        frozen.tiers.drop("store", "key")
    frozen.clock.advance(60 if outcome.endswith("expired") else 30)

    call = asked(frozen, "GET", "/objectstore/store/key")
    ages = {"miss": None, outcome: (60 if outcome.endswith("expired") else 30) * SECOND}
    found = outcome.endswith("_hit")
    assert (call.outcome, call.status) == (outcome, 200 if found else 404)
    assert call.object_age == (None if outcome == "miss" else ages[outcome])


CONTROL_PLANE = [
    ("CreateOrUpdateObjectStore", "PUT", "/objectstore/store", b"{}", 400, "store"),
    ("DescribeObjectStore", "GET", "/objectstore/store", None, 200, "store"),
    ("DescribeObjectStore", "GET", "/objectstore/none", None, 404, "none"),
    ("ListObjectStores", "GET", "/objectstore", None, 200, ""),
    ("DeleteObjectStore", "DELETE", "/objectstore/store", None, 200, "store"),
    ("ListApiKeys", "GET", "/api-keys", None, 200, ""),
    ("CreateRole", "POST", "/roles", b"[", 400, ""),
    ("DeleteRole", "DELETE", "/roles/none", None, 404, ""),
    ("ListMembers", "GET", "/_emulator/account/members", None, 200, ""),
]


@pytest.mark.parametrize(("operation", "method", "path", "body", "status", "store"), CONTROL_PLANE)
def test_the_call_of_any_other_operation_says_what_was_asked_too(
    frozen: Emulator,
    operation: str,
    method: str,
    path: str,
    body: bytes | None,
    status: int,
    store: str,
) -> None:
    answer = client(frozen).call(method, path, body, JSON)
    (call,) = frozen.journal
    assert (call.operation, call.method, call.target) == (operation, method, path)
    assert (call.store, call.key, call.status) == (store, "", status)
    assert (call.role, call.object_age, call.complete) == ("owner", None, True)
    assert call.request_size == len(body or b"")
    assert call.response_size == len(answer.body)


def test_the_call_of_an_unknown_path_names_no_operation(frozen: Emulator) -> None:
    call = asked(frozen, "GET", "/nowhere?a=b")
    assert (call.operation, call.store, call.key, call.status) == (None, "", "", 404)
    assert (call.key_id, call.role, call.outcome) == (None, None, None)


KEYS = {
    "plain": ("a", "a"),
    "a/b": ("a/b", "a/b"),
    "escaped slash": ("a%2Fb", "a/b"),
    "percent": ("100%25", "100%"),
    "twice escaped": ("a%252Fb", "a%2Fb"),
    "plus": ("a+b", "a+b"),
    "blank": ("a%20b", "a b"),
    "unicode": ("gr%C3%BC%C3%9Fe-%E6%97%A5", "grüße-日"),
    "newline": ("a%0Ab", "a\nb"),
    "dots": ("a/../b", "a/../b"),
    "slashes": ("//", "//"),
}


@pytest.mark.parametrize(("path", "key"), KEYS.values(), ids=KEYS)
def test_a_key_is_decoded_and_the_target_as_it_came(frozen: Emulator, path: str, key: str) -> None:
    call = asked(frozen, "PUT", f"/objectstore/store/{path}", b"x")
    assert (call.status, call.key) == (204, key)
    assert call.target == f"/objectstore/store/{path}"
    assert frozen.journal.calls(key=key.replace("*", "?")) == [call]


def test_a_stores_name_is_decoded(frozen: Emulator) -> None:
    call = asked(frozen, "GET", "/objectstore/%73tore/key")
    assert (call.store, call.status) == ("store", 200)


def test_times_pass_while_the_clock_stands_still(frozen: Emulator) -> None:
    for path in ("/objectstore/store/key", "/objectstore", "/nowhere"):
        call = asked(frozen, "GET", path)
        assert call.time == INSTANT
        assert call.first_byte_time is not None
        assert call.duration is not None
        assert 0 <= call.first_byte_time <= call.duration < 20 * SECOND


def test_a_latency_is_in_the_duration_though_the_clock_stands_still(frozen: Emulator) -> None:
    frozen.faults.add({"type": "latency", "seconds": 0.05})
    call = asked(frozen, "GET", "/objectstore/store/key")
    assert call.duration is not None
    assert call.duration >= 50_000


def test_durations_are_not_those_of_a_clock_that_is_moved(frozen: Emulator) -> None:
    frozen.clock.release()
    frozen.clock.advance(1e6)
    call = asked(frozen, "GET", "/objectstore/store/key")
    assert call.duration is not None
    assert 0 <= call.duration < 20 * SECOND
    assert 0 <= frozen.clock.now() - call.time < 20 * SECOND


def test_the_faults_are_those_that_fired_in_their_order(frozen: Emulator) -> None:
    frozen.faults.add("cache_down", id="first")
    frozen.faults.add("cache_down", id="other", key="another")
    frozen.faults.add({"type": "status", "status": 503}, id="last")
    call = asked(frozen, "GET", "/objectstore/store/key")
    assert (call.faults, call.status) == (("first", "last"), 503)


def test_an_error_after_the_work_is_what_the_client_saw(frozen: Emulator) -> None:
    frozen.faults.add({"type": "status", "status": 500, "after_work": True})
    call = asked(frozen, "PUT", "/objectstore/store/new", b"x")
    assert (call.status, call.outcome) == (500, "internal_error")
    frozen.faults.clear()
    assert client(frozen).get("store", "new").body == b"x"


def test_the_headers_are_those_of_the_request_in_their_order(frozen: Emulator) -> None:
    fields = [
        ("Host", "localhost"),
        ("mo-meta-B", "2"),
        ("Authorization", frozen.api_key()),
        ("mo-meta-a", "1"),
        ("X-UPPER", "gr\xfc\xdfe".encode().decode("latin-1")),
        ("mo-meta-a", "once more"),
        ("Content-Length", "1"),
    ]
    with wire(frozen) as connection:
        connection.send_head("PUT", "/objectstore/store/new", fields)
        connection.send(b"x")
        assert connection.answer().status == 204

    assert frozen.journal.last().request_headers == (
        ("Host", "localhost"),
        ("mo-meta-B", "2"),
        ("Authorization", "[redacted]"),
        ("mo-meta-a", "1"),
        ("X-UPPER", "grüße"),
        ("mo-meta-a", "once more"),
        ("Content-Length", "1"),
    )


@pytest.mark.parametrize("path", ["/objectstore/store/key", "/objectstore/store/large", "/no"])
def test_the_headers_are_those_of_the_answer(frozen: Emulator, path: str) -> None:
    client(frozen).put("store", "large", bytes(9 * MIB), metadata={"colour": "blue"})
    answer = client(frozen).call("GET", path)
    assert frozen.journal.last().response_headers == tuple(answer.headers.items())


@pytest.mark.parametrize("size", [8 * MIB, 8 * MIB + 1, 20 * MIB])
def test_a_body_that_is_streamed_is_counted_to_its_end(frozen: Emulator, size: int) -> None:
    client(frozen).put("store", "large", bytes(size))
    call = asked(frozen, "GET", "/objectstore/store/large")
    assert (call.response_size, call.complete, call.running) == (size, True, False)


def test_keys_with_the_same_role_are_told_apart(frozen: Emulator) -> None:
    keys = [frozen.create_api_key("viewer"), frozen.create_api_key("viewer", v1=True)]
    ids = []
    for key in keys:
        assert Client(frozen.endpoint, key).get("store", "key").status == 200
        ids.append(frozen.journal.last().key_id)
    assert len(set(ids)) == 2
    assert None not in ids


def test_a_call_in_one_line_says_the_important(frozen: Emulator) -> None:
    frozen.faults.add("cache_down", id="slow-cache")
    line = str(asked(frozen, "GET", "/objectstore/store/key"))
    assert "\n" not in line
    for part in ("#1", "GetObject", "/objectstore/store/key", "200", "storage_hit", "Owner"):
        assert part in line
    assert "slow-cache" in line
    assert "5 B out" in line


def test_a_call_does_not_change_afterwards(frozen: Emulator) -> None:
    call = asked(frozen, "GET", "/objectstore/store/key")
    document = call.document()
    client(frozen).put("store", "key", b"other")
    frozen.reset()
    assert call.document() == document
    with pytest.raises(AttributeError):
        call.status = 500  # type: ignore[misc]


def test_the_document_of_a_call_has_milliseconds_and_instants_in_text(frozen: Emulator) -> None:
    frozen.clock.advance(1.5)
    call = asked(frozen, "GET", "/objectstore/store/key")
    document = call.document()
    assert document["time"] == "2033-05-18T03:33:21.500000Z"
    assert document["object_age_ms"] == 1500
    assert call.duration is not None
    assert document["duration_ms"] == call.duration / 1000
    assert document["request_headers"] == [list(pair) for pair in call.request_headers]
    assert set(document) == {
        "number", "time", "operation", "method", "target", "store", "key", "key_id", "role",
        "role_name", "address", "status", "outcome", "complete", "running", "request_size",
        "response_size",
        "object_age_ms", "first_byte_ms", "duration_ms", "faults", "request_headers",
        "response_headers", "request_headers_cut", "message", "hints",
    }  # fmt: skip


def test_an_answer_by_either_engine_of_the_cache_is_told_alike(start: Start) -> None:
    emulator = start(cache="fakeredis")
    create_store(client(emulator), "store")
    client(emulator).put("store", "key", b"hello")
    call = asked(emulator, "GET", "/objectstore/store/key")
    assert (call.outcome, call.response_size) == ("cache_hit", 5)


def test_a_request_to_an_emulator_of_another_account_is_by_nobody(
    frozen: Emulator, start: Start
) -> None:
    stranger = start().create_token(EVERYTHING)
    assert Client(frozen.endpoint, stranger).get("store", "key").status == 401
    assert "nobody known" in str(frozen.journal.last())
