"""End of operations: the only place that decides status, outcome, size and time of each."""

from __future__ import annotations

import logging

from emulator.core.clock import Clock
from emulator.core.errors import ServiceError, StoreNotFoundError
from emulator.core.one_line import one_line
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
        self,
        operation: Operation,
        status: int = 0,
        error: BaseException | None = None,
        *,
        worked_until: int | None = None,
    ) -> BaseException | None:
        """Decide how ``operation`` has ended, before it is answered. Return the error to answer
        with, or None for a success.

        ``status`` is that of a success, ``error`` what has prevented one. A fault rule may replace
        a success, or lose the answer. An operation that is not answered has the status 0: its
        connection is cut off, or its task cancelled. ``worked_until`` (epoch microseconds) is when
        the work was done; None for now.
        """
        fault = operation.response_fault
        if error is None and fault is not None:
            error = fault.replacement
        if not operation.name:
            operation.status = status  # No operation of the service: an unknown path, or control.
        elif error is None:
            operation.status, operation.outcome = status, operation.found or Outcome.OK
        else:
            _note_failure(operation, error)
        if fault is not None and fault.lost:
            operation.status, error = 0, CutOffError(reset=fault.reset)
        if operation.name in ON_OBJECTS:
            # Earlier than `started_at` if the clock was set back meanwhile.
            now = self._clock.now() if worked_until is None else worked_until
            spent = now - operation.started_at - operation.client_time
            operation.total_time = spent if spent > 0 else 0
            if operation.object_created_at is not None:
                age = now - operation.object_created_at
                operation.object_age = age if age > 0 else 0
            for observer in self.observers:
                try:
                    observer(operation)
                except Exception:  # An observer must not change what it observes.
                    logger.exception("An observer failed")
        return error


def _note_failure(operation: Operation, error: BaseException) -> None:
    operation.size = None
    if isinstance(error, ServiceError):
        operation.status, operation.outcome = error.status, error.outcome
        if isinstance(error, StoreNotFoundError):
            operation.configured = None  # Also where a fault says so: nothing is logged (D103).
    elif isinstance(error, Exception) and not isinstance(error, CutOffError):
        operation.status, operation.outcome = 500, Outcome.INTERNAL_ERROR


def log_operation(operation: Operation) -> None:
    """Log one debug line for the operation. This is an observer."""
    logger.debug(
        "%s %s/%s %d %s size=%s time=%dus by=%s",
        operation.name,
        one_line(operation.store),
        one_line(operation.key),
        operation.status,
        operation.outcome,
        operation.size,
        operation.total_time,
        operation.key_id,
    )
