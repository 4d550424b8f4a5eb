"""What observers are told of every operation, and what the log says of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from emulator.auth.keys import digest
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import API_KEYS
from emulator.core.errors import ServiceError
from emulator.core.operation import Credentials, Operation
from emulator.core.outcome import Outcome
from emulator.service.completion import Completion, log_operation
from emulator.service.data_plane import NewObject
from emulator.service.parameters import SentParameters
from tests.support.bodies import some_bytes

from .harness import CACHE_LIMIT, MAX_OBJECT_BYTES, NOW, STREAMED, Service, in_pieces, whole
from .tiers import FaultError, Faults

LARGE = CACHE_LIMIT + 1

T = TypeVar("T")


def an_operation(
    name: str, authorization: Sequence[str], store: str, key: str, *, at: int = NOW
) -> Operation:
    """What a request asks for."""
    return Operation(name, store, key, at, credentials=Credentials(authorization))


@dataclass
class Observed:
    """A service as callers meet it, and every operation that it told of."""

    service: Service
    keys: Mapping[str, str]
    completion: Completion
    operations: list[Operation]

    @property
    def last(self) -> Operation:
        return self.operations[-1]

    async def complete(self, operation: Operation, work: Awaitable[T], status: int) -> T:
        """Do the work of an operation, and complete it as the server does."""
        try:
            result = await work
        except Exception as error:
            self.completion.end(operation, error=error)
            raise
        self.completion.end(operation, status)
        return result

    async def get(self, key: str = "key", *, role: str = "viewer", store: str = "store") -> bytes:
        now = self.service.clock.now()
        request = an_operation("GetObject", [self.keys[role]], store, key, at=now)
        _, body = await self.complete(request, self.service.data_plane.get_object(request), 200)
        return await whole(body)

    async def put(
        self,
        body: bytes | AsyncIterator[bytes],
        key: str = "key",
        *,
        role: str = "operator",
        store: str = "store",
        ttl: Sequence[str] = (),
        metadata: Sequence[tuple[str, str]] = (),
        declared_size: int | None = None,
    ) -> None:
        chunks = in_pieces(body) if isinstance(body, bytes) else body
        now = self.service.clock.now()
        request = an_operation("PutObject", [self.keys[role]], store, key, at=now)
        new = NewObject(SentParameters(ttl, metadata), declared_size, chunks)
        await self.complete(request, self.service.data_plane.put_object(request, new), 204)

    async def key_id(self, role: str) -> str:
        found = await self.service.account.get(API_KEYS, digest(self.keys[role]))
        assert found is not None
        return found.record.key_id


@pytest.fixture
async def observed(service: Service) -> Observed:
    operations: list[Operation] = []
    completion = Completion(service.clock)
    completion.observers.append(operations.append)
    return Observed(service, await service.make_keys(), completion, operations)


async def refused(attempt: Awaitable[Any]) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        await attempt
    return raised.value


@pytest.mark.parametrize("size", [0, 10, LARGE, STREAMED])
@pytest.mark.parametrize("role", ["owner", "operator"])
async def test_a_put_is_ok(observed: Observed, size: int, role: str) -> None:
    await observed.put(some_bytes(size), "a%2Fb", role=role)
    assert observed.operations == [
        Operation(
            "PutObject",
            "store",
            "a/b",
            NOW,
            status=204,
            outcome=Outcome.OK,
            key_id=await observed.key_id(role),
            role_id=role,
            role_name=SYSTEM_ROLES[role].role_name,
            size=size,
        )
    ]


@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
async def test_a_get_from_the_cache_is_a_cache_hit(observed: Observed, role: str) -> None:
    await observed.put(b"body", "a%2Fb")
    observed.service.clock.advance(1.5)
    assert await observed.get("a%2Fb", role=role) == b"body"
    assert observed.operations[1:] == [
        Operation(
            "GetObject",
            "store",
            "a/b",
            NOW + 1_500_000,
            status=200,
            outcome=Outcome.CACHE_HIT,
            key_id=await observed.key_id(role),
            role_id=role,
            role_name=SYSTEM_ROLES[role].role_name,
            size=4,
            object_age=1_500_000,
        )
    ]


@pytest.mark.parametrize("size", [10, LARGE, STREAMED])
async def test_a_get_from_storage_is_a_storage_hit(observed: Observed, size: int) -> None:
    await observed.put(some_bytes(size))
    await observed.service.lose_cache()
    observed.service.clock.advance(2)
    await observed.get()
    operation = observed.last
    assert (operation.status, operation.outcome) == (200, Outcome.STORAGE_HIT)
    assert (operation.size, operation.object_age) == (size, 2_000_000)


@pytest.mark.proves("D07")
@pytest.mark.parametrize(
    ("lost", "outcome"),
    [(False, Outcome.CACHE_HIT_EXPIRED), (True, Outcome.STORAGE_HIT_EXPIRED)],
)
async def test_a_get_of_an_expired_object_tells_its_age_and_where_it_was_found(
    observed: Observed, lost: bool, outcome: Outcome
) -> None:
    await observed.put(b"body", ttl=["1"])
    observed.service.clock.advance(61)
    if lost:
        await observed.service.lose_cache()
    error = await refused(observed.get())
    assert error.message == "Object not found."
    assert (error.status, error.outcome) == (404, outcome)
    operation = observed.last
    assert (operation.status, operation.outcome) == (404, outcome)
    assert (operation.size, operation.object_age) == (None, 61_000_000)


@pytest.mark.proves("Get Object: 404")
async def test_a_get_that_finds_nothing_is_a_miss(observed: Observed) -> None:
    error = await refused(observed.get())
    assert error.message == "Object not found."
    operation = observed.last
    assert (operation.status, operation.outcome) == (404, Outcome.MISS)
    assert (operation.size, operation.object_age) == (None, None)
    assert operation.key_id == await observed.key_id("viewer")


Attempt = Callable[[Observed], Awaitable[Any]]

BAD_REQUESTS: dict[str, tuple[int, Attempt]] = {
    "a get from no store": (404, lambda o: o.get(store="missing")),
    "a put into no store": (404, lambda o: o.put(b"body", store="missing")),
    "a get with a bad store name": (400, lambda o: o.get(store="a%20b")),
    "a put with a bad store name": (400, lambda o: o.put(b"body", store="")),
    "a get with a bad key": (400, lambda o: o.get("%FF")),
    "a put with a bad key": (400, lambda o: o.put(b"body", "")),
    "a bad ttl": (400, lambda o: o.put(b"body", ttl=["0"])),
    "two ttls": (400, lambda o: o.put(b"body", ttl=["1", "2"])),
    "bad metadata": (400, lambda o: o.put(b"body", metadata=[("a", "\x00")])),
    "too large": (400, lambda o: o.put(some_bytes(MAX_OBJECT_BYTES + 1))),
    "declared too large": (400, lambda o: o.put(b"", declared_size=MAX_OBJECT_BYTES + 1)),
}


@pytest.mark.proves("D36")
@pytest.mark.parametrize(("status", "attempt"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
async def test_a_request_that_is_wrong_is_a_bad_request(
    observed: Observed, status: int, attempt: Attempt
) -> None:
    error = await refused(attempt(observed))
    assert error.status == status
    operation = observed.last
    assert (operation.status, operation.outcome) == (status, Outcome.BAD_REQUEST)
    assert (operation.size, operation.object_age) == (None, None)
    assert operation.key_id is not None
    assert len(observed.operations) == 1


UNAUTHORIZED: dict[str, Callable[[str], list[str]]] = {
    "no key": lambda _: [],
    "an empty key": lambda _: [""],
    "an unknown key": lambda key: [key[:-1]],
    "no key's form": lambda _: ["unknown"],
    "a scheme": lambda key: [f"Bearer {key}"],
    "two keys": lambda key: [key, key],
}


@pytest.mark.proves("D36")
@pytest.mark.parametrize("make", UNAUTHORIZED.values(), ids=UNAUTHORIZED)
async def test_a_request_without_a_valid_key_is_an_authorization_error_of_nobody(
    observed: Observed, make: Callable[[str], list[str]]
) -> None:
    authorization = make(observed.keys["owner"])
    new = NewObject(SentParameters(["0"]), None, in_pieces(b""))
    names = ("GetObject", "PutObject")
    get, put = (an_operation(name, authorization, "a%20b", "%FF") for name in names)
    plane = observed.service.data_plane
    for attempt in (
        observed.complete(get, plane.get_object(get), 200),
        observed.complete(put, plane.put_object(put, new), 204),
    ):
        error = await refused(attempt)
        assert (error.status, error.outcome) == (401, Outcome.AUTHZ_ERROR)
        operation = observed.last
        assert (operation.status, operation.outcome) == (401, Outcome.AUTHZ_ERROR)
        assert (operation.key_id, operation.role_id) == (None, None)
        assert (operation.store, operation.key) == ("a b", "\ufffd")


@pytest.mark.proves("D36")
async def test_a_request_with_an_expired_or_revoked_key_is_an_authorization_error(
    observed: Observed,
) -> None:
    await observed.put(b"body")
    service = observed.service
    expires_at = NOW // 1_000_000 + 10
    expiring, _ = await service.api_keys.create("viewer", expires_at=expires_at)
    revoked, _ = await service.api_keys.create("viewer")
    observed.keys = {**observed.keys, "expiring": expiring, "revoked": revoked}
    await service.api_keys.revoke(revoked)
    service.clock.freeze(at=expires_at * 1_000_000 - 1)
    assert await observed.get(role="expiring") == b"body"
    service.clock.advance(0.000001)
    for role in ("expiring", "revoked"):
        assert (await refused(observed.get(role=role))).status == 401
        assert (observed.last.outcome, observed.last.key_id) == (Outcome.AUTHZ_ERROR, None)


@pytest.mark.proves("D36")
async def test_a_put_that_the_role_does_not_allow_is_an_authorization_error_of_its_caller(
    observed: Observed,
) -> None:
    error = await refused(observed.put(b"body", role="viewer"))
    assert error.status == 403
    operation = observed.last
    assert (operation.status, operation.outcome) == (403, Outcome.AUTHZ_ERROR)
    assert operation.key_id == await observed.key_id("viewer")
    assert operation.role_id == "viewer"
    assert await observed.service.stored() is None


@pytest.mark.proves("D01")
async def test_what_is_checked_first_decides_the_outcome(observed: Observed) -> None:
    wrong: dict[str, Any] = {"ttl": ["0"], "metadata": [("a", "\x00")], "declared_size": 2**62}
    attempts = [
        (400, observed.put(b"", "key", role="viewer", store="a%20b", **wrong)),
        (400, observed.put(b"", "%FF", role="viewer", store="missing", **wrong)),
        (403, observed.put(b"", "key", role="viewer", store="missing", **wrong)),
        (404, observed.put(b"", "key", store="missing", **wrong)),
        (400, observed.put(b"", "key", **wrong)),
    ]
    for status, attempt in attempts:
        assert (await refused(attempt)).status == status
        assert observed.last.status == status


async def test_what_fails_inside_is_an_internal_error(observed: Observed, faults: Faults) -> None:
    await observed.put(some_bytes(LARGE))
    with faults.at("before storage.open", "before storage.commit"):
        for attempt in (observed.get(), observed.put(b"body")):
            with pytest.raises(FaultError):
                await attempt
            operation = observed.last
            assert (operation.status, operation.outcome) == (500, Outcome.INTERNAL_ERROR)
            assert (operation.size, operation.object_age) == (None, None)
            assert operation.key_id is not None


async def test_a_body_that_breaks_off_with_an_error_of_its_own_is_an_internal_error(
    observed: Observed,
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise FaultError

    with pytest.raises(FaultError):
        await observed.put(body())
    assert (observed.last.status, observed.last.outcome) == (500, Outcome.INTERNAL_ERROR)
    assert await observed.service.stored() is None


OF_LIMITS = {Outcome.OPERATIONS_RATE_LIMITED, Outcome.THROUGHPUT_RATE_LIMITED}
"""What no operation comes to in the first revision, where stores have no limits."""


async def test_every_outcome_there_is_comes_about(observed: Observed, faults: Faults) -> None:
    await observed.put(b"body", ttl=["60"])
    await observed.get()
    await observed.service.lose_cache()
    await observed.get()
    observed.service.clock.advance(60)
    for attempt in (
        observed.get(),
        observed.get(),
        observed.get("missing"),
        observed.get(store="missing"),
        observed.put(b"body", role="viewer"),
    ):
        await refused(attempt)
    with faults.at("before storage.open"), pytest.raises(FaultError):
        await observed.get()
    assert {operation.outcome for operation in observed.operations} == set(Outcome) - OF_LIMITS
    assert len(observed.operations) == 9


@pytest.mark.parametrize("duration", [0, 0.000001, 12.5])
async def test_the_time_of_an_operation_is_that_on_the_clock(
    observed: Observed, duration: float
) -> None:
    async def slow_body() -> AsyncIterator[bytes]:
        yield b"bo"
        observed.service.clock.advance(duration)
        yield b"dy"

    await observed.put(slow_body())
    assert observed.last.started_at == NOW
    assert observed.last.total_time == round(duration * 1_000_000)

    async def be_slow(point: str) -> None:
        if point == "before storage.open":
            observed.service.clock.advance(duration)

    observed.service.storage.hook = be_slow
    await refused(observed.get("missing"))
    assert observed.last.total_time == round(duration * 1_000_000)


async def test_every_observer_is_told_of_every_operation_once(observed: Observed) -> None:
    others: list[list[Operation]] = [[], []]
    observed.completion.observers.extend(other.append for other in others)
    await observed.put(b"body")
    await observed.get()
    await refused(observed.get("missing"))
    assert len(observed.operations) == 3
    assert others == [observed.operations] * 2


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log of operations says."""
    records = [record for record in caplog.records if record.name == "emulator.operations"]
    assert all(record.levelno == logging.DEBUG for record in records)
    return [record.getMessage() for record in records]


