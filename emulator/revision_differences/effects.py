"""How each feature of a revision shows in recorded calls, or why it does not.

An effect looks at one call that was recorded with its feature and would be answered without it, or
the other way round: ``gained`` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.core.errors import BadRequestError
from emulator.core.headers import PERSISTENCE
from emulator.core.revisions import Feature, Revision
from emulator.core.routes import Resource
from emulator.revision_differences.checks import (
    is_ephemeral,
    refusal,
    tags_of,
    ttl_seconds,
)
from emulator.revision_differences.limits import Limits
from emulator.revision_differences.objects import Cause, Objects
from emulator.revision_differences.recorded import READS, RecordedCall
from emulator.service.persistence import EPHEMERAL


@dataclass
class World:
    """What is known at the moment of a call.

    Attributes:
        before: the revision under which the calls were recorded.
        after: the one that is asked about.
        limits: of the stores, where those are new, if each call has the likeliest status.
        limits_otherwise: the same, if each has the unlikeliest of those that it could have.
        objects: that there are.
        stores: whether there is a store, by its name, as far as that is known.
        perhaps_created: what may have created a store that there was not, by its name.
    """

    before: Revision
    after: Revision
    limits: Limits
    limits_otherwise: Limits
    objects: Objects
    stores: dict[str, bool] = field(default_factory=dict)
    perhaps_created: dict[str, Cause] = field(default_factory=dict)


class Finding(NamedTuple):
    """What is different of a call.

    ``statuses`` are those that it could have, the likeliest first; without any it stays.
    """

    why: str
    statuses: tuple[int, ...] = ()


class Looked(NamedTuple):
    """A call, and the status that it would have as far as the effects before this one say."""

    call: RecordedCall
    status: int
    gained: bool
    world: World

    @property
    def succeeds(self) -> bool:
        """Whether it would, but for what there is or is not."""
        return self.status in (200, 204) or (self.status == 404 and self.call.looked_for_object)


Effect = Callable[[Looked], Finding | None]


class Touch(NamedTuple):
    """What a feature does to calls.

    ``effect`` changes what a call is answered. ``headers`` says which answers have more headers,
    named by ``named``, with it. ``unseen`` says why a journal does not show it, or not all of it.
    """

    effect: Effect | None = None
    headers: Callable[[RecordedCall, Revision], bool] | None = None
    named: str = ""
    unseen: str = ""


def _endpoints(looked: Looked) -> Finding | None:
    call = looked.call
    if call.asked.resource is not Resource.ENDPOINTS:
        return None
    if not looked.gained:
        return None if looked.status == 404 else Finding("there is no such path", (404,))
    if looked.status != 404:
        return None
    if not call.is_read:
        return Finding("the path has GET alone", (405,))
    if call.is_anonymous:
        return Finding("that needs an API key", (401,))
    return Finding("the addresses by availability zone, for any key of the account", (200,))


def _preflight(looked: Looked) -> Finding | None:
    call = looked.call
    if not call.is_on_object or call.method != "OPTIONS":
        return None
    if looked.gained:
        return Finding("OPTIONS is answered to everybody", (204,)) if looked.status == 405 else None
    return None if looked.status == 405 else Finding("OPTIONS is not allowed", (405,))


def _delete_object(looked: Looked) -> Finding | None:
    call = looked.call
    if not call.is_on_object or call.method != "DELETE":
        return None
    if not looked.gained:
        return None if looked.status == 405 else Finding("DELETE is not allowed", (405,))
    if looked.status != 405:
        return None
    if call.is_anonymous:
        return Finding("that needs an API key", (401,))
    try:
        store, _ = call.names
    except BadRequestError as error:
        return Finding(f"{error.message}; 401 if its key is none", (400, 401))
    there = looked.world.stores.get(store)
    refused = "401 or 403 if its key may not write, which a 405 does not say"
    if there is False:
        return Finding(f"Store Not Found; {refused}", (404, 401, 403))
    if there is None:
        removed = "the object is removed; 404 if the store is not there"
        return Finding(f"{removed}, {refused}", (204, 401, 403, 404))
    return Finding(f"the object is removed; {refused}", (204, 401, 403))


def _limits(looked: Looked) -> Finding | None:
    call = looked.call
    if call.is_on_store:
        return _limits_in_body(looked) or _REFUSED_LIMITS(looked)
    if not looked.gained:
        return _let_in(looked, "no limit is in its way") if call.is_throttled else None
    deletes = call.method == "DELETE" and looked.status == 204
    if call.store is None or not (deletes or call.found_store or call.looked_for_object):
        return None
    likely = looked.world.limits.refuses(call)
    otherwise = looked.world.limits_otherwise.refuses(call)
    error = likely or otherwise
    if error is None:
        return None
    why = f"{error.message} (by the limits of a store that was given none)"
    if likely and otherwise:
        return Finding(why, (error.status,))
    statuses = (error.status, looked.status) if likely else (looked.status, error.status)
    return Finding(f"perhaps {why}: nobody knows how much was read before", statuses)


def _limits_in_body(looked: Looked) -> Finding | None:
    call = looked.call
    describes = call.method == "GET" and looked.status == 200
    if not describes and not (call.method == "PUT" and looked.status in (200, 201)):
        return None
    has = "has" if looked.gained else "has no"
    return Finding(f"the answer's body {has} object_store_limits")


def _refused_for(what: str) -> Effect:
    """What of a store's body is checked, and a store may have been refused for."""

    def effect(looked: Looked) -> Finding | None:
        call = looked.call
        is_put = call.is_on_store and call.method == "PUT" and call.store is not None
        if looked.gained or not is_put or looked.status != 400 or call.faults:
            return None
        words, statuses = _put_store(looked)
        return Finding(f"{words} if it was refused for its {what}", (400, *statuses))

    return effect


