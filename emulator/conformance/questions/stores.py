"""Questions about stores: their bodies, lists, caches, limits, and what a deleted one leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.conformance.answer import Answer
from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.statements.statement import SECOND
from emulator.conformance.target import Store, Target

from .question import Question, by_status, of_switch

_MOST_REQUESTS = 150
"""How many requests find out about a burst: as many as the longest burst has, at two a second."""

_TRIES = 3

_PER_SECOND = 2
"""The limit of a store whose burst is measured."""

_AUTH_PER_SECOND = 5
_AUTH_REST = 10.0
"""How long the bucket of the Auth APIs is left to fill, in seconds."""


def _try_body(target: Target, body: object, kept: str) -> str:
    """Create a store with this body, and delete it if that works."""
    store = Store(target, target.fresh_name())
    answer = store.configure(body)
    if answer.status == 201:
        store.remove()
    return by_status(answer.status, s201=kept, s400="refused", s422="refused")


def _unknown_member(target: Target) -> str:
    return _try_body(target, target.store_body(conformance=1), "ignored")


def _again(store: Store, body: object) -> None:
    """Delete a store, and create it again."""
    removed, created = store.remove(), store.configure(body)
    assert removed.status in (200, 204), f"the deletion of a store is {removed.status}"
    assert created.status == 201, f"the creation of a store is {created.status}"


def _objects_left(target: Target) -> str:
    body = target.store_body()
    with target.new_store(body) as store:
        assert store.put("conformance", b"durable").status == 204, "a Put is refused"
        _again(store, body)
        return by_status(store.get("conformance").status, s200="kept", s404="removed")


def _cache_left(target: Target) -> str:
    body, ephemeral = target.store_body(), [("mo-persistence", "ephemeral")]
    with target.new_store(body) as store:
        put = store.put("conformance", b"ephemeral", headers=ephemeral)
        assert put.status == 204, "an ephemeral Put is refused"
        _again(store, body)
        return by_status(store.get("conformance").status, s200="kept", s404="removed")


def _order_of_list(target: Target) -> str:
    later = Store(target, f"{target.run}-z-{target.fresh_name()[-4:]}")
    earlier = Store(target, f"{target.run}-a-{target.fresh_name()[-4:]}")
    try:
        for store in (later, earlier):
            assert store.configure(target.store_body()).status == 201, "no store is made"
        document = target.request("GET", "/objectstore").json()
        names = [each["name"] for each in document["object_stores"]]
        if names == sorted(names):
            return "by name"
        in_order = names.index(later.name) < names.index(earlier.name)
        return "by creation" if in_order else "another"
    finally:
        later.remove()
        earlier.remove()


def _other_prefix(target: Target) -> str:
    with target.new_store() as store:
        assert store.put("conformance", b"old").status == 204, "a Put is refused"
        moved = store.configure(target.store_body())
        assert moved.status == 200, f"an update is {moved.status}"
        return by_status(store.get("conformance").status, s200="kept", s404="empty")


def _two_stores(target: Target) -> str:
    body = target.store_body()
    with target.new_store(body) as one, target.new_store(body) as other:
        one.put("conformance", b"old")
        if other.get("conformance").body != b"old":
            return "not the same objects"
        one.put("conformance", b"new")
        return {b"old": "one each", b"new": "one"}.get(other.get("conformance").body, UNCLEAR)


def _deletion_body(target: Target) -> str:
    with target.new_store() as store:
        body = store.remove().body
        return body.decode("utf-8", "replace") or "none"


def _listed_for_some(target: Target) -> str:
    """List the stores with a key whose role has rules for one store alone."""
    with target.new_store() as named, target.new_store() as other:
        rules = [
            {"type": "resource_management", "permissions": ["list"], "resources": "*"},
            {
                "type": "store",
                "permissions": ["read"],
                "stores": {"name": named.name},
                "items": "*",
            },
        ]
        answer = target.request("GET", "/objectstore", key=key_with(target, rules))
        if answer.status != 200:
            return str(answer.status)
        names = [each["name"] for each in answer.json()["object_stores"]]
        if named.name not in names:
            return UNCLEAR
        return "all" if other.name in names else "named"


def key_with(target: Target, rules: object, conditions: Sequence[object] = ()) -> str:
    """Make a key of a new role with these rules."""
    permissions = {"rules": rules, "conditions": list(conditions)}
    document = {"role_name": target.fresh_name(), "permissions": permissions}
    answer = target.send_json("POST", "/roles", document)
    assert answer.status == 200, f"no role is made: {answer.status}"
    return str(target.new_key(answer.json()["role_id"])["api_key"])


def _limits(target: Target, **limits: int) -> dict[str, Any]:
    return target.store_body(object_store_limits=limits)


def _burst(target: Target) -> str:
    with target.new_store(_limits(target, read_operations_per_second=_PER_SECOND)) as store:
        path = store.path_of("conformance")
        return _measured(target, _PER_SECOND, lambda: target.request("GET", path, retry=False))


def _auth_burst(target: Target) -> str:
    target.wait(_AUTH_REST)
    return _measured(
        target, _AUTH_PER_SECOND, lambda: target.request("GET", "/api-keys", retry=False)
    )


def _measured(target: Target, per_second: int, send: Callable[[], Answer]) -> str:
    """Send requests until one is refused; return how many seconds of the limit were there."""
    begun = target.now()
    for count in range(_MOST_REQUESTS):
        refilled = (target.now() - begun) * per_second
        if send().status == 429:
            # Less than one token is left over, so this is rounded up to the burst.
            return str(max(0, math.ceil((count - refilled) / per_second)))
    return "no limit"


def _exhausted(target: Target, store: Store) -> bool:
    """Put until the store refuses because of its rate."""
    path = store.path_of("conformance")
    return any(
        target.request("PUT", path, body=b"", retry=False).status == 429
        for _ in range(_MOST_REQUESTS)
    )


def _limit_or_parameters(target: Target) -> str:
    with target.new_store(_limits(target, write_operations_per_second=1)) as store:
        path = store.path_of("conformance", "ttl_seconds=abc")
        for _ in range(_TRIES):  # A slow network may give the limit time to allow one more.
            assert _exhausted(target, store), "no limit"
            status = target.request("PUT", path, body=b"", retry=False).status
            if status != 400:
                break
        return by_status(status, s400="after the parameters", s429="before the parameters")


def _head_counts(target: Target) -> str:
    with target.new_store(_limits(target, read_operations_per_second=1)) as store:
        store.put("conformance", b"body")
        for _ in range(_MOST_REQUESTS):
            status = target.request("HEAD", store.path_of("conformance"), retry=False).status
            if status != 200:
                return "counts" if status == 429 else UNCLEAR
        return "does not count"


def _zero_limit(target: Target) -> str:
    return _try_body(target, _limits(target, read_operations_per_second=0), "accepted")


def _unknown_cluster(target: Target) -> str:
    cache = {"valkey_cluster": {"cluster_name": target.fresh_name()}}
    answer = _try_body(target, target.store_body(cache_config=cache), "any")
    return "must exist" if answer == "refused" else answer


def _form_of_endpoints(target: Target) -> str:
    zones = target.request("GET", "/endpoints").json()
    if not isinstance(zones, Mapping):
        return UNCLEAR
    addresses = [each.get("socket_address", "") for zone in zones.values() for each in zone]
    hosts = [address.rpartition(":")[0] for address in addresses]
    if not all(hosts):
        return UNCLEAR
    numeric = all(set(host) <= set("0123456789abcdef.:[]") for host in hosts)
    return "ip:port" if numeric else "host:port"


def _malformed_cluster(target: Target) -> str:
    return str(target.request("GET", "/ec-cluster/a%20b").status)


QUESTIONS = (
    of_switch("D12", "What becomes of unknown members of a store's JSON?", _unknown_member),
    of_switch("D15.objects", "What becomes of the objects of a deleted store?", _objects_left),
    of_switch("D15.cache", "What becomes of the cache of a deleted store?", _cache_left),
    Question(
        "D24",
        "In which order are stores listed?",
        ("by name",),
        _order_of_list,
        "the account keeps no order of stores",
    ),
    of_switch("D26", "How large is the burst of a store's limit, in seconds of it?", _burst),
    of_switch("D28", "What is in the cache of a store that gets another prefix?", _other_prefix),
    of_switch("D29", "Have two stores over one bucket and prefix one cache?", _two_stores),
    of_switch("D37", "Which body has the answer to the deletion of a store?", _deletion_body),
    of_switch(
        "D41",
        "Which stores are listed for a key whose rules name one?",
        _listed_for_some,
    ),
    Question(
        "D94",
        "Can a limit of a store be 0?",
        ("refused",),
        _zero_limit,
        "a limit of 0 would be a store that nobody can read",
        revisions=(SECOND,),
    ),
    of_switch("D99", "Is the limit checked before the parameters?", _limit_or_parameters),
    Question(
        "D100",
        "Does a HEAD count against the limit of reads?",
        ("counts",),
        _head_counts,
        "HEAD is served as GET",
        revisions=(SECOND,),
    ),
    Question(
        "D106",
        "Must a store's cluster exist?",
        ("must exist", "any"),
        _unknown_cluster,
        "it is an option: --strict-clusters",
        revisions=(SECOND,),
    ),
    Question(
        "D110",
        "What are the addresses of GET /endpoints?",
        ("ip:port",),
        _form_of_endpoints,
        "clients resolve no names there",
        revisions=(SECOND,),
    ),
    Question(
        "D135",
        "What does it answer to a malformed name of a cluster?",
        ("400",),
        _malformed_cluster,
        "names of clusters have the rules of stores",
    ),
    of_switch(
        "D145",
        "How large is the burst of the limit of the Auth APIs, in seconds of it?",
        _auth_burst,
    ),
)
