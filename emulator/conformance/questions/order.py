"""Which check of an endpoint comes first, and what it says to unknown paths and methods."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from emulator.conformance.answer import Answer
from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.target import Target
from emulator.core.answers import CHECKS

from .question import Question, of_switch

_NO_PATH = "/conformance-no-such-path"


def _order(target: Target) -> str:
    """Put an object with one thing wrong, then with two, and see which of them is told."""
    alone = {check: _told(_put(target, {check})) for check in CHECKS}
    shown = [check for check in CHECKS if alone[check][0] >= 400]
    if not {"key", "permission", "store"} <= set(shown):
        return UNCLEAR
    first: dict[frozenset[str], str] = {frozenset({"key", "permission"}): "key"}
    for pair in combinations(shown, 2):
        if frozenset(pair) in first:
            continue
        won = _winner(pair, alone, _told(_put(target, set(pair))))
        if won is None:
            return UNCLEAR
        first[frozenset(pair)] = won
    wins = {check: sum(won == check for won in first.values()) for check in shown}
    ordered = sorted(shown, key=lambda check: -wins[check])
    if any(first[frozenset(pair)] != pair[0] for pair in combinations(ordered, 2)):
        return "no single order"
    return " ".join([*ordered, *(check for check in CHECKS if check not in shown)])


def _put(target: Target, wrong: set[str]) -> Answer:
    key = "owner"
    if wrong & {"key", "permission"}:
        key = "not-a-key" if "key" in wrong else "viewer"
    store = target.fresh_name() if "store" in wrong else target.store.name
    object_key = "%FF" if "name" in wrong else target.fresh_key()
    query = "?ttl_seconds=abc" if "parameters" in wrong else ""
    return target.request("PUT", f"/objectstore/{store}/{object_key}{query}", body=b"", key=key)


def _told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.message


def _winner(
    pair: tuple[str, ...], alone: Mapping[str, tuple[int, str]], told: tuple[int, str]
) -> str | None:
    """Return which of two faults an answer tells of: by the status, else by the message."""
    by_status = [check for check in pair if alone[check][0] == told[0]]
    by_message = [check for check in pair if alone[check] == told]
    for fits in (by_status, by_message):
        if len(fits) == 1:
            return fits[0]
    return None


def _unknown_path(target: Target) -> str:
    return str(target.request("GET", _NO_PATH).status)


def _unknown_path_without_key(target: Target) -> str:
    without = target.request("GET", _NO_PATH, key=None).status
    is_same = without == target.request("GET", _NO_PATH).status
    return "as with one" if is_same else str(without)


def _unknown_method(target: Target) -> str:
    return str(target.request("PATCH", target.store.path).status)


def _preflight_of_store(target: Target) -> str:
    answer = target.request("OPTIONS", target.store.path, key=None)
    unknown = target.request("PATCH", target.store.path).status
    return "not allowed" if answer.status == unknown else str(answer.status)


QUESTIONS = (
    of_switch("D01", "In which order does it check a Put Object?", _order),
    of_switch("D25.path", "What does it answer to an unknown path?", _unknown_path),
    of_switch("D25.method", "What does it answer to an unknown method?", _unknown_method),
    of_switch(
        "D32",
        "What does it answer to an unknown path without a key?",
        _unknown_path_without_key,
    ),
    Question(
        "D102",
        "What does it answer to OPTIONS of a store?",
        ("not allowed",),
        _preflight_of_store,
        "one answer does not tell which paths a browser may use",
    ),
)
