"""Each feature of a revision, on its date and the day before; and revisions of any date."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from emulator import Emulator
from emulator.config import Config, ConfigurationError
from emulator.config.sources import load
from emulator.core.revisions import FEATURES, REVISIONS, Feature, Row, latest, revision_of
from tests.contract.stores import Store, Stores, configuration
from tests.support.emulators import ANY_NAMES, raw_client

from .expect import CORS, UUID_V7
from .stores import (
    EPHEMERAL,
    FIRST,
    INSTANT,
    LATER,
    LOG_GROUP,
    LOGGING,
    METRICS,
    extended,
    placed,
    tags_of,
)

Start = Callable[..., Emulator]
"""Starts an emulator of the revision in question."""


def new_store(emulator: Emulator, **members: Any) -> Store:
    return Stores(raw_client(emulator)).create(extended(**members), name="store")


def logged(start: Start) -> list[dict[str, Any]]:
    """The entries of a Put, a hit and a Delete."""
    emulator = start()
    store = new_store(emulator, access_logging_config=LOGGING)
    store.put("key", b"body")
    store.get("key")
    store.remove("key")
    return emulator.access_logs.entries(LOG_GROUP)


def has_logs(start: Start) -> Any:
    emulator = start()
    store = new_store(emulator, access_logging_config=LOGGING)
    store.put("key", b"body")
    described = store.describe().json.get("access_logging_config")
    try:
        groups = emulator.access_logs.groups()
    except LookupError:
        return described, "there are none"
    return described, {group["log_group"]: group["count"] for group in groups}


def has_metrics(start: Start) -> Any:
    emulator = start()
    store = new_store(emulator, metrics_config=METRICS)
    store.put("key", b"body")
    described = store.describe().json.get("metrics_config")
    try:
        return described, emulator.metrics.sum("Requests")
    except LookupError:
        return described, "there are none"


def deletes_a_store(start: Start) -> Any:
    return new_store(start()).delete().status


def logged_status(start: Start) -> Any:
    return [entry.get("http_status_code") for entry in logged(start)][:2]


def moves_a_store(start: Start) -> Any:
    store = new_store(start())
    changes: list[dict[str, Any]] = [
        {"bucket": "another"},
        {"bucket": "another", "prefix": "another"},
        {"bucket": "another", "cluster": "another"},
    ]
    return [store.configure(configuration(**change)).status for change in changes]


def tags(start: Start) -> Any:
    store = new_store(start())
    store.put("key", b"body", headers=[("mo-tag-a", "b")])
    eleven = [(f"mo-tag-{n}", "") for n in range(11)]
    return tags_of(store), store.put("other", b"body", headers=eleven).status


def over_the_limit(start: Start) -> Any:
    store = new_store(start(), object_store_limits={"write_operations_per_second": 1})
    answers = [store.put("key", b"body") for _ in range(2)]
    limits = store.describe().json.get("object_store_limits", {})
    said = answers[1].json["message"] if answers[1].body else None
    return limits.get("write_operations_per_second"), answers[1].status, said


def has_request_id(start: Start) -> Any:
    answer = new_store(start()).put("key", b"body")
    return [bool(UUID_V7.fullmatch(value)) for value in answer.headers.all("mo-request-id")]


def cors(start: Start) -> Any:
    store = new_store(start())
    store.put("key", b"body")
    preflight = store.client.with_key(None).request("OPTIONS", store.path_of("key"))
    found = {name: store.get("key").headers.get(name) for name in CORS}
    return preflight.status, found


def logged_age_and_time(start: Start) -> Any:
    put, get, *_ = logged(start)
    later = {"object_age_us", "total_time_us", "request_id"}
    return later & put.keys(), later & get.keys()


def deletes_an_object(start: Start) -> Any:
    store = new_store(start())
    store.put("key", b"body")
    return store.remove("key").status, store.get("key").status


def logged_names(start: Start) -> Any:
    return [entry["operation"] for entry in logged(start)][:2]


def ephemeral(start: Start) -> Any:
    store = new_store(start())
    store.put("key", b"body", headers=EPHEMERAL)
    unknown = store.put("other", b"body", headers=[("mo-persistence", "x")])
    return placed(store)["storage"] is None, unknown.status


def read_concern(start: Start) -> Any:
    store = new_store(start())
    store.put("key", b"body")
    return store.get("key", headers=[("read-concern", "x")]).status


def existing(options: dict[str, Any]) -> Callable[[Start], Any]:
    """Whether the option is known, and what a store is answered that names what does not exist."""

    def ask(start: Start) -> Any:
        try:
            emulator = start(**options)
        except ConfigurationError:
            emulator, known = start(), False
        else:
            known = True
        store = Stores(raw_client(emulator)).named("store")
        return known, store.configure(extended(access_logging_config=LOGGING)).status

    return ask


def endpoints(start: Start) -> Any:
    emulator = start()
    return raw_client(emulator).get("/endpoints").status


def lists_of_roles(start: Start) -> Any:
    emulator = start()
    return [raw_client(emulator).get("/roles").status for _ in range(6)]


class Case(NamedTuple):
    """What shows a feature, and what is seen before its date and from it on."""

    ask: Callable[[Start], Any]
    before: Any
    after: Any


ALL_LATER = {"object_age_us", "total_time_us", "request_id"}
NO_CORS = dict.fromkeys(CORS)
RATE = "Request rate exceeded."

CASES = {
    Feature.ACCESS_LOGS: Case(has_logs, (None, "there are none"), (LOGGING, {LOG_GROUP: 1})),
    Feature.METRICS: Case(has_metrics, (None, "there are none"), (METRICS, 1)),
    Feature.STORE_DELETION_204: Case(deletes_a_store, 200, 204),
    Feature.LOGGED_STATUS_CODE: Case(logged_status, [None, None], [204, 200]),
    Feature.IMMUTABLE_STORE_FIELDS: Case(moves_a_store, [200, 200, 200], [400, 400, 400]),
    Feature.TAGS: Case(tags, ({}, 204), ({"a": "b"}, 400)),
    Feature.LIMITS: Case(over_the_limit, (None, 204, None), (1, 503, RATE)),
    Feature.REQUEST_ID: Case(has_request_id, [], [True]),
    Feature.CORS: Case(cors, (405, NO_CORS), (204, CORS)),
    Feature.LOGGED_AGE_AND_TIME: Case(
        logged_age_and_time, (set(), set()), ({"total_time_us", "request_id"}, ALL_LATER)
    ),
    Feature.OVER_LIMIT_429: Case(over_the_limit, (1, 503, RATE), (1, 429, RATE)),
    Feature.DELETE_OBJECT: Case(deletes_an_object, (405, 200), (204, 404)),
    Feature.LOGGED_OPERATION_NAMES: Case(
        logged_names, ["put", "get"], ["put_object", "get_object"]
    ),
    Feature.EPHEMERAL_OBJECTS: Case(ephemeral, (False, 204), (True, 400)),
    Feature.READ_CONCERN: Case(read_concern, 200, 400),
    Feature.CLUSTER_MUST_EXIST: Case(
        existing({"strict_clusters": True, "clusters": "one"}), (False, 201), (True, 400)
    ),
    Feature.LOG_GROUP_MUST_EXIST: Case(
        existing({"strict_log_groups": True, "log_groups": "one"}), (False, 201), (True, 400)
    ),
    Feature.ENDPOINTS: Case(endpoints, 404, 200),
    Feature.AUTH_LIMIT: Case(lists_of_roles, [200] * 6, [200] * 5 + [429]),
}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Start]]:
    """Starts emulators of the revision of any date, in order to end them with the test."""
    started: list[Emulator] = []

    def of_date(date: str) -> Start:
        monkeypatch.setitem(REVISIONS, date, revision_of(date))

        def start(**options: Any) -> Emulator:
            emulator = Emulator(api_revision=date, cache="memory", **{**ANY_NAMES, **options})
            emulator.start()
            started.append(emulator)
            emulator.clock.freeze(INSTANT)
            return emulator

        return start

    yield of_date
    for emulator in started:
        emulator.stop()


def day_before(date: str) -> str:
    return str(datetime.date.fromisoformat(date) - datetime.timedelta(days=1))


@pytest.mark.proves("How it came about")
@pytest.mark.parametrize("row", FEATURES, ids=lambda row: row.feature.name)
def test_each_feature_changes_the_answer(at: Callable[[str], Start], row: Row) -> None:
    assert row.feature in CASES, f"no case shows what {row.feature} changes"
    case = CASES[row.feature]
    assert case.before != case.after
    assert case.ask(at(day_before(row.since))) == case.before
    assert case.ask(at(row.since)) == case.after


@pytest.mark.proves("How it came about")
def test_every_feature_has_one_row_and_one_case() -> None:
    assert sorted(row.feature.name for row in FEATURES) == sorted(each.name for each in Feature)
    assert CASES.keys() == set(Feature)
    assert [row.since for row in FEATURES] == sorted(row.since for row in FEATURES)


DATES = {
    "2026-02-12": {Feature.ACCESS_LOGS},
    "2026-03-04": {Feature.METRICS},
    "2026-03-07": {Feature.STORE_DELETION_204},
    "2026-03-09": {Feature.LOGGED_STATUS_CODE},
    "2026-03-17": {Feature.IMMUTABLE_STORE_FIELDS},
    "2026-03-18": {Feature.TAGS},
    "2026-03-27": {Feature.LIMITS},
    "2026-04-08": {Feature.REQUEST_ID, Feature.CORS, Feature.LOGGED_AGE_AND_TIME},
    "2026-04-13": {Feature.OVER_LIMIT_429},
    "2026-06-17": {Feature.DELETE_OBJECT, Feature.LOGGED_OPERATION_NAMES},
    "2026-06-30": {Feature.EPHEMERAL_OBJECTS},
}
"""The table of the page; what has no date of its own is of the day on which it was listed."""


@pytest.mark.proves("How it came about: the dates")
def test_the_dates_are_those_of_the_page() -> None:
    dated = {feature: date for date, features in DATES.items() for feature in features}
    assert {row.feature: row.since for row in FEATURES} == {
        feature: dated.get(feature, LATER) for feature in Feature
    }


@pytest.mark.proves("How it came about")
def test_the_first_revision_has_no_feature_and_the_later_one_has_all() -> None:
    assert revision_of(FIRST).features == frozenset()
    assert revision_of(LATER).features == frozenset(Feature)
    assert list(REVISIONS) == [FIRST, LATER]
    assert Config().api_revision == FIRST


@pytest.mark.proves("A third revision")
def test_a_third_revision_is_only_a_row(
    monkeypatch: pytest.MonkeyPatch, at: Callable[[str], Start]
) -> None:
    third = "2027-01-01"
    assert load({"api_revision": "latest"}, {}).api_revision == LATER
    emulator = at(third)()
    assert latest() == revision_of(third)
    assert load({"api_revision": "latest"}, {}).api_revision == third
    assert load({"api_revision": third}, {}).revision.features == frozenset(Feature)
    assert load({"api_revision": LATER}, {}).api_revision == LATER
    assert raw_client(emulator).get("/_emulator/health").json["api_revision"] == third
    store = new_store(emulator)
    assert store.put("key", b"body", headers=EPHEMERAL).status == 204
    assert store.remove("key").status == 204
    monkeypatch.delitem(REVISIONS, third)
    with pytest.raises(ConfigurationError, match=third):
        load({"api_revision": third}, {})


@pytest.mark.proves("A third revision")
def test_a_revision_between_the_two_has_what_there_was_by_then(at: Callable[[str], Start]) -> None:
    store = new_store(at("2026-06-17")(), object_store_limits={"write_operations_per_second": 2})
    assert store.put("key", b"body", headers=[("mo-persistence", "x")]).status == 204
    assert store.remove("key").status == 204
    assert store.remove("key").status == 429
    assert store.get("key", headers=[("read-concern", "x")]).status == 404
    assert store.delete().status == 204


@pytest.mark.proves("A third revision")
def test_an_option_of_a_later_revision_is_refused_before(at: Callable[[str], Start]) -> None:
    start = at("2026-06-17")
    for options in ({"strict_clusters": True}, {"clusters": "one"}, {"log_groups": "one"}):
        with pytest.raises(ConfigurationError, match="2026-08-12"):
            start(**options)
