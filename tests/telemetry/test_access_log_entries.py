"""What an entry of the access log says of each operation, member by member."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.core.outcome import Outcome
from tests.suites import examples
from tests.support.client import Answer, Client, store_configuration
from tests.support.connections import Upload

from .stores import (
    AGE,
    CASES,
    GROUP,
    INSTANT,
    MICROSECONDS,
    Case,
    access_logging,
    configure,
    delete,
    get,
    limited,
    metrics,
    observed,
    path,
    put,
)

pytestmark = pytest.mark.proves("Access log entry")


def entries(emulator: Emulator) -> list[dict[str, Any]]:
    return emulator.access_logs.entries(GROUP)


def only_entry(emulator: Emulator) -> dict[str, Any]:
    (entry,) = entries(emulator)
    return entry


@pytest.mark.proves("D103")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_an_entry_has_the_documented_members_and_no_others(
    emulator: Emulator, media: Client, case: Case
) -> None:
    case.prepare(emulator, media)
    emulator.access_logs.clear()
    now = emulator.clock.now()
    answer = case.request(emulator, media)
    assert answer.status == case.http_status
    entry = only_entry(emulator)
    assert entry == {
        "timestamp": now // 1000,
        "operation": case.operation,
        "key": "key",
        "store": "media",
        "status": case.outcome,
        "http_status_code": case.http_status,
        "total_time_us": 0,
        "request_id": answer.headers["mo-request-id"],
        **case.more,
    }
    assert {name: type(value) for name, value in entry.items() if type(value) is not str} == {
        name: int
        for name in (*("timestamp", "size", "http_status_code", "object_age_us", "total_time_us"),)
        if name in entry
    }


def test_every_documented_status_has_a_case() -> None:
    assert {case.outcome for case in CASES.values()} == {str(outcome) for outcome in Outcome}


def test_the_timestamp_is_when_the_request_came(emulator: Emulator, media: Client) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS + 123_999)
    get(media)
    assert only_entry(emulator)["timestamp"] == INSTANT * 1000 + 123


def test_the_total_time_is_that_of_the_service(emulator: Emulator, media: Client) -> None:
    emulator.clock.release()
    emulator.faults.add({"type": "latency", "seconds": 0.03})
    get(media)
    assert 30_000 <= only_entry(emulator)["total_time_us"] < 20_000_000


@pytest.mark.proves("D103")
@pytest.mark.parametrize("size", [4, None], ids=["declared", "chunked"])
@pytest.mark.parametrize("headers", [{}, {"mo-persistence": "ephemeral"}], ids=str)
def test_the_total_time_is_without_that_for_which_the_client_lets_the_service_wait(
    emulator: Emulator, media: Client, size: int | None, headers: dict[str, str]
) -> None:
    with Upload(media, "media", "key", size=size, headers=headers) as upload:
        emulator.clock.advance(AGE)
        upload.send(b"1234")
        assert upload.finish() == 204
    assert only_entry(emulator)["total_time_us"] == 0
    assert emulator.metrics.sum("Latency", Api="PutObject") == 0


@pytest.mark.proves("D103")
def test_the_total_time_of_an_upload_has_that_of_the_work(
    emulator: Emulator, media: Client
) -> None:
    emulator.clock.release()
    emulator.faults.add({"type": "latency", "seconds": 0.03})
    with Upload(media, "media", "key", size=2) as upload:
        emulator.clock.advance(AGE)
        upload.send(b"12")
        assert upload.finish() == 204
    assert 30_000 <= only_entry(emulator)["total_time_us"] < AGE * MICROSECONDS


def test_a_clock_that_is_put_back_makes_no_negative_age(emulator: Emulator, media: Client) -> None:
    put(media)
    emulator.clock.set((INSTANT - 5) * MICROSECONDS)
    get(media)
    assert entries(emulator)[-1]["object_age_us"] == 0


@pytest.mark.parametrize("key", ["a/b", "é ü", "a%2Fb", "?&#=+", "..", '"\\', "\u2028\n\t", "😀"])
@pytest.mark.parametrize("may", [True, False], ids=["allowed", "refused"])
def test_a_key_is_written_as_it_is_and_not_percent_encoded(
    emulator: Emulator, media: Client, key: str, may: bool
) -> None:
    client = media if may else Client(emulator.endpoint)
    assert put(client, key).status == (204 if may else 401)
    assert only_entry(emulator)["key"] == key


@pytest.mark.parametrize("role", [None, "viewer"], ids=["401", "403"])
def test_a_refused_operation_is_logged_under_the_name_that_its_path_encodes(
    emulator: Emulator, media: Client, role: str | None
) -> None:
    del media
    client = Client(emulator.endpoint, role and emulator.api_key(role))
    answer = client.call("PUT", "/objectstore/%6Dedia/live%2F1%20%25.ts", b"")
    assert answer.status == (403 if role else 401)
    entry = only_entry(emulator)
    assert (entry["store"], entry["key"]) == ("media", "live/1 %.ts")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("%ZZ%20", "%ZZ "),
        ("%FF%20x", "� x"),
        ("%00x%2F", "\0x/"),
        ("k" * 1030 + "%20", "k" * 1030 + " "),
        ("", ""),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["400", "401"])
def test_a_key_that_is_none_is_logged_as_far_as_it_can_be_read(
    emulator: Emulator, media: Client, raw: str, shown: str, known: bool
) -> None:
    client = media if known else Client(emulator.endpoint)
    answer = client.call("PUT", f"/objectstore/media/{raw}", b"")
    assert answer.status == (400 if known else 401)
    entry = only_entry(emulator)
    assert (entry["key"], entry["status"]) == (shown, "bad_request" if known else "authz_error")


@given(key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_key_is_its_entry_is_one_line_of_json(
    emulator: Emulator, media: Client, key: str
) -> None:
    emulator.access_logs.clear()
    media.call("GET", f"/objectstore/media/{quote(key, safe='')}")
    line = emulator.access_logs.to_json_lines(GROUP)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert json.loads(line) == only_entry(emulator)


def test_the_operations_of_a_story_are_entries_in_their_order(
    emulator: Emulator, media: Client
) -> None:
    answers = [put(media), get(media), delete(media), get(media), media.call("HEAD", path("key"))]
    logged = entries(emulator)
    assert [(each["operation"], each["status"]) for each in logged] == [
        ("put_object", "ok"),
        ("get_object", "cache_hit"),
        ("delete_object", "ok"),
        ("get_object", "miss"),
        ("get_object", "miss"),
    ]
    ids = [each["request_id"] for each in logged]
    assert ids == [answer.headers["mo-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)


def test_an_empty_object_has_a_size(emulator: Emulator, media: Client) -> None:
    media.call("PUT", path("key"), b"")
    get(media)
    assert [each["size"] for each in entries(emulator)] == [0, 0]


def test_a_large_object_is_logged_like_a_small_one(emulator: Emulator, media: Client) -> None:
    body = bytes(9 * 1024**2)
    assert media.call("PUT", path("key"), body).status == 204
    assert get(media).body == body
    assert [(each["status"], each["size"]) for each in entries(emulator)] == [
        ("ok", len(body)),
        ("storage_hit", len(body)),
    ]


def test_what_an_ephemeral_object_has_hidden_is_a_hit_of_storage(
    emulator: Emulator, media: Client
) -> None:
    put(media)
    put(media, mo_persistence="ephemeral", query="?ttl_seconds=5")
    emulator.clock.advance(AGE)
    get(media)
    entry = emulator.access_logs.last(GROUP)
    assert (entry["status"], entry["object_age_us"]) == ("storage_hit", AGE * MICROSECONDS)


def test_an_expired_ephemeral_object_is_an_expired_hit_of_the_cache(
    emulator: Emulator, media: Client
) -> None:
    put(media, mo_persistence="ephemeral", query="?ttl_seconds=5")
    emulator.clock.advance(AGE)
    assert get(media).status == 404
    entry = emulator.access_logs.last(GROUP)
    assert (entry["status"], entry["object_age_us"]) == ("cache_hit_expired", AGE * MICROSECONDS)


def test_a_body_that_ends_early_is_a_bad_request(emulator: Emulator, media: Client) -> None:
    with Upload(media, "media", "key", size=10) as upload:
        upload.send(b"12")
        upload.socket.shutdown(socket.SHUT_WR)
        upload.receive_to_end()
    entry = only_entry(emulator)
    assert (entry["status"], entry["http_status_code"]) == ("bad_request", 400)


@pytest.mark.proves("D103")
def test_an_unknown_store_has_no_log(emulator: Emulator, media: Client) -> None:
    for client in (media, Client(emulator.endpoint)):
        get(client, store="another")
        put(client, store="another")
        delete(client, store="another")
        client.call("GET", "/objectstore/no%20store/key")
    assert [each["count"] for each in emulator.access_logs.groups()] == [0]


def test_a_store_without_the_configuration_has_no_log(emulator: Emulator, media: Client) -> None:
    configure(media, "plain", **metrics())
    put(media, store="plain")
    get(Client(emulator.endpoint), store="plain")
    assert entries(emulator) == []


@pytest.mark.proves("D94")
def test_a_configuration_that_is_left_out_ends_the_log(emulator: Emulator, media: Client) -> None:
    put(media)
    document = {**store_configuration("media"), **metrics()}
    media.call(
        "PUT",
        "/objectstore/media",
        json.dumps(document).encode(),
        {"Content-Type": "application/json"},
    )
    put(media)
    assert [each["status"] for each in entries(emulator)] == ["ok"]


def test_a_store_that_gets_another_group_goes_on_there(emulator: Emulator, media: Client) -> None:
    put(media)
    configure(media, "media", **observed("another"))
    get(media)
    assert [each["operation"] for each in entries(emulator)] == ["put_object"]
    assert emulator.access_logs.last("another")["operation"] == "get_object"


def test_stores_may_share_a_group(emulator: Emulator, media: Client) -> None:
    configure(media, "other", **access_logging())
    put(media)
    put(media, store="other")
    assert [each["store"] for each in entries(emulator)] == ["media", "other"]


def test_what_is_no_operation_on_an_object_has_no_entry(emulator: Emulator, media: Client) -> None:
    for method, target in (
        ("OPTIONS", path("key")),
        ("POST", path("key")),
        ("PATCH", path("key")),
        ("GET", "/objectstore/media"),
        ("GET", "/objectstore"),
        ("GET", "/endpoints"),
        ("GET", "/nowhere"),
        ("GET", "/_emulator/objects/media"),
    ):
        media.call(method, target)
    assert entries(emulator) == []


@pytest.mark.proves("D103")
@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_a_fault_closes_has_no_entry(
    emulator: Emulator, media: Client, after_work: bool, reset: bool
) -> None:
    place = {"where": "before_answer", "after_work": after_work}
    with emulator.faults.add({"type": "close", "reset": reset, **place}):
        for request in (put, get, delete):
            with pytest.raises(Exception):  # noqa: B017, PT011  in whatever way it is noticed
                request(media)
    assert entries(emulator) == []
    assert emulator.metrics.all() == []


@pytest.mark.proves("D103")
def test_an_upload_that_a_fault_cuts_off_has_no_entry(emulator: Emulator, media: Client) -> None:
    emulator.faults.add({"type": "close", "where": "request_body", "after_bytes": 2})
    with pytest.raises(Exception):  # noqa: B017, PT011  in whatever way it is noticed
        put(media)
    assert entries(emulator) == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "bad_request"),
        (401, "authz_error"),
        (403, "authz_error"),
        (500, "internal_error"),
        (503, "internal_error"),
    ],
)
@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize("request_", [put, get, delete])
def test_an_error_that_a_fault_answers_is_what_the_entry_has(
    emulator: Emulator,
    media: Client,
    status: int,
    outcome: str,
    after_work: bool,
    request_: Any,
) -> None:
    emulator.tiers.put("media", "key", b"1")
    emulator.faults.add({"type": "status", "status": status, "after_work": after_work})
    answer: Answer = request_(media)
    entry = only_entry(emulator)
    assert (entry["http_status_code"], entry["status"]) == (answer.status, outcome)
    assert answer.status == status
    assert "size" not in entry
    assert emulator.metrics.sum("Requests", HttpStatusCode=status) == 1
    assert emulator.metrics.sum("Bytes") == 0


@pytest.mark.proves("D103")
@pytest.mark.parametrize("after_work", [False, True])
def test_a_404_that_a_fault_answers_is_a_miss_of_a_get_and_else_says_that_there_is_no_store(
    emulator: Emulator, media: Client, after_work: bool
) -> None:
    emulator.tiers.put("media", "key", b"1")
    emulator.faults.add({"type": "status", "status": 404, "after_work": after_work})
    assert [request(media).status for request in (put, delete, get)] == [404, 404, 404]
    entry = only_entry(emulator)
    assert (entry["operation"], entry["status"]) == ("get_object", "miss")
    results = emulator.metrics.all(HttpStatusCode=404)
    assert [each["dimensions"]["Result"] for each in results] == ["Miss"]
    assert emulator.metrics.sum("Requests", Api="PutObject") == 0


def test_what_is_throttled_is_logged_again_and_again(emulator: Emulator, media: Client) -> None:
    configure(media, "media", **limited(read_operations_per_second=1))
    statuses = [get(media).status for _ in range(4)]
    assert statuses == [404, 429, 429, 429]
    assert [each["status"] for each in entries(emulator)] == [
        "miss", *["operations_rate_limited"] * 3,
    ]  # fmt: skip
