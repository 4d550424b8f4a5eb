"""What HAR 1.2 requires of an archive, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_NAMES_AND_VALUES = ("name", "value")


def check(archive: Any) -> list[Any]:
    """The entries of an archive, which has all that the format requires, in the right types."""
    log = _member(archive, "log", dict)
    assert _member(log, "version", str) == "1.2"
    creator = _member(log, "creator", dict)
    assert _member(creator, "name", str)
    assert _member(creator, "version", str)
    entries: list[Any] = _member(log, "entries", list)
    for entry in entries:
        _check_entry(entry)
    return entries


def _check_entry(entry: Any) -> None:
    started = datetime.fromisoformat(_member(entry, "startedDateTime", str).replace("Z", "+00:00"))
    assert started.tzinfo is not None
    total = _number(entry, "time", least=0)
    _check_request(_member(entry, "request", dict))
    _check_response(_member(entry, "response", dict))
    assert isinstance(_member(entry, "cache", dict), dict)
    timings = _member(entry, "timings", dict)
    known = [_number(timings, name, least=0) for name in ("send", "wait", "receive")]
    # "The time value of the request must be equal to the sum of the timings supplied."
    assert abs(sum(known) - total) < 1e-6, (timings, total)
    assert isinstance(entry.get("comment", ""), str)


def _check_request(request: Any) -> None:
    assert _member(request, "method", str)
    assert _member(request, "url", str).startswith("http://")
    _check_message(request)
    for pair in _member(request, "queryString", list):
        _check_pair(pair)


def _check_response(response: Any) -> None:
    status = _member(response, "status", int)
    assert status == 0 or 100 <= status <= 599
    assert isinstance(_member(response, "statusText", str), str)
    assert isinstance(_member(response, "redirectURL", str), str)
    content = _member(response, "content", dict)
    assert _number(content, "size", least=0) is not None
    assert isinstance(_member(content, "mimeType", str), str)
    _check_message(response)


def _check_message(message: Any) -> None:
    assert _member(message, "httpVersion", str)
    assert isinstance(_member(message, "cookies", list), list)
    for header in _member(message, "headers", list):
        _check_pair(header)
    for name in ("headersSize", "bodySize"):
        assert _number(message, name, least=-1) == int(message[name])


def _check_pair(pair: Any) -> None:
    for name in _NAMES_AND_VALUES:
        assert isinstance(_member(pair, name, str), str)


def _member(parent: Any, name: str, kind: type) -> Any:
    assert isinstance(parent, Mapping), parent
    assert name in parent, f"{name} is missing in {parent}"
    value = parent[name]
    assert isinstance(value, kind), f"{name} is {value!r}"
    assert kind is not int or not isinstance(value, bool)
    return value


def _number(parent: Any, name: str, *, least: int) -> float:
    assert name in parent, f"{name} is missing in {parent}"
    value = parent[name]
    assert isinstance(value, (int, float)), f"{name} is {value!r}"
    assert not isinstance(value, bool)
    assert value >= least, f"{name} is {value!r}"
    return float(value)
