"""Which resource a request target names, and what of it is the store and the key."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.routes import Resource, Target, parse_target
from tests.suites import examples

TARGETS = [
    ("/objectstore", Resource.STORES, "", "", ""),
    ("/objectstore?limit=1", Resource.STORES, "", "", "limit=1"),
    ("/objectstore?/objectstore/store", Resource.STORES, "", "", "/objectstore/store"),
    ("/objectstore/store", Resource.STORE, "store", "", ""),
    ("/objectstore/store?a=b", Resource.STORE, "store", "", "a=b"),
    ("/objectstore/store?a=b/c", Resource.STORE, "store", "", "a=b/c"),
    ("/objectstore/", Resource.STORE, "", "", ""),
    ("/objectstore/store/", Resource.OBJECT, "store", "", ""),
    ("/objectstore/store/key", Resource.OBJECT, "store", "key", ""),
    ("/objectstore/store/key?ttl_seconds=1", Resource.OBJECT, "store", "key", "ttl_seconds=1"),
    ("/objectstore/store/a?b?c=d?e", Resource.OBJECT, "store", "a", "b?c=d?e"),
    ("/objectstore/store/a%3Fb", Resource.OBJECT, "store", "a%3Fb", ""),
    ("/objectstore/store/a/b/c", Resource.OBJECT, "store", "a/b/c", ""),
    ("/objectstore/store//", Resource.OBJECT, "store", "/", ""),
    ("/objectstore/store/a//b/", Resource.OBJECT, "store", "a//b/", ""),
    ("/objectstore/store/../other", Resource.OBJECT, "store", "../other", ""),
    ("/objectstore/store/%2E%2e/x", Resource.OBJECT, "store", "%2E%2e/x", ""),
    ("/objectstore/store/a%2Fb%FF%00", Resource.OBJECT, "store", "a%2Fb%FF%00", ""),
    ("/objectstore/store/a+b&c=d;e", Resource.OBJECT, "store", "a+b&c=d;e", ""),
    ("/objectstore/store/http://host/x", Resource.OBJECT, "store", "http://host/x", ""),
    ("/objectstore/a%20b/key", Resource.OBJECT, "a%20b", "key", ""),
    ("/objectstore//key", Resource.OBJECT, "", "key", ""),
    ("/_emulator/health", Resource.HEALTH, "", "", ""),
    ("/_emulator/health?x", Resource.HEALTH, "", "", "x"),
]

UNKNOWN = [
    "/",
    "",
    "*",
    "//",
    "/objectstores",
    "/objectstor",
    "/ObjectStore/store",
    "/objectstor%65/store",
    "//objectstore/store/key",
    "/v1/objectstore",
    "/_emulator",
    "/_emulator/health/",
    "/?/objectstore/store/key",
    "objectstore/store/key",
    "host/objectstore/store/key",
    "ftp://host/objectstore/store/key",
    "http:/objectstore/store/key",
]


@pytest.mark.proves("D05")
@pytest.mark.parametrize(
    ("raw", "resource", "store", "key", "query"), TARGETS, ids=[raw for raw, *_ in TARGETS]
)
def test_a_target_is_taken_apart_as_it_came(
    raw: str, resource: Resource, store: str, key: str, query: str
) -> None:
    path = raw.partition("?")[0]
    assert parse_target(raw) == Target(resource, path, query, store, key)


@pytest.mark.proves("HTTP/1.1: absolute form")
@pytest.mark.parametrize(
    "origin",
    ["http://host", "https://host", "HTTP://host:8080", "http://[::1]:80", "http://u:p@host"],
)
def test_a_target_in_absolute_form_is_the_same_without_scheme_and_authority(origin: str) -> None:
    for raw, *_ in TARGETS:
        assert parse_target(origin + raw) == parse_target(raw)


@pytest.mark.proves("D25")
@pytest.mark.parametrize("raw", UNKNOWN)
def test_a_target_that_the_service_does_not_have_names_no_resource(raw: str) -> None:
    target = parse_target(raw)
    assert target.resource is None
    assert (target.store, target.key) == ("", "")


@pytest.mark.proves("HTTP/1.1: absolute form")
@pytest.mark.parametrize(
    "raw",
    [
        "http://host",
        "http://host/",
        "http://",
        "http://host?x",
        "http://host?/objectstore",
        "http://host?x=/objectstore/store/key",
        "http://host//objectstore",
    ],
)
def test_an_absolute_form_without_a_path_that_is_known_names_no_resource(raw: str) -> None:
    assert parse_target(raw).resource is None


@pytest.mark.proves("D05")
@settings(max_examples=examples(200))
@given(
    st.text("abc%.~", min_size=1, max_size=5),
    st.text("abc/.%+~:", max_size=10),
    st.none() | st.text("ab=&?/", max_size=8),
)
def test_store_key_and_query_are_what_the_target_was_made_of(
    store: str, key: str, query: str | None
) -> None:
    suffix = "" if query is None else f"?{query}"
    target = parse_target(f"/objectstore/{store}/{key}{suffix}")
    expected = (Resource.OBJECT, store, key, query or "")
    assert (target.resource, target.store, target.key, target.query) == expected


@settings(max_examples=examples(200))
@given(st.text(max_size=30) | st.text("/objectsr?:%", max_size=30))
def test_any_target_can_be_taken_apart(raw: str) -> None:
    target = parse_target(raw)
    assert isinstance(target, Target)
    assert target.path in raw
