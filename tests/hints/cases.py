"""Requests that have a hint, and requests like them that have not, by the revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from emulator import Emulator
from emulator.core.revisions import REVISIONS
from tests.support.client import Client
from tests.support.emulators import client

FIRST, LATER = min(REVISIONS), max(REVISIONS)
BOTH = (FIRST, LATER)

NOW = 2_000_000_000
"""What the clock says, in seconds since the Unix epoch."""

CACHED = 64 * 1024
"""The most bytes of an object that the cache takes."""

PER_SECOND = 1024 * 1024
"""The bytes that a store allows in a second, if nothing else is said."""

OBJECT = "/objectstore/media/key"

Act = Callable[[Emulator], object]
"""Sends requests; the last one is looked at."""


class Case(NamedTuple):
    """Requests to an emulator in which the store ``media`` has the object ``key``, and whether the
    last one has the hint."""

    hint: str
    title: str
    act: Act
    comes: bool
    revisions: tuple[str, ...] = BOTH


def asking(
    method: str,
    path: str = OBJECT,
    body: bytes | None = None,
    *,
    role: str = "owner",
    **headers: str,
) -> Act:
    """Send one request; an underscore in a header's name is a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda emulator: client(emulator, role).call(method, path, body, named)


def getting(**headers: str) -> Act:
    return asking("GET", OBJECT, None, role="owner", **headers)


def putting(query: str = "", **headers: str) -> Act:
    return asking("PUT", OBJECT + query, b"body", **headers)


def with_authorization(authorization: str, **headers: str) -> Act:
    """Get the object with this header; ``KEY`` in it is a key that works."""

    def act(emulator: Emulator) -> None:
        shown = authorization.replace("KEY", emulator.api_key())
        Client(emulator.endpoint, shown).call("GET", OBJECT, None, headers)

    return act


def playlist(agent: str, key: str = "live.m3u8", metadata: Mapping[str, str] | None = None) -> Act:
    """Get a playlist as a CDN or a browser does."""

    def act(emulator: Emulator) -> None:
        client(emulator).put("media", key, b"#EXTM3U", metadata=metadata)
        client(emulator).call("GET", f"/objectstore/media/{key}", None, {"User-Agent": agent})

    return act


def with_key_that_expires(seconds: int | None, later: int = 0) -> Act:
    """Get the object, ``later`` seconds after making a key that then had so many left."""

    def act(emulator: Emulator) -> None:
        expires_at = None if seconds is None else NOW + seconds
        key = emulator.create_api_key("viewer", expires_at=expires_at)
        emulator.clock.advance(later)
        Client(emulator.endpoint, key).call("GET", OBJECT)

    return act


