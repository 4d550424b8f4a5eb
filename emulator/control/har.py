"""Export calls as an HTTP archive (HAR 1.2), which browsers and other tools can show."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from emulator.control.call import Call, Headers
from emulator.core.instants import to_text
from emulator.core.version import __version__

_NOTE = re.compile(r"(operation|outcome|fault) ([^,]+)")
"""A part of a comment. The format has no member for these."""

_UNKNOWN = -1
"""The format's value for an unknown size or time."""


def har_document(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Make an archive of its entries."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "momento-objectstore-emulator", "version": __version__},
            "entries": entries,
        }
    }


def entry_of(call: Call, endpoint: str) -> dict[str, Any]:
    """Make the entry of a call to ``endpoint``, without bodies. Times are in milliseconds.

    A member that the format does not have begins with an underscore.
    """
    total = (call.duration or call.first_byte_time or 0) / 1000
    wait = total if call.first_byte_time is None else min(call.first_byte_time / 1000, total)
    return {
        "startedDateTime": to_text(call.time),
        "time": total,
        "request": _request(call, endpoint),
        "response": _response(call),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": total - wait},
        "comment": _comment(call),
        **({"_hints": [hint.document() for hint in call.hints]} if call.hints else {}),
    }


def _comment(call: Call) -> str:
    notes = [f"operation {call.operation}"] if call.operation else []
    notes += [f"outcome {call.outcome}"] if call.outcome else []
    notes += [f"fault {fault}" for fault in call.faults]
    return ", ".join(notes)


def notes_of(comment: str) -> dict[str, list[str]]:
    """Parse the operation, outcome and faults in a comment that this module wrote."""
    notes: dict[str, list[str]] = {}
    for name, value in _NOTE.findall(comment):
        notes.setdefault(name, []).append(value)
    return notes


def _request(call: Call, endpoint: str) -> dict[str, Any]:
    """Describe the request."""
    query = call.target.partition("?")[2]
    cut = {"_headersCut": call.request_headers_cut} if call.request_headers_cut else {}
    return {
        **cut,
        "method": call.method,
        "url": endpoint + call.target if call.target.startswith("/") else call.target,
        "httpVersion": f"HTTP/{call.version}",
        "cookies": [],
        "headers": _headers(call.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": call.request_size,
    }


def _response(call: Call) -> dict[str, Any]:
    """Describe the answer; the format's status of a missing answer is 0."""
    headers = {name.lower(): value for name, value in call.response_headers}
    return {
        "status": call.status or 0,
        "statusText": _phrase(call.status),
        "httpVersion": f"HTTP/{call.version}",
        "cookies": [],
        "headers": _headers(call.response_headers),
        "content": {
            "size": call.response_size,
            "mimeType": headers.get("content-type", ""),
        },
        "redirectURL": headers.get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": call.response_size if call.complete else _UNKNOWN,
    }


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _phrase(status: int | None) -> str:
    try:
        return "" if status is None else HTTPStatus(status).phrase
    except ValueError:
        return ""
