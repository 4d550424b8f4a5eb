"""Effects of faults: the types, and the parser of each."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

from emulator.control.conditions import RuleConditions
from emulator.control.fault_members import (
    LATENCY_MEMBERS,
    PORTION_MEMBERS,
    Latency,
    flag,
    number,
    one_of,
    parse_bytes,
    parse_latency,
    parse_portion,
    pattern,
)
from emulator.control.tier_faults import TierFault, inject, suspended
from emulator.control.tiers import Tiers
from emulator.core.documents import forbid_unknown, invalid, text, unknown, whole_number
from emulator.core.errors import (
    BadRequestError,
    ClusterNotFoundError,
    ForbiddenError,
    InternalError,
    NotFoundError,
    ObjectNotFoundError,
    ServiceError,
    ServiceUnavailableError,
    StoreNotFoundError,
    ThrottledError,
    UnauthorizedError,
)
from emulator.core.operation import ON_CLUSTERS, OPERATIONS, Operation
from emulator.core.outcome import Outcome
from emulator.core.private import Random
from emulator.core.response_fault import CutOffError, Ending, Portion, ResponseFault, Wait
from emulator.core.revisions import LATER_OPERATIONS
from emulator.service.rate_limits import OPERATIONS_MESSAGE

Document = Mapping[str, object]

FASTEST_BYTES_PER_SECOND = 1e12

_ANY = frozenset((*OPERATIONS, *LATER_OPERATIONS))
_WITH_REQUEST_BODY = frozenset(
    {
        "PutObject",
        "CreateOrUpdateObjectStore",
        "CreateApiKey",
        "CreateRole",
        "ReplaceRole",
        "CreateApiKeyOfEitherVersion",
        "CreateDisposableToken",
        "AcceptInvitation",
        "ChangeMember",
        "InviteMember",
        "CreateValkeyCluster",
        "UpdateReplicationGroup",
        "UpdateShardConfiguration",
        "IncreaseReplicaCount",
        "DecreaseReplicaCount",
    }
)
_WITH_ANSWER_BODY = _ANY - {"PutObject", "DeleteObject", "DeleteObjectStore"}
_WITH_TIERS = frozenset({"GetObject", "PutObject", "DeleteObject"})


class Occasion(NamedTuple):
    """An operation on which a rule fired, and what its effects need to act on it."""

    operation: Operation
    chance: Random
    wait: Wait
    tiers: Tiers

    @property
    def response_fault(self) -> ResponseFault:
        """The faults of the operation's bodies, for an effect to change."""
        if self.operation.response_fault is None:
            self.operation.response_fault = ResponseFault(self.wait)
        return self.operation.response_fault


class Effect(Protocol):
    """What happens to an operation when a rule fires."""

    operations: ClassVar[frozenset[str]]
    """The operations that the effect can act on."""

    def check(self, tiers: Tiers) -> None:  # noqa: ARG002
        """Check that the effect is possible with these tiers.

        Raises:
            BadRequestError: it is not possible.
        """
        return

    @abstractmethod
    async def act(self, occasion: Occasion) -> None:
        """Act now, or arrange that the effect happens where a real failure would.

        Raises:
            ServiceError: the answer, instead of carrying out the operation.
            CutOffError: close the connection instead of carrying out the operation.
        """


@dataclass(frozen=True, slots=True)
class _Status(Effect):
    """Answer with an error instead of the operation or, with ``after_work``, after its success."""

    operations: ClassVar = _ANY
    status: int
    message: str | None
    after_work: bool

    async def act(self, occasion: Occasion) -> None:
        error = ANSWERS[self.status](occasion.operation)
        if self.message is not None:
            error.args = (self.message,)
        if not self.after_work:
            raise error
        occasion.response_fault.replacement = error


@dataclass(frozen=True, slots=True)
class _Latency(Effect):
    """Wait, in real time, before the operation or, with ``after_work``, before its answer."""

    operations: ClassVar = _ANY
    latency: Latency
    after_work: bool

    async def act(self, occasion: Occasion) -> None:
        seconds = self.latency.draw(occasion.chance)
        if self.after_work:
            occasion.response_fault.answer_delay += seconds
        else:
            await occasion.wait(seconds)


@dataclass(frozen=True, slots=True)
class _FirstByteLatency(Effect):
    """Wait, in real time, between the head of the answer and its body."""

    operations: ClassVar = _WITH_ANSWER_BODY
    latency: Latency

    async def act(self, occasion: Occasion) -> None:
        occasion.response_fault.first_byte_delay += self.latency.draw(occasion.chance)


