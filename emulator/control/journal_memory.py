"""How much memory a request in the journal takes, and how many of its headers are kept (D124)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from emulator.control.call import as_call
from emulator.core.exchange import Exchange

MAX_HEADER_BYTES = 8 * 1024
"""The most bytes of names and values that the journal keeps of a request's headers."""

EXCHANGE_BYTES = 1024
"""How many bytes Python's objects of a request without headers take."""

HEADER_BYTES = 100
"""How many bytes those of a header take, beside its name and value."""


def count(exchange: Exchange) -> int:
    """Return about how many bytes of memory an exchange takes, once it keeps no more headers than
    it may."""
    headers = _length(exchange.request_headers)
    if headers > MAX_HEADER_BYTES:
        _cut_headers(exchange)
        headers = _length(exchange.request_headers)
    operation, answer = exchange.operation, exchange.response_headers
    kept = len(exchange.request_headers) + (0 if answer is None else len(answer))
    size = EXCHANGE_BYTES + HEADER_BYTES * kept + headers + exchange.sent_head
    size += len(exchange.target) + len(operation.store) + len(operation.key)
    size += len(exchange.refusal)
    for authorization in operation.credentials.authorization:
        size += len(authorization)
    return size


def _cut_headers(exchange: Exchange) -> None:
    """Drop the request's headers beyond ``MAX_HEADER_BYTES``, each as a whole.

    What is left is without credentials: the header that a credential is recognized by may be gone.
    """
    call = as_call(0, exchange)
    kept: list[tuple[bytes, bytes]] = []
    cut, room = 0, MAX_HEADER_BYTES
    for (name, value), shown in zip(exchange.request_headers, call.request_headers, strict=True):
        room -= len(name) + len(value)
        if room < 0:
            cut += len(name) + len(value)
        else:
            kept.append((shown[0].encode(), shown[1].encode()))
    exchange.request_headers, exchange.cut_bytes = tuple(kept), cut
    exchange.target = call.target
    credentials = exchange.operation.credentials
    schemes = (each[:7] for each in credentials.authorization)
    bearer = tuple(each for each in schemes if each.lower() == "bearer ")  # It has a hint.
    exchange.operation.credentials = credentials._replace(authorization=bearer)


def _length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(map(len, chain.from_iterable(headers)))
