"""Each request has one outcome: journal, access log and metrics agree, whatever faults do."""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control.call import Call
from tests.suites import examples
from tests.support.client import Client
from tests.support.waiting import wait_until

from .stores import GROUP, configure, delete, get, observed, put

OPERATIONS = ("GetObject", "PutObject", "DeleteObject")

statuses = st.builds(
    lambda status, after_work: {"type": "status", "status": status, "after_work": after_work},
    st.sampled_from([400, 401, 403, 404, 429, 500, 503]),
    st.booleans(),
)
closings = st.builds(
    lambda where, reset: {"type": "close", "where": where, "reset": reset},
    st.sampled_from(["before_answer", "answer_body", "request_body"]),
    st.booleans(),
) | st.just({"type": "close", "after_work": True})
effects = (
    statuses
    | closings
    | st.builds(
        lambda announce: {"type": "truncate", "announce": announce},
        st.sampled_from(["whole", "part"]),
    )
    | st.just({"type": "latency", "seconds": 0.001, "after_work": True})
    | st.just({"type": "trickle", "bytes_per_second": 1e6})
    | st.sampled_from(["cache_down", "cache_lost", "storage_down", "storage_lost"])
)
rules = st.fixed_dictionaries(
    {"effects": st.lists(effects, min_size=1, max_size=3)},
    optional={
        "operation": st.sampled_from([*OPERATIONS, "*Object"]),
        "nth": st.integers(1, 3),
        "times": st.integers(1, 3),
        "probability": st.sampled_from([0.5, 1.0]),
    },
)
requests = st.tuples(
    st.sampled_from([get, put, delete]),
    st.sampled_from(["key", "other", ""]),
    st.sampled_from(["owner", "viewer", "nobody"]),
)


def send(emulator: Emulator, owner: Client, request: tuple[Any, str, str]) -> int | None:
    """The status that the client is answered with; None where its connection was closed."""
    send_it, key, caller = request
    viewer, nobody = Client(emulator.endpoint, emulator.api_key("viewer")), Client(owner.endpoint)
    clients = {"owner": owner, "viewer": viewer, "nobody": nobody}
    try:
        return int(send_it(clients[caller], key).status)
    except (OSError, HTTPException):
        return None


def is_logged(call: Call) -> bool:
    """Whether a client was answered, other than that there is no such store (D103)."""
    return call.status is not None and (call.status != 404 or call.operation == "GetObject")


@pytest.mark.proves("D103")
@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(added=st.lists(rules, max_size=2), sent=st.lists(requests, min_size=1, max_size=6))
def test_journal_access_log_and_metrics_have_the_same_outcome_under_any_faults(
    running: Emulator, added: list[dict[str, Any]], sent: list[tuple[Any, str, str]]
) -> None:
    running.reset()
    owner = Client(running.endpoint, running.api_key())
    configure(owner, "media", **observed())
    for rule in added:
        conditions = {name: value for name, value in rule.items() if name != "effects"}
        with contextlib.suppress(ValueError):  # The effects cannot happen to that operation.
            running.faults.add(*rule["effects"], **conditions)
    answered = [send(running, owner, request) for request in sent]
    calls = [call for call in running.journal.calls() if call.operation in OPERATIONS]
    assert len(calls) == len(sent)
    for call, status in zip(calls, answered, strict=True):
        assert status in (None, call.status)
    logged = [(call.outcome, call.status) for call in calls if is_logged(call)]
    entries = running.access_logs.entries(GROUP)
    assert [(entry["status"], entry["http_status_code"]) for entry in entries] == logged
    counted = Counter(
        {
            int(metric["dimensions"]["HttpStatusCode"]): metric["sum"]
            for metric in running.metrics.all()
            if "HttpStatusCode" in metric["dimensions"]
        }
    )
    assert set(counted) == {status for _, status in logged}
    assert sum(
        metric["sum"]
        for metric in running.metrics.all()
        if metric["name"] == "Requests" and "HttpStatusCode" in metric["dimensions"]
    ) == len(logged)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "bad_request"),
        (401, "authz_error"),
        (403, "authz_error"),
        (404, "miss"),
        (429, "operations_rate_limited"),
        (500, "internal_error"),
        (503, "internal_error"),
    ],
)
@pytest.mark.parametrize("after_work", [False, True])
def test_an_injected_answer_has_the_outcome_of_the_same_answer_of_the_service(
    emulator: Emulator, media: Client, status: int, outcome: str, after_work: bool
) -> None:
    put(media)
    emulator.access_logs.clear()
    effect = {"type": "status", "status": status, "after_work": after_work}
    emulator.faults.add(effect, operation="GetObject")
    assert get(media).status == status
    assert emulator.journal.last(operation="GetObject").outcome == outcome
    assert [entry["status"] for entry in emulator.access_logs.entries(GROUP)] == [outcome]


def test_an_injected_404_counts_as_no_look_into_a_tier(emulator: Emulator, media: Client) -> None:
    emulator.faults.add({"type": "status", "status": 404}, operation="GetObject")
    assert get(media).status == 404
    assert emulator.tiers.counts() == {
        tier: {"hits": 0, "expired": 0, "misses": 0} for tier in ("cache", "storage")
    }


def test_a_hit_whose_answer_a_fault_replaces_still_counts_as_a_hit(
    emulator: Emulator, media: Client
) -> None:
    put(media)
    effect = {"type": "status", "status": 500, "after_work": True}
    emulator.faults.add(effect, operation="GetObject")
    assert get(media).status == 500
    assert emulator.tiers.counts("media")["cache"] == {"hits": 1, "expired": 0, "misses": 0}
    assert emulator.journal.last().outcome == "internal_error"


def test_an_answer_cut_off_while_a_fault_delays_it_is_in_no_log(
    emulator: Emulator, media: Client
) -> None:
    put(media)
    emulator.checkpoint("before")
    emulator.access_logs.clear()
    emulator.metrics.clear()
    delay = {"type": "latency", "seconds": 60, "after_work": True}
    rule = emulator.faults.add(delay, operation="GetObject")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, media)
        wait_until(lambda: rule.fired)
        emulator.restore("before")
        with pytest.raises((OSError, HTTPException)):
            answer.result()
    call = emulator.journal.last(operation="GetObject")
    assert (call.status, call.complete) == (None, False)
    assert emulator.access_logs.entries(GROUP) == []
    assert emulator.metrics.all() == []
