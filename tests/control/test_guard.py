"""Every control endpoint is guarded: for this machine alone, or for the control token."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

import pytest

from emulator import Emulator
from emulator.backends.storage.memory import MemoryStorage
from emulator.control.operation import Kind
from emulator.control.operations import OPERATIONS
from emulator.core import routes as routing
from emulator.core.path_templates import fill
from emulator.core.routes import Resource, parse_target
from emulator.http.control_handlers import ControlHandlers
from tests.support.client import TIMEOUT_SECONDS

pytestmark = pytest.mark.proves("D56")

TOKEN = "a-control-token"
HEADER = "Momento-Emulator-Control-Token"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS")

OPEN = ("/_emulator/health",)
"""What everybody may see: it says nothing of what is in the emulator."""


class ControlEndpoint(NamedTuple):
    method: str
    path: str


def paths() -> dict[Resource | str, str]:
    """A path that leads to each resource, and one for each template of a control path."""
    found: dict[Resource | str, str] = {
        resource: path for path, resource in routing._FIXED_PATHS.items()
    }
    found.update({resource: f"{path}/x" for path, resource in routing._ITEMS.items()})
    changes = (f"/ec-cluster/x/{change}" for change in routing._OF_CLUSTER)
    for path in ("/objectstore/x", "/objectstore/x/y", *changes):
        found[cast("Resource", parse_target(path).resource)] = path
    for operation in OPERATIONS:
        parts = {
            each.name: "1" if each.kind is Kind.COUNT else "x" for each in operation.of("path")
        }
        found[operation.path] = fill(operation.path, parts)
    return found


def control_table() -> Mapping[Resource | str, Mapping[str, Any]]:
    """The table of the control endpoints, whose handlers are not called here."""
    return ControlHandlers(cast("Any", None), cast("Any", None)).table()


PATHS = paths()
ENDPOINTS = [
    ControlEndpoint(method, PATHS[resource])
    for resource, endpoints in control_table().items()
    for method in endpoints
]
NAMES = [f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS]


class Answer(NamedTuple):
    status: int
    message: str


def knock(
    emulator: Emulator,
    endpoint: ControlEndpoint,
    headers: Mapping[str, str] | None = None,
    *,
    host: str | None = None,
) -> Answer:
    """What a request without a body is answered with."""
    connection = http.client.HTTPConnection(emulator.host, emulator.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest(endpoint.method, endpoint.path, skip_host=host is not None)
        for name, value in {**({} if host is None else {"Host": host}), **(headers or {})}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        response = connection.getresponse()
        goes_on = response.headers.get_content_type() == "text/event-stream"
        body = b"" if goes_on else response.read()
        refused = response.status >= 400 and body
        return Answer(response.status, json.loads(body)["message"] if refused else "")
    finally:
        connection.close()


@pytest.fixture(scope="module")
def own() -> Iterator[Emulator]:
    """An emulator on loopback."""
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def reachable() -> Iterator[Emulator]:
    """An emulator that listens on every address, without a control token."""
    with Emulator(cache="memory", host="0.0.0.0") as emulator:
        yield emulator


@pytest.fixture(scope="module", params=["127.0.0.1", "0.0.0.0"])
def guarded(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with a control token."""
    with Emulator(cache="memory", host=request.param, control_token=TOKEN) as emulator:
        yield emulator


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_a_foreign_name_opens_no_endpoint(own: Emulator, endpoint: ControlEndpoint) -> None:
    for host in ("example.com", f"example.com:{own.port}", "127.0.0.1.example.com", ""):
        for headers in ({}, {"Authorization": own.api_key()}):
            refused = knock(own, endpoint, headers, host=host)
            assert refused.status == 403
            assert endpoint.method == "HEAD" or "Host" in refused.message


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_a_foreign_name_in_the_request_line_opens_no_endpoint(
    own: Emulator, endpoint: ControlEndpoint
) -> None:
    """A target in absolute form names a host too, and a proxy goes by that one."""
    for origin in ("http://example.com", f"http://example.com:{own.port}", "http://u@10.0.0.1"):
        absolute = ControlEndpoint(endpoint.method, f"{origin}{endpoint.path}")
        refused = knock(own, absolute, host=f"127.0.0.1:{own.port}")
        assert refused.status == 403
        assert endpoint.method == "HEAD" or "Host" in refused.message


