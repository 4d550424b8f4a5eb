"""What the client of an operation is told, as access logs and metrics have it."""

from __future__ import annotations

from emulator.operation import Operation, Outcome


def answer(operation: Operation) -> tuple[int, Outcome | None, int | None]:
    """The status, the outcome, and the size in bytes of what a success has read or written.

    A fault may have made another thing of it than what was done. An operation without an outcome is
    not answered.
    """
    transfer = operation.transfer
    if transfer is not None:
        if transfer.lost:
            return 0, None, None
        error = transfer.replacement
        if error is not None and operation.status < 400:
            return error.status, error.outcome, None
        if error is not None:  # It has been replaced, or was an error anyway.
            return operation.status, operation.outcome, None
    return operation.status, operation.outcome, operation.size
