"""What the client of an operation is told, as access logs and metrics have it."""

from __future__ import annotations

from typing import NamedTuple

from emulator.operation import Operation, Outcome


class Answer(NamedTuple):
    """The status, the outcome and the size in bytes of what was read or written; an operation
    without an outcome is not answered."""

    status: int
    outcome: Outcome | None
    size: int | None


def answer(operation: Operation) -> Answer:
    """What the client is told, which a fault may have made another thing than what was done."""
    transfer = operation.transfer
    if transfer is not None:
        if transfer.lost:
            return Answer(0, None, None)
        if transfer.replacement is not None and operation.status < 400:
            return Answer(transfer.replacement.status, transfer.replacement.outcome, None)
    return Answer(operation.status, operation.outcome, operation.size)
