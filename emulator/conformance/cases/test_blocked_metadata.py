"""Names of metadata that are blocked: Put Object ignores them."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store

from .expecting import expect_object, expect_success

BLOCKED = {
    "content-length": "HTTP-PUT-21",
    "transfer-encoding": "HTTP-PUT-22",
    "connection": "HTTP-PUT-23",
    "keep-alive": "HTTP-PUT-24",
    "upgrade": "HTTP-PUT-25",
    "trailer": "HTTP-PUT-26",
    "te": "HTTP-PUT-27",
    "set-cookie": "HTTP-PUT-28",
    "cookie": "HTTP-PUT-29",
    "authorization": "HTTP-PUT-30",
    "www-authenticate": "HTTP-PUT-31",
    "content-security-policy": "HTTP-PUT-32",
    "x-frame-options": "HTTP-PUT-33",
    "strict-transport-security": "HTTP-PUT-34",
    "access-control-allow-origin": "HTTP-PUT-35",
    "access-control-allow-credentials": "HTTP-PUT-36",
    "access-control-allow-headers": "HTTP-PUT-37",
    "access-control-allow-methods": "HTTP-PUT-37",
    "access-control-expose-headers": "HTTP-PUT-37",
    "access-control-max-age": "HTTP-PUT-37",
    "host": "HTTP-PUT-38",
    "x-forwarded-for": "HTTP-PUT-39",
    "x-real-ip": "HTTP-PUT-40",
    "via": "HTTP-PUT-41",
    "x-forwarded-host": "HTTP-PUT-42",
    "x-forwarded-proto": "HTTP-PUT-42",
    "forwarded": "HTTP-PUT-42",
}


@pytest.mark.statement("HTTP-PUT-20")
def test_a_put_with_blocked_metadata_stores_the_rest(store: Store, key: str) -> None:
    headers = [
        ("mo-meta-first", "1"),
        ("mo-meta-set-cookie", "blocked"),
        ("mo-meta-via", "blocked"),
        ("mo-meta-last", "2"),
    ]
    expect_success(store.put(key, b"body", headers=headers))
    answer = store.get(key)
    expect_object(answer, b"body")
    assert answer.header("first") == "1"
    assert answer.header("last") == "2"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.statement(id_)) for name, id_ in BLOCKED.items()]
)
def test_a_blocked_name_is_ignored(store: Store, key: str, name: str) -> None:
    expect_success(store.put(key, b"body", headers=[(f"mo-meta-{name}", "blocked")]))
    answer = store.get(key)
    expect_object(answer, b"body")
    assert not [field for field in answer.fields if "blocked" in field[1]]
