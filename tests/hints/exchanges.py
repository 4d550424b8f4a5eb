"""Recorded exchanges as a journal has them, at instants that a test chooses."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.control.hints.finder import Hints
from emulator.control.hints.seen import Setting
from emulator.control.journal import Journal
from emulator.core.exchange import Exchange
from emulator.core.operation import Credentials, Operation
from emulator.core.outcome import Outcome
from emulator.core.revisions import FIRST

MILLISECOND = 1_000_000
"""In ticks of the clock."""

_METHODS = {"GetObject": "GET", "PutObject": "PUT", "CreateOrUpdateObjectStore": "PUT"}


def an_exchange(
    name: str,
    begun: int,
    ended: int = 0,
    *,
    status: int = 200,
    key: str = "key",
    caller: str = "caller",
) -> Exchange:
    """A request that came at ``begun`` (ticks), and has ended if that is not 0."""
    operation = Operation(name, "store", key, 0, credentials=Credentials((caller,), "::1"))
    operation.outcome = Outcome.OK if status < 400 else Outcome.BAD_REQUEST
    operation.status = status
    exchange = Exchange(operation, _METHODS[name], f"/objectstore/store/{key}", (1, 1), (), begun)
    if ended:
        end(exchange, ended)
    return exchange


def end(exchange: Exchange, at: int) -> None:
    exchange.answered = exchange.ended = at


def a_journal(exchanges: Iterable[Exchange] = (), *, size: int = 100) -> Journal:
    """A journal that has recorded these."""
    setting = Setting(enforces_limits=True, cache_max_object_bytes=1)
    journal = Journal(size, hints=lambda record: Hints(record, FIRST, setting))
    for each in exchanges:
        journal.record(each)
    return journal


async def hints_of(journal: Journal) -> list[list[str]]:
    """The ids of the hints of each call."""
    return [[hint.id for hint in call.hints] for call in await journal.calls({})]
