"""What JSON the emulator accepts: no member twice, no constants of Python, few levels (D13)."""

from __future__ import annotations

import json

from emulator.core.errors import BadRequestError

MAX_LEVELS = 100
"""How deep objects and lists in a JSON body may be nested (D13)."""


class NotJsonError(BadRequestError):
    """The text is not JSON."""

    def __init__(self) -> None:
        super().__init__("The body is not JSON")


def parsed(content: bytes) -> object:
    """Parse a JSON document.

    Raises:
        BadRequestError: it is not JSON, has a member twice, or is nested too deeply.
    """
    try:
        document: object = DECODER.decode(content.decode())
    except RecursionError:
        raise too_deep() from None
    except ValueError:
        raise NotJsonError from None
    require_few_levels(document)
    return document


def require_few_levels(document: object, most: int = MAX_LEVELS) -> None:
    """Refuse a document with more levels than the recursive code behind this can handle.

    Raises:
        BadRequestError: it has more than ``most``.
    """
    level = [document]
    for _ in range(most + 1):
        level = [
            child
            for each in level
            if isinstance(each, (dict, list))
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise too_deep()


def too_deep() -> BadRequestError:
    """The error for a document with too many levels."""
    return BadRequestError(f"The body is nested too deeply: at most {MAX_LEVELS} levels")


def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its members.

    Raises:
        BadRequestError: it has a member twice.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BadRequestError("The body has a member twice in one object")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is Python's, not JSON's")


DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=distinct)
"""Decodes all but the levels, which the caller counts."""