@dataclass(frozen=True, slots=True)
class _NoAnswer(Effect):
    """Close the connection instead of the operation or, with ``after_work``, of its answer."""

    operations: ClassVar = _ANY
    after_work: bool
    reset: bool

    async def act(self, occasion: Occasion) -> None:
        if not self.after_work:
            raise CutOffError(reset=self.reset)
        occasion.response_fault.lost, occasion.response_fault.reset = True, self.reset


@dataclass(frozen=True, slots=True)
class _CutRequest(Effect):
    """Close the connection after ``after_bytes`` bytes of the request's body."""

    operations: ClassVar = _WITH_REQUEST_BODY
    after_bytes: int
    reset: bool

    async def act(self, occasion: Occasion) -> None:
        occasion.response_fault.received, occasion.response_fault.reset = (
            self.after_bytes,
            self.reset,
        )


@dataclass(frozen=True, slots=True)
class _CutAnswer(Effect):
    """Send only the first part of the answer's body."""

    operations: ClassVar = _WITH_ANSWER_BODY
    portion: Portion
    ending: Ending

    async def act(self, occasion: Occasion) -> None:
        occasion.response_fault.sent, occasion.response_fault.ending = self.portion, self.ending


@dataclass(frozen=True, slots=True)
class _Trickle(Effect):
    """Send the answer's body slowly."""

    operations: ClassVar = _WITH_ANSWER_BODY
    bytes_per_second: float

    async def act(self, occasion: Occasion) -> None:
        occasion.response_fault.rate = self.bytes_per_second


@dataclass(frozen=True, slots=True)
class _TierDown(Effect):
    """Make a tier fail for this operation."""

    operations: ClassVar = _WITH_TIERS
    tier: str

    async def act(self, occasion: Occasion) -> None:
        inject(TierFault(self.tier, 0.0, occasion.wait, down=True))


@dataclass(frozen=True, slots=True)
class _TierSlow(Effect):
    """Make a tier slow for this operation."""

    operations: ClassVar = _WITH_TIERS
    tier: str
    latency: Latency

    async def act(self, occasion: Occasion) -> None:
        seconds = self.latency.draw(occasion.chance)
        inject(TierFault(self.tier, seconds, occasion.wait, down=False))


@dataclass(frozen=True, slots=True)
class _TierLost(Effect):
    """Remove entries from a tier for good: all, or those whose store and key match."""

    operations: ClassVar = _ANY
    tier: str
    store: str | None
    key: str | None

    def check(self, tiers: Tiers) -> None:
        tiers.require_own(self.tier)

    async def act(self, occasion: Occasion) -> None:
        with suspended():
            await occasion.tiers.lose(self.tier, self.store, self.key)


@dataclass(frozen=True, slots=True)
class _CreationFailed(Effect):
    """Let the cluster that a request creates end as ``CreationFailed``, with ``message`` among its
    errors (D138)."""

    operations: ClassVar = frozenset({"CreateValkeyCluster"})
    message: str

    async def act(self, occasion: Occasion) -> None:
        occasion.response_fault.creation_error = self.message


def _not_found(operation: Operation) -> ServiceError:
    if operation.name == "GetObject":
        return ObjectNotFoundError()
    if operation.name in ("PutObject", "DeleteObject") or "ObjectStore" in operation.name:
        return StoreNotFoundError()
    if operation.name in ON_CLUSTERS:
        return ClusterNotFoundError()
    return NotFoundError("Not found")


ANSWERS: Mapping[int, Callable[[Operation], ServiceError]] = {
    400: lambda _: BadRequestError("The request was specified incorrectly."),
    401: lambda _: UnauthorizedError("Invalid API key: it is not known here, or was revoked"),
    403: lambda _: ForbiddenError("The API key does not grant the required access."),
    404: _not_found,
    429: lambda _: ThrottledError(Outcome.OPERATIONS_RATE_LIMITED, OPERATIONS_MESSAGE),
    500: lambda _: InternalError(),
    503: lambda _: ServiceUnavailableError("Service Unavailable"),
}
"""Error answers by status, with the texts of the reference where it has one."""


def _parse_status(body: Document, path: str) -> Effect:
    if "status" not in body:
        raise BadRequestError(f'Missing {path}.status, as in {{"type": "status", "status": 503}}')
    status = whole_number(body["status"], f"{path}.status")
    if status not in ANSWERS:
        raise unknown(f"{path}.status", str(status), map(str, ANSWERS))
    message = body.get("message")
    if message is not None:
        message = text(message, f"{path}.message", longest=1024)
    return _Status(status, message, flag(body, f"{path}.after_work"))


