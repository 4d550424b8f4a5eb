"""Metadata that are not kept, because as headers of an answer they would be dangerous."""

from __future__ import annotations

import pytest

from .expect import expect_metadata, expect_object
from .stores import Store

DOCUMENTED = [
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "trailer",
    "te",
    "set-cookie",
    "cookie",
    "authorization",
    "www-authenticate",
    "content-security-policy",
    "x-frame-options",
    "strict-transport-security",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "host",
    "x-forwarded-for",
    "x-real-ip",
    "via",
]
FAMILIES = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-of-no-standard",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-of-no-standard",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "proxy-of-no-standard",
    "forwarded",
    "set-cookie2",
]
SIMILAR = [
    "content-lengths",
    "x-content-length",
    "cookies",
    "hostname",
    "viaduct",
    "tea",
    "trailers",
    "x-frame-options-2",
    "x-real-ip-address",
    "x-forward",
    "proxy",
    "unproxy-x",
    "access",
    "forwarded-by",
]


def spellings(name: str) -> list[str]:
    swapped = "".join(c.upper() if i % 2 else c for i, c in enumerate(name))
    return [name, name.upper(), name.title(), swapped]


@pytest.mark.proves("Put Object: blocked metadata headers")
@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_blocked_metadata_are_ignored(store: Store, name: str) -> None:
    expect_blocked(store, name)


@pytest.mark.proves("D10")
@pytest.mark.parametrize("name", FAMILIES)
def test_families_of_blocked_metadata_are_ignored(store: Store, name: str) -> None:
    expect_blocked(store, name)


def expect_blocked(store: Store, name: str) -> None:
    sent = [(f"mo-meta-{spelling}", "forbidden") for spelling in spellings(name)]
    expect_metadata(store, [*sent, ("mo-meta-kept", "kept")], {"kept": ["kept"]})
    values = [value for _, value in store.get("key").headers.fields]
    assert not [value for value in values if "forbidden" in value]


@pytest.mark.proves("D10")
def test_all_blocked_metadata_at_once_leave_the_others(store: Store) -> None:
    sent: list[tuple[str, str | bytes]] = [("mo-meta-first", "1")]
    sent += [(f"mo-meta-{name}", "forbidden") for name in DOCUMENTED + FAMILIES]
    sent += [("mo-meta-content-type", "image/png"), ("mo-meta-last", "2")]
    expect_metadata(store, sent, {"first": ["1"], "content-type": ["image/png"], "last": ["2"]})
    assert "forbidden" not in [value for _, value in store.get("key").headers.fields]


@pytest.mark.proves("Put Object: blocked metadata headers")
@pytest.mark.parametrize(
    ("name", "value"),
    [("content-length", "2"), ("transfer-encoding", "chunked"), ("connection", "close")],
)
def test_blocked_metadata_cannot_disturb_the_answer(store: Store, name: str, value: str) -> None:
    assert store.put("key", b"a longer body", headers=[(f"mo-meta-{name}", value)]).status == 204
    with store.client.wire() as wire:
        for _ in range(2):
            expect_object(wire.request("GET", store.path_of("key")), b"a longer body")


@pytest.mark.proves("D10")
@pytest.mark.parametrize("name", SIMILAR)
def test_metadata_that_only_resemble_blocked_ones_are_kept(store: Store, name: str) -> None:
    expect_metadata(store, [(f"mo-meta-{name}", "kept")], {name: ["kept"]})
