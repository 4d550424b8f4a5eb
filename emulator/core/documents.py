"""Reading the JSON documents of requests: every refusal names the member that is wrong (D13)."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from emulator.core.errors import BadRequestError
from emulator.core.redaction import looks_like_credential

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def members(value: object, path: str) -> Mapping[str, object]:
    """``value`` as a JSON object.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, dict):
        refuse(path, "it must be a JSON object")
    return value


def items(value: object, path: str) -> list[object]:
    """``value`` as a JSON list.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, list):
        refuse(path, "it must be a list")
    return value


def member(parent: Mapping[str, object], path: str) -> object:
    """The member of ``parent`` that the last part of ``path`` names.

    Raises:
        BadRequestError: there is none.
    """
    name = path.rpartition(".")[2]
    if name not in parent:
        raise BadRequestError(f"Missing {path}")
    return parent[name]


def text(value: object, path: str, *, may_be_empty: bool = False, longest: int = 0) -> str:
    """``value`` as Unicode text, of at most ``longest`` characters if that is not 0.

    Raises:
        BadRequestError: it is something else, empty, or longer.
    """
    if not isinstance(value, str):
        refuse(path, "it must be a string")
    if not value and not may_be_empty:
        refuse(path, "it is empty")
    if longest and len(value) > longest:
        refuse(path, f"it takes at most {longest} characters, this has {len(value)}")
    if _LONE_SURROGATE.search(value):
        refuse(path, "it is not Unicode text")
    return value


def whole_number(value: object, path: str) -> int:
    """``value`` as an integer: no fraction, no text, no boolean.

    Raises:
        BadRequestError: it is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(path, "it must be a whole number")
    return value


def only(value: Mapping[str, object], path: str, known: tuple[str, ...]) -> None:
    """Refuse members that are not known: whoever misspells one should hear of it.

    Raises:
        BadRequestError: there is such a member.
    """
    for name in value:
        if name not in known:
            where = f"{path}.{name}" if path else name
            raise BadRequestError(f"Unknown {where}: known here are {', '.join(known)}")


def unknown(what: str, name: str, known: Iterable[str]) -> BadRequestError:
    """The refusal of a name that is none of those that there are: it lists them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]}? There are" if close else "there are"
    return BadRequestError(f"Unknown {what} {name!r}: {hint} {', '.join(names)}")


def no_credential(value: object, path: str) -> None:
    """Refuse what will be shown to others if it holds what may be an API key.

    Raises:
        BadRequestError: it does.
    """
    if looks_like_credential(value if isinstance(value, str) else json.dumps(value)):
        refuse(path, "it holds what looks like an API key; a key is known by its key_id")


def refuse(path: str, reason: str) -> NoReturn:
    """Refuse the request for what its member ``path`` is.

    Raises:
        BadRequestError: always.
    """
    raise BadRequestError(f"Invalid {path}: {reason}")