def _parse_latency(body: Document, path: str) -> Effect:
    before = one_of(body, f"{path}.before", ("answer", "first_byte"), default="answer")
    latency = parse_latency(body, path)
    after_work = flag(body, f"{path}.after_work")
    if before == "answer":
        return _Latency(latency, after_work)
    if "after_work" in body:
        invalid(f"{path}.after_work", "the first byte always comes after the work")
    return _FirstByteLatency(latency)


PLACES: Mapping[str, tuple[str, ...]] = {
    "before_answer": ("after_work",),
    "answer_body": PORTION_MEMBERS,
    "request_body": ("after_bytes",),
}
"""Where a connection can be closed, and the members allowed for each place."""


def _parse_close(body: Document, path: str) -> Effect:
    where = one_of(body, f"{path}.where", tuple(PLACES), default="before_answer")
    forbid_unknown(body, path, ("type", "where", "reset", *PLACES[where]))
    reset = flag(body, f"{path}.reset")
    if where == "before_answer":
        return _NoAnswer(flag(body, f"{path}.after_work"), reset)
    if where == "answer_body":
        return _CutAnswer(parse_portion(body, path), Ending.RESET if reset else Ending.CLOSE)
    after_bytes = parse_bytes(body, f"{path}.after_bytes") if "after_bytes" in body else 1
    return _CutRequest(after_bytes, reset)


def _parse_truncate(body: Document, path: str) -> Effect:
    announce = one_of(body, f"{path}.announce", ("whole", "part"), default="whole")
    ending = Ending.CLOSE if announce == "whole" else Ending.UNNOTICED
    return _CutAnswer(parse_portion(body, path), ending)


def _parse_creation_failed(body: Document, path: str) -> Effect:
    message = body.get("message", "The cluster could not be created")
    return _CreationFailed(text(message, f"{path}.message", longest=1024))


def _parse_trickle(body: Document, path: str) -> Effect:
    rate = number(body, f"{path}.bytes_per_second", at_most=FASTEST_BYTES_PER_SECOND)
    if not rate:
        invalid(f"{path}.bytes_per_second", "it must be above 0")
    return _Trickle(rate)


class EffectType(NamedTuple):
    """A type of effect: the members of its document, and the parser."""

    members: tuple[str, ...]
    parse: Callable[[Document, str], Effect]


def _down(tier: str) -> EffectType:
    return EffectType((), lambda _body, _path: _TierDown(tier))


def _slow(tier: str) -> EffectType:
    return EffectType(
        LATENCY_MEMBERS, lambda body, path: _TierSlow(tier, parse_latency(body, path))
    )


def _lost(tier: str) -> EffectType:
    return EffectType(
        ("store", "key"),
        lambda body, path: _TierLost(
            tier, pattern(body, f"{path}.store"), pattern(body, f"{path}.key")
        ),
    )


EFFECTS: Mapping[str, EffectType] = {
    "status": EffectType(("status", "message", "after_work"), _parse_status),
    "latency": EffectType((*LATENCY_MEMBERS, "before", "after_work"), _parse_latency),
    "close": EffectType(("where", "after_work", *PORTION_MEMBERS, "reset"), _parse_close),
    "truncate": EffectType((*PORTION_MEMBERS, "announce"), _parse_truncate),
    "trickle": EffectType(("bytes_per_second",), _parse_trickle),
    "creation_failed": EffectType(("message",), _parse_creation_failed),
    "cache_down": _down("cache"),
    "cache_slow": _slow("cache"),
    "cache_lost": _lost("cache"),
    "storage_down": _down("storage"),
    "storage_slow": _slow("storage"),
    "storage_lost": _lost("storage"),
}
"""The types of effects by name."""


def parse_effect(value: object, path: str) -> Effect:
    """Parse an effect: its ``type``, and the members of that type. A type without members may be
    given as its name.

    Raises:
        BadRequestError: the type or a member is unknown, or a value is not valid. The message lists
            the known names.
    """
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, dict):
        invalid(path, f"it must be a JSON object with a type, one of {', '.join(EFFECTS)}")
    if "type" not in value:
        raise BadRequestError(f"Missing {path}.type: there are {', '.join(EFFECTS)}")
    name = text(value["type"], f"{path}.type")
    if name not in EFFECTS:
        raise unknown(f"{path}.type", name, EFFECTS)
    known = ("type", *EFFECTS[name].members)
    for each in value:
        if each in RuleConditions.__annotations__ and each not in known:
            raise BadRequestError(
                f"Unknown {path}.{each}: it belongs to the rule, beside its effects; known here "
                f"are {', '.join(known)}"
            )
    forbid_unknown(value, path, known)
    return EFFECTS[name].parse(value, path)
