"""A request and its answer as the journal shows them, without credentials."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.core.exchange import Exchange
from emulator.core.headers import CONTROL_TOKEN
from emulator.core.instants import to_text
from emulator.core.one_line import one_line
from emulator.core.operation import Credentials
from emulator.core.redaction import decoded_wholly, redact

if TYPE_CHECKING:
    from emulator.control.hints.hint import Hint

REDACTED = "[redacted]"

_SHORTEST_SECRET = 8  # In characters: a shorter word may be part of any text.

_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", CONTROL_TOKEN.lower()}
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the service, and its result so far.

    Attributes:
        number: counts the requests since the journal was last cleared, from 1.
        time: when it arrived, in microseconds since the Unix epoch on the emulator's clock.
        operation: the operation's name, or None if the request is for no operation of the service.
        method: the request's method.
        target: the path and query as they were sent.
        store: the store's name, or empty.
        key: the object's key, or empty.
        key_id: the id of the API key or token, or None if the account does not know it.
        role: the id of the caller's role; tokens have none.
        role_name: the name of the caller's role.
        address: the client's address.
        status: the status of the answer, or None if there was none, or is none yet.
        outcome: how the operation ended, such as ``cache_hit``.
        complete: whether the answer was sent to its end.
        running: whether the emulator still works on the request.
        request_size: how much of the request's body was received, in bytes.
        response_size: how much of the answer's body was sent, in bytes.
        object_age: the age of the object that a Get found, in microseconds.
        first_byte_time: time until the answer began, in microseconds of real time.
        duration: time until the answer ended, in microseconds of real time.
        faults: the ids of the fault rules that fired.
        request_headers: names and values, in the order in which they were sent.
        response_headers: names and values.
        version: the version of HTTP, such as ``1.1``.
        request_headers_cut: how many bytes of the request's headers the journal has not kept.
        message: what the answer says, if it is an error, such as ``Store Not Found``.
        hints: what the request leans on that nobody promised (D165).

    The store and the key are decoded as far as they can be; those of a 405 are as they came.
    """

    number: int
    time: int
    operation: str | None
    method: str
    target: str
    store: str
    key: str
    key_id: str | None
    role: str | None
    role_name: str | None
    address: str | None
    status: int | None
    outcome: str | None
    complete: bool
    running: bool
    request_size: int
    response_size: int
    object_age: int | None
    first_byte_time: int | None
    duration: int | None
    faults: tuple[str, ...]
    request_headers: Headers
    response_headers: Headers
    version: str = "1.1"
    request_headers_cut: int = 0
    message: str | None = None
    hints: tuple[Hint, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the call as JSON values, with durations in milliseconds."""
        return {
            "number": self.number,
            "time": to_text(self.time),
            "operation": self.operation,
            "method": self.method,
            "target": self.target,
            "store": self.store,
            "key": self.key,
            "key_id": self.key_id,
            "role": self.role,
            "role_name": self.role_name,
            "address": self.address,
            "status": self.status,
            "outcome": self.outcome,
            "message": self.message,
            "complete": self.complete,
            "running": self.running,
            "request_size": self.request_size,
            "response_size": self.response_size,
            "object_age_ms": milliseconds(self.object_age),
            "first_byte_ms": milliseconds(self.first_byte_time),
            "duration_ms": milliseconds(self.duration),
            "faults": list(self.faults),
            "hints": [hint.document() for hint in self.hints],
            "request_headers": [list(pair) for pair in self.request_headers],
            "request_headers_cut": self.request_headers_cut,
            "response_headers": [list(pair) for pair in self.response_headers],
        }

    def __str__(self) -> str:
        """Return the call in one line."""
        if self.status is not None:
            became = " ".join(filter(None, (str(self.status), self.outcome)))
        else:
            became = "running" if self.running else "no answer"
            became += f" (the operation ended as {self.outcome})" if self.outcome else ""
        if self.message:
            became += f" ({one_line(self.message)})"
        if not self.complete and self.status is not None:
            became += ", not complete"
        sizes = f"{self.request_size} B in, {self.response_size} B out"
        who = f"by {one_line(self.role_name or self.key_id or 'nobody known')}"
        faults = f", faults: {', '.join(self.faults)}" if self.faults else ""
        hints = f", hints: {', '.join(hint.id for hint in self.hints)}" if self.hints else ""
        asked = one_line(f"{self.method} {self.target}")
        if self.operation is not None:
            asked = f"{self.operation} ({asked})"
        return f"#{self.number} {asked}: {became}, {sizes}, {who}{faults}{hints}"


def as_call(number: int, exchange: Exchange, hints: tuple[Hint, ...] = ()) -> Call:
    """Make a call of ``exchange``, without credentials."""
    operation = exchange.operation
    secrets = _secrets(operation.credentials)
    ended, answered, begun = exchange.ended, exchange.answered, exchange.begun
    return Call(
        number=number,
        time=operation.started_at,
        operation=operation.name or None,
        method=exchange.method,
        target=_target(exchange.target, secrets),
        store=redact(operation.store),
        key=redact(operation.key),
        key_id=operation.key_id,
        role=operation.role_id,
        role_name=operation.role_name,
        address=operation.credentials.address,
        status=exchange.status,
        outcome=None if operation.outcome is None else str(operation.outcome),
        complete=exchange.whole,
        running=not ended,
        request_size=exchange.received if exchange.body is None else exchange.body.total_bytes,
        response_size=exchange.sent,
        object_age=operation.object_age,
        first_byte_time=(answered - begun) // 1000 if answered else None,
        duration=(ended - begun) // 1000 if ended else None,
        faults=operation.faults,
        request_headers=_shown(
            ((_text(name), _text(value)) for name, value in exchange.request_headers), secrets
        ),
        response_headers=_shown(_items(exchange.response_headers), secrets),
        version="{}.{}".format(*exchange.version),
        request_headers_cut=exchange.cut_bytes,
        message=_message(exchange, secrets),
        hints=hints,
    )


def _message(exchange: Exchange, secrets: Sequence[str]) -> str | None:
    """Return the message of an answer that is an error."""
    if not exchange.refusal:
        return None
    try:
        message = json.loads(exchange.refusal)["message"]
    except (ValueError, LookupError, TypeError):
        return None
    return _without(str(message), secrets)


def _shown(headers: Iterable[tuple[str, str]], secrets: Sequence[str]) -> Headers:
    return tuple(
        (
            redact(name, any_case=True),
            REDACTED if name.lower() in _SECRET_HEADERS else _without(value, secrets),
        )
        for name, value in headers
    )


def _target(target: str, secrets: Sequence[str]) -> str:
    """Return the target as it was sent, or decoded if its escapes would hide a credential."""
    decoded = decoded_wholly(target)
    if decoded is None:
        return REDACTED
    shown = _without(decoded, secrets)
    return _without(target, secrets) if shown == decoded else shown


def _secrets(credentials: Credentials) -> list[str]:
    """Return every word of the request's ``Authorization`` headers that may be a credential."""
    words = (word for shown in credentials.authorization for word in shown.split())
    return [word for word in words if len(word) >= _SHORTEST_SECRET]


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return redact(text)


def _items(headers: Mapping[str, str] | None) -> Iterable[tuple[str, str]]:
    return () if headers is None else headers.items()


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def milliseconds(microseconds: int | None) -> float | None:
    """Convert a duration to milliseconds, with the fraction."""
    return None if microseconds is None else microseconds / 1000
