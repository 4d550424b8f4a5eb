"""One operation of the service: what is asked, by whom, and how it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.core.model import Store
from emulator.core.outcome import Outcome
from emulator.core.response_fault import ResponseFault
from emulator.core.revisions import LATER_OPERATIONS, Revision

ON_CLUSTERS = (
    "CreateValkeyCluster",
    "ListValkeyClusters",
    "DescribeValkeyCluster",
    "DeleteValkeyCluster",
    "UpdateReplicationGroup",
    "UpdateShardConfiguration",
    "IncreaseReplicaCount",
    "DecreaseReplicaCount",
)
"""The operations on Valkey clusters."""

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
    *ON_CLUSTERS,
)
"""Every operation of the first revision, by its name in the reference where it has one there."""


ON_OBJECTS = frozenset({"GetObject", "PutObject", "DeleteObject"})
"""The operations of the data plane: those that access logs, metrics and observers see."""


def operations_of(revision: Revision) -> tuple[str, ...]:
    """The names of every operation of ``revision``."""
    later = [name for name, feature in LATER_OPERATIONS.items() if revision.has(feature)]
    return (*OPERATIONS, *later)


class Credentials(NamedTuple):
    """The ``Authorization`` headers of a request, and the IP address of its sender if known."""

    authorization: Sequence[str]
    address: str | None = None


@dataclass(slots=True)
class Operation:
    """One operation, filled in while it runs.

    What is asked: ``name`` (empty for a request that asks for no operation of the service),
    ``store`` and ``key`` (as in the request line until they are found to be well formed), and the
    ``credentials`` shown. ``started_at`` is in microseconds on the emulator's clock.

    Who asks: ``key_id``, ``role_id``, ``role_name``.

    What was found: ``configured`` is the store, ``found`` the result of a Get's look-up,
    ``object_created_at`` when that object was created. ``size`` is the body's length in bytes where
    the operation moved one, ``persistence`` that of a Put, ``request_id`` what the answer calls the
    operation. ``client_time`` is how long the client was waited for, in microseconds.

    How it ended, decided once by ``Completion``: ``status`` is 0 where it is not answered, or not
    yet; ``outcome``; ``total_time`` in microseconds, without ``client_time``; ``object_age``, that
    of what a Get found, expired or not, in microseconds.

    ``faults`` are the ids of the fault rules that have fired, ``response_fault`` is what they do to
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
    found: Outcome | None = field(default=None, compare=False)
    object_created_at: int | None = field(default=None, compare=False)
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
"""Called once for every operation on an object, when its end is decided."""

Gate = Callable[[Operation], Awaitable[None]]
"""Called for every operation that its caller may do, before it is done. An error that it raises
answers the operation."""