@pytest.mark.parametrize("origin", ["http://127.0.0.1:{port}", "http://localhost", "HTTP://[::1]"])
def test_a_name_of_this_machine_in_the_request_line_opens_a_door(
    own: Emulator, origin: str
) -> None:
    endpoint = ControlEndpoint("GET", f"{origin.format(port=own.port)}/_emulator/clock")
    assert knock(own, endpoint, host=f"127.0.0.1:{own.port}").status == 200
    assert knock(own, endpoint, host="example.com").status == 403


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_a_foreign_page_opens_no_endpoint(own: Emulator, endpoint: ControlEndpoint) -> None:
    for origin in ("http://example.com", "null", "", "http://127.0.0.1:1"):
        refused = knock(own, endpoint, {"Origin": origin, "Authorization": own.api_key()})
        assert refused.status == 403
        assert endpoint.method == "HEAD" or "Origin" in refused.message


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_without_the_control_token_no_endpoint_opens(
    guarded: Emulator, endpoint: ControlEndpoint
) -> None:
    wrong = [{}, {HEADER: "another-token"}, {HEADER: TOKEN + "x"}, {HEADER: ""}]
    for headers in [*wrong, {"Authorization": TOKEN}, {"Authorization": guarded.api_key()}]:
        refused = knock(guarded, endpoint, headers)
        assert refused.status == 401
        assert endpoint.method == "HEAD" or HEADER in refused.message


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_an_emulator_that_others_can_reach_has_no_control_endpoint(
    reachable: Emulator, endpoint: ControlEndpoint
) -> None:
    for host in (None, "127.0.0.1", "localhost"):
        for headers in ({}, {"Authorization": reachable.api_key()}, {HEADER: TOKEN}):
            refused = knock(reachable, endpoint, headers, host=host)
            assert refused.status == 403
            if endpoint.method != "HEAD":
                for said in ("loopback", "MOMENTO_EMULATOR_CONTROL_TOKEN", HEADER):
                    assert said in refused.message


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=NAMES)
def test_who_is_on_this_machine_or_has_the_token_comes_through(
    own: Emulator, guarded: Emulator, endpoint: ControlEndpoint
) -> None:
    assert knock(own, endpoint).status not in (401, 403, 405, 500)
    assert knock(guarded, endpoint, {HEADER: TOKEN}, host="example.com").status not in (
        401, 403, 405, 500,
    )  # fmt: skip


def test_there_are_many_doors() -> None:
    assert len(ENDPOINTS) > 40


def test_whatever_answers_under_the_emulators_own_paths_is_guarded_or_an_operation(
    own: Emulator,
) -> None:
    """Without a look at the table: a endpoint that is added beside it is found too."""
    for path in PATHS.values():
        if not path.startswith("/_emulator/") or path in OPEN:
            continue
        for method in METHODS:
            own.journal.clear()
            answer = knock(own, ControlEndpoint(method, path), host="example.com")
            is_operation = bool(own.journal.calls(operation="*"))
            expected = (401, 400) if is_operation else (403, 405)
            assert answer.status in expected, (method, path, answer)


def test_every_resource_has_a_path() -> None:
    assert set(PATHS) == {*Resource, *control_table()}


def test_a_door_that_refuses_does_nothing(own: Emulator) -> None:
    own.clock.freeze(1_000_000)
    own.checkpoint("x")
    before = own.export_state()
    for endpoint in ENDPOINTS:
        knock(own, endpoint, host="example.com")
        knock(own, endpoint, {"Origin": "http://example.com"})
    assert own.export_state() == before
    assert own.checkpoints == ["x"]
    assert own.faults.all() == []


HEALTH = ControlEndpoint("GET", "/_emulator/health")


def health(emulator: Emulator, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the health says, while a tier fails for a reason that contains a path."""
    connection = http.client.HTTPConnection(emulator.host, emulator.port, timeout=TIMEOUT_SECONDS)
    with contextlib.closing(connection):
        connection.putrequest("GET", HEALTH.path, skip_host=True)
        for name, value in {"Host": "127.0.0.1", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        found: dict[str, Any] = json.loads(response.read())
        assert response.status == 200, found
        return found


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> str:
    """The cause for which the storage of every emulator fails meanwhile."""

    async def check(_: MemoryStorage) -> None:
        raise OSError("/a/secret/path is gone")

    monkeypatch.setattr(MemoryStorage, "check", check)
    return "/a/secret/path is gone"


@pytest.mark.proves("D125")
def test_the_health_answers_names_and_pages_of_this_machine_only(own: Emulator) -> None:
    assert knock(own, HEALTH).status == 200
    assert knock(own, HEALTH, host="localhost").status == 200
    for host in ("example.com", "", "127.0.0.1.example.com"):
        assert knock(own, HEALTH, host=host).status == 403
    assert knock(own, HEALTH, {"Origin": "http://example.com"}).status == 403
    assert knock(own, HEALTH, {"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.proves("D125")
def test_the_health_answers_any_name_of_an_emulator_that_others_can_reach(
    reachable: Emulator,
) -> None:
    assert knock(reachable, HEALTH, host="emulator.example.com:8080").status == 200


@pytest.mark.proves("D125")
def test_the_health_tells_this_machine_why_a_tier_fails(own: Emulator, failing: str) -> None:
    assert health(own)["storage"]["cause"] == failing


@pytest.mark.proves("D125")
def test_the_health_tells_a_stranger_that_a_tier_fails_and_not_why(
    reachable: Emulator, failing: str
) -> None:
    found = health(reachable)
    assert found["status"] == "failing"
    assert found["storage"] == {"engine": "memory", "status": "failing"}
    assert failing not in json.dumps(found)


@pytest.mark.proves("D125")
def test_the_health_tells_the_cause_to_who_has_the_token(guarded: Emulator, failing: str) -> None:
    assert health(guarded, {HEADER: TOKEN})["storage"]["cause"] == failing
    for headers in ({}, {HEADER: "another-token"}):
        assert "cause" not in health(guarded, headers)["storage"]
