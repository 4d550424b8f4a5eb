"""Requests and answers as lines of a report."""

from __future__ import annotations

import re

from emulator.core.one_line import one_line
from emulator.core.redaction import redact

from .target import Exchange

_SHOWN_BYTES = 300
_SHOWN_HEADERS = 12


def lines(exchange: Exchange, run: str, *, whole: bool) -> list[str]:
    """Return the lines of one exchange: a line of its own, or with headers and the body's start.

    Names that are made up for the run become ``conformance``, so that two runs can be compared.
    API keys are left out: a report is given to others.
    """
    answer = exchange.answer
    status = "no answer" if answer is None else str(answer.status)
    found = [f"{exchange.method} {exchange.path} -> {status}"]
    if whole:
        found += [f"> {name}: {value}" for name, value in exchange.fields[:_SHOWN_HEADERS]]
        if exchange.sent:
            found.append(f"> {_body(exchange.sent)}")
        if answer is not None:
            found += [f"< {name}: {value}" for name, value in answer.fields[:_SHOWN_HEADERS]]
            if answer.body:
                found.append(f"< {_body(answer.body)}")
    return [redact(_anonymous(line, run)) for line in found]


def _body(body: bytes) -> str:
    shown = one_line(body[:_SHOWN_BYTES].decode("utf-8", "backslashreplace"))
    return shown if len(body) <= _SHOWN_BYTES else f"{shown}... ({len(body)} bytes)"


def _anonymous(line: str, run: str) -> str:
    return re.sub(rf"{re.escape(run)}(-[0-9a-f]{{6}}-\d+)?", "conformance", line)
