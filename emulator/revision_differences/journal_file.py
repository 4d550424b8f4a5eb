"""Read journal files: JSON Lines, the document of the API, and HTTP archives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.control.har import notes_of
from emulator.core.errors import BadRequestError
from emulator.core.instants import parse_instant
from emulator.revision_differences.recorded import Headers, RecordedCall


class JournalFileError(ValueError):
    """A file is not a journal. The message says where and why."""


def read_journal(content: bytes) -> list[RecordedCall]:
    """Return the calls in a file, the oldest first.

    The file may be JSON Lines as ``journal export`` writes them, the document of
    ``GET /_emulator/journal``, or an HTTP archive, also a browser's. A call only needs its method
    and its target; other members that are missing or invalid count as unknown.

    Raises:
        JournalFileError: the file has another format.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise JournalFileError(f"line {line} is not UTF-8 text") from None
    try:
        document = _parsed(text)
    except JournalFileError as whole:
        return _lines(text, whole)
    return _of_document(document)


def _lines(text: str, whole: JournalFileError) -> list[RecordedCall]:
    """Return the calls of JSON Lines. ``whole`` says why the text is not one JSON document."""
    calls: list[RecordedCall] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            call = _parsed(line)
        except JournalFileError as error:
            if not calls:
                raise whole from None
            raise JournalFileError(f"line {number} is not JSON: {_without_line(error)}") from None
        calls.append(_call(call, f"line {number}", len(calls) + 1))
    return calls


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        cause = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError):
        cause = "it is nested too deeply, or a number in it is too long"
    raise JournalFileError(cause)


def _without_line(error: JournalFileError) -> str:
    return re.sub(r"^line [0-9]+, ", "", str(error))


def _of_document(document: object) -> list[RecordedCall]:
    if isinstance(document, dict):
        if isinstance(document.get("calls"), list):
            found = enumerate(document["calls"], start=1)
            return [_call(call, f"calls[{number - 1}]", number) for number, call in found]
        log = document.get("log")
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return _of_archive(log["entries"])
        if "method" in document or "target" in document:
            return [_call(document, "line 1", 1)]
    raise JournalFileError(
        "it is JSON, but neither a journal with calls nor an HTTP archive with a log"
    )


def _call(document: object, where: str, number: int) -> RecordedCall:
    if not isinstance(document, dict):
        raise JournalFileError(f"{where} is not a call: it must be a JSON object")
    method, target = _needed(document, "method", where), _needed(document, "target", where)
    return RecordedCall(
        number=_count(document.get("number")) or number,
        method=method,
        target=target,
        status=_status(document.get("status")),
        time=_instant(document.get("time")),
        first_byte_time=_microseconds(document.get("first_byte_ms")),
        operation=_text(document.get("operation")),
        outcome=_text(document.get("outcome")),
        request_size=_count(document.get("request_size")),
        response_size=_count(document.get("response_size")),
        faults=_texts(document.get("faults")),
        request_headers=_headers(document.get("request_headers")),
        response_headers=_headers(document.get("response_headers")),
    )


def _of_archive(entries: list[Any]) -> list[RecordedCall]:
    """Return the calls of an archive, sorted by time: browsers use another order."""
    calls = [_entry(entry, number) for number, entry in enumerate(entries, start=1)]
    return sorted(calls, key=lambda call: (call.time or 0, call.number))


def _entry(entry: object, number: int) -> RecordedCall:
    where = f"log.entries[{number - 1}]"
    if not isinstance(entry, dict):
        raise JournalFileError(f"{where} is not a call: it must be a JSON object")
    request = entry.get("request")
    if not isinstance(request, dict):
        raise JournalFileError(f"{where} has no request")
    response, timings = _members(entry.get("response")), _members(entry.get("timings"))
    notes = notes_of(_text(entry.get("comment")) or "")
    return RecordedCall(
        number=number,
        method=_needed(request, "method", f"{where}.request"),
        target=_needed(request, "url", f"{where}.request"),
        status=_status(response.get("status")),
        time=_instant(entry.get("startedDateTime")),
        first_byte_time=sum(
            _microseconds(timings.get(name)) for name in ("blocked", "send", "wait")
        ),
        operation=notes.get("operation", [None])[-1],
        outcome=notes.get("outcome", [None])[-1],
        request_size=_count(request.get("bodySize")),
        response_size=_count(_members(response.get("content")).get("size")),
        faults=tuple(notes.get("fault", ())),
        request_headers=_headers(request.get("headers")),
        response_headers=_headers(response.get("headers")),
    )


def _needed(document: Mapping[str, object], name: str, where: str) -> str:
    found = _text(document.get(name))
    if found is None:
        raise JournalFileError(f"{where} is not a call: it has no {name}")
    return found


def _text(value: object) -> str | None:
    """Return a text without the lone surrogates that JSON may contain."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(text for text in map(_text, value) if text is not None)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _status(value: object) -> int | None:
    """Return a status; None without an answer, for which an archive has 0."""
    found = _count(value)
    return found if 100 <= found <= 599 else None


def _microseconds(milliseconds: object) -> int:
    if not isinstance(milliseconds, (int, float)) or isinstance(milliseconds, bool):
        return 0
    # NaN and excessive values count as no duration.
    return round(milliseconds * 1000) if 0 <= milliseconds < 1e12 else 0


def _instant(value: object) -> int | None:
    try:
        return parse_instant(value, "time")
    except BadRequestError:
        return None


def _headers(value: object) -> Headers:
    """Return names and values: a journal has them as pairs, an archive as objects."""
    found: list[tuple[str, str]] = []
    for item in value if isinstance(value, list) else ():
        pair = [item.get("name"), item.get("value")] if isinstance(item, dict) else item
        texts = _texts(pair)
        if len(texts) == 2:
            found.append((texts[0], texts[1]))
    return tuple(found)


def _members(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
