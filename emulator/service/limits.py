"""The limits of a store: token buckets, refilled on the emulator's clock (D26).

Each bucket holds what its limit allows in a second. An operation takes one from the bucket of
operations. Bytes are charged when they are known, so that their bucket may go into debt; until it
is out of that, nobody is let in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import ServiceError, ThrottledError, ThrottledUnavailableError
from emulator.core.model import Store, StoreLimits
from emulator.core.outcome import Outcome
from emulator.core.revisions import Feature, Revision

OPERATIONS_MESSAGE = "Request rate exceeded."
BYTES_MESSAGE = "Throughput rate exceeded."

Refusal = Callable[[Outcome, str], ServiceError]
"""Makes the answer to what is over a limit."""


class TokenBucket:
    """So many tokens a second, and never more than one second's.

    Amounts are kept in millionths, which a microsecond refills in whole numbers: nothing is lost
    by rounding, however often the bucket is looked at.
    """

    def __init__(self, per_second: int, now: int) -> None:
        self._per_second = per_second
        self._level = per_second * MICROSECONDS
        self._at = now

    def has(self, tokens: int, now: int) -> bool:
        """Whether there are so many tokens at ``now`` (epoch microseconds)."""
        self._refill(now)
        return self._level >= tokens * MICROSECONDS

    def is_in_debt(self, now: int) -> bool:
        """Whether there is no token, nor a part of one."""
        self._refill(now)
        return self._level <= 0

    def take(self, tokens: int, now: int) -> None:
        """Take so many tokens at ``now``, also where there are not as many."""
        self._refill(now)
        self._level -= tokens * MICROSECONDS

    def limit(self, per_second: int, now: int) -> None:
        """Have another number of tokens a second from ``now`` on."""
        if per_second != self._per_second:
            self._refill(now)
            self._per_second = per_second
            self._level = min(self._level, per_second * MICROSECONDS)

    def _refill(self, now: int) -> None:
        elapsed = max(0, now - self._at)  # A clock that is put back takes no tokens away.
        self._at = now
        self._level = min(self._level + elapsed * self._per_second, self._per_second * MICROSECONDS)


class _Direction(NamedTuple):
    operations: TokenBucket
    bytes: TokenBucket


class _Buckets:
    def __init__(self, limits: StoreLimits, now: int) -> None:
        self._limits = limits
        self.read = _Direction(
            TokenBucket(limits.read_operations_per_second, now),
            TokenBucket(limits.read_bytes_per_second, now),
        )
        self.write = _Direction(
            TokenBucket(limits.write_operations_per_second, now),
            TokenBucket(limits.write_bytes_per_second, now),
        )

    def follow(self, limits: StoreLimits, now: int) -> None:
        if limits == self._limits:
            return
        self._limits = limits
        self.read.operations.limit(limits.read_operations_per_second, now)
        self.read.bytes.limit(limits.read_bytes_per_second, now)
        self.write.operations.limit(limits.write_operations_per_second, now)
        self.write.bytes.limit(limits.write_bytes_per_second, now)


class Limiter:
    """Keeps the operations on the objects of each store within the store's limits.

    A store that is deleted takes its buckets with it, also where another emulator deletes it:
    another one of that name has full ones.

    Args:
        refusal: makes the answer to what is over a limit.
    """

    def __init__(self, clock: Clock, refusal: Refusal = ThrottledError) -> None:
        self._clock = clock
        self._refusal = refusal
        self._buckets: dict[str, tuple[str, _Buckets]] = {}

    def follow(self, store: Store) -> None:
        """Keep to the limits that the store has now, also for the time until its next operation."""
        if store.name in self._buckets:
            self._of(store, self._clock.now())

    def admit_read(self, store: Store) -> None:
        """Let a Get begin.

        Raises:
            ServiceError: it is over a limit.
        """
        now = self._clock.now()
        self._admit(self._of(store, now).read, now, counts_bytes=True)

    def admit_write(self, store: Store) -> None:
        """Let a Put begin.

        Raises:
            ServiceError: it is over a limit.
        """
        now = self._clock.now()
        self._admit(self._of(store, now).write, now, counts_bytes=True)

    def admit_deletion(self, store: Store) -> None:
        """Let a Delete begin: a write without bytes.

        Raises:
            ServiceError: it is over the limit of operations.
        """
        now = self._clock.now()
        self._admit(self._of(store, now).write, now, counts_bytes=False)

    def charge_read(self, store: Store, size: int) -> None:
        """Note that so many bytes were read."""
        buckets = self._at_hand(store)
        if buckets is not None:
            buckets.read.bytes.take(size, self._clock.now())

    def charge_write(self, store: Store, size: int) -> None:
        """Note that so many bytes were written."""
        buckets = self._at_hand(store)
        if buckets is not None:
            buckets.write.bytes.take(size, self._clock.now())

    def drop(self, store_name: str) -> None:
        """Forget a store that is deleted: another one of that name has full buckets."""
        self._buckets.pop(store_name, None)

    def clear(self) -> None:
        """Have every bucket full again."""
        self._buckets.clear()

    def _at_hand(self, store: Store) -> _Buckets | None:
        """The buckets from which an operation was admitted, if they are still the store's. It knows
        the store as it was then: its limits may have changed since."""
        life, buckets = self._buckets.get(store.name, ("", None))
        return buckets if life == store.cache_namespace else None

    def _of(self, store: Store, now: int) -> _Buckets:
        life, buckets = self._buckets.get(store.name, ("", None))
        if buckets is None or life != store.cache_namespace:
            buckets = _Buckets(store.limits, now)
            self._buckets[store.name] = (store.cache_namespace, buckets)
        else:
            buckets.follow(store.limits, now)
        return buckets

    def _admit(self, direction: _Direction, now: int, *, counts_bytes: bool) -> None:
        """Take a token for the operation; one that is refused takes none."""
        if not direction.operations.has(1, now):
            raise self._refusal(Outcome.OPERATIONS_RATE_LIMITED, OPERATIONS_MESSAGE)
        if counts_bytes and direction.bytes.is_in_debt(now):
            raise self._refusal(Outcome.THROUGHPUT_RATE_LIMITED, BYTES_MESSAGE)
        direction.operations.take(1, now)


def refusal_of(revision: Revision) -> type[ThrottledError] | type[ThrottledUnavailableError]:
    """The answer of a revision to what is over a limit."""
    return ThrottledError if revision.has(Feature.OVER_LIMIT_429) else ThrottledUnavailableError


def limiter_of(revision: Revision, clock: Clock) -> Limiter:
    """The limiter with the answers of a revision."""
    return Limiter(clock, refusal_of(revision))
