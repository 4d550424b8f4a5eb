"""End of operations: the only place that decides status, outcome, size and time of each."""

from __future__ import annotations

import logging

from emulator.core.clock import Clock
from emulator.core.errors import ServiceError, StoreNotFoundError
from emulator.core.operation import ON_OBJECTS, Observer, Operation
from emulator.core.outcome import Outcome
from emulator.core.response_fault import CutOffError

logger = logging.getLogger("emulator.operations")


class Completion:
    """Completes the record of each operation, and calls ``observers`` for those on objects.

    The journal, the access log, the metrics, the counts of the tiers and the debug log only read
    the record.
    """

    def __init__(self, clock: Clock) -> None:
        self.observers: list[Observer] = []
        self._clock = clock

    def end(
        self, operation: Operation, status: int = 0, error: BaseException | None = None
    ) -> None:
        """Decide the result of ``operation``, after its work and before its answer is sent.

        ``status`` is the status of a success, ``error`` the cause of a failure. A fault rule may
        replace the answer to a success, or lose the answer; a lost answer has the status 0.
        """
        fault = operation.response_fault
        if error is None and fault is not None:
            error = fault.replacement
        if error is None:
            operation.status, operation.outcome = status, operation.found or Outcome.OK
        else:
            _note_failure(operation, error)
        if fault is not None and fault.lost:
            operation.status = 0
        if operation.name not in ON_OBJECTS:
            return
        now = self._clock.now()  # Before ``started_at``, if the clock was set back meanwhile.
        operation.total_time = max(0, now - operation.started_at - operation.client_time)
        if operation.object_created_at is not None:
            operation.object_age = max(0, now - operation.object_created_at)
        for observer in self.observers:
            try:
                observer(operation)
            except Exception:  # An observer must not change what it observes.
                logger.exception("An observer failed")


def _note_failure(operation: Operation, error: BaseException) -> None:
    operation.size = None
    if isinstance(error, ServiceError):
        operation.status, operation.outcome = error.status, error.outcome
        if isinstance(error, StoreNotFoundError):
            operation.configured = None  # Also if a fault answers so: nothing is logged (D103).
    elif not isinstance(error, CutOffError):
        operation.status, operation.outcome = 500, Outcome.INTERNAL_ERROR


def log_operation(operation: Operation) -> None:
    """Log one debug line for the operation. This is an observer."""
    logger.debug(
        "%s %s/%s %d %s size=%s time=%dus by=%s",
        operation.name,
        _escaped(operation.store),
        _escaped(operation.key),
        operation.status,
        operation.outcome,
        operation.size,
        operation.total_time,
        operation.key_id,
    )


def _escaped(text: str) -> str:
    """Return ``text`` in one line."""
    return text.encode("unicode_escape").decode()