_REFUSED_LIMITS = _refused_for("object_store_limits")


def _put_store(looked: Looked) -> tuple[str, tuple[int, ...]]:
    """What a store's Put is answered that is let in: in words, and the statuses."""
    store, world = looked.call.names[0], looked.world
    there = world.stores.get(store)
    if there:
        return "200", (200,)
    if there is False and store not in world.perhaps_created:
        return "201", (201,)
    return "201 (200 where the store is there already)", (201, 200)


def _over_limit(looked: Looked) -> Finding | None:
    world = looked.world
    has_both = world.before.has(Feature.LIMITS) and world.after.has(Feature.LIMITS)
    status = 429 if looked.gained else 503
    if not has_both or not looked.call.is_throttled or looked.status == status:
        return None
    return Finding("that is what is answered over a limit", (status,))


def _checked(feature: Feature) -> Effect:
    """What a feature refuses that nobody else looks at."""

    def effect(looked: Looked) -> Finding | None:
        call, world = looked.call, looked.world
        revision = world.after if looked.gained else world.before
        found = refusal(call, revision)
        if found is None or found.feature is not feature:
            return None
        if looked.gained:
            return Finding(found.message, (400,)) if looked.succeeds else None
        if looked.status != 400 or call.faults or call.store is None:
            return None
        return _let_in(looked, f"what was refused is ignored: {found.message}")

    return effect


def _let_in(looked: Looked, why: str) -> Finding | None:
    """What becomes of an operation that was refused and would not be."""
    call, world = looked.call, looked.world
    refused = refusal(call, world.after)
    if refused is not None:
        found = Finding(f"{why}, but: {refused.message}", (400,))
        return found if looked.status != 400 else None
    if not call.is_read or call.store is None:
        return Finding(why, (200 if call.is_read else 204,))
    view = world.objects.look(call)
    if view.would.there is None or view.doubtful:
        return Finding(why, (200, 404))
    return Finding(why, (200,) if view.would.there else (404,))


def _ephemeral(looked: Looked) -> Finding | None:
    refused = _checked(Feature.EPHEMERAL_OBJECTS)(looked)
    call, world = looked.call, looked.world
    is_put = call.is_on_object and call.method == "PUT"
    if refused or not is_put or looked.status != 204 or call.sent(PERSISTENCE) != [EPHEMERAL]:
        return refused
    seconds = ttl_seconds(call, world.after)
    stays = "for ever" if seconds is None else f"for {seconds} seconds"
    if not looked.gained:
        return Finding(f"S3 has the object too, {stays}")
    was = ttl_seconds(call, world.before)
    cut = f" and not {was}" if was is not None and was != seconds else ""
    return Finding(f"the cache alone has the object, {stays}{cut}")


