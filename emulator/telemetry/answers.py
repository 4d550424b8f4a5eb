"""What the client of an operation is told, as access logs and metrics have it."""

from __future__ import annotations

from emulator.operation import Operation, Outcome


def answer(operation: Operation) -> tuple[int, Outcome | None, int | None]:
    """The status, the outcome, and the size in bytes of what a success has read or written.

    A fault may have made another thing of it than what was done. An operation without an outcome is
    not answered.
    """
    status, outcome = operation.status, operation.outcome
    transfer = operation.transfer
    if transfer is not None:
        if transfer.lost:
            return 0, None, None
        if transfer.replacement is not None and status < 400:
            status, outcome = transfer.replacement.status, transfer.replacement.outcome
    return status, outcome, operation.size if status < 400 else None
