"""One call of a journal, as far as a file has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from emulator.core.errors import BadRequestError
from emulator.core.outcome import Outcome
from emulator.core.routes import Resource, Target, parse_target
from emulator.service.names import parse_key, parse_store_name

Headers = tuple[tuple[str, str], ...]

READS = ("GET", "HEAD")

_THROTTLED = (str(Outcome.OPERATIONS_RATE_LIMITED), str(Outcome.THROUGHPUT_RATE_LIMITED))
_NOT_FOUND = (
    str(Outcome.MISS),
    str(Outcome.CACHE_HIT_EXPIRED),
    str(Outcome.STORAGE_HIT_EXPIRED),
)


@dataclass(frozen=True)
class RecordedCall:
    """A request and what became of it. Sizes are in bytes.

    Attributes:
        number: what the journal calls it by, or else where it is in the file, from 1.
        method: of the request.
        target: the path and query as they came, or the whole URL.
        status: of the answer, or None where none is known.
        time: when it came, in microseconds since the Unix epoch, or None where that is not known.
        first_byte_time: until the answer began, in microseconds.
        operation: its name, if it is known.
        outcome: how the operation ended, if it is known.
        faults: the ids of the fault rules that have fired.
    """

    number: int
    method: str
    target: str
    status: int | None = None
    time: int | None = None
    first_byte_time: int = 0
    operation: str | None = None
    outcome: str | None = None
    request_size: int = 0
    response_size: int = 0
    faults: tuple[str, ...] = ()
    request_headers: Headers = field(default=(), repr=False)
    response_headers: Headers = field(default=(), repr=False)

    @cached_property
    def asked(self) -> Target:
        """The target taken apart."""
        return parse_target(self.target)

    @cached_property
    def names(self) -> tuple[str, str]:
        """The store and, for an object, its key.

        Raises:
            BadRequestError: one of them is none.
        """
        store = parse_store_name(self.asked.store)
        return store, parse_key(self.asked.key) if self.is_on_object else ""

    @property
    def store(self) -> str | None:
        """The name of the store that it is about; None where it is about none."""
        try:
            return self.names[0]
        except BadRequestError:
            return None

    @property
    def is_on_object(self) -> bool:
        """Whether its path is an object's."""
        return self.asked.resource is Resource.OBJECT

    @property
    def is_on_store(self) -> bool:
        """Whether its path is a store's."""
        return self.asked.resource is Resource.STORE

    @property
    def is_read(self) -> bool:
        """Whether it gets or describes something."""
        return self.method in READS

    @property
    def is_throttled(self) -> bool:
        """Whether a limit of the store was in its way, and no fault rule that says the same."""
        if not self.is_on_object or self.faults:
            return False
        if self.outcome is not None:
            return self.outcome in _THROTTLED and self.status in (429, 503)
        return self.status == 429

    @property
    def found_store(self) -> bool | None:
        """Whether the operation found its store; None where it did not get as far, or where nobody
        knows."""
        if self.is_on_object:
            return self._found_store_of_object
        if not self.is_on_store or self.faults:
            return None
        if self.status == 404:
            return False
        return True if self.status in (200, 201, 204) else None

    @property
    def created_store(self) -> bool:
        """Whether there is a store since this call."""
        return self.is_on_store and self.method == "PUT" and self.status == 201

    @property
    def _found_store_of_object(self) -> bool | None:
        status = self.status
        if status in (200, 204) and self.method != "OPTIONS":
            return True
        if self.is_throttled or (self.is_read and self.outcome in _NOT_FOUND):
            return True
        if self.faults or self.store is None:
            return None  # A fault rule may have answered.
        if status == 404:
            # An HTTP archive of others says 404, and not of what: most are of objects.
            return None if self.is_read and self.outcome is None else False
        return True if status in (400, 500) else None

    @property
    def looked_for_object(self) -> bool:
        """Whether it is a Get that got as far as that, or may well have."""
        if not self.is_on_object or not self.is_read or self.status not in (200, 404):
            return False
        return self.found_store is True or (self.found_store is None and not self.faults)

    def sent(self, name: str) -> Sequence[str]:
        """Every value of a header of the request."""
        return [value for other, value in self.request_headers if other.lower() == name]

    def got(self, name: str) -> Sequence[str]:
        """Every value of a header of the answer."""
        return [value for other, value in self.response_headers if other.lower() == name]

    @property
    def is_anonymous(self) -> bool:
        """Whether it shows no credential. Where no header at all is known, nobody can say so."""
        return bool(self.request_headers) and not self.sent("authorization")

    @property
    def object_size(self) -> int:
        """How many bytes the object has that it reads or writes. Of a body that was refused only a
        part may have come."""
        if self.is_read:
            declared = _length(self.got("content-length"))
            return self.response_size if declared is None else declared
        return max(self.request_size, _length(self.sent("content-length")) or 0)


def _length(values: Sequence[str]) -> int | None:
    """What a ``Content-Length`` says, if it says anything."""
    text = values[0] if values else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
