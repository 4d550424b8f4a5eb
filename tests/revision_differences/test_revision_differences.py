"""Recorded calls under another revision: what the recording alone tells."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.revisions import FEATURES, FIRST, Feature, Revision, latest, revision_of
from emulator.revision_differences.comparison import Comparison, compare
from emulator.revision_differences.feature_rules import FEATURE_RULES
from emulator.revision_differences.journal_file import JournalFileError, read_journal
from emulator.revision_differences.recorded import RecordedCall
from tests.suites import examples

LATEST = latest()
START = 1_893_456_000 * 1_000_000
OBJECT = "/objectstore/media/live/1.ts"
KEY = (("authorization", "[redacted]"),)
SECOND = 1_000_000


def call(
    method: str, target: str = OBJECT, status: int | None = 204, **members: Any
) -> RecordedCall:
    """A call of somebody with a key, which took no time."""
    headers = (*KEY, *members.pop("headers", ()))
    given = {"number": 1, "time": START, **members}
    return RecordedCall(
        method=method, target=target, status=status, request_headers=headers, **given
    )


def compared(*calls: RecordedCall, before: Revision = FIRST, after: Revision = LATEST) -> list[Any]:
    """The statuses that each call could have: of those without a difference, the recorded one."""
    found = {
        id(difference.call): difference.statuses
        for difference in compare(calls, before, after).differences
    }
    return [found.get(id(each), (each.status,)) for each in calls]


def why(comparison: Comparison) -> list[tuple[Feature, str]]:
    return [
        (reason.feature, reason.text) for each in comparison.differences for reason in each.reasons
    ]


def test_each_feature_has_a_rule() -> None:
    assert set(FEATURE_RULES) == set(Feature) == {row.feature for row in FEATURES}


@pytest.mark.parametrize("feature", Feature)
def test_a_rule_has_an_effect_or_headers_or_says_why_it_is_unseen(feature: Feature) -> None:
    touch = FEATURE_RULES[feature]
    assert touch.effect or touch.headers or touch.unseen
    assert bool(touch.headers) is bool(touch.named)


@pytest.mark.parametrize(
    ("target", "method", "older", "newer"),
    [
        (OBJECT, "OPTIONS", 405, 204),
        ("/endpoints", "GET", 404, 200),
        ("/endpoints", "HEAD", 404, 200),
        ("/endpoints", "POST", 404, 405),
        ("/objectstore/media", "DELETE", 200, 204),
    ],
)
def test_what_only_one_revision_does_changes_its_status_in_both_directions(
    target: str, method: str, older: int, newer: int
) -> None:
    assert compared(call(method, target, older)) == [(newer,)]
    assert compared(call(method, target, newer), before=LATEST, after=FIRST) == [(older,)]


@pytest.mark.parametrize("status", [200, 204, 401, 403, 404, 405, 429, 500])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH"])
def test_roles_and_keys_are_the_same_in_all_revisions(method: str, status: int) -> None:
    for target in ("/roles", "/api-keys", "/api-keys/x", "/nowhere", ""):
        assert compared(call(method, target, status)) == [(status,)]


def test_a_deletion_without_a_key_is_401() -> None:
    anonymous = RecordedCall(1, "DELETE", OBJECT, 405, request_headers=(("host", "x"),))
    assert compared(anonymous) == [(401,)]
    nobody_knows = RecordedCall(1, "DELETE", OBJECT, 405)
    assert compared(nobody_knows) == [(204, 401, 403, 404)]
    endpoints = RecordedCall(1, "GET", "/endpoints", 404, request_headers=(("host", "x"),))
    assert compared(endpoints) == [(401,)]


def test_a_deletion_is_405_in_the_first_revision() -> None:
    assert compared(call("DELETE"), before=LATEST, after=FIRST) == [(405,)]


def test_a_405_does_not_say_whether_its_key_may_delete_or_the_store_is_there() -> None:
    deletion = call("DELETE", OBJECT, 405)
    there = call("GET", "/objectstore/media", 200)
    assert compared(deletion) == [(204, 401, 403, 404)]
    assert compared(there, deletion)[1] == (204, 401, 403)
    ((_, unseen),) = why(compare([deletion], FIRST, LATEST))
    assert "404 if the store does not exist" in unseen
    assert "401 or 403 if its key may not write" in unseen
    *_, (_, seen) = why(compare([there, deletion], FIRST, LATEST))
    assert "404" not in seen
    assert "401 or 403" in seen


def test_a_deletion_needs_a_valid_key_and_an_existing_store() -> None:
    assert compared(call("DELETE", "/objectstore/media/", 405)) == [(400, 401)]
    assert compared(call("DELETE", "/objectstore/me%20dia/x", 405)) == [(400, 401)]
    absent = call("DELETE", "/objectstore/media", 404)
    assert compared(absent, call("DELETE", OBJECT, 405))[1] == (404, 401, 403)
    assert compared(call("DELETE", OBJECT, 405), absent)[0] == (404, 401, 403)
    created = call("PUT", "/objectstore/media", 201)
    deleted = call("DELETE", "/objectstore/media", 200)
    assert compared(created, deleted, call("DELETE", OBJECT, 405))[2] == (404, 401, 403)
    assert compared(deleted, created, call("DELETE", OBJECT, 405))[2] == (204, 401, 403)
    assert compared(call("DELETE", OBJECT, 405), created)[0] == (404, 401, 403)
    assert compared(call("DELETE", OBJECT, 405), deleted)[0] == (204, 401, 403)


@pytest.mark.parametrize(
    ("method", "status", "name", "value", "reason"),
    [
        ("PUT", 204, "mo-tag-aws:x", "y", "aws:"),
        ("PUT", 204, "Mo-Tag-x", "a;b", "U+003B"),
        ("PUT", 204, "mo-tag-", "y", "empty"),
        ("PUT", 204, "mo-tag-x", "v" * 257, "256"),
        ("PUT", 204, "mo-persistence", "Ephemeral", "durable or ephemeral"),
        ("GET", 200, "read-concern", "strong", "balanced or consistent"),
        ("GET", 404, "read-concern", "strong", "balanced or consistent"),
        ("HEAD", 200, "read-concern", "", "balanced or consistent"),
    ],
)
def test_a_wrong_parameter_that_was_ignored_is_400_with_the_message_of_the_service(
    method: str, status: int, name: str, value: str, reason: str
) -> None:
    outcome = "miss" if status == 404 else None
    found = compare(
        [call(method, status=status, outcome=outcome, headers=[(name, value)])], FIRST, LATEST
    )
    (difference,) = found.differences
    assert difference.statuses == (400,)
    ((_, text),) = why(found)
    assert reason in text
    let_in = (204,) if method == "PUT" else (200, 404)
    refused = call(method, status=400, outcome="bad_request", headers=[(name, value)])
    assert compared(refused, before=LATEST, after=FIRST) == [let_in]


def test_an_eleventh_tag_is_too_many() -> None:
    headers = [(f"mo-tag-{number}", "x") for number in range(11)]
    assert compared(call("PUT", headers=headers[:10])) == [(204,)]
    assert compared(call("PUT", headers=headers)) == [(400,)]


def test_tags_are_reported_where_they_are_kept() -> None:
    found = compare([call("PUT", headers=[("mo-tag-a", "1"), ("mo-tag-b", "")])], FIRST, LATEST)
    assert why(found) == [(Feature.TAGS, "the object has 2 tags in S3")]
    back = compare([call("PUT", headers=[("mo-tag-a", "1")])], LATEST, FIRST)
    assert why(back) == [(Feature.TAGS, "the object has none of its tags in S3")]
    ephemeral = [("mo-persistence", "ephemeral"), ("mo-tag-a", "1")]
    found = compare([call("PUT", headers=ephemeral)], FIRST, LATEST)
    assert [feature for feature, _ in why(found)] == [Feature.EPHEMERAL_OBJECTS]


def test_a_call_that_every_revision_refuses_stays_refused() -> None:
    headers = [("mo-tag-aws:x", "y")]
    broken = call("PUT", f"{OBJECT}?ttl_seconds=0", 400, outcome="bad_request", headers=headers)
    assert compared(broken) == [(400,)]
    assert compared(broken, before=LATEST, after=FIRST) == [(400,)]
    assert compared(call("PUT", status=401, headers=headers)) == [(401,)]
    assert compared(call("PUT", status=404, outcome="bad_request", headers=headers)) == [(404,)]


@pytest.mark.parametrize(
    ("query", "seconds"), [("", 600), ("?ttl_seconds=60", 60), ("?ttl_seconds=3600", 600)]
)
def test_an_ephemeral_object_is_gone_after_its_ttl(query: str, seconds: int) -> None:
    headers = [("mo-persistence", "ephemeral")]
    end = START + seconds * SECOND
    is_cut = seconds == 600
    calls = [
        call("PUT", OBJECT + query, number=1, headers=headers),
        call("GET", OBJECT, 200, number=2, time=end - 1),
        call("GET", OBJECT, 200 if is_cut else 404, number=3, outcome="miss", time=end),
    ]
    nothing_before = call("GET", OBJECT, 404, outcome="miss")
    assert compared(nothing_before, *calls)[2:] == [(200,), (404,)]
    if is_cut:
        assert compared(*calls) == [(204,), (200,), (404, 200)]
    ((_, told), *_) = why(compare(calls, FIRST, LATEST))
    assert f"for {seconds} seconds" in told
    assert ("instead of 3600" in told) is ("3600" in query)


def test_a_get_at_the_very_end_of_a_ttl_may_be_200_or_404() -> None:
    headers = [("mo-persistence", "ephemeral")]
    nothing_before = call("GET", OBJECT, 404, outcome="miss")
    slow_put = call("PUT", time=START + 1, first_byte_time=1000, headers=headers)
    end = START + 1 + 600 * SECOND
    for at, expected in [(end - 1, (200,)), (end + 500, (404, 200)), (end + 1000, (404,))]:
        assert compared(nothing_before, slow_put, call("GET", OBJECT, 200, time=at))[2] == expected


def test_an_expired_ephemeral_object_reveals_the_durable_one() -> None:
    headers = [("mo-persistence", "ephemeral")]
    calls = [
        call("PUT", number=1),
        call("PUT", f"{OBJECT}?ttl_seconds=60", number=2, headers=headers),
        call("GET", OBJECT, 404, outcome="cache_hit_expired", time=START + 60 * SECOND),
    ]
    assert compared(*calls) == [(204,), (204,), (200,)]


def test_an_ephemeral_object_has_to_fit_in_the_cache() -> None:
    headers = [("mo-persistence", "ephemeral")]
    size = 8 * 1024**2
    assert compared(call("PUT", request_size=size, headers=headers)) == [(204,)]
    assert compared(call("PUT", request_size=size + 1, headers=headers)) == [(400,)]


def test_what_a_deletion_removes_is_not_found_later() -> None:
    calls = [
        call("PUT", number=1),
        call("DELETE", OBJECT, 405, number=2),
        call("GET", OBJECT, 200, number=3),
        call("PUT", number=4),
        call("GET", OBJECT, 200, number=5),
    ]
    assert compared(*calls) == [(204,), (204, 401, 403), (404, 200), (204,), (200,)]
    reasons = why(compare(calls, FIRST, LATEST))
    text = "perhaps the object does not exist: #2 would have been done"
    assert (Feature.DELETE_OBJECT, text) in reasons
    back = [
        call("PUT", number=1),
        call("DELETE", number=2),
        call("GET", OBJECT, 404, number=3, outcome="miss"),
    ]
    assert compared(*back, before=LATEST, after=FIRST) == [(204,), (405,), (200,)]


def test_what_a_refused_put_would_have_replaced_is_found_later() -> None:
    broken = [("mo-tag-aws:x", "y")]
    calls = [
        call("PUT", number=1),
        call("PUT", number=2, headers=broken),
        call("GET", OBJECT, 200, number=3),
    ]
    found = compare(calls, FIRST, LATEST)
    assert compared(*calls) == [(204,), (400,), (200,)]
    text = "the object is a different one: #2 would not have been done"
    assert why(found)[1] == (Feature.TAGS, text)
    never_seen = compared(calls[1], calls[2])
    assert never_seen == [(400,), (404, 200)]
    absent = call("GET", OBJECT, 404, outcome="miss")
    assert compared(absent, calls[1], calls[2]) == [(404,), (400,), (404,)]


def test_a_put_that_would_be_refused_has_that_reason_alone() -> None:
    headers = [("mo-persistence", "ephemeral"), ("mo-tag-a", "!")]
    found = compare([call("PUT", headers=headers)], FIRST, LATEST)
    assert [feature for feature, _ in why(found)] == [Feature.TAGS]


def test_a_redacted_tag_counts_as_valid() -> None:
    assert compared(call("PUT", headers=[("mo-tag-a", "[redacted]")])) == [(204,)]


def test_a_store_that_is_created_again_may_have_the_same_bucket() -> None:
    calls = [
        call("PUT", number=1),
        call("DELETE", OBJECT, 405, number=2),
        call("DELETE", "/objectstore/media", 200),
        call("PUT", "/objectstore/media", 201),
        call("GET", OBJECT, 200),
    ]
    assert compared(*calls)[-1] == (404, 200)
    assert compared(*calls[:-1], call("PUT"), calls[-1])[-1] == (200,)
    headers = [("mo-persistence", "ephemeral")]
    ephemeral = [
        call("GET", OBJECT, 404, outcome="miss"),
        call("PUT", headers=headers),
        *calls[2:],
    ]
    assert compared(*ephemeral)[-1] == (404, 200)


def test_the_descriptions_of_stores_have_their_limits() -> None:
    calls = [
        call("PUT", "/objectstore/media", 201),
        call("GET", "/objectstore/media", 200),
        call("GET", "/objectstore/media", 404),
        call("GET", "/objectstore", 200),
    ]
    assert [each.call for each in compare(calls, FIRST, LATEST).differences] == calls[:2]
    assert [each.call for each in compare(calls, LATEST, FIRST).differences] == calls[:2]
    ((_, text), _) = why(compare(calls, FIRST, LATEST))
    assert text == "the answer's body has object_store_limits"


def test_an_update_may_be_refused() -> None:
    assert compared(call("PUT", "/objectstore/media", 200)) == [(200, 400)]


def test_a_store_may_have_been_refused_for_what_is_ignored() -> None:
    refused = call("PUT", "/objectstore/media", 400, number=2)
    created = call("PUT", "/objectstore/media", 201, number=1)
    absent = call("GET", "/objectstore/media", 404)

    def back(*calls: RecordedCall) -> list[Any]:
        return compared(*calls, before=LATEST, after=FIRST)

    assert back(refused) == [(400, 201, 200)]
    assert back(created, refused)[1] == (400, 200)
    assert back(absent, refused)[1] == (400, 201)
    assert compared(refused) == [(400,)]
    assert back(call("PUT", "/objectstore/media", 400, faults=("broken",))) == [(400,)]

    members = {
        Feature.LIMITS: "object_store_limits",
        Feature.ACCESS_LOGS: "access_logging_config",
        Feature.METRICS: "metrics_config",
        Feature.CLUSTER_MUST_EXIST: "cluster",
        Feature.LOG_GROUP_MUST_EXIST: "log group",
    }
    alone = dict(why(compare([refused], LATEST, FIRST)))
    assert alone.keys() == members.keys()
    for feature, member in members.items():
        assert alone[feature].startswith("201 (200 if the store exists already) if it was")
        assert member in alone[feature]
    update = compare([created, refused], LATEST, FIRST).differences[1]
    assert Feature.IMMUTABLE_STORE_FIELDS in [reason.feature for reason in update.reasons]
    assert {reason.text[:13] for reason in update.reasons} == {"200 if it was"}


def test_what_was_refused_may_have_created_the_store() -> None:
    refused = call("PUT", "/objectstore/media", 400, number=2)
    created = call("PUT", "/objectstore/media", 201, number=3)
    updated = call("PUT", "/objectstore/media", 200)
    absent = call("GET", "/objectstore/media", 404)
    deleted = call("DELETE", "/objectstore/media", 404)

    def back(*calls: RecordedCall) -> list[Any]:
        return compared(*calls, before=LATEST, after=FIRST)

    assert back(refused, created) == [(400, 201), (201, 200)]
    told = why(compare([refused, created], LATEST, FIRST))
    assert (Feature.LIMITS, "200 if #2 created the store") in told
    assert back(refused, refused, created)[1:] == [(400, 201, 200), (201, 200)]
    assert back(refused, created, updated)[1:] == [(201, 200), (200,)]
    assert back(refused, absent, created)[1:] == [(404, 200), (201, 200)]
    assert back(refused, deleted, created)[1:] == [(404, 200), (201,)]
    assert back(updated, refused, updated) == [(200,), (400, 200), (200,)]
    gone = call("DELETE", "/objectstore/media", 204)
    assert back(updated, refused, gone, created)[3] == (201,)


@pytest.mark.proves("D26")
def test_the_hundred_and_first_operation_of_a_second_is_throttled() -> None:
    gets = [call("GET", OBJECT, 200, number=number) for number in range(1, 105)]
    later = call("GET", OBJECT, 200, number=105, time=START + 10_000)
    found = compared(*gets, later)
    assert found == [(200,)] * 100 + [(429,)] * 4 + [(200,)]
    puts = [call("PUT", number=number) for number in range(1, 102)]
    assert compared(*puts, *gets[:100])[100:] == [(429,)] + [(200,)] * 100
    other = call("GET", "/objectstore/other/x", 200)
    assert compared(*gets, other)[-1] == (200,)


@pytest.mark.proves("D26")
def test_bytes_are_charged_when_the_answer_begins() -> None:
    def sized(number: int, size: int, at: int, took: int = 0) -> RecordedCall:
        time = START + at
        return call("PUT", number=number, time=time, request_size=size, first_byte_time=took)

    mib = 1_048_576
    alone = [sized(1, 2 * mib, 0), sized(2, 1, SECOND - 1), sized(3, 1, SECOND + 1)]
    assert compared(*alone) == [(204,), (429,), (204,)]
    slow = [sized(1, 2 * mib, 0, 5 * SECOND), sized(2, 1, SECOND), sized(3, 1, 5 * SECOND + 1)]
    assert compared(*slow) == [(204,), (204,), (429,)]
    (_, text) = why(compare(alone, FIRST, LATEST))[0]
    assert text.startswith("Throughput rate exceeded.")


@pytest.mark.proves("D145")
def test_the_sixth_operation_of_a_second_on_credentials_is_throttled() -> None:
    paths = [
        "/api-keys",
        "/roles",
        "/roles/x",
        "/_emulator/api-keys",
        "/_emulator/tokens",
        "/roles",
    ]
    calls = [call("GET", path, 200, number=number) for number, path in enumerate(paths, start=1)]
    later = call("GET", "/roles", 200, number=7, time=START + SECOND // 5)
    assert compared(*calls, later) == [(200,)] * 5 + [(429,), (200,)]
    ((feature, text),) = why(compare(calls, FIRST, LATEST))
    assert (feature, text) == (Feature.AUTH_LIMIT, "Request rate exceeded.")


@pytest.mark.proves("D145")
@pytest.mark.parametrize("status", [401, 403, 405])
def test_an_operation_that_its_caller_may_not_do_takes_nothing(status: int) -> None:
    refused = [call("POST", "/roles", status, number=number) for number in range(1, 8)]
    calls = [call("GET", "/roles", 200, number=number) for number in range(8, 14)]
    members = [call("GET", "/_emulator/account/members", 200, number=14) for _ in range(7)]
    expected = [(status,)] * 7 + [(200,)] * 5 + [(429,)] + [(200,)] * 7
    assert compared(*refused, *calls, *members) == expected


@pytest.mark.proves("D145")
def test_what_was_throttled_on_credentials_is_let_in_where_there_is_no_limit() -> None:
    def back(**members: Any) -> list[Any]:
        throttled = call("GET", "/roles", 429, **members)
        return compared(throttled, before=LATEST, after=FIRST)

    assert back(outcome="operations_rate_limited") == [(200,)]
    assert back(outcome="bad_request") == [(429,)]  # The account has all the roles it may have.
    assert back(outcome="operations_rate_limited", faults=("rule",)) == [(429,)]


def test_a_deletion_takes_an_operation_and_no_bytes() -> None:
    large = call("PUT", number=1, request_size=9 * 1_048_576)
    deletions = [call("DELETE", OBJECT, 405, number=number) for number in range(2, 102)]
    found = compared(large, *deletions)
    assert found[1:] == [(204, 401, 403)] * 99 + [(429, 401, 403)]
    *_, last = compare([large, *deletions], FIRST, LATEST).differences
    assert [reason.feature for reason in last.reasons] == [Feature.DELETE_OBJECT, Feature.LIMITS]


def put_of(size: int, number: int) -> RecordedCall:
    return call("PUT", request_size=size, number=number)


def got(size: int, number: int, **members: Any) -> RecordedCall:
    return call("GET", OBJECT, 200, response_size=size, number=number, **members)


MIB = 1_048_576


@pytest.mark.proves("D26")
def test_a_read_is_charged_with_the_size_of_what_would_be_there() -> None:
    small, refused, large = put_of(2 * MIB, 1), put_of(10, 2), put_of(2 * MIB, 2)
    gets = [got(10, number, time=START) for number in (3, 4)]
    assert compared(small, refused, *gets) == [(204,), (429,), (200,), (429,)]
    first = call("PUT", f"{OBJECT}/x", request_size=MIB, number=0)
    tiny = put_of(10, 1)
    gets = [got(2 * MIB, number) for number in (3, 4)]
    assert compared(tiny, first, large, *gets) == [(204,), (204,), (429,), (200,), (200,)]
    seen = got(10, 1)
    assert compared(seen, first, large, *gets) == [(200,), (204,), (429,), (200,), (200,)]


@pytest.mark.proves("D26")
def test_a_read_of_an_object_of_an_unknown_size_may_throttle_the_next() -> None:
    first = call("PUT", f"{OBJECT}/x", request_size=MIB, number=0)
    never_seen = [first, put_of(2 * MIB, 2), got(2 * MIB, 3)]
    other = call("GET", f"{OBJECT}/x", 200, response_size=1, number=4)
    later = call("GET", f"{OBJECT}/x", 200, response_size=1, number=5, time=START + 2 * SECOND)
    assert compared(*never_seen, other, later) == [(204,), (429,), (404, 200), (200, 429), (200,)]
    *_, (feature, text) = why(compare([*never_seen, other], FIRST, LATEST))
    assert feature is Feature.LIMITS
    assert text.startswith("perhaps Throughput rate exceeded.")
    again = [call("DELETE", "/objectstore/media", 200), call("PUT", "/objectstore/media", 201)]
    tiny = put_of(10, 1)
    over_another_bucket = [tiny, *never_seen[:2], *again, *never_seen[2:], other]
    assert compared(*over_another_bucket)[-1] == (200, 429)
    would_be_large = [put_of(2 * MIB, 1), put_of(10, 2), *again, got(10, 3), other]
    assert compared(*would_be_large)[-1] == (429, 200)


def test_a_store_that_is_created_again_has_full_token_buckets() -> None:
    gets = [call("GET", OBJECT, 200) for _ in range(100)]
    again = [call("DELETE", "/objectstore/media", 200), call("PUT", "/objectstore/media", 201)]
    assert compared(*gets, *again, *gets)[-1] == (200,)


@pytest.mark.parametrize("outcome", ["operations_rate_limited", "throughput_rate_limited", None])
def test_what_a_limit_refused_is_let_in_where_there_is_none(outcome: str | None) -> None:
    def back(*calls: RecordedCall) -> list[Any]:
        return compared(*calls, before=LATEST, after=FIRST)

    refused = call("GET", OBJECT, 429, outcome=outcome)
    assert back(refused) == [(200, 404)]
    assert back(call("PUT"), refused) == [(204,), (200,)]
    assert back(call("PUT", status=429, outcome=outcome), refused) == [(204,), (200,)]
    assert back(call("DELETE", status=429, outcome=outcome)) == [(405,)]
    broken = call("PUT", f"{OBJECT}?ttl_seconds=0", 429, outcome=outcome)
    assert back(broken) == [(400,)]


def test_the_answer_of_a_fault_rule_stays() -> None:
    for status in (400, 401, 404, 429, 503):
        for outcome in ("bad_request", "operations_rate_limited"):
            faulty = call("PUT", status=status, outcome=outcome, faults=("broken",))
            assert compared(faulty) == [(status,)]
            assert compared(faulty, before=LATEST, after=FIRST) == [(status,)]


def test_between_two_dates_over_the_limit_was_503() -> None:
    march, april = revision_of("2026-03-27"), revision_of("2026-04-13")
    refused = {"outcome": "operations_rate_limited"}
    assert compared(call("GET", OBJECT, 503, **refused), before=march, after=april) == [(429,)]
    assert compared(call("GET", OBJECT, 429, **refused), before=april, after=march) == [(503,)]
    gets = [call("GET", OBJECT, 200) for _ in range(101)]
    assert compared(*gets, after=march)[100] == (503,)


def test_headers_that_all_answers_gain_are_counted_once() -> None:
    calls = [
        call("GET", OBJECT, 200),
        call("OPTIONS", OBJECT, 405),
        call("PATCH", OBJECT, 405),
        call("GET", "/objectstore/media", 200),
        call("GET", OBJECT, None),
    ]
    found = compare(calls, FIRST, LATEST)
    assert {(each.feature, each.answers, each.gained) for each in found.headers} == {
        (Feature.CORS, 3, True),
        (Feature.REQUEST_ID, 1, True),
    }
    assert found.unanswered == 1
    back = compare(calls, LATEST, FIRST)
    assert [each.gained for each in back.headers] == [False, False]


def test_a_journal_of_another_revision_is_noticed() -> None:
    newer = call("GET", OBJECT, 200, response_headers=(("mo-request-id", "x"),))
    older = call("GET", OBJECT, 200, response_headers=(("content-type", "x"),))
    assert compare([newer, older], FIRST, LATEST).contradicting == 1
    assert compare([newer, older], LATEST, FIRST).contradicting == 1


LINE = json.dumps({"method": "GET", "target": OBJECT})


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        f"{LINE}\n{LINE}\n",
        f"\ufeff{LINE}\r\n\r\n{LINE}",
        json.dumps({"calls": [json.loads(LINE)]}, indent=2),
        json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": OBJECT}}]}}),
        '{"calls": []}',
        "",
        "\n",
    ],
)
def test_each_form_of_a_journal_is_read(content: str) -> None:
    calls = read_journal(content.encode())
    assert {(each.method, each.target) for each in calls} <= {("GET", OBJECT)}
    assert len(calls) == content.count("live/1.ts")
    assert [each.number for each in calls] == list(range(1, len(calls) + 1))


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        (b"\xff", ["line 1", "UTF-8"]),
        (f"{LINE}\n\xff".encode("latin-1"), ["line 2", "UTF-8"]),
        (b"hello", ["line 1, column 1"]),
        (b"{\n  'x': 1}", ["line 2, column 3"]),
        (f"{LINE}\n\n{LINE[:-1]}".encode(), ["line 3 is not JSON", "column"]),
        (f"{LINE}\n[]".encode(), ["line 2 is not a call", "object"]),
        (f'{LINE}\n{{"method": "GET"}}'.encode(), ["line 2 is not a call", "no target"]),
        (b'{"method": 1, "target": ""}', ["line 1 is not a call", "no method"]),
        (b"[]", ["neither", "calls", "HTTP archive"]),
        (b"{}", ["neither", "calls", "HTTP archive"]),
        (b'{"calls": [1]}', ["calls[0] is not a call"]),
        (b'{"log": {"entries": [{}]}}', ["log.entries[0] has no request"]),
        (b'{"log": {"entries": [{"request": {"method": "GET"}}]}}', ["no url"]),
        (b'{"log": {"entries": [7]}}', ["log.entries[0]"]),
        (b"[" * 100_000, ["nested too deeply"]),
    ],
)
def test_a_file_that_is_not_a_journal_is_refused_with_the_place(
    content: bytes, fragments: list[str]
) -> None:
    with pytest.raises(JournalFileError) as error:
        read_journal(content)
    assert [each for each in fragments if each not in str(error.value)] == []


def test_an_archive_of_a_browser_is_in_the_order_of_time() -> None:
    def entry(second: int, url: str) -> dict[str, Any]:
        return {
            "startedDateTime": f"2030-01-01T00:00:0{second}.000+01:00",
            "request": {"method": "GET", "url": url, "headers": [], "bodySize": -1},
            "response": {"status": 0, "headers": [{"name": "a", "value": "b"}, {}]},
            "timings": {"blocked": -1, "wait": 1.5},
        }

    entries = [entry(2, "https://x/late"), entry(1, "https://x/objectstore/s/k?a=b")]
    first, second = read_journal(json.dumps({"log": {"entries": entries}}).encode())
    assert (first.number, second.number) == (2, 1)
    assert first.names == ("s", "k")
    assert (first.time, first.first_byte_time, first.status) == (START - 3599 * SECOND, 1500, None)
    assert first.response_headers == (("a", "b"),)


def test_an_archive_of_the_emulator_has_operation_outcome_and_faults_in_its_comments() -> None:
    request = {"method": "GET", "url": OBJECT}
    comment = "operation GetObject, outcome miss, fault slow, fault broken"
    archive = {"log": {"entries": [{"request": request, "comment": comment}]}}
    (found,) = read_journal(json.dumps(archive).encode())
    assert (found.operation, found.outcome) == ("GetObject", "miss")
    assert found.faults == ("slow", "broken")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
STATUSES = st.sampled_from([200, 201, 204, 400, 401, 403, 404, 405, 429, 500, 503])
METHODS = st.sampled_from(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST"]) | st.text()
TARGETS = st.sampled_from(
    [
        *(OBJECT, f"{OBJECT}?ttl_seconds=60", f"{OBJECT}?ttl_seconds=x", "/objectstore/media/"),
        *("/objectstore/media", "/objectstore", "/endpoints", "/objectstore/%ff/%zz", "", "*"),
    ]
) | st.text().map("/objectstore/s/{}".format)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["mo-tag-a", "mo-tag-aws:b", "mo-persistence", "read-concern", "authorization"]
        )
        | st.text(),
        st.sampled_from(["ephemeral", "durable", "consistent", "", "[redacted]"]) | st.text(),
    ).map(list)
    | ANYTHING,
    max_size=4,
)
CALLS = st.fixed_dictionaries(
    {"method": METHODS, "target": TARGETS},
    optional={
        "status": STATUSES | ANYTHING,
        "time": st.integers(0, 9).map("2030-01-01T00:00:0{}Z".format) | ANYTHING,
        "outcome": st.sampled_from(["ok", "miss", "operations_rate_limited"]) | ANYTHING,
        "request_headers": HEADERS | ANYTHING,
        "response_headers": HEADERS | ANYTHING,
        **dict.fromkeys(("number", "request_size", "response_size", "first_byte_ms"), ANYTHING),
        **dict.fromkeys(("operation", "faults", "store", "key"), ANYTHING),
    },
)
REVISIONS_OF_ALL_DATES = st.sampled_from(
    [FIRST, *(revision_of(date) for date in sorted({row.since for row in FEATURES}))]
)


def lines(documents: list[Any]) -> bytes:
    return "".join(json.dumps(document) + "\n" for document in documents).encode()


@settings(max_examples=examples(200))
@given(st.lists(CALLS, max_size=6), REVISIONS_OF_ALL_DATES, REVISIONS_OF_ALL_DATES)
def test_calls_with_any_members_can_be_compared(
    documents: list[Any], before: Revision, after: Revision
) -> None:
    calls = read_journal(lines(documents))
    found = compare(calls, before, after)
    assert found.calls == len(documents)
    for difference in found.differences:
        assert difference.reasons
        assert all(100 <= status <= 599 for status in difference.statuses)
    if before == after:
        assert not any([found.differences, found.headers, found.unseen])


@settings(max_examples=examples(200))
@given(ANYTHING.map(json.dumps) | st.text() | st.lists(ANYTHING).map(lines))
def test_any_file_is_a_journal_or_refused(content: str | bytes) -> None:
    octets = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    with contextlib.suppress(JournalFileError):
        compare(read_journal(octets), FIRST, LATEST)
