"""One operation of the service: what is asked and by whom, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.core.model import Store
from emulator.core.outcome import Outcome
from emulator.core.response_fault import ResponseFault
from emulator.core.revisions import LATER_OPERATIONS, Revision

OPERATIONS = (
    "GetObject",
    "PutObject",
    "CreateOrUpdateObjectStore",
    "DescribeObjectStore",
    "DeleteObjectStore",
    "ListObjectStores",
    "CreateApiKey",
    "ListApiKeys",
    "RevokeApiKey",
    "CreateRole",
    "ListRoles",
    "ReplaceRole",
    "DeleteRole",
    "CreateApiKeyOfEitherVersion",
    "CreateDisposableToken",
    "ListMembers",
    "AcceptInvitation",
    "ChangeMember",
    "RemoveMember",
    "ListInvitations",
    "InviteMember",
    "RevokeInvitation",
)
"""Every operation of the service's first revision, by its name in the reference where it has one
there."""


def operations_of(revision: Revision) -> tuple[str, ...]:
    """Every operation of that revision."""
    later = [name for name, feature in LATER_OPERATIONS.items() if revision.has(feature)]
    return (*OPERATIONS, *later)


class Credentials(NamedTuple):
    """What a request shows of its sender: the ``Authorization`` headers, and the IP address that
    it comes from as far as that is known."""

    authorization: Sequence[str]
    address: str | None = None


@dataclass(slots=True)
class Operation:
    """One operation, filled in while it runs.

    ``name`` is empty for a request that asks for no operation of the service. ``store`` and ``key``
    are as in the request line until they are found to be well formed. ``started_at`` and
    ``total_time`` are microseconds on the emulator's clock, and so is ``client_time``, for which
    the client has been waited for to send the body: it is no part of ``total_time``. ``size`` is
    the body's length in bytes where the operation moved one, ``object_age`` that of an object that
    a Get found, expired or not, in microseconds. ``request_id`` is what the answer calls it by,
    ``persistence`` that of a Put, and ``configured`` the store as it was found. ``faults`` are the
    ids of the fault rules that have fired, and ``response_fault`` is what they do to
    the bodies of the request and its answer.
    """

    name: str
    store: str
    key: str
    started_at: int
    status: int = 0
    outcome: Outcome | None = None
    key_id: str | None = None
    role_id: str | None = None
    role_name: str | None = None
    size: int | None = None
    object_age: int | None = None
    total_time: int = 0
    client_time: int = 0
    request_id: str | None = None
    persistence: str | None = None
    configured: Store | None = field(default=None, compare=False, repr=False)
    faults: tuple[str, ...] = ()
    response_fault: ResponseFault | None = None
    credentials: Credentials = field(default=Credentials(()), compare=False, repr=False)


Observer = Callable[[Operation], None]
"""Called once for every operation on an object, when its answer is known."""

Gate = Callable[[Operation], Awaitable[None]]
"""Called for every operation that the caller may do, before it is done. What it raises is what
becomes of the operation."""
