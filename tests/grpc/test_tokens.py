"""GenerateDisposableToken, and how permissions of the public protos become ours."""

from __future__ import annotations

from functools import partial
from typing import Any

import jwt
import pytest
from momento_wire_types import permissionmessages_pb2 as messages

from emulator import Emulator
from tests.support.emulators import status_with

from .calls import ALL, CELL, SUPER_USER, Sdk, cache_rule, envelope, refusal, rules, with_key

Types = messages.PermissionsType
CACHE = {"cache_selector": Types.CacheSelector(cache_name="cache")}


def topic_rule(**members: Any) -> Any:
    return Types(topic_permissions=Types.TopicPermissions(**members))


def function_rule(**members: Any) -> Any:
    return Types(function_permissions=Types.FunctionPermissions(**members))


def permissions_in(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False})["permissions"]


def test_a_token_is_known_here_and_has_no_rights_on_stores(emulator: Emulator, sdk: Sdk) -> None:
    made = sdk.dispose()

    assert made.endpoint == CELL
    for presented in (made.api_key, envelope(made)):
        assert status_with(emulator, presented) == 403


def test_a_token_expires_on_the_emulators_clock(emulator: Emulator, sdk: Sdk) -> None:
    emulator.clock.freeze("2026-01-01T00:00:00Z")
    made = sdk.dispose(seconds=60)

    assert made.valid_until == 1767225660
    emulator.clock.advance(60)
    assert status_with(emulator, made.api_key) == 401


def test_the_id_that_a_token_is_given_is_in_the_journal(emulator: Emulator, sdk: Sdk) -> None:
    status_with(emulator, sdk.dispose(token_id="of a user").api_key)

    assert emulator.journal.calls()[-1].key_id == "of a user"
    assert "at most 64 characters" in refusal(lambda: sdk.dispose(token_id="x" * 65))[1]


@pytest.mark.proves("D153")
@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (
            cache_rule(
                role=messages.CacheReadWrite,
                item_selector=Types.CacheItemSelector(key="ké".encode()),
                **CACHE,
            ),
            {
                "type": "cache",
                "permissions": ["read", "write"],
                "caches": {"name": "cache"},
                "items": {"key": "ké"},
            },
        ),
        (
            Types(
                cache_permissions=Types.CachePermissions(
                    role=messages.CacheReadOnly, all_caches=ALL
                )
            ),
            {"type": "cache", "permissions": ["read"], "caches": "*", "items": "*"},
        ),
        (
            cache_rule(
                role=messages.CacheWriteOnly,
                item_selector=Types.CacheItemSelector(key_prefix=b"of/"),
            ),
            {
                "type": "cache",
                "permissions": ["write"],
                "caches": "*",
                "items": {"key_prefix": "of/"},
            },
        ),
        (
            topic_rule(role=messages.TopicReadWrite, all_caches=ALL, all_topics=ALL),
            {"type": "topic", "permissions": ["read", "write"], "caches": "*", "topics": "*"},
        ),
        (
            topic_rule(
                role=messages.TopicReadOnly,
                topic_selector=Types.TopicSelector(topic_name="topic"),
                **CACHE,
            ),
            {
                "type": "topic",
                "permissions": ["read"],
                "caches": {"name": "cache"},
                "topics": {"name": "topic"},
            },
        ),
        (
            topic_rule(
                role=messages.TopicWriteOnly,
                all_caches=ALL,
                topic_selector=Types.TopicSelector(topic_name_prefix="to"),
            ),
            {
                "type": "topic",
                "permissions": ["write"],
                "caches": "*",
                "topics": {"prefix": "to"},
            },
        ),
        (
            function_rule(role=messages.FunctionInvoke, all_caches=ALL, all_functions=ALL),
            {"type": "function", "permissions": ["invoke"], "caches": "*", "functions": "*"},
        ),
        (
            function_rule(
                role=messages.FunctionInvoke,
                all_caches=ALL,
                function_selector=Types.FunctionSelector(function_name_prefix="f"),
            ),
            {
                "type": "function",
                "permissions": ["invoke"],
                "caches": "*",
                "functions": {"prefix": "f"},
            },
        ),
    ],
)
def test_every_kind_of_rule_is_kept(sdk: Sdk, stated: Any, kept: object) -> None:
    made = sdk.dispose(permissions=rules(stated))

    assert permissions_in(made.api_key) == {"rules": [kept]}


@pytest.mark.proves("D153")
@pytest.mark.parametrize(
    ("permissions", "said"),
    [
        (SUPER_USER, "a disposable token cannot be a super-user"),
        (None, "Missing permissions"),
        (rules(), "it is empty; a permission set has at least one rule"),
        (rules(Types()), "permissions[0]: it is for a cache, a topic or a function"),
        (
            rules(cache_rule(), cache_rule(role=messages.CachePermitNone)),
            "permissions[1].role: a rule has to permit something: CacheReadWrite",
        ),
        (rules(cache_rule(role=99)), "permissions[0].role: a rule has to permit something"),
        (
            rules(cache_rule(cache_selector=Types.CacheSelector())),
            "permissions[0].cache: it must be one of all_caches, cache_name",
        ),
        (
            rules(topic_rule(role=messages.TopicReadOnly, all_caches=ALL)),
            "permissions[0].topic: it must be one of all_topics, topic_name, topic_name_prefix",
        ),
        (
            rules(cache_rule(item_selector=Types.CacheItemSelector(key=b"\xff"))),
            "permissions[0].cache_item.key: permission sets have only keys in UTF-8",
        ),
        (
            rules(cache_rule(item_selector=Types.CacheItemSelector(key_prefix=b""))),
            "permissions[0].cache_item.key_prefix: it is empty; to select all, give all_items",
        ),
        (
            rules(cache_rule(cache_selector=Types.CacheSelector(cache_name="*"))),
            "permissions.rules[0].caches.name: it must be a name",
        ),
        (rules(*[cache_rule()] * 21), "it must have at most 20 rules, this has 21"),
    ],
)
def test_what_no_permission_set_expresses_is_refused_with_a_reason(
    sdk: Sdk, permissions: Any, said: str
) -> None:
    status, details = refusal(lambda: sdk.dispose(permissions=permissions))

    assert status == "INVALID_ARGUMENT"
    assert said in details


def test_a_token_lives_from_a_second_to_25_hours(sdk: Sdk) -> None:
    assert sdk.dispose(seconds=90_000).api_key
    for seconds in (0, 90_001):
        status, said = refusal(partial(sdk.dispose, seconds=seconds))
        assert (status, "it must be from 1 to 90000" in said) == ("INVALID_ARGUMENT", True)


def test_a_token_needs_the_right_to_change_credentials(emulator: Emulator, sdk: Sdk) -> None:
    assert refusal(lambda: sdk.dispose(with_key(emulator.api_key("viewer"))))[0] == (
        "PERMISSION_DENIED"
    )
    assert refusal(lambda: sdk.dispose([]))[0] == "UNAUTHENTICATED"
    assert sdk.dispose([], auth_token=emulator.api_key("operator")).api_key
    assert refusal(lambda: sdk.dispose(with_key(sdk.dispose().api_key)))[0] == "PERMISSION_DENIED"
