"""Validate the JSON documents of requests: every refusal names the wrong member (D13)."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from emulator.core.errors import BadRequestError
from emulator.core.redaction import looks_like_credential

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def as_object(value: object, path: str) -> Mapping[str, object]:
    """Return ``value`` as a JSON object.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, dict):
        invalid(path, "it must be a JSON object")
    return value


def items(value: object, path: str) -> list[object]:
    """Return ``value`` as a JSON list.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, list):
        invalid(path, "it must be a list")
    return value


def member(parent: Mapping[str, object], path: str) -> object:
    """Return the member of ``parent`` that the last part of ``path`` names.

    Raises:
        BadRequestError: ``parent`` has no such member.
    """
    name = path.rpartition(".")[2]
    if name not in parent:
        raise BadRequestError(f"Missing {path}")
    return parent[name]


def text(value: object, path: str, *, may_be_empty: bool = False, longest: int = 0) -> str:
    """Return ``value`` as Unicode text, of at most ``longest`` characters if that is not 0.

    Raises:
        BadRequestError: it is something else, empty, or longer.
    """
    if not isinstance(value, str):
        invalid(path, "it must be a string")
    if not value and not may_be_empty:
        invalid(path, "it is empty")
    if longest and len(value) > longest:
        invalid(path, f"it must have at most {longest} characters, this has {len(value)}")
    if _LONE_SURROGATE.search(value):
        invalid(path, "it is not valid Unicode text")
    return value


def whole_number(value: object, path: str) -> int:
    """Return ``value`` as an integer: no fraction, text or boolean.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        invalid(path, "it must be a whole number")
    return value


def forbid_unknown(value: Mapping[str, object], path: str, known: tuple[str, ...]) -> None:
    """Refuse members that are not in ``known``, so that a misspelt name is noticed.

    Raises:
        BadRequestError: there is such a member. The message lists ``known``.
    """
    for name in value:
        if name not in known:
            where = f"{path}.{name}" if path else name
            raise BadRequestError(f"Unknown {where}: known are {', '.join(known) or 'none'}")


def unknown(what: str, name: str, known: Iterable[str], meant: str = "") -> BadRequestError:
    """Return the error for a name that does not exist. It lists those that do, after the sentence
    ``meant`` or a guess at what was meant."""
    names = list(known)
    close = [] if meant else difflib.get_close_matches(name, names, 1)
    if close:
        meant = f"did you mean {close[0]}?"
    hint = f"{meant} There are" if meant else "there are"
    return BadRequestError(f"Unknown {what} {name!r}: {hint} {', '.join(names) or 'none'}")


def no_credential(value: object, path: str) -> None:
    """Refuse a value that contains what may be an API key, since others will see the value.

    Raises:
        BadRequestError: it does.
    """
    if looks_like_credential(value if isinstance(value, str) else json.dumps(value)):
        invalid(path, "it contains what looks like an API key; give the key_id instead")


def invalid(path: str, reason: str) -> NoReturn:
    """Refuse the request because its member ``path`` is invalid.

    Raises:
        BadRequestError: always.
    """
    raise BadRequestError(f"Invalid {path}: {reason}")
