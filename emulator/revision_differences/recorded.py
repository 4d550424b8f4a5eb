"""Recorded calls: the request, the answer and the time of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from emulator.core.clock import MICROSECONDS
from emulator.core.errors import BadRequestError, ThrottledError, ThrottledUnavailableError
from emulator.core.outcome import Outcome
from emulator.core.routes import Resource, Target, parse_target
from emulator.service.names import parse_key, parse_store_name

Headers = tuple[tuple[str, str], ...]

READS = ("GET", "HEAD")

_THROTTLED = (Outcome.OPERATIONS_RATE_LIMITED.value, Outcome.THROUGHPUT_RATE_LIMITED.value)
_OVER_LIMIT = (ThrottledError.status, ThrottledUnavailableError.status)
_CREDENTIALS = (
    Resource.API_KEYS,
    Resource.API_KEY,
    Resource.ROLES,
    Resource.ROLE,
    Resource.KEYS_OF_EITHER_VERSION,
    Resource.TOKENS,
)
_NOT_FOUND = (
    Outcome.MISS.value,
    Outcome.CACHE_HIT_EXPIRED.value,
    Outcome.STORAGE_HIT_EXPIRED.value,
)


@dataclass(frozen=True)
class RecordedCall:
    """A request and its answer. Sizes are in bytes, times in microseconds.

    Attributes:
        number: its number in the journal, or else its place in the file, from 1.
        method: the request's method.
        target: the path and query as they came, or the whole URL.
        status: the answer's status; None without an answer.
        time: when it arrived, since the Unix epoch; None if unknown.
        first_byte_time: from its arrival to the beginning of the answer.
        operation: its name, if known.
        outcome: how the operation ended, if known.
        faults: the ids of the fault rules that fired.
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
        """The parsed target."""
        return parse_target(self.target)

    @cached_property
    def names(self) -> tuple[str, str]:
        """The names of the store and, for an object, of its key.

        Raises:
            BadRequestError: one of them is not valid.
        """
        store = parse_store_name(self.asked.store)
        return store, parse_key(self.asked.key) if self.is_on_object else ""

    @property
    def store(self) -> str | None:
        """The name of its store; None without a store, or if a name is not valid."""
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
    def is_on_credentials(self) -> bool:
        """Whether it is an operation on API keys, roles or tokens."""
        return self.asked.resource in _CREDENTIALS

    @property
    def is_read(self) -> bool:
        """Whether its method is GET or HEAD."""
        return self.method in READS

    @property
    def is_throttled(self) -> bool:
        """Whether it was over a limit of the store; false if a fault rule may have answered so."""
        return self.is_on_object and self._is_over_limit

    @property
    def is_over_auth_limit(self) -> bool:
        """Whether it was over the limit of operations on credentials; false if a fault rule may
        have answered so."""
        return self.is_on_credentials and self._is_over_limit

    @property
    def _is_over_limit(self) -> bool:
        if self.faults:
            return False
        if self.outcome is None:
            return self.status == ThrottledError.status
        return self.outcome in _THROTTLED and self.status in _OVER_LIMIT

    @property
    def found_store(self) -> bool | None:
        """Whether the operation found its store; None if it did not look, or if unknown."""
        if self.is_on_object:
            return self._found_store_of_object
        if not self.is_on_store or self.faults:
            return None
        if self.status == 404:
            return False
        return True if self.status in (200, 201, 204) else None

    @property
    def created_store(self) -> bool:
        """Whether it created its store."""
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
            # Other programs' archives do not say what is missing: mostly it is the object.
            return None if self.is_read and self.outcome is None else False
        return True if status in (400, 500) else None

    @property
    def looked_for_object(self) -> bool:
        """Whether it is a Get that looked for its object, or may have."""
        if not self.is_on_object or not self.is_read or self.status not in (200, 404):
            return False
        return self.found_store is True or (self.found_store is None and not self.faults)

    def sent(self, name: str) -> Sequence[str]:
        """Return every value of a header of the request."""
        return [value for other, value in self.request_headers if other.lower() == name]

    def got(self, name: str) -> Sequence[str]:
        """Return every value of a header of the answer."""
        return [value for other, value in self.response_headers if other.lower() == name]

    @property
    def is_anonymous(self) -> bool:
        """Whether it has no credential. A call recorded without headers may have had one."""
        return bool(self.request_headers) and not self.sent("authorization")

    @property
    def object_size(self) -> int:
        """The size of the object that it reads or writes. A refused body may have arrived only in
        part, so the size in its header counts too."""
        if self.is_read:
            declared = _length(self.got("content-length"))
            return self.response_size if declared is None else declared
        return max(self.request_size, _length(self.sent("content-length")) or 0)


class Span(NamedTuple):
    """The interval in which an event happened, in microseconds since the Unix epoch."""

    first: int
    last: int

    def after(self, seconds: int) -> Span:
        """Return the interval moved later by a number of seconds."""
        return Span(self.first + seconds * MICROSECONDS, self.last + seconds * MICROSECONDS)

    def is_before(self, other: Span) -> bool | None:
        """Whether the event happened before the other; None if unknown."""
        if self.last < other.first:
            return True
        return False if self.first >= other.last else None


class Times:
    """When calls were answered, on the clock of their emulator.

    The journal has durations in real time, and does not say whether the clock was frozen. It was if
    two calls arrived in the same microsecond: these took no time.
    """

    def __init__(self, calls: Iterable[RecordedCall]) -> None:
        counts = Counter(call.time for call in calls)
        self._still = frozenset(time for time, count in counts.items() if count > 1)

    def of(self, call: RecordedCall) -> Span | None:
        """Return the interval from its arrival to the beginning of its answer; None if unknown."""
        if call.time is None:
            return None
        took = 0 if call.time in self._still else call.first_byte_time
        return Span(call.time, call.time + took)


def _length(values: Sequence[str]) -> int | None:
    """Return the number in a ``Content-Length`` header; None without a valid one."""
    text = values[0] if values else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
