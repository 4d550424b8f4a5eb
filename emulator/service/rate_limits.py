"""The limits of stores and of the account: token buckets, refilled on the emulator's clock (D26).

The capacity of a bucket is what its limit allows in a second. An operation takes one token from the
bucket of operations. Bytes are charged when their number is known, so their bucket may go into
debt; until the debt is paid, operations are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.errors import ServiceError, ThrottledError, ThrottledUnavailableError
from emulator.core.model import Store, StoreLimits
from emulator.core.outcome import Outcome
from emulator.core.revisions import Feature, Revision

OPERATIONS_MESSAGE = "Request rate exceeded."
BYTES_MESSAGE = "Throughput rate exceeded."

AUTH_OPERATIONS_PER_SECOND = 5
"""How many operations on credentials an account allows (D145)."""

Refusal = Callable[[Outcome, str], ServiceError]
"""Creates the error for a request over a limit."""


class TokenBucket:
    """A bucket refilled with ``per_second`` tokens per second, up to what it gives in ``burst``
    seconds.

    Levels are in millionths of a token, so that a refill of one microsecond is a whole number:
    nothing is lost by rounding, however often the bucket is read.
    """

    def __init__(self, per_second: int, now: int, burst: int = 1) -> None:
        self._per_second = per_second
        self._burst = burst * MICROSECONDS
        self._capacity = self._level = per_second * self._burst
        self._at = now

    def has(self, tokens: int, now: int) -> bool:
        """Whether there are ``tokens`` at ``now`` (epoch microseconds)."""
        self._refill(now)
        return self._level >= tokens * MICROSECONDS

    def is_in_debt(self, now: int) -> bool:
        """Whether the level is 0 or below."""
        self._refill(now)
        return self._level <= 0

    def take(self, tokens: int, now: int) -> None:
        """Take ``tokens`` at ``now``, even if there are fewer."""
        self._refill(now)
        self._level -= tokens * MICROSECONDS

    def limit(self, per_second: int, now: int) -> None:
        """Change the rate and the capacity from ``now`` on."""
        if per_second != self._per_second:
            self._refill(now)
            self._per_second = per_second
            self._capacity = per_second * self._burst
            self._level = min(self._level, self._capacity)

    def _refill(self, now: int) -> None:
        elapsed = max(0, now - self._at)  # Setting the clock back removes no tokens.
        self._at = now
        self._level = min(self._level + elapsed * self._per_second, self._capacity)


class _Direction(NamedTuple):
    operations: TokenBucket
    bytes: TokenBucket


class _Buckets:
    def __init__(self, limits: StoreLimits, now: int, burst: int) -> None:
        self._limits = limits
        self.read = _Direction(
            TokenBucket(limits.read_operations_per_second, now, burst),
            TokenBucket(limits.read_bytes_per_second, now, burst),
        )
        self.write = _Direction(
            TokenBucket(limits.write_operations_per_second, now, burst),
            TokenBucket(limits.write_bytes_per_second, now, burst),
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
    """Enforces each store's limits on the operations on its objects.

    The buckets of a deleted store are not used again, also if another emulator has deleted it: a
    new store of the same name starts with full buckets.

    Args:
        refusal: creates the error for a request over a limit.
        burst: for how many seconds of its limit a bucket has tokens when it is full.
    """

    def __init__(self, clock: Clock, refusal: Refusal = ThrottledError, *, burst: int = 1) -> None:
        self._clock = clock
        self._refusal = refusal
        self._burst = burst
        self._buckets: dict[str, tuple[str, _Buckets]] = {}

    def follow(self, store: Store) -> None:
        """Apply the limits that the store has now, already before its next operation."""
        if store.name in self._buckets:
            self._current(store, self._clock.now())

    def admit_read(self, store: Store) -> None:
        """Admit a Get.

        Raises:
            ServiceError: it is over a limit.
        """
        now = self._clock.now()
        self._admit(self._current(store, now).read, now, counts_bytes=True)

    def admit_write(self, store: Store) -> None:
        """Admit a Put.

        Raises:
            ServiceError: it is over a limit.
        """
        now = self._clock.now()
        self._admit(self._current(store, now).write, now, counts_bytes=True)

    def admit_deletion(self, store: Store) -> None:
        """Admit a Delete: a write without bytes.

        Raises:
            ServiceError: it is over the limit of operations.
        """
        now = self._clock.now()
        self._admit(self._current(store, now).write, now, counts_bytes=False)

    def charge_read(self, store: Store, size: int) -> None:
        """Charge ``size`` bytes that were read."""
        buckets = self._existing(store)
        if buckets is not None:
            buckets.read.bytes.take(size, self._clock.now())

    def charge_write(self, store: Store, size: int) -> None:
        """Charge ``size`` bytes that were written."""
        buckets = self._existing(store)
        if buckets is not None:
            buckets.write.bytes.take(size, self._clock.now())

    def drop(self, store_name: str) -> None:
        """Remove the buckets of a deleted store: a new one of the same name has full buckets."""
        self._buckets.pop(store_name, None)

    def keep(self, stores: Collection[Store]) -> None:
        """Remove the buckets of all other stores."""
        kept = {store.cache_namespace for store in stores}
        self._buckets = {name: each for name, each in self._buckets.items() if each[0] in kept}

    def clear(self) -> None:
        """Fill all buckets."""
        self._buckets.clear()

    def _existing(self, store: Store) -> _Buckets | None:
        """Return the buckets that admitted an operation, if they are still the store's. ``store``
        is as it was then, so its limits are not applied."""
        namespace, buckets = self._buckets.get(store.name, ("", None))
        return buckets if namespace == store.cache_namespace else None

    def _current(self, store: Store, now: int) -> _Buckets:
        """Return the store's buckets, with the limits that it has now."""
        namespace, buckets = self._buckets.get(store.name, ("", None))
        if buckets is None or namespace != store.cache_namespace:
            buckets = _Buckets(store.limits, now, self._burst)
            self._buckets[store.name] = (store.cache_namespace, buckets)
        else:
            buckets.follow(store.limits, now)
        return buckets

    def _admit(self, direction: _Direction, now: int, *, counts_bytes: bool) -> None:
        """Take a token for the operation; a refused operation takes none."""
        if not direction.operations.has(1, now):
            raise self._refusal(Outcome.OPERATIONS_RATE_LIMITED, OPERATIONS_MESSAGE)
        if counts_bytes and direction.bytes.is_in_debt(now):
            raise self._refusal(Outcome.THROUGHPUT_RATE_LIMITED, BYTES_MESSAGE)
        direction.operations.take(1, now)


