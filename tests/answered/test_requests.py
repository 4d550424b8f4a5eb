"""Requests by the answers of an endpoint: checks, names, parameters, messages, unknown paths."""

from __future__ import annotations

import json

import pytest

from emulator import Emulator
from tests.faults.rules import status
from tests.support.client import Client, store_configuration
from tests.support.emulators import client, raw_client, wire, with_store

from .conftest import FIRST, Answering

TEXT = "It is not as it should be."


def test_a_refusal_in_another_order_is_in_the_journal_and_the_access_log(
    emulator_with: Answering,
) -> None:
    emulator = emulator_with({"D01": "key store permission name parameters"})
    owner = client(emulator)
    document = {
        **store_configuration("film"),
        "access_logging_config": {
            "cloudwatch": {
                "log_group_name": "logs",
                "iam_role_arn": "arn:aws:iam::123456789012:role/Logs",
                "region": "us-east-1",
            }
        },
    }
    body, headers = json.dumps(document).encode(), {"Content-Type": "application/json"}
    assert owner.call("PUT", "/objectstore/film", body, headers).status == 201

    viewer = client(emulator, "viewer")
    assert viewer.call("PUT", "/objectstore/film/%FF", b"").status == 403
    assert viewer.call("PUT", "/objectstore/none/%FF", b"").status == 404

    first, second = emulator.journal.calls(operation="PutObject")
    assert (first.status, first.store, first.key) == (403, "film", "\ufffd")
    assert first.key_id is not None
    assert (second.status, second.store) == (404, "none")
    [entry] = emulator.access_logs.entries("logs")
    assert entry["http_status_code"] == 403


def test_faults_act_after_all_checks_in_another_order(emulator_with: Answering) -> None:
    emulator = emulator_with({"D01": "key store name permission parameters"})
    emulator.faults.add(status(503))

    assert client(emulator).get("none", "key").status == 404
    assert with_store_before_faults(emulator) == 503


def with_store_before_faults(emulator: Emulator) -> int:
    """The status of a Get in a store that was made without the faults."""
    emulator.faults.clear()
    owner = with_store(emulator, "film")
    emulator.faults.add(status(503))
    return owner.get("film", "key").status


@pytest.mark.parametrize("answers", [{"D04": 40}, {"D05": 40}], ids=str)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/objectstore/film/%FF", 400),
        ("/objectstore/film/%zz", 400),
        ("/objectstore/film/%00", 400),
        ("/objectstore/film/", 400),
        ("/objectstore/a%20b", 400),
        ("/objectstore/", 400),
        ("/objectstore/fil%6D/a/..//b", 404),
    ],
)
def test_other_lengths_of_names_change_no_other_rule(
    path: str, status: int, answers: dict[str, int], emulator_with: Answering
) -> None:
    emulator = emulator_with(answers)
    with_store(emulator, "film")

    answer = raw_client(emulator).get(path)

    assert answer.status == status
    if status == 404:
        assert answer.message == "Object not found."


def test_lengths_of_keys_are_in_bytes_after_decoding(emulator_with: Answering) -> None:
    emulator = emulator_with({"D05": 40})
    owner = with_store(emulator, "film")

    assert owner.put("film", "é" * 20, b"").status == 204
    assert owner.get("film", "é" * 20).status == 200
    assert owner.put("film", "é" * 20 + "k", b"").status == 400


def test_longer_names_can_be_stored(emulator_with: Answering) -> None:
    emulator = emulator_with({"D04": 500, "D05": 3000})
    owner = client(emulator)
    store, key = "s" * 500, "k" * 3000

    assert owner.create_store(store).status == 201
    assert owner.put(store, key, b"body").status == 204
    assert owner.get(store, key).body == b"body"


@pytest.mark.parametrize("persistence", ["durable", "ephemeral"])
def test_an_object_with_a_ttl_of_0_is_gone_at_once(
    persistence: str, emulator_with: Answering
) -> None:
    emulator = emulator_with({"D06.zero": "expires now"})
    owner = with_store(emulator, "film")
    path = "/objectstore/film/key"

    put = owner.call("PUT", f"{path}?ttl_seconds=00", b"", {"mo-persistence": persistence})

    assert put.status == 204
    assert owner.call("GET", path).status == 404


