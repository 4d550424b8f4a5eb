"""The ledger notes what a run has made from its requests, and deletes it in an order that works."""

from __future__ import annotations

import json

import pytest

from emulator.conformance.ledger import Ledger, Made


def made_by(method: str, path: str, sent: object, status: int, answered: object) -> list[Made]:
    ledger = Ledger()
    ledger.note(method, path, json.dumps(sent).encode(), status, json.dumps(answered).encode())
    return ledger.entries


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "answered", "made"),
    [
        ("PUT", "/objectstore/s", {}, 201, {}, Made("store", "/objectstore/s")),
        ("PUT", "/objectstore/s/a/b", {}, 204, {}, Made("object", "/objectstore/s/a/b")),
        ("PUT", "/objectstore/s/a?ttl_seconds=9", {}, 204, {}, Made("object", "/objectstore/s/a")),
        ("PUT", "/objectstore/s?unknown=9", {}, 201, {}, Made("store", "/objectstore/s")),
        ("POST", "/roles?unknown=9", {}, 200, {"role_id": "r"}, Made("role", "/roles/r")),
        ("POST", "/ec-cluster", {"name": "c"}, 202, {}, Made("cluster", "/ec-cluster/c")),
        ("POST", "/roles", {}, 200, {"role_id": "r"}, Made("role", "/roles/r")),
        ("POST", "/api-keys", {}, 200, {"key_info": {"key_id": "k"}}, Made("key", "/api-keys/k")),
    ],
)
def test_what_a_request_makes_is_noted(
    method: str, path: str, sent: object, status: int, answered: object, made: Made
) -> None:
    assert made_by(method, path, sent, status, answered) == [made]


@pytest.mark.parametrize(
    ("method", "path", "status", "answered"),
    [
        ("PUT", "/objectstore/s", 403, {}),
        ("PUT", "/objectstore/s/a", 404, {}),
        ("GET", "/objectstore/s/a", 200, {}),
        ("POST", "/api-keys", 200, {}),
        ("POST", "/api-keys", 200, ["unexpected"]),
        ("POST", "/ec-cluster/c/shard-configuration", 202, {}),
    ],
)
def test_what_makes_nothing_is_not_noted(
    method: str, path: str, status: int, answered: object
) -> None:
    assert made_by(method, path, {}, status, answered) == []


def ledger_of_all() -> Ledger:
    return Ledger(
        [
            Made("role", "/roles/r"),
            Made("cluster", "/ec-cluster/c"),
            Made("store", "/objectstore/s"),
            Made("key", "/api-keys/k"),
            Made("object", "/objectstore/s/a"),
        ]
    )


def test_what_uses_another_is_deleted_before_it() -> None:
    sent: list[str] = []

    def delete(method: str, path: str) -> int:
        sent.append(f"{method} {path}")
        return 204

    ledger = ledger_of_all()
    assert ledger.clear(delete) == ledger.entries == []
    assert sent == [
        "DELETE /objectstore/s/a",
        "DELETE /objectstore/s",
        "DELETE /api-keys/k",
        "DELETE /roles/r",
        "DELETE /ec-cluster/c",
    ]


def test_what_is_gone_is_deleted() -> None:
    assert ledger_of_all().clear(lambda *_: 404) == []


def test_objects_are_given_up_where_nothing_deletes_them() -> None:
    sent: list[str] = []

    def delete(_: str, path: str) -> int:
        sent.append(path)
        return 405 if path.count("/") > 2 else 204

    ledger = ledger_of_all()
    ledger.note("PUT", "/objectstore/s/b", b"", 204, b"")
    assert ledger.clear(delete) == []
    assert [path for path in sent if path.startswith("/objectstore/")] == [
        "/objectstore/s/a",
        "/objectstore/s",
    ]


def test_what_cannot_be_deleted_is_returned() -> None:
    left = ledger_of_all().clear(lambda _, path: 500 if path == "/roles/r" else 204)
    assert left == [Made("role", "/roles/r")]


def test_what_a_case_deletes_is_not_deleted_again() -> None:
    ledger = ledger_of_all()
    ledger.note("DELETE", "/objectstore/s/a", b"", 204, b"")
    ledger.note("DELETE", "/roles/r", b"", 500, b"")
    assert ledger.objects_of("/objectstore/s") == []
    assert Made("role", "/roles/r") in ledger.entries
