"""The journal has every request to the service, whole, in order, and at once."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from http.client import HTTPException

import pytest

from emulator import Emulator
from emulator.config.options import OPTIONS
from tests.support.client import JSON, Client
from tests.support.connections import Download, Upload
from tests.support.emulators import Start, client, control, wire
from tests.support.raw_client import Client as RawClient

from .clients import EVERYTHING, post

MIB = 1024 * 1024
NEW_KEY = {"role_id": "viewer", "description": "", "expiry": "never"}


def test_an_emulator_that_nobody_has_asked_has_an_empty_journal(emulator: Emulator) -> None:
    assert emulator.journal.calls() == []
    assert len(emulator.journal) == 0
    assert list(emulator.journal) == []
    assert emulator.journal.dropped == 0
    assert bool(emulator.journal)


def test_the_journal_has_every_request_to_the_service_in_the_order_of_arrival(
    emulator: Emulator,
) -> None:
    owner = client(emulator)
    store = {
        "storage_config": {
            "s3": {"bucket_name": "b", "iam_role_arn": "arn:aws:iam::123456789012:role/r"}
        },
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
    }
    role = {"role_name": "mine", "permissions": EVERYTHING}
    member = {"user_name": "a@example.com"}
    seen: list[tuple[str | None, str, str, int]] = []

    def ask(operation: str | None, method: str, path: str, document: object = None) -> object:
        body = None if document is None else json.dumps(document).encode()
        answer = owner.call(method, path, body, {} if body is None else JSON)
        seen.append((operation, method, path, answer.status))
        return answer.json() if method != "HEAD" and answer.body else None

    ask("CreateOrUpdateObjectStore", "PUT", "/objectstore/s", store)
    ask("DescribeObjectStore", "GET", "/objectstore/s")
    ask("DescribeObjectStore", "HEAD", "/objectstore/s")
    ask("ListObjectStores", "GET", "/objectstore")
    ask("PutObject", "PUT", "/objectstore/s/k?ttl_seconds=9", "body")
    ask("GetObject", "GET", "/objectstore/s/k")
    ask("GetObject", "HEAD", "/objectstore/s/k")
    ask("GetObject", "GET", "/objectstore/s/%")
    made = ask("CreateApiKey", "POST", "/api-keys", NEW_KEY)
    assert isinstance(made, dict)
    ask("ListApiKeys", "GET", "/api-keys?limit=2")
    ask("RevokeApiKey", "DELETE", f"/api-keys/{made['key_info']['key_id']}")
    created = ask("CreateRole", "POST", "/roles", role)
    assert isinstance(created, dict)
    ask("ListRoles", "GET", "/roles")
    ask("ReplaceRole", "PUT", f"/roles/{created['role_id']}", {**role, "role_name": "ours"})
    ask("DeleteRole", "DELETE", f"/roles/{created['role_id']}")
    ask("CreateApiKeyOfEitherVersion", "POST", "/_emulator/api-keys", {"role": "viewer"})
    token = {"permissions": EVERYTHING, "expires_in_seconds": 60}
    ask("CreateDisposableToken", "POST", "/_emulator/tokens", token)
    ask("ListMembers", "GET", "/_emulator/account/members")
    invited = ask("InviteMember", "POST", "/_emulator/account/invitations", member)
    assert isinstance(invited, dict)
    ask("ListInvitations", "GET", "/_emulator/account/invitations")
    accept = {"invitation_id": invited["id"]}
    ask("AcceptInvitation", "POST", "/_emulator/account/members", accept)
    ask("ChangeMember", "PUT", "/_emulator/account/members/a@example.com", {"role_id": "owner"})
    ask("RemoveMember", "DELETE", "/_emulator/account/members/a@example.com")
    ask("RevokeInvitation", "DELETE", "/_emulator/account/invitations/none")
    ask("DeleteObjectStore", "DELETE", "/objectstore/s")
    ask(None, "GET", "/nowhere")
    ask(None, "POST", "/objectstore/s/k")
    ask(None, "PATCH", "/objectstore")

    calls = emulator.journal.calls()
    assert [(c.operation, c.method, c.target, c.status) for c in calls] == seen
    assert [call.number for call in calls] == list(range(1, len(seen) + 1))
    statuses = {status for *_, status in seen}
    assert statuses == {200, 201, 204, 400, 404, 405}


KEYS = {"none": None, "malformed": "no key", "unknown": "eyJhbGciOiJub25lIn0.eyJqdGkiOiJ4In0.c2ln"}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_the_journal_has_a_request_that_is_not_let_in_without_a_caller(
    stocked: Emulator, key: str | None
) -> None:
    assert Client(stocked.endpoint, key).get("store", "key").status == 401

    (call,) = stocked.journal
    assert (call.operation, call.status, call.outcome) == ("GetObject", 401, "authz_error")
    assert (call.key_id, call.role) == (None, None)


CONTROL_REQUESTS = [
    ("GET", "/health", None),
    ("HEAD", "/health", None),
    ("GET", "/clock", None),
    ("POST", "/clock/freeze", {}),
    ("POST", "/clock/set", {"at": 5}),
    ("POST", "/clock/advance", {"seconds": 5}),
    ("POST", "/clock/release", {}),
    ("GET", "/journal", None),
    ("GET", "/journal?format=har", None),
    ("POST", "/journal/assert", {"times": 0}),
    ("GET", "/faults", None),
    ("POST", "/faults", {"effect": "latency"}),
    ("POST", "/faults", {"id": "f", "store": "x", "effect": {"type": "status", "status": 429}}),
    ("GET", "/faults/f", None),
    ("DELETE", "/faults/f", None),
    ("DELETE", "/faults", None),
    ("GET", "/checkpoints", None),
    ("PUT", "/checkpoints/c", None),
    ("POST", "/checkpoints/c", None),
    ("DELETE", "/checkpoints/c", None),
    ("GET", "/state", None),
    ("PUT", "/state", {}),
    ("GET", "/objects/store", None),
    ("PUT", "/objects/store/new", {"text": "body"}),
    ("DELETE", "/objects/store/new", None),
    ("GET", "/counts", None),
    ("POST", "/flush", {"cluster": "cluster-of-store"}),
]


def test_the_journal_has_nothing_of_what_a_test_asks_at_control_doors(stocked: Emulator) -> None:
    for method, path, document in CONTROL_REQUESTS:
        assert control(stocked, method, path, document).status < 500
    assert stocked.journal.calls() == []
    assert stocked.journal.dropped == 0


SIZES = [0, 1, 70_000, 5 * MIB, 9 * MIB, 20 * MIB]


@pytest.mark.parametrize("size", SIZES)
def test_a_call_is_there_and_final_once_the_client_has_the_whole_answer(
    stocked: Emulator, size: int
) -> None:
    owner, body = client(stocked), bytes(size)
    for number in range(4 if size > MIB else 60):
        key = f"key-{number}"
        assert owner.put("store", key, body).status == 204
        put = stocked.journal.last()
        assert len(owner.get("store", key).body) == size
        got = stocked.journal.last()
        for call in (put, got):
            assert (call.key, call.complete, call.running) == (key, True, False)
            assert call.duration is not None
        assert (put.method, put.status, put.request_size, put.response_size) == (
            "PUT", 204, size, 0,
        )  # fmt: skip
        assert (got.method, got.status, got.request_size, got.response_size) == (
            "GET", 200, 0, size,
        )  # fmt: skip


@pytest.mark.parametrize("size", [10, 20 * MIB])
def test_a_call_is_final_over_http_too_once_the_client_has_the_whole_answer(
    stocked: Emulator, size: int
) -> None:
    owner = client(stocked)
    owner.put("store", "large", bytes(size))
    with closing(owner.connect()) as connection, closing(owner.connect()) as endpoint:
        for count in range(1, 9):
            assert len(owner.get("store", "large", over=connection).body) == size
            answer = owner.call("GET", "/_emulator/journal?operation=GetObject", over=endpoint)
            calls = answer.json()["calls"]
            assert len(calls) == count
            assert all(call["complete"] and not call["running"] for call in calls)
            assert [call["response_size"] for call in calls] == [size] * count


def test_requests_in_a_row_on_one_connection_are_calls_of_their_own(stocked: Emulator) -> None:
    with wire(stocked) as connection:
        fields = [("Host", "localhost"), ("Authorization", stocked.api_key())]
        for key in ("key", "other", "key"):
            connection.send_head("GET", f"/objectstore/store/{key}", fields)
        assert [connection.answer().status for _ in range(3)] == [200, 404, 200]
    assert [(c.key, c.status) for c in stocked.journal] == [
        ("key", 200),
        ("other", 404),
        ("key", 200),
    ]


def test_of_many_clients_at_once_no_request_is_lost(stocked: Emulator) -> None:
    def ask(number: int) -> None:
        owner = client(stocked)
        with closing(owner.connect()) as connection:
            for count in range(50):
                owner.get("store", f"{number}-{count}", over=connection)

    clients = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()

    calls = stocked.journal.calls()
    assert {call.key for call in calls} == {f"{n}-{c}" for n in range(4) for c in range(50)}
    for number in range(4):
        own = [call.key for call in calls if call.key.startswith(f"{number}-")]
        assert own == [f"{number}-{count}" for count in range(50)]
    assert [call.number for call in calls] == list(range(1, 201))


def test_a_request_whose_body_is_still_to_come_is_running(stocked: Emulator) -> None:
    with Upload(client(stocked), "store", "slow", size=5) as upload:
        (call,) = stocked.journal
        assert (call.operation, call.store, call.key) == ("PutObject", "store", "slow")
        assert (call.running, call.complete) == (True, False)
        assert (call.status, call.outcome, call.duration, call.first_byte_time) == (None,) * 4
        assert call.role == "owner"
        assert "running" in str(call)
        assert stocked.journal.calls(running=False) == []

        upload.send(b"hello")
        assert upload.finish() == 204
        (call,) = stocked.journal
        assert (call.running, call.complete, call.status) == (False, True, 204)
        assert call.request_size == 5


def test_an_answer_that_the_client_is_slow_to_read_is_running(stocked: Emulator) -> None:
    owner = client(stocked)
    owner.put("store", "large", bytes(20 * MIB))
    with Download(owner, "store", "large"):
        call = stocked.journal.last()
        assert (call.running, call.complete, call.status) == (True, False, 200)
        assert call.first_byte_time is not None
        assert call.duration is None
        assert 0 <= call.response_size < 20 * MIB


def test_a_request_that_came_first_stays_first_whenever_it_ends(stocked: Emulator) -> None:
    with Upload(client(stocked), "store", "slow", size=1) as upload:
        client(stocked).get("store", "key")
        upload.send(b"x")
        upload.finish()
    assert [call.key for call in stocked.journal] == ["slow", "key"]


def test_a_client_that_hangs_up_during_the_answer_leaves_a_call_that_is_not_complete(
    stocked: Emulator,
) -> None:
    owner = client(stocked)
    owner.put("store", "large", bytes(20 * MIB))
    with Download(owner, "store", "large"):
        pass
    stocked.checkpoint("quiet")

    call = stocked.journal.last()
    assert (call.running, call.complete, call.status) == (False, False, 200)
    assert call.response_size < 20 * MIB
    assert call.duration is not None
    assert f": {call.status} {call.outcome}, not complete, " in str(call)


@pytest.mark.parametrize("way", ["closed", "reset"])
def test_a_client_that_hangs_up_during_its_body_leaves_a_call_that_is_not_complete(
    stocked: Emulator, way: str
) -> None:
    with wire(stocked) as connection:
        fields = [
            ("Host", "localhost"),
            ("Authorization", stocked.api_key()),
            ("Expect", "100-continue"),
            ("Content-Length", "100"),
        ]
        connection.send_head("PUT", "/objectstore/store/cut", fields)
        assert connection.answer().status == 100
        connection.send(b"hello")
        if way == "reset":
            connection.reset()
    stocked.checkpoint("quiet")

    call = stocked.journal.last()
    assert (call.operation, call.key) == ("PutObject", "cut")
    assert (call.running, call.complete) == (False, False)
    assert call.request_size <= 5
    assert client(stocked).get("store", "cut").status == 404


def test_a_request_that_a_fault_leaves_without_an_answer_has_no_status(stocked: Emulator) -> None:
    rule = stocked.faults.add("close", operation="GetObject")
    with pytest.raises((HTTPException, OSError)):
        client(stocked).get("store", "key")

    call = stocked.journal.last()
    assert (call.running, call.complete, call.status) == (False, False, None)
    assert call.faults == (rule.id,)
    assert (call.response_size, call.response_headers) == (0, ())
    assert call.first_byte_time is None
    assert "no answer" in str(call)


def test_an_answer_that_a_fault_cuts_short_is_not_complete(stocked: Emulator) -> None:
    stocked.faults.add({"type": "truncate", "after_bytes": 2}, operation="GetObject")
    with pytest.raises((HTTPException, OSError)):
        client(stocked).get("store", "key")

    call = stocked.journal.last()
    assert (call.running, call.complete, call.status) == (False, False, 200)
    assert call.response_size == 2


def test_a_journal_keeps_the_last_requests_and_counts_those_that_it_drops(start: Start) -> None:
    emulator = start(journal_size=3)
    for number in range(5):
        client(emulator).get("store", f"{number}")

    assert [(c.number, c.key) for c in emulator.journal] == [(3, "2"), (4, "3"), (5, "4")]
    assert emulator.journal.dropped == 2
    assert control(emulator, "GET", "/journal").json()["dropped"] == 2

    emulator.journal.clear()
    client(emulator).get("store", "5")
    assert [(c.number, c.key) for c in emulator.journal] == [(1, "5")]
    assert emulator.journal.dropped == 0


def test_a_journal_of_no_size_keeps_nothing_and_counts(start: Start) -> None:
    emulator = start(journal_size=0)
    for _ in range(3):
        assert client(emulator).list_stores().status == 200
    assert emulator.journal.calls() == []
    assert emulator.journal.dropped == 3
    with pytest.raises(LookupError):
        emulator.journal.last()


def test_a_journal_keeps_ten_thousand_requests_by_default() -> None:
    assert {option.name: option.default for option in OPTIONS}["journal_size"] == 10_000
    assert Emulator().config.journal_size == 10_000


def test_a_running_request_may_be_dropped_and_ends_well(start: Start) -> None:
    emulator = start(journal_size=1)
    owner = client(emulator)
    owner.create_store("store")
    with Upload(owner, "store", "slow", size=1) as upload:
        owner.list_stores()
        upload.send(b"x")
        assert upload.finish() == 204
    assert [call.operation for call in emulator.journal] == ["ListObjectStores"]


@pytest.mark.parametrize("way", ["handle", "endpoint", "reset", "reset endpoint"])
def test_a_journal_can_be_emptied(stocked: Emulator, way: str) -> None:
    client(stocked).list_stores()
    if way == "handle":
        stocked.journal.clear()
    elif way == "endpoint":
        assert control(stocked, "DELETE", "/journal").status == 200
    elif way == "reset":
        stocked.reset()
    else:
        assert control(stocked, "POST", "/reset").status == 200
    assert stocked.journal.calls() == []

    client(stocked).list_stores()
    assert [call.number for call in stocked.journal] == [1]


def test_a_request_that_runs_while_the_journal_is_emptied_does_not_come_back(
    stocked: Emulator,
) -> None:
    with Upload(client(stocked), "store", "slow", size=1) as upload:
        stocked.journal.clear()
        upload.send(b"x")
        assert upload.finish() == 204
    assert stocked.journal.calls() == []


def test_a_journal_says_over_http_what_it_says_in_the_process(stocked: Emulator) -> None:
    client(stocked).get("store", "key")
    client(stocked).get("store", "none")
    calls = [call.document() for call in stocked.journal]
    assert control(stocked, "GET", "/journal").json() == {
        "calls": calls,
        "count": 2,
        "dropped": 0,
    }


def test_each_emulator_has_a_journal_of_its_own(start: Start) -> None:
    one, other = start(), start()
    client(one).list_stores()
    assert (len(one.journal), len(other.journal)) == (1, 0)


def test_a_disposable_token_is_a_caller_without_a_role(stocked: Emulator) -> None:
    token = stocked.create_token(EVERYTHING)
    assert Client(stocked.endpoint, token).get("store", "key").status == 200
    call = stocked.journal.last()
    assert call.role is None
    assert call.key_id


def test_a_key_of_a_custom_role_is_known_by_its_id_and_the_roles(stocked: Emulator) -> None:
    role_id = stocked.create_role("mine", EVERYTHING)
    made = post(client(stocked), "/api-keys", {**NEW_KEY, "role_id": role_id})
    assert Client(stocked.endpoint, made["api_key"]).get("store", "key").status == 200
    call = stocked.journal.last()
    assert (call.role, call.key_id) == (role_id, made["key_info"]["key_id"])


def test_a_caller_who_may_not_is_known_all_the_same(stocked: Emulator) -> None:
    assert client(stocked, "viewer").put("store", "key", b"").status == 403
    call = stocked.journal.last()
    assert (call.role, call.outcome, call.status) == ("viewer", "authz_error", 403)


def test_the_same_request_in_chunks_counts_its_bytes_without_their_frame(
    stocked: Emulator,
) -> None:
    raw = RawClient(stocked.endpoint, stocked.api_key())
    assert raw.put("/objectstore/store/chunks", iter([b"ab", b"cde"])).status == 204
    assert stocked.journal.last().request_size == 5