@pytest.mark.parametrize("value", ["", "-1", "1.5", "abc", "+5", " 5"])
def test_a_malformed_ttl_is_ignored(value: str, emulator_with: Answering) -> None:
    owner = with_store(emulator_with({"D06.malformed": "ignored"}), "film")
    path = "/objectstore/film/key"

    assert owner.call("PUT", f"{path}?ttl_seconds={value.replace(' ', '%20')}", b"").status == 204
    assert owner.call("PUT", f"{path}?ttl_seconds=0", b"").status == 400


@pytest.mark.parametrize(("ttl", "status"), [("60", 204), ("0060", 204), ("61", 400)])
def test_a_longer_ttl_than_the_longest_is_refused(
    ttl: str, status: int, emulator_with: Answering
) -> None:
    owner = with_store(emulator_with({"D06.maximum": 60}), "film")

    assert owner.call("PUT", f"/objectstore/film/key?ttl_seconds={ttl}", b"").status == status


@pytest.mark.parametrize(
    ("answer", "value"), [("first", "a"), ("last", "c"), ("joined", "a, b, c")]
)
def test_metadata_of_any_case_is_one_name(
    answer: str, value: str, emulator_with: Answering
) -> None:
    emulator = emulator_with({"D11": answer, "D10": "stored"})
    with_store(emulator, "film")
    raw = raw_client(emulator)
    headers = [("mo-meta-Note", "a"), ("mo-meta-note", "b"), ("MO-META-NOTE", "c")]

    assert raw.put("/objectstore/film/key", headers=headers).status == 204
    assert raw.get("/objectstore/film/key").headers.all("note") == [value]


@pytest.mark.parametrize(
    "name", ["x-forwarded-for", "access-control-allow-origin", "host", "cookie", "via"]
)
def test_names_that_the_documents_name_stay_blocked(name: str, emulator_with: Answering) -> None:
    owner = with_store(emulator_with({"D10": "stored"}, FIRST), "film")

    assert owner.put("film", "key", b"", metadata={name: "conformance"}).status == 204
    assert "conformance" not in owner.get("film", "key").headers.values()


@pytest.mark.parametrize(
    ("answers", "headers", "kept"),
    [
        ({"D09": "that of the upload"}, {"Content-Type": "image/png"}, ("image/png", None)),
        ({"D09": "that of the upload"}, {}, ("application/octet-stream", None)),
        (
            {"D09": "that of the upload"},
            {"Content-Type": "image/png", "mo-meta-content-type": "text/html"},
            ("text/html", None),
        ),
        ({"D09": "none"}, {}, (None, None)),
        ({"D09": "none"}, {"mo-meta-content-type": "text/html"}, ("text/html", None)),
        (
            {"D38": "returned"},
            {"Content-Encoding": "br"},
            ("application/octet-stream", "br"),
        ),
        (
            {"D38": "returned"},
            {"Content-Encoding": "br", "Mo-Meta-Content-Encoding": "gzip"},
            ("application/octet-stream", "gzip"),
        ),
    ],
)
def test_headers_of_an_upload_are_kept_where_its_metadata_does_not_say_otherwise(
    answers: dict[str, str],
    headers: dict[str, str],
    kept: tuple[str | None, str | None],
    emulator_with: Answering,
) -> None:
    owner = with_store(emulator_with(answers), "film")

    assert owner.call("PUT", "/objectstore/film/key", b"", headers).status == 204

    answer = owner.get("film", "key")
    assert (answer.header("content-type"), answer.header("content-encoding")) == kept


@pytest.mark.parametrize(
    ("answers", "headers", "allowed"),
    [
        ({"D17.object": "405"}, FIRST, "GET, PUT"),
        ({"D16": "404"}, FIRST, "DELETE, GET, HEAD, PUT"),
        ({}, FIRST, "GET, HEAD, PUT"),
    ],
)
def test_a_405_allows_what_the_endpoint_has(
    answers: dict[str, str], headers: str, allowed: str, emulator_with: Answering
) -> None:
    owner = with_store(emulator_with(answers, headers), "film")

    answer = owner.call("PATCH", "/objectstore/film/key")

    assert (answer.status, answer.header("allow")) == (405, allowed)


def test_a_message_is_for_its_case_alone(emulator_with: Answering) -> None:
    emulator = emulator_with({"D02.ttl": TEXT, "D02.permission": "No."})
    owner = with_store(emulator, "film")

    def message(who: Client, path: str) -> str:
        return str(who.call("PUT", path, b"").json()["message"])

    assert message(owner, "/objectstore/film/key?ttl_seconds=x") == TEXT
    assert message(owner, "/objectstore/film/%FF").startswith("Invalid key:")
    assert message(client(emulator, "viewer"), "/objectstore/film/key") == "No."
    assert message(owner, "/objectstore/none/key") == "Store Not Found"