def _tags(looked: Looked) -> Finding | None:
    refused = _checked(Feature.TAGS)(looked)
    call, world = looked.call, looked.world
    is_put = call.is_on_object and call.method == "PUT"
    if refused or not is_put or looked.status != 204:
        return refused
    try:
        count = len(tags_of(call))
    except BadRequestError:
        return None  # The file contradicts itself, or a fault rule has answered.
    keeps_none = is_ephemeral(call, world.after if looked.gained else world.before)
    if not count or keeps_none:
        return None
    tags = "1 tag" if count == 1 else f"{count} tags"
    return Finding(f"the object has {tags if looked.gained else 'none of its tags'} in S3")


def _immutable(looked: Looked) -> Finding | None:
    call = looked.call
    if not call.is_on_store or call.method != "PUT" or call.store is None or call.faults:
        return None
    if looked.gained and looked.status == 200:
        return Finding("400 if the update changes bucket, prefix or cluster", (200, 400))
    return _REFUSED_CHANGE(looked) if looked.world.stores.get(call.store) else None


_REFUSED_CHANGE = _refused_for("change of bucket, prefix or cluster")


def _deleted_store(looked: Looked) -> Finding | None:
    call = looked.call
    was, would = (200, 204) if looked.gained else (204, 200)
    if not call.is_on_store or call.method != "DELETE" or looked.status != was:
        return None
    return Finding(f"the deletion of a store is answered {would}", (would,))


def _has_cors(call: RecordedCall, _revision: Revision) -> bool:
    return call.is_on_object


def _has_request_id(call: RecordedCall, revision: Revision) -> bool:
    deletes = ("DELETE",) if revision.has(Feature.DELETE_OBJECT) else ()
    return call.is_on_object and call.method in (*READS, "PUT", *deletes)


_NO_BODIES = "a journal has no bodies"
_NO_LOGS = "a journal has no access logs"

TOUCHES: Mapping[Feature, Touch] = {
    Feature.ENDPOINTS: Touch(_endpoints),
    Feature.CORS: Touch(_preflight, _has_cors, "CORS headers"),
    Feature.DELETE_OBJECT: Touch(_delete_object),
    Feature.LIMITS: Touch(_limits),
    Feature.OVER_LIMIT_429: Touch(_over_limit),
    Feature.EPHEMERAL_OBJECTS: Touch(_ephemeral),
    Feature.READ_CONCERN: Touch(_checked(Feature.READ_CONCERN)),
    Feature.TAGS: Touch(_tags),
    Feature.STORE_DELETION_204: Touch(_deleted_store),
    Feature.IMMUTABLE_STORE_FIELDS: Touch(_immutable),
    Feature.REQUEST_ID: Touch(headers=_has_request_id, named="mo-request-id"),
    Feature.ACCESS_LOGS: Touch(
        _refused_for("access_logging_config"),
        unseen=f"{_NO_BODIES}, which name the log group, and no logs",
    ),
    Feature.METRICS: Touch(
        _refused_for("metrics_config"),
        unseen=f"{_NO_BODIES}, which ask for metrics, and counts nothing",
    ),
    Feature.LOGGED_STATUS_CODE: Touch(unseen=_NO_LOGS),
    Feature.LOGGED_AGE_AND_TIME: Touch(unseen=_NO_LOGS),
    Feature.LOGGED_OPERATION_NAMES: Touch(unseen=_NO_LOGS),
    Feature.CLUSTER_MUST_EXIST: Touch(
        _refused_for("cluster, which has to exist"),
        unseen=f"{_NO_BODIES}, which name the cluster",
    ),
    Feature.LOG_GROUP_MUST_EXIST: Touch(
        _refused_for("log group, which has to exist"),
        unseen=f"{_NO_BODIES}, which name the log group",
    ),
}
"""What each feature does, in the order in which the service comes to it."""
