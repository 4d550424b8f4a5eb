"""The limiter against an exact model of token buckets, whatever the clock does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.core.clock import Clock
from emulator.core.errors import ServiceError, ThrottledError, ThrottledUnavailableError
from emulator.core.model import Store, StoreLimits
from emulator.core.outcome import Outcome
from emulator.core.revisions import revision_of
from emulator.service.rate_limits import Limiter, TokenBucket, limiter_of
from tests.suites import examples

from .stores import INSTANT, SECOND

pytestmark = pytest.mark.proves("Store configuration: object_store_limits, D100")

STORE = Store("store", "bucket", "", "role", "cluster", "namespace")
Step = tuple[Any, ...]


@dataclass
class Bucket:
    """A bucket as one would explain it: in fractions, without a thought for speed.

    It knows of the instants alone at which somebody looks at it: a clock that was set back and
    forth meanwhile has only gone from the one to the other.
    """

    rate: int
    at: int
    level: Fraction = field(init=False)

    def __post_init__(self) -> None:
        self.level = Fraction(self.rate)

    def go_to(self, now: int) -> None:
        gone_by = max(0, now - self.at)
        self.level = min(Fraction(self.rate), self.level + Fraction(gone_by * self.rate, SECOND))
        self.at = now

    def be_limited(self, rate: int, now: int) -> None:
        if rate != self.rate:
            self.go_to(now)
            self.rate = rate
            self.level = min(Fraction(rate), self.level)

    def take(self, tokens: int, now: int) -> None:
        self.go_to(now)
        self.level -= tokens


class Model:
    """What the limiter is to say of one store."""

    def __init__(self, limits: StoreLimits, now: int) -> None:
        self.now = now
        self.fill(limits)

    def fill(self, limits: StoreLimits) -> None:
        self.limits = limits
        rates = {"read": limits.read_operations_per_second}
        rates["write"] = limits.write_operations_per_second
        self.operations = {name: Bucket(rate, self.now) for name, rate in rates.items()}
        rates = {"read": limits.read_bytes_per_second, "write": limits.write_bytes_per_second}
        self.bytes = {name: Bucket(rate, self.now) for name, rate in rates.items()}

    def be_limited(self, limits: StoreLimits) -> None:
        self.limits = limits
        self.operations["read"].be_limited(limits.read_operations_per_second, self.now)
        self.operations["write"].be_limited(limits.write_operations_per_second, self.now)
        self.bytes["read"].be_limited(limits.read_bytes_per_second, self.now)
        self.bytes["write"].be_limited(limits.write_bytes_per_second, self.now)

    def admit(self, direction: str, *, counts_bytes: bool) -> Outcome | None:
        operations, transferred = self.operations[direction], self.bytes[direction]
        operations.go_to(self.now)
        if operations.level < 1:
            return Outcome.OPERATIONS_RATE_LIMITED
        if counts_bytes:
            transferred.go_to(self.now)
            if transferred.level <= 0:
                return Outcome.THROUGHPUT_RATE_LIMITED
        operations.take(1, self.now)
        return None


instants = st.integers(-3 * SECOND, 3 * SECOND) | st.sampled_from([1, SECOND, 10**15, -(10**15)])
rates = st.integers(1, 3) | st.sampled_from([7, 1000, 2**63 - 1])
all_limits = st.builds(StoreLimits, rates, rates, rates, rates)
sizes = st.integers(0, 5) | st.sampled_from([1000, 10**10])
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("wait"), instants),
    st.tuples(st.just("read"), sizes),
    st.tuples(st.just("write"), sizes),
    st.tuples(st.just("delete")),
    st.tuples(st.just("limit"), all_limits),
    st.tuples(st.sampled_from(["anew", "clear", "follow"])),
)


def asked(admit: Any, store: Store) -> Outcome | None:
    """Whether an operation may begin: None, or what it was refused as."""
    try:
        admit(store)
    except ServiceError as error:
        return error.outcome
    return None


@settings(deadline=None, max_examples=examples(400))
@given(limits=all_limits, script=st.lists(steps, max_size=60))
@example(StoreLimits(1, 1, 1, 1), [("read", 5), ("wait", 4 * SECOND), ("read", 0)])
@example(StoreLimits(1, 1, 1, 1), [("wait", -1), ("wait", SECOND), ("write", 0)])
@example(StoreLimits(3, 3, 3, 3), [("delete",), ("wait", -SECOND), ("wait", 333_334), ("delete",)])
def test_a_limiter_admits_exactly_what_the_model_does(
    limits: StoreLimits, script: list[Step]
) -> None:
    clock = Clock()
    clock.freeze(INSTANT)
    limiter, store, model = Limiter(clock), replace(STORE, limits=limits), Model(limits, INSTANT)
    limiter.admit_deletion(store)  # A bucket is there from the first operation on.
    model.admit("write", counts_bytes=False)
    lives = 0
    for name, *values in script:
        if name == "wait":
            clock.set(clock.now() + values[0])
            model.now = clock.now()
        elif name == "read":
            wanted = model.admit("read", counts_bytes=True)
            assert asked(limiter.admit_read, store) == wanted
            if wanted is None:
                limiter.charge_read(store, values[0])
                model.bytes["read"].take(values[0], model.now)
        elif name == "write":
            wanted = model.admit("write", counts_bytes=True)
            assert asked(limiter.admit_write, store) == wanted
            if wanted is None:
                limiter.charge_write(store, values[0])
                model.bytes["write"].take(values[0], model.now)
        elif name == "delete":
            wanted = model.admit("write", counts_bytes=False)
            assert asked(limiter.admit_deletion, store) == wanted
        elif name == "limit":
            store = replace(store, limits=values[0])
            limiter.follow(store)
            model.be_limited(values[0])
        elif name == "follow":
            limiter.follow(store)
        else:
            lives += 1
            if name == "clear":
                limiter.clear()
            else:
                store = replace(store, cache_namespace=f"namespace-{lives}")
            model.fill(store.limits)
            asked(limiter.admit_deletion, store)
            model.admit("write", counts_bytes=False)


@settings(deadline=None)
@given(
    rate=st.integers(1, 50),
    waits=st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=60),
)
def test_no_second_has_more_than_twice_the_limit_and_no_time_more_than_its_share(
    rate: int, waits: list[int]
) -> None:
    """Twice: what was saved up in the second before, and what this one brings."""
    bucket, now = TokenBucket(rate, 0), 0
    admitted: list[int] = []
    for wait in waits:
        now += wait
        while bucket.has(1, now):
            bucket.take(1, now)
            admitted.append(now)
    assert len(admitted) <= rate + now * rate // SECOND
    for start in admitted:
        assert sum(start <= at < start + SECOND for at in admitted) < 2 * rate + 1


@given(st.lists(st.integers(0, SECOND), max_size=100))
def test_no_token_is_lost_by_looking_often(waits: list[int]) -> None:
    """A third of a token is a third, however often somebody looks at it."""
    often, once = TokenBucket(3, 0), TokenBucket(3, 0)
    for bucket in (often, once):
        bucket.take(1000, 0)
    now = 0
    for wait in waits:
        now += wait
        often.is_in_debt(now)
    owed = 997 * SECOND // 3 + 1
    for instant in (now, owed - 1, owed):
        if instant >= now:
            assert often.is_in_debt(instant) == once.is_in_debt(instant) == (instant < owed)


def test_a_debt_is_paid_by_time_alone() -> None:
    bucket = TokenBucket(10, 0)
    bucket.take(25, 0)
    for now, in_debt in [(0, True), (1_499_999, True), (1_500_000, True), (1_500_001, False)]:
        assert bucket.is_in_debt(now) is in_debt


def test_a_clock_that_is_set_back_neither_takes_nor_gives_until_it_goes_on() -> None:
    bucket = TokenBucket(2, 10 * SECOND)
    bucket.take(2, 10 * SECOND)
    assert not bucket.has(1, 0)
    assert not bucket.has(1, SECOND // 2 - 1)
    assert bucket.has(1, SECOND // 2)


@pytest.mark.parametrize(("before", "after", "level"), [(2, 1000, 1), (1000, 2, 2), (4, 3, 2)])
def test_until_a_limit_changes_a_bucket_is_filled_at_the_rate_from_before(
    before: int, after: int, level: int
) -> None:
    """And never with more than the new limit allows in a second."""
    bucket, now = TokenBucket(before, 0), SECOND // 2
    bucket.take(before, 0)
    bucket.limit(after, now)
    assert bucket.has(level, now)
    assert not bucket.has(level + 1, now)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_bytes_of_a_store_that_was_deleted_are_not_charged_to_its_successor(kind: str) -> None:
    """Nor do its debts go on."""
    clock = Clock()
    clock.freeze(INSTANT)
    limiter, old = Limiter(clock), replace(STORE, limits=StoreLimits(9, 9, 1, 1))
    successor = replace(old, cache_namespace="another namespace")
    admit = limiter.admit_read if kind == "read" else limiter.admit_write
    charge = limiter.charge_read if kind == "read" else limiter.charge_write
    admit(old)
    charge(old, 1000)
    assert asked(admit, old) is Outcome.THROUGHPUT_RATE_LIMITED
    assert asked(admit, successor) is None
    charge(old, 1000)
    assert asked(admit, successor) is None
    charge(successor, 1000)
    assert asked(admit, successor) is Outcome.THROUGHPUT_RATE_LIMITED


def test_a_store_that_is_deleted_takes_its_buckets_with_it() -> None:
    clock = Clock()
    clock.freeze(INSTANT)
    limiter, store = Limiter(clock), replace(STORE, limits=StoreLimits(9, 9, 9, 9))
    limiter.admit_read(store)
    limiter.drop("another")
    assert list(limiter._buckets) == [store.name]
    limiter.drop(store.name)
    assert limiter._buckets == {}


@pytest.mark.parametrize(
    ("date", "error"),
    [("2026-04-12", ThrottledUnavailableError), ("2026-04-13", ThrottledError)],
)
def test_the_status_is_that_of_the_revision(date: str, error: type[ServiceError]) -> None:
    clock = Clock()
    clock.freeze(INSTANT)
    limiter = limiter_of(revision_of(date), clock)
    store = replace(STORE, limits=StoreLimits(1, 1, 1, 1))
    limiter.admit_read(store)
    limiter.charge_read(store, 1)
    with pytest.raises(error, match=r"\ARequest rate exceeded\.\Z"):
        limiter.admit_read(store)
    clock.advance(1)
    limiter.admit_read(store)
    limiter.charge_read(store, 2)
    clock.advance(1)
    with pytest.raises(error, match=r"\AThroughput rate exceeded\.\Z"):
        limiter.admit_read(store)
