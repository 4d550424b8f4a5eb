"""The documents have every operation, and the files of the repository are current."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.core.errors import NotFoundError
from emulator.core.operation import operations_of
from emulator.core.revisions import FIRST, REVISIONS, latest
from emulator.core.routes import Resource
from emulator.openapi.documents import NAMES as ALL_NAMES
from emulator.openapi.documents import document, files
from emulator.openapi.responses import JSON
from emulator.openapi.service import path_of
from emulator.openapi.service_operations import SERVICE_OPERATIONS
from tests.support.raw_client import Client

from .documents import EACH, FILES, openapi, operations

each_document = pytest.mark.parametrize(("name", "date"), EACH)


@pytest.fixture(scope="module", params=REVISIONS)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=request.param) as running:
        yield running


def test_the_files_are_current() -> None:
    """Else `python -m emulator openapi --write docs/openapi` makes them so."""
    written = {each.name: each.read_text(encoding="utf-8") for each in FILES.iterdir()}
    assert written == dict(files())


@each_document
def test_each_operation_has_a_name_of_its_own(name: str, date: str) -> None:
    names = [each["operationId"] for _, _, each in operations(openapi(name, date))]
    assert len({*names}) == len(names)


def test_each_operation_of_the_service_is_described() -> None:
    for date, revision in REVISIONS.items():
        described = {each["operationId"] for _, _, each in operations(openapi("service", date))}
        assert {*operations_of(revision)} <= described


def test_each_resource_of_the_service_is_described() -> None:
    assert {each.resource for each in SERVICE_OPERATIONS} == {*Resource}
    assert {*openapi("service", latest().date)["paths"]} == {path_of(each) for each in Resource}


@pytest.mark.parametrize("name", ["service", "control"])
def test_the_document_has_the_methods_that_the_server_allows(emulator: Emulator, name: str) -> None:
    client = Client(emulator.endpoint, emulator.api_key())
    described: dict[str, set[str]] = {}
    for path, method, _ in operations(emulator.openapi(f"{name}.json")):  # type: ignore[arg-type]
        described.setdefault(path, set()).add(method.upper())
    for path, methods in described.items():
        answer = client.request("TRACE", re.sub(r"{\w+}", "x", path))
        assert answer.status == 405, path
        assert {*(answer.headers.get("Allow") or "").split(", ")} == methods, path


def test_what_a_revision_lacks_is_not_described() -> None:
    first, last = (openapi("service", each.date)["paths"] for each in (FIRST, latest()))
    item = "/objectstore/{storeName}/{key}"
    assert {*last[item]} - {*first[item]} == {"delete", "options"}
    assert {*last} - {*first} == {"/endpoints"}
    names = [{each["name"] for each in paths[item]["put"]["parameters"]} for paths in (first, last)]
    assert names[1] - names[0] == {"mo-persistence"}


@each_document
def test_each_parameter_says_what_it_is(name: str, date: str) -> None:
    found = openapi(name, date)
    shared = [each for item in found["paths"].values() for each in item.get("parameters", ())]
    own = [each for _, _, each in operations(found) for each in each.get("parameters", ())]
    assert [each["name"] for each in (*shared, *own) if not each.get("description")] == []


def test_a_delete_is_over_the_limit_of_operations_alone() -> None:
    methods = openapi("service", latest().date)["paths"]["/objectstore/{storeName}/{key}"]
    told = {
        method: {
            each["value"]["message"]
            for each in methods[method]["responses"]["429"]["content"][JSON]["examples"].values()
        }
        for method in ("put", "delete")
    }
    operations_alone = {"Request rate exceeded."}
    assert told == {
        "put": operations_alone | {"Throughput rate exceeded."},
        "delete": operations_alone,
    }


def test_the_names_of_metadata_that_a_put_ignores_are_listed() -> None:
    """What the reference lists, and the families that it ends with."""
    put = openapi("service", FIRST.date)["paths"]["/objectstore/{storeName}/{key}"]["put"]
    for name in ("content-length", "set-cookie", "x-real-ip", "access-control-*", "x-forwarded-*"):
        assert f"`{name}`" in put["description"]


@pytest.mark.parametrize("name", ALL_NAMES)
def test_the_emulator_serves_each_document(emulator: Emulator, name: str) -> None:
    client = Client(emulator.endpoint)
    answer = client.get(f"/_emulator/openapi/{name}")
    assert (answer.status, answer.media_type) == (200, "application/json")
    assert answer.json == document(name, emulator.config.revision, emulator.endpoint)
    assert emulator.openapi(name) == answer.json
    head = client.head(f"/_emulator/openapi/{name}")
    assert (head.status, head.body) == (200, b"")


def test_a_document_names_the_endpoint_at_which_it_was_asked_for(emulator: Emulator) -> None:
    client = Client(emulator.endpoint)
    answer = client.request("GET", "/_emulator/openapi/service.json", host="localhost:1")
    assert answer.json["servers"] == [{"url": "http://localhost:1"}]


def test_an_unknown_document_is_404_and_the_answer_lists_those_that_exist(
    emulator: Emulator,
) -> None:
    answer = Client(emulator.endpoint).get("/_emulator/openapi/other.json")
    assert answer.status == 404
    assert all(name in answer.message for name in ALL_NAMES)
    with pytest.raises(LookupError, match=r"service\.json"):
        emulator.openapi("other.json")
    with pytest.raises(NotFoundError):
        document("service", FIRST, "")


def test_the_documents_are_guarded_as_the_control_api_is() -> None:
    with Emulator(cache="memory", control_token="secret-token") as emulator:
        client = Client(emulator.endpoint)
        path = "/_emulator/openapi/control.json"
        assert client.get(path).status == 401
        token = [("Momento-Emulator-Control-Token", "secret-token")]
        assert client.get(path, headers=token).status == 200


def test_a_page_of_another_site_gets_no_document(emulator: Emulator) -> None:
    foreign = [("Origin", "https://example.com")]
    path = "/_emulator/openapi/control.json"
    assert Client(emulator.endpoint).get(path, headers=foreign).status == 403
