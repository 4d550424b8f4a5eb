"""Changes an input a little, in ways that get past the first check of a parser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    21,
    2**31,
    2**63,
    -(2**63) - 1,
    10**30,
    10**400,
    0.5,
    -0.0,
    1e308,
    "",
    " ",
    "*",
    "a*b?c",
    "0",
    "1h",
    "-1",
    "never",
    "owner",
    "2030-01-01T00:00:00Z",
    "0001-01-01T00:00:00-23:59",
    "\0",
    "\ud800",
    "\u2028",
    "é" * 200,
    "x" * 5000,
    "../..",
    "%2e%2f%00",
    "=",
    "AAAA",
    [],
    {},
    [None],
    {"": None},
)
"""Values at which readers of documents have gone wrong: limits, wrong types, odd texts."""

BYTES = (
    b"",
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b"/",
    b"?",
    b"%",
    b"%00",
    b"%2F",
    b"%ff",
    b"..",
    b"\xff",
    b"\xc3\xa9",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"{",
    b"[",
    b'"',
    b"&",
    b"*",
    b"<<: ",
    b"!!python/object:os.system ",
)
"""Pieces that mean something to one of the parsers."""


def mutate_bytes(data: bytes, tokens: Sequence[bytes], random: Random) -> bytes:
    """Return ``data`` after one to four changes; ``tokens`` are pieces that fit in."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(changed))
        end = min(len(changed), start + random.choice((0, 0, 1, 1, 2, 4, 16, 64)))
        match random.randrange(4):
            case 0:
                changed[start:end] = random.choice(tokens)
            case 1:
                changed[start:end] = random.choice(BYTES)
            case 2:
                changed[start:end] = changed[start:end] * random.choice((0, 2, 3, 50))
            case _:
                changed[start:end] = random.randbytes(end - start)
    return bytes(changed)


def mutate_document(document: Any, others: Sequence[Any], random: Random) -> Any:
    """Return a copy of a JSON value with one to three of its parts changed, removed or added;
    ``others`` are documents to take parts from."""
    for _ in range(random.randint(1, 3)):
        document = _changed(document, others, random)
    return document


def _changed(value: Any, others: Sequence[Any], random: Random) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.85:
        return _changed_object(value, others, random)
    if isinstance(value, list) and value and random.random() < 0.85:
        at = random.randrange(len(value))
        match random.randrange(6):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, value[at]]
            case _:
                return [*value[:at], _changed(value[at], others, random), *value[at + 1 :]]
    return _other(value, others, random)


def _changed_object(value: dict[str, Any], others: Sequence[Any], random: Random) -> Any:
    name = random.choice(list(value))
    match random.randrange(8):
        case 0:
            return {each: value[each] for each in value if each != name}
        case 1:
            return {**value, random.choice((name.upper(), name + "x", "", "\0")): value[name]}
        case 2:
            return {**value, **_an_object(others, random)}
        case _:
            return {**value, name: _changed(value[name], others, random)}


def _other(value: Any, others: Sequence[Any], random: Random) -> Any:
    """A value to put in the place of another."""
    match random.randrange(4):
        case 0 if isinstance(value, str):
            octets = value.encode(errors="surrogatepass")
            return mutate_bytes(octets, BYTES, random).decode(errors="replace")
        case 0 if isinstance(value, (int, float)):
            return -value if random.random() < 0.5 else value * 10**9
        case 1:
            return random.choice(others) if others else None
        case 2:
            return _nested(value, random)
        case _:
            return random.choice(VALUES)


def _an_object(others: Sequence[Any], random: Random) -> dict[str, Any]:
    found = random.choice(others) if others else None
    return found if isinstance(found, dict) else {"x": found}


def _nested(value: Any, random: Random) -> Any:
    for _ in range(random.choice((1, 2, 90, 101, 400))):
        value = [value] if random.random() < 0.5 else {"rules": value}
    return value


def to_json(document: Any) -> bytes:
    """Encode a value, perhaps with texts that no Unicode has; what JSON lacks becomes a text."""
    return json.dumps(document, default=str).encode()