class AuthLimiter:
    """Enforces the account's limit on operations on credentials (D145).

    Each process counts for itself, as with the limits of stores (D100).

    Args:
        burst: as for ``Limiter``.
    """

    def __init__(self, clock: Clock, *, burst: int = 1) -> None:
        self._clock = clock
        self._burst = burst
        self.clear()

    def admit(self) -> None:
        """Admit an operation.

        Raises:
            ThrottledError: it is over the limit.
        """
        now = self._clock.now()
        if not self._operations.has(1, now):
            raise ThrottledError(Outcome.OPERATIONS_RATE_LIMITED, OPERATIONS_MESSAGE)
        self._operations.take(1, now)

    def clear(self) -> None:
        """Fill the bucket."""
        now = self._clock.now()
        self._operations = TokenBucket(AUTH_OPERATIONS_PER_SECOND, now, self._burst)


def refusal_of(revision: Revision) -> type[ThrottledError] | type[ThrottledUnavailableError]:
    """Return the error of a revision for a request over a limit."""
    return ThrottledError if revision.has(Feature.OVER_LIMIT_429) else ThrottledUnavailableError


def limiter_of(revision: Revision, clock: Clock, *, burst: int = 1) -> Limiter:
    """Create the limiter with the errors of a revision."""
    return Limiter(clock, refusal_of(revision), burst=burst)