def with_token(emulator: Emulator) -> None:
    rules = [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
    token = emulator.create_token({"rules": rules}, expires_in=60)
    assert Client(emulator.endpoint, token).call("GET", OBJECT).status == 200


def moving(size: int, *, get: bool = False) -> Act:
    """Put an object of a size, and get it if that is wanted."""

    def act(emulator: Emulator) -> None:
        client(emulator).put("media", "large", bytes(size))
        if get:
            client(emulator).get("media", "large")

    return act


def creating(*requests: int) -> Act:
    """Create the store again, with so many requests for its object between."""

    def act(emulator: Emulator) -> None:
        owner = client(emulator)
        for count in requests:
            owner.create_store("media")
            for _ in range(count):
                owner.get("media", "key")
        owner.create_store("media")

    return act


def creating_after_deletions(emulator: Emulator) -> None:
    owner = client(emulator)
    for _ in range(4):
        owner.call("DELETE", "/objectstore/media")
        owner.create_store("media")
        owner.get("media", "key")
    owner.create_store("media")


LONG = "x" * 5000

CASES = [
    Case("range-ignored", "a part", getting(Range="bytes=0-1"), comes=True),
    Case("range-ignored", "the head of a part", asking("HEAD", Range="bytes=0-1"), comes=True),
    Case("range-ignored", "the whole", getting(), comes=False),
    Case(
        "range-ignored",
        "a part of nothing",
        asking("GET", OBJECT + "s", Range="bytes=0-1"),
        comes=False,
    ),
    Case("range-ignored", "a Put with Range", putting(Range="bytes=0-1"), comes=False),
    Case("if-none-match-ignored", "a Get", getting(If_None_Match='"a"'), comes=True),
    Case("if-none-match-ignored", "a Put", putting(If_None_Match="*"), comes=True),
    Case("if-none-match-ignored", "another condition", getting(If_Match='"a"'), comes=False),
    Case(
        "if-none-match-ignored",
        "a Put that is refused",
        asking("PUT", OBJECT, b"x", role="viewer", If_None_Match="*"),
        comes=False,
    ),
    Case("if-modified-since-ignored", "a Get", getting(If_Modified_Since="0"), comes=True),
    Case("if-modified-since-ignored", "a Put", putting(If_Modified_Since="0"), comes=False),
    Case("if-modified-since-ignored", "a plain Get", getting(), comes=False),
    Case("delete-not-allowed", "an object", asking("DELETE"), comes=True, revisions=(FIRST,)),
    Case("delete-not-allowed", "an object", asking("DELETE"), comes=False, revisions=(LATER,)),
    Case("delete-not-allowed", "a store", asking("DELETE", "/objectstore/media"), comes=False),
    Case("delete-not-allowed", "another method", asking("POST"), comes=False),
    Case("delete-not-allowed", "a path", asking("DELETE", "/objectstore"), comes=False),
    Case("mo-tag-ignored", "a tag", putting(mo_tag_a="1"), comes=True, revisions=(FIRST,)),
    Case("mo-tag-ignored", "a tag", putting(mo_tag_a="1"), comes=False, revisions=(LATER,)),
    Case("mo-tag-ignored", "metadata", putting(mo_meta_a="1"), comes=False),
    Case(
        "mo-persistence-ignored",
        "ephemeral",
        putting(mo_persistence="ephemeral"),
        comes=True,
        revisions=(FIRST,),
    ),
    Case(
        "mo-persistence-ignored",
        "ephemeral",
        putting(mo_persistence="ephemeral"),
        comes=False,
        revisions=(LATER,),
    ),
    Case("mo-persistence-ignored", "durable", putting(mo_persistence="durable"), comes=False),
    Case(
        "read-concern-ignored",
        "consistent",
        getting(read_concern="consistent"),
        comes=True,
        revisions=(FIRST,),
    ),
    Case(
        "read-concern-ignored",
        "consistent",
        getting(read_concern="consistent"),
        comes=False,
        revisions=(LATER,),
    ),
    Case(
        "read-concern-ignored",
        "of nothing",
        asking("GET", OBJECT + "s", read_concern="consistent"),
        comes=True,
        revisions=(FIRST,),
    ),
    Case("read-concern-ignored", "balanced", getting(read_concern="balanced"), comes=False),
    Case("bearer-refused", "Bearer", with_authorization("Bearer KEY"), comes=True),
    Case("bearer-refused", "in lower case", with_authorization("bearer KEY"), comes=True),
    Case(
        "bearer-refused",
        "with headers that are not kept",
        with_authorization("Bearer KEY", one=LONG, two=LONG),
        comes=True,
    ),
    Case("bearer-refused", "the key alone", with_authorization("KEY"), comes=False),
    Case("bearer-refused", "another scheme", with_authorization("Basic KEY"), comes=False),
    Case("bearer-refused", "an unknown key", with_authorization("bearer"), comes=False),
    Case("metadata-blocked", "a name", putting(mo_meta_host="a"), comes=True),
    Case("metadata-blocked", "a prefix", putting(Mo_Meta_X_Forwarded_For="a"), comes=True),
    Case("metadata-blocked", "another name", putting(mo_meta_hosts="a"), comes=False),
    Case("metadata-blocked", "the header itself", putting(X_Forwarded_For="a"), comes=False),
    Case(
        "metadata-blocked",
        "a Put that is refused",
        asking("PUT", OBJECT, b"x", role="viewer", mo_meta_host="a"),
        comes=False,
    ),
    Case("content-encoding-stored", "gzip", putting(Content_Encoding="gzip"), comes=True),
    Case("content-encoding-stored", "identity", putting(Content_Encoding="identity"), comes=False),
    Case(
        "content-encoding-stored",
        "with metadata",
        putting(Content_Encoding="br", mo_meta_content_encoding="br"),
        comes=False,
    ),
    Case("content-encoding-stored", "a Get", getting(Content_Encoding="gzip"), comes=False),
    Case("put-header-ignored", "a type", putting(Content_Type="image/png"), comes=True),
    Case("put-header-ignored", "an age", putting(cache_control="max-age=60"), comes=True),
    Case("put-header-ignored", "a name", putting(Content_Disposition="attachment"), comes=True),
    Case(
        "put-header-ignored",
        "a type that libraries declare",
        putting(Content_Type="text/plain; charset=utf-8"),
        comes=False,
    ),
    Case(
        "put-header-ignored",
        "with metadata",
        putting(
            Content_Type="image/png",
            mo_meta_content_type="image/png",
            cache_control="no-store",
            Mo_Meta_Cache_Control="no-store",
        ),
        comes=False,
    ),
    Case(
        "put-header-ignored",
        "with other metadata",
        putting(Content_Type="image/png", mo_meta_cache_control="no-store"),
        comes=True,
    ),
    Case("put-header-ignored", "a Get", getting(Content_Type="image/png"), comes=False),
    Case(
        "put-header-ignored",
        "a Put that is refused",
        asking("PUT", OBJECT, b"x", role="viewer", Content_Type="image/png"),
        comes=False,
    ),
    Case("query-ignored", "a misspelt name", putting("?ttl=60"), comes=True),
    Case("query-ignored", "one of two", putting("?ttl_seconds=60&v=1"), comes=True),
    Case("query-ignored", "without a value", putting("?ttl_seconds=60&public"), comes=True),
    Case("query-ignored", "the one that there is", putting("?ttl_seconds=60"), comes=False),
    Case("query-ignored", "no query", putting(), comes=False),
    Case("query-ignored", "a Get", asking("GET", OBJECT + "?v=1"), comes=False),
    Case(
        "query-ignored",
        "a Put that is refused",
        asking("PUT", OBJECT + "?ttl=60", b"x", role="viewer"),
        comes=False,
    ),
    Case("playlist-without-cache-control", "HLS", playlist("Amazon CloudFront"), comes=True),
    Case(
        "playlist-without-cache-control",
        "DASH by its type",
        playlist("Akamai Edge", "live", {"content-type": "application/dash+xml; charset=utf-8"}),
        comes=True,
    ),
    Case(
        "playlist-without-cache-control",
        "with Cache-Control",
        playlist("Amazon CloudFront", metadata={"cache-control": "max-age=1"}),
        comes=False,
    ),
    Case("playlist-without-cache-control", "a browser", playlist("Mozilla/5.0"), comes=False),
    Case(
        "playlist-without-cache-control",
        "a segment",
        playlist("Amazon CloudFront", "1.ts"),
        comes=False,
    ),
    Case(
        "ephemeral-ttl-cut",
        "601 seconds",
        putting("?ttl_seconds=601", mo_persistence="ephemeral"),
        comes=True,
        revisions=(LATER,),
    ),
    Case(
        "ephemeral-ttl-cut",
        "601 seconds",
        putting("?ttl_seconds=601", mo_persistence="ephemeral"),
        comes=False,
        revisions=(FIRST,),
    ),
    Case(
        "ephemeral-ttl-cut",
        "600 seconds",
        putting("?ttl_seconds=600", mo_persistence="ephemeral"),
        comes=False,
    ),
    Case("ephemeral-ttl-cut", "no TTL", putting(mo_persistence="ephemeral"), comes=False),
    Case("ephemeral-ttl-cut", "a durable object", putting("?ttl_seconds=601"), comes=False),
    Case("key-close-to-expiry", "599 seconds", with_key_that_expires(599), comes=True),
    Case("key-close-to-expiry", "600 seconds", with_key_that_expires(600), comes=False),
    Case("key-close-to-expiry", "no end", with_key_that_expires(None), comes=False),
    Case("key-close-to-expiry", "an expired key", with_key_that_expires(5, 5), comes=False),
    Case("key-close-to-expiry", "a disposable token", with_token, comes=False),
    Case("limits-broken", "a Put", moving(PER_SECOND + 1), comes=True, revisions=(LATER,)),
    Case(
        "limits-broken",
        "a Get",
        moving(PER_SECOND + 1, get=True),
        comes=True,
        revisions=(LATER,),
    ),
    Case("limits-broken", "no limits", moving(PER_SECOND + 1), comes=False, revisions=(FIRST,)),
    Case("limits-broken", "just the limit", moving(PER_SECOND), comes=False),
    Case("too-large-for-cache", "a Get", moving(CACHED + 1, get=True), comes=True),
    Case("too-large-for-cache", "just the size", moving(CACHED, get=True), comes=False),
    Case("too-large-for-cache", "a Put", moving(CACHED + 1), comes=False),
    Case("store-created-again", "for each request", creating(1, 1), comes=True),
    Case("store-created-again", "for a Get and a Put", creating(2, 2, 2), comes=True),
    Case("store-created-again", "twice", creating(1), comes=False),
    Case("store-created-again", "now and then", creating(3, 3, 3), comes=False),
    Case("store-created-again", "without a request", creating(0, 0, 0), comes=False),
    Case("store-created-again", "after deletions", creating_after_deletions, comes=False),
]
"""All but the hints that depend on when requests come, which ``test_history`` has."""
