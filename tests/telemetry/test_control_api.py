"""Access logs and metrics over HTTP: who may look at them, and in which forms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest

from emulator import Emulator
from emulator.control.operations import OPERATIONS
from emulator.core.path_templates import fill
from tests.control.test_guard import HEADER, TOKEN, ControlEndpoint, knock
from tests.support.client import Answer, Client
from tests.support.emulators import ANY_NAMES, Start

from .stores import GROUP, REVISION, access_logging, configure, get, observed, put

LOGS = "/_emulator/logs"
METRICS = "/_emulator/metrics"
DELIVER = "/_emulator/deliver"


def endpoints() -> list[ControlEndpoint]:
    """Every endpoint of telemetry, as the table of control operations has them."""
    found = []
    for operation in OPERATIONS:
        if operation.path.startswith((LOGS, METRICS, DELIVER)):
            path = fill(operation.path, {"log_group": GROUP})
            methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
            found += [ControlEndpoint(method, path) for method in methods]
    return found


ENDPOINTS = endpoints()
NAMES = [f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS]


def asked(emulator: Emulator, method: str, path: str) -> Answer:
    """What somebody on this machine is answered, who has no key."""
    return Client(emulator.endpoint).call(method, path)


@pytest.fixture(scope="module")
def reachable() -> Iterator[Emulator]:
    """An emulator that listens on every address, without a control token."""
    with Emulator(cache="memory", api_revision=REVISION, host="0.0.0.0", **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    """An emulator with a control token."""
    with Emulator(
        cache="memory", api_revision=REVISION, control_token=TOKEN, **ANY_NAMES
    ) as emulator:
        configure(Client(emulator.endpoint, emulator.api_key()), "media", **observed())
        yield emulator


def test_every_door_of_the_telemetry_is_tested() -> None:
    assert len(ENDPOINTS) == 9


@pytest.mark.proves("D56")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_nobody_from_elsewhere_reads_or_clears_telemetry(
    emulator: Emulator, media: Client, endpoint: ControlEndpoint
) -> None:
    put(media)
    own: Mapping[str, str] = {"Authorization": emulator.api_key()}
    for host in ("example.com", f"example.com:{emulator.port}", ""):
        assert knock(emulator, endpoint, own, host=host).status == 403
    for origin in ("http://example.com", "null"):
        assert knock(emulator, endpoint, {**own, "Origin": origin}).status == 403
    assert len(emulator.access_logs.entries(GROUP)) == 1
    assert emulator.metrics.sum("Requests") == 1
    assert knock(emulator, endpoint).status == 200


@pytest.mark.proves("D56")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_the_control_token_is_needed_where_there_is_one(
    guarded: Emulator, endpoint: ControlEndpoint
) -> None:
    for headers in ({}, {HEADER: "another"}, {"Authorization": guarded.api_key()}):
        assert knock(guarded, endpoint, headers).status == 401
    assert knock(guarded, endpoint, {HEADER: TOKEN}, host="example.com").status == 200


@pytest.mark.proves("D56")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_an_emulator_that_others_can_reach_shows_no_telemetry(
    reachable: Emulator, endpoint: ControlEndpoint
) -> None:
    for headers in ({}, {HEADER: TOKEN}, {"Authorization": reachable.api_key()}):
        assert knock(reachable, endpoint, headers).status == 403


def test_the_groups_are_listed_with_their_entries_counted(
    emulator: Emulator, media: Client
) -> None:
    configure(media, "other", **access_logging("other"))
    get(media)
    answer = asked(emulator, "GET", LOGS)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (
        200, "application/json",
    )  # fmt: skip
    assert answer.json() == {"log_groups": emulator.access_logs.groups()}
    assert [each["log_group"] for each in answer.json()["log_groups"]] == [GROUP, "other"]


@pytest.mark.parametrize("group", ["media", GROUP, "/", "//", "a/b", "a//b/", "..", "a#b", "."])
@pytest.mark.parametrize("encoded", [False, True])
def test_a_group_is_found_under_its_name(
    emulator: Emulator, owner: Client, group: str, encoded: bool
) -> None:
    configure(owner, "media", **access_logging(group))
    get(owner)
    name = quote(group, safe="") if encoded else group.replace("#", "%23")
    answer = asked(emulator, "GET", f"{LOGS}/{name}")
    assert answer.status == 200
    assert answer.json() == {
        "log_group": group,
        "entries": emulator.access_logs.entries(group),
        "count": 1,
        "dropped": 0,
    }


def test_entries_come_as_json_lines_on_request(emulator: Emulator, media: Client) -> None:
    for key in ("é", "\u2028", "😀"):
        get(media, key)
    answer = asked(emulator, "GET", f"{LOGS}/{GROUP}?format=jsonl")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.body.decode() == emulator.access_logs.to_json_lines(GROUP)
    found = [json.loads(line) for line in answer.body.decode().split("\n")[:-1]]
    assert found == emulator.access_logs.entries(GROUP)
    assert asked(emulator, "GET", f"{LOGS}/{GROUP}?format=json").json()["entries"] == found
    head = asked(emulator, "HEAD", f"{LOGS}/{GROUP}?format=jsonl")
    assert (head.headers["content-length"], head.body) == (str(len(answer.body)), b"")


def test_a_group_without_entries_is_empty(emulator: Emulator, media: Client) -> None:
    del media
    assert asked(emulator, "GET", f"{LOGS}/{GROUP}").json()["entries"] == []
    assert asked(emulator, "GET", f"{LOGS}/{GROUP}?format=jsonl").body == b""


@pytest.mark.parametrize("name", ["nope", "", GROUP.lstrip("/"), f"{GROUP}/", "%00"])
def test_an_unknown_group_is_404_and_lists_those_that_there_are(
    emulator: Emulator, media: Client, name: str
) -> None:
    del media
    answer = asked(emulator, "GET", f"{LOGS}/{name}")
    assert answer.status == 404
    assert answer.json()["message"].endswith(f"; the log groups are: {GROUP}")


def test_an_unknown_group_is_told_that_there_are_none(emulator: Emulator) -> None:
    assert (
        asked(emulator, "GET", f"{LOGS}/x").json()["message"].endswith("; the log groups are: none")
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{LOGS}?last=1", "Unknown parameter 'last'"),
        (f"{LOGS}/{GROUP}?format=xml", "Unknown format 'xml': there are json, jsonl"),
        (f"{LOGS}/{GROUP}?form=json", "Unknown parameter 'form': did you mean format?"),
        (f"{LOGS}/{GROUP}?format=json&format=json", "format"),
        (f"{LOGS}/%ZZ", "log group"),
        (f"{METRICS}?format=xml", "Unknown format 'xml': there are json, prometheus"),
        (f"{METRICS}?store=media", "Unknown parameter 'store'"),
    ],
)
def test_an_unknown_format_or_parameter_is_400(
    emulator: Emulator, media: Client, path: str, message: str
) -> None:
    del media
    answer = asked(emulator, "GET", path)
    assert answer.status == 400
    assert message in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", LOGS, "DELETE, GET, HEAD"),
        ("DELETE", f"{LOGS}/{GROUP}", "GET, HEAD"),
        ("PUT", METRICS, "DELETE, GET, HEAD"),
    ],
)
def test_another_method_is_405(emulator: Emulator, method: str, path: str, allowed: str) -> None:
    answer = asked(emulator, method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_cleared_telemetry_is_gone(emulator: Emulator, media: Client) -> None:
    put(media)
    assert asked(emulator, "DELETE", LOGS).json() == {}
    assert emulator.access_logs.entries(GROUP) == []
    assert emulator.metrics.sum("Requests") == 1
    assert asked(emulator, "DELETE", METRICS).json() == {}
    assert asked(emulator, "GET", METRICS).json()["metrics"] == []


def test_reading_telemetry_is_no_request_of_the_service(emulator: Emulator, media: Client) -> None:
    put(media)
    before = len(emulator.journal)
    for endpoint in ENDPOINTS:
        asked(emulator, endpoint.method, endpoint.path)
    assert len(emulator.journal) == before


def test_the_first_revision_has_the_doors_and_nothing_behind_them(start: Start) -> None:
    emulator = start(api_revision="2026-02-05")
    configure(Client(emulator.endpoint, emulator.api_key()), "media", **observed())
    for endpoint in (LOGS, f"{LOGS}/{GROUP}", METRICS, f"{METRICS}?format=prometheus"):
        answer = asked(emulator, "GET", endpoint)
        assert answer.status == 404
        assert "--api-revision 2026-08-12" in answer.json()["message"]