async def test_the_log_says_in_one_line_what_became_of_an_operation(
    observed: Observed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    observed.completion.observers.append(log_operation)
    await observed.put(b"body", "a%0Ab%1B%C2%85%E2%80%A8c")
    await refused(observed.get("missing"))
    await refused(observed.get(store="a%0Ab"))
    said = lines(caplog)
    assert len(said) == 3
    assert all(len(line.splitlines()) == 1 and line.isprintable() for line in said)
    for word in ("PutObject", "store/a", "204", "ok", "size=4", await observed.key_id("operator")):
        assert word in said[0]
    for word in ("GetObject", "store/missing", "404", "miss", await observed.key_id("viewer")):
        assert word in said[1]


@pytest.mark.parametrize("make", UNAUTHORIZED.values(), ids=UNAUTHORIZED)
async def test_the_log_never_holds_what_the_caller_sent_as_its_key(
    observed: Observed,
    faults: Faults,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[str], list[str]],
) -> None:
    caplog.set_level(logging.DEBUG)
    service = observed.service
    observed.completion.observers.append(log_operation)
    v1, _ = await service.api_keys.create("owner", v1_endpoint="cell-1.example.com")
    observed.keys = {**observed.keys, "v1": v1}
    for role in ("owner", "v1"):
        await observed.put(b"body", role=role)
        request = an_operation("GetObject", make(observed.keys[role]), "store", "key")
        await refused(observed.complete(request, service.data_plane.get_object(request), 200))
        with faults.at("before cache.get", "before storage.open"), pytest.raises(FaultError):
            await observed.get(role=role)
    assert len(lines(caplog)) == 6
    for key in observed.keys.values():
        for part in (key, *key.split(".")):
            assert len(part) < 20 or part not in caplog.text