def test_a_changed_status_is_in_the_journal(emulator_with: Answering) -> None:
    emulator = emulator_with({"D13.member": "422", "D02.member": TEXT})
    headers = {"Content-Type": "application/json"}

    answer = client(emulator).call("PUT", "/objectstore/film", b"{}", headers)

    assert (answer.status, answer.json()) == (422, {"message": TEXT})
    [call] = emulator.journal.calls()
    assert call.status == 422


@pytest.mark.parametrize("path", ["/_emulator/nothing", "/_emulator/journal?status=x"])
def test_the_control_api_keeps_its_answers(path: str, emulator_with: Answering) -> None:
    answers = {"D25.path": "403", "D32": "401", "D02.path": TEXT, "D02.member": TEXT}
    with_answers, without = emulator_with(answers), emulator_with({})

    found = [Client(each.endpoint).call("GET", path) for each in (with_answers, without)]

    assert found[0].status == found[1].status
    assert found[0].body == found[1].body


def test_a_browser_is_led_to_the_console_still(emulator_with: Answering) -> None:
    emulator = emulator_with({"D25.path": "403", "D32": "401"})

    answer = Client(emulator.endpoint).call("GET", "/", headers={"Accept": "text/html"})

    assert answer.status == 302


def test_an_unknown_path_needs_a_key(emulator_with: Answering) -> None:
    emulator = emulator_with({"D32": "401", "D25.path": "403", "D02.missing-key": TEXT})

    assert Client(emulator.endpoint).call("GET", "/none").json() == {"message": TEXT}
    assert client(emulator).call("GET", "/none").status == 403
    assert [call.status for call in emulator.journal.calls()] == [401, 403]


def test_a_code_is_the_endpoints_wherever_the_auth_apis_answer(emulator_with: Answering) -> None:
    emulator = emulator_with({"D40.401": "NoKey"})
    nobody = Client(emulator.endpoint, "no-key")

    assert nobody.call("GET", "/api-keys").json()["code"] == "NoKey"
    assert "code" not in nobody.call("GET", "/objectstore").json()


def test_a_body_above_the_limit_is_refused_with_its_status(emulator_with: Answering) -> None:
    emulator = emulator_with({"D22": "413"}, max_object_bytes=10)
    with_store(emulator, "film")
    with wire(emulator) as connection:
        fields = [*raw_client(emulator).fields(), ("Content-Length", "11")]
        connection.send_head("PUT", "/objectstore/film/key", fields)
        assert connection.answer("PUT").status == 413


@pytest.mark.parametrize("path", ["/api-keys", "/roles"])
def test_json_for_the_auth_apis_may_have_any_type(path: str, emulator_with: Answering) -> None:
    owner = client(emulator_with({"D54": "accepted"}))

    answer = owner.call("POST", path, b"{}", {"Content-Type": "text/plain"})

    assert answer.status == 400
    assert answer.json()["message"].startswith("Missing ")


@pytest.mark.parametrize(
    ("answers", "headers", "hints"),
    [
        ({}, {"Range": "bytes=0-0", "If-None-Match": "*"}, {"range", "if-none-match"}),
        (
            {"D27.range": "honoured"},
            {"Range": "bytes=0-0", "If-None-Match": "*"},
            {"if-none-match"},
        ),
        (
            {"D27.if-none-match": "honoured", "D27.if-modified-since": "honoured"},
            {"If-None-Match": '"x"', "If-Modified-Since": "never"},
            set(),
        ),
    ],
)
def test_no_hint_says_that_something_is_ignored_which_is_honoured(
    answers: dict[str, str], headers: dict[str, str], hints: set[str], emulator_with: Answering
) -> None:
    emulator = emulator_with(answers)
    owner = with_store(emulator, "film")
    owner.put("film", "key", b"body")

    owner.call("GET", "/objectstore/film/key", headers=headers)

    found = {hint.id for hint in emulator.journal.last(operation="GetObject").hints}
    assert found == {f"{name}-ignored" for name in hints}


def test_put_bodies_over_the_control_api_keep_the_emulators_parameters(
    emulator_with: Answering,
) -> None:
    emulator = emulator_with({"D06.malformed": "ignored"})
    with_store(emulator, "film")
    nobody = Client(emulator.endpoint)

    answer = nobody.call("PUT", "/_emulator/bodies/film/key?ttl_seconds=x", b"")

    assert answer.status == 400
