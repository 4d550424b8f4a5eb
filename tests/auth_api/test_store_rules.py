"""Which objects a `store` rule opens for Get and Put."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.contract.expect import OBJECT_NOT_FOUND, expect_error, expect_object
from tests.contract.stores import Store, Stores

from .api import Api
from .permission_sets import PermissionSet, Rule, allow, objects, rule

pytestmark = [pytest.mark.proves("Permission set"), pytest.mark.proves("D18")]

FILM = {"name": "film"}


class Case(NamedTuple):
    """A selection of objects in two stores, and paths below `/objectstore` in and out of it."""

    stores: object
    items: object
    inside: tuple[str, ...]
    outside: tuple[str, ...]


CASES = {
    "everything": Case("*", "*", ("film/a", "song/a", "film/a/b", "song/%F0%9F%94%91"), ()),
    "a-store": Case(
        FILM, "*", ("film/a", "film/a/b", "f%69lm/a", "film/song"), ("song/a", "song/film/a")
    ),
    "no-store-of-that-case": Case({"name": "Film"}, "*", (), ("film/a", "song/a")),
    "no-store-of-that-prefix": Case({"name": "fil"}, "*", (), ("film/a",)),
    "no-store-of-that-pattern": Case({"name": "f*"}, "*", (), ("film/a",)),
    "a-key-in-every-store": Case(
        "*", {"key": "a"}, ("film/a", "song/a", "film/%61"), ("film/b", "film/a/", "film//a")
    ),
    "a-key": Case(
        FILM,
        {"key": "a/b.ts"},
        ("film/a/b.ts", "film/a%2Fb.ts", "film/%61%2fb%2Ets"),
        (
            "film/a/b",
            "film/a/b.ts/",
            "film/A/b.ts",
            "film/a//b.ts",
            "song/a/b.ts",
            "film/a%252Fb.ts",
        ),
    ),
    "a-key-with-a-percent-sign": Case(
        FILM, {"key": "a%2Fb"}, ("film/a%252Fb", "film/%61%252Fb"), ("film/a%2Fb", "film/a/b")
    ),
    "a-key-of-other-letters": Case(
        FILM,
        {"key": "é 🔑"},
        ("film/%C3%A9%20%F0%9F%94%91", "film/%c3%a9%20%f0%9f%94%91"),
        ("film/e%CC%81%20%F0%9F%94%91", "film/%C3%A9+%F0%9F%94%91", "film/%C3%89%20%F0%9F%94%91"),
    ),
    "a-key-that-looks-like-a-pattern": Case(
        FILM, {"key": "*"}, ("film/*", "film/%2A"), ("film/a",)
    ),
    "a-prefix": Case(
        FILM,
        {"key_prefix": "live/"},
        (
            "film/live/",
            "film/live/a",
            "film/live%2Fa",
            "film/%6Cive/a",
            "film/live//",
            "film/live/../a",
        ),
        (
            "film/live",
            "film/Live/a",
            "film//live/a",
            "film/a/live/b",
            "film/./live/a",
            "song/live/a",
        ),
    ),
    "a-prefix-that-ends-in-a-name": Case(
        FILM, {"key_prefix": "se"}, ("film/se", "film/seg1.ts", "film/se/"), ("film/s", "film/SE")
    ),
    "a-prefix-in-every-store": Case(
        "*", {"key_prefix": "live/"}, ("film/live/a", "song/live/a"), ("film/a", "song/a")
    ),
    "a-prefix-with-a-percent-sign": Case(
        FILM,
        {"key_prefix": "100%"},
        ("film/100%25", "film/100%2525", "film/100%25/a"),
        ("film/100",),
    ),
    "a-prefix-of-other-letters": Case(
        FILM,
        {"key_prefix": "é/"},
        ("film/%C3%A9/a", "film/%C3%A9%2Fa"),
        ("film/e/a", "film/%C3%A8/a"),
    ),
}


@pytest.fixture
def film(stores: Stores) -> Store:
    stores.create(name="song")
    return stores.create(name="film")


def keyed(owner: Api, *rules: Rule) -> Api:
    """A client with a key that these rules are all of."""
    return owner.with_key(owner.key_with(allow(*rules)))


def path(where: str) -> str:
    return f"/objectstore/{where}"


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize("kind", ["key", "token"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_opens_what_it_selects_and_nothing_else(owner: Api, case: Case, kind: str) -> None:
    def holder(permission: str) -> Api:
        permissions: PermissionSet = allow(
            objects(permission, stores=case.stores, items=case.items)
        )
        if kind == "token":
            return owner.with_key(owner.new_token(permissions))
        return owner.with_key(owner.key_with(permissions))

    reader, writer = holder("read").client, holder("write").client
    for where in case.inside + case.outside:
        assert owner.client.put(path(where), b"old").status == 204
        allowed = where in case.inside
        assert reader.get(path(where)).status == (200 if allowed else 403), where
        assert reader.head(path(where)).status == (200 if allowed else 403), where
        expect_error(writer.get(path(where)), 403)
        expect_error(reader.put(path(where), b"new"), 403)
        assert owner.client.get(path(where)).body == b"old"
        assert writer.put(path(where), b"new").status == (204 if allowed else 403), where
        assert owner.client.get(path(where)).body == (b"new" if allowed else b"old")


def test_reading_and_writing_can_be_permitted_together(owner: Api, film: Store) -> None:
    both = film.seen_by(keyed(owner, objects("read", "write")).client)
    assert both.put("key", b"body").status == 204
    expect_object(both.get("key"), b"body")


def test_a_rule_that_lists_opens_no_object(owner: Api, film: Store) -> None:
    film.put("key", b"body")
    lister = film.seen_by(keyed(owner, objects("list")).client)
    expect_error(lister.get("key"), 403)
    expect_error(lister.put("key", b"new"), 403)


def test_several_rules_are_a_union(owner: Api, film: Store) -> None:
    holder = keyed(
        owner,
        objects("read", stores=FILM, items={"key_prefix": "live/"}),
        objects("read", stores=FILM, items={"key": "index"}),
        objects("read", stores={"name": "song"}),
        objects("write", stores=FILM, items={"key_prefix": "upload/"}),
        rule("cache", "read", "write"),
    ).client
    for where in ("film/live/a", "film/index", "film/other", "film/upload/a", "song/a"):
        assert film.client.put(path(where), b"old").status == 204
    for where in ("film/live/a", "film/index", "song/a"):
        expect_object(holder.get(path(where)), b"old")
        expect_error(holder.put(path(where), b"new"), 403)
    assert holder.put(path("film/upload/a"), b"new").status == 204
    for where in ("film/upload/a", "film/other"):
        expect_error(holder.get(path(where)), 403)
    for where in ("film/other", "song/upload/a"):
        expect_error(holder.put(path(where), b"new"), 403)


@pytest.mark.parametrize(
    "other",
    [
        rule("cache", "read", "write", "list"),
        rule("topic", "read", "write", "list"),
        rule("database", "read", "write"),
        rule("function", "invoke"),
        rule("auth_management", "read", "write", "list"),
        rule("account_management", "read", "list"),
        rule("resource_management", "read", "write", "list"),
    ],
    ids=lambda given: given["type"],
)
def test_rules_of_other_types_open_no_object(owner: Api, film: Store, other: Rule) -> None:
    film.put("key", b"body")
    holder = film.seen_by(keyed(owner, other).client)
    expect_error(holder.get("key"), 403)
    expect_error(holder.put("key", b"new"), 403)


@pytest.mark.proves("D01")
def test_what_lies_outside_is_403_whether_it_exists_or_not(owner: Api, film: Store) -> None:
    film.put("there", b"body")
    holder = keyed(owner, objects("read", "write", stores=FILM, items={"key": "mine"})).client
    for where in ("film/there", "film/nothing", "nowhere/mine", "nowhere/nothing"):
        expect_error(holder.get(path(where)), 403)
        expect_error(holder.put(path(where) + "?ttl_seconds=x", b"new"), 403)
    expect_error(holder.get(path("film/mine")), 404, OBJECT_NOT_FOUND)
    expect_error(holder.put(path("film/mine") + "?ttl_seconds=x", b"new"), 400)


@pytest.mark.proves("D01")
def test_a_malformed_path_is_400_before_403(owner: Api, film: Store) -> None:
    holder = keyed(owner, objects("read", "write", stores=FILM, items={"key": "mine"})).client
    for where in ("film/%zz", "film/%FF", "film/", "f*lm/key", "song/%00"):
        expect_error(holder.get(path(where)), 400)
        expect_error(holder.put(path(where), b"new"), 400)
    expect_error(film.client.with_key("unknown").get(path("film/%zz")), 401)


def test_a_rule_may_name_a_store_before_there_is_one(owner: Api, stores: Stores) -> None:
    holder = keyed(owner, objects("read", "write", stores={"name": "later"})).client
    expect_error(holder.put(path("later/key"), b"body"), 404, "Store Not Found")
    stores.create(name="later")
    assert holder.put(path("later/key"), b"body").status == 204
    expect_object(holder.get(path("later/key")), b"body")
