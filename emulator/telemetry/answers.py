"""What the client of an operation is told, as access logs and metrics have it."""

from __future__ import annotations

from emulator.core.operation import Operation
from emulator.core.outcome import Outcome

_NOT_FOUND = 404
_TOO_MANY = 429


def answer(operation: Operation) -> tuple[int, Outcome | None, int | None]:
    """The status, the outcome, and the size in bytes of what a success has read or written.

    A fault may have made another thing of it than what was done. An operation without an outcome is
    not answered, or says that there is no store.
    """
    status, outcome, size = operation.status, operation.outcome, operation.size
    transfer = operation.response_fault
    if transfer is not None:
        if transfer.lost:
            return 0, None, None
        if transfer.replacement is not None:
            size = None
            if status < 400:  # Else it has been replaced already, or was an error anyway.
                status, outcome = transfer.replacement.status, transfer.replacement.outcome
    if outcome is Outcome.BAD_REQUEST:  # What fault rules answer is that, unless it is known (D60).
        if status == _TOO_MANY:
            outcome = Outcome.OPERATIONS_RATE_LIMITED
        elif status == _NOT_FOUND:  # No object, or no store, which would have no log.
            outcome = Outcome.MISS if operation.name == "GetObject" else None
    return status, outcome, size
