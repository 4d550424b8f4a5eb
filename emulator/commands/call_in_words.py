"""``journal show ID``: one request and its answer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.commands.output import facts, one_line
from emulator.commands.progress import size

_MEANINGS: Mapping[str, str] = {
    "ok": "it was done",
    "cache_hit": "the cache had the object",
    "storage_hit": "storage had the object, and the cache did not",
    "cache_hit_expired": "the cache had the object, but it has expired",
    "storage_hit_expired": "storage had the object, but it has expired",
    "miss": "neither tier had the object",
    "bad_request": "the request was not valid, or the store does not exist",
    "authz_error": "the key is not valid, or its role does not permit this",
    "operations_rate_limited": "more operations a second than the store's limit",
    "throughput_rate_limited": "more bytes a second than the store's limit",
    "internal_error": "a tier failed, or the emulator itself",
}


def in_words(call: Mapping[str, Any]) -> str:
    """Describe a call of the journal."""
    return "\n".join(
        (
            one_line(f"Request {call['number']}: {call['method']} {call['target']}"),
            "",
            facts(
                {
                    "operation": _operation(call),
                    "time": call["time"],
                    "by": _who(call),
                    "answer": _answer(call),
                    "message": call["message"] or "",
                    "outcome": _outcome(call["outcome"]),
                    "took": _took(call),
                    "bodies": f"{size(call['request_size'])} in, {size(call['response_size'])} out",
                    "object age": _seconds(call["object_age_ms"]),
                    "faults": ", ".join(call["faults"]),
                }
            ),
            "",
            *_hints(call["hints"]),
            *_headers("request headers:", call["request_headers"], call["request_headers_cut"]),
            "",
            *_headers("response headers:", call["response_headers"], 0),
        )
    ).rstrip()


def _operation(call: Mapping[str, Any]) -> str:
    name = call["operation"] or "none of the service"
    place = "/".join(filter(None, (call["store"], call["key"])))
    return f"{name}, {place}" if place else name


def _who(call: Mapping[str, Any]) -> str:
    who = call["role_name"] or ("a disposable token" if call["key_id"] else "nobody known")
    key = f" (key {call['key_id']})" if call["key_id"] else ""
    return f"{who}{key} from {call['address'] or 'an unknown address'}"


def _answer(call: Mapping[str, Any]) -> str:
    if call["status"] is None:
        return "none yet" if call["running"] else "none: the connection was cut off"
    if call["complete"]:
        return str(call["status"])
    return f"{call['status']}, {'still being sent' if call['running'] else 'cut off'}"


def _outcome(outcome: str | None) -> str:
    if outcome is None:
        return ""
    return f"{outcome}: {_MEANINGS[outcome]}" if outcome in _MEANINGS else outcome


def _took(call: Mapping[str, Any]) -> str:
    first, whole = call["first_byte_ms"], call["duration_ms"]
    if whole is None:
        return ""
    begun = "" if first is None else f", the answer began after {first:.1f} ms"
    return f"{whole:.1f} ms{begun}"


def _seconds(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"


def _hints(hints: Sequence[Mapping[str, str]]) -> list[str]:
    lines = [f"    {each['id']}: {each['text']} See {each['link']}" for each in hints]
    return ["  hints:", *lines, ""] if lines else []


def _headers(title: str, headers: Sequence[Sequence[str]], cut: int) -> list[str]:
    lines = [f"    {one_line(f'{name}: {value}')}" for name, value in headers]
    if cut:
        lines.append(f"    ... {cut} bytes were not kept")
    return [f"  {title}", *lines] if lines else []
