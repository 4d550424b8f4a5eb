"""Rules: how each feature of a revision shows in recorded calls, or why it does not.

A rule is applied to a call that was recorded without its feature and would be answered with it
(``gained``), or the reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from emulator.core.errors import BadRequestError, StoreNotFoundError
from emulator.core.headers import REQUEST_ID
from emulator.core.revisions import Feature, Revision, store_deletion_status
from emulator.core.routes import Resource, has_method
from emulator.revision_differences.objects import kept
from emulator.revision_differences.parameters import parameters_of_put, refusal
from emulator.revision_differences.recorded import READS, RecordedCall
from emulator.revision_differences.state import State
from emulator.service.rate_limits import refusal_of


class Finding(NamedTuple):
    """The effect of a feature on a call. ``statuses`` are the possible ones, the likeliest first;
    empty if the status stays the same."""

    why: str
    statuses: tuple[int, ...] = ()


class Prediction(NamedTuple):
    """A call, and its status by the earlier rules."""

    call: RecordedCall
    status: int
    gained: bool
    state: State

    @property
    def succeeds(self) -> bool:
        """Whether it succeeds if its object exists."""
        return self.status in (200, 204) or (self.status == 404 and self.call.looked_for_object)

    @property
    def puts_object(self) -> bool:
        """Whether it is a successful Put of an object."""
        return self.call.is_on_object and self.call.method == "PUT" and self.status == 204


Effect = Callable[[Prediction], Finding | None]


class FeatureRule(NamedTuple):
    """How a feature shows in calls.

    ``effect`` predicts the change of an answer. ``headers`` tells which answers have more headers
    with the feature, and ``named`` names the headers. ``unseen`` is the reason why a journal does
    not show the feature, or only a part of it.
    """

    effect: Effect | None = None
    headers: Callable[[RecordedCall, Revision], bool] | None = None
    named: str = ""
    unseen: str = ""


def _adds(
    resource: Resource, methods: Collection[str], refused: int, why: str, answer: Effect
) -> Effect:
    """Return the rule of a feature that adds methods to a path; without it they are ``refused``."""

    def effect(prediction: Prediction) -> Finding | None:
        call = prediction.call
        if call.asked.resource is not resource or (methods and call.method not in methods):
            return None
        if prediction.gained:
            return answer(prediction) if prediction.status == refused else None
        return None if prediction.status == refused else Finding(why, (refused,))

    return effect


def _endpoints(prediction: Prediction) -> Finding | None:
    if not prediction.call.is_read:
        return Finding("the path only allows GET", (405,))
    if prediction.call.is_anonymous:
        return Finding("the request needs an API key", (401,))
    return Finding("any key of the account gets the addresses by availability zone", (200,))


def _preflight(_prediction: Prediction) -> Finding | None:
    return Finding("OPTIONS is answered without a key", (204,))


def _delete_object(prediction: Prediction) -> Finding | None:
    call = prediction.call
    if call.is_anonymous:
        return Finding("the request needs an API key", (401,))
    try:
        store, _ = call.names
    except BadRequestError as error:
        return Finding(f"{error.message}; 401 if its key is not valid", (400, 401))
    there = prediction.state.stores.get(store)
    refused = "401 or 403 if its key may not write, which a 405 does not show"
    if there is False:
        return Finding(f"{StoreNotFoundError().message}; {refused}", (404, 401, 403))
    if there is None:
        removed = "the object is removed; 404 if the store does not exist"
        return Finding(f"{removed}, {refused}", (204, 401, 403, 404))
    return Finding(f"the object is removed; {refused}", (204, 401, 403))


def _limits(prediction: Prediction) -> Finding | None:
    call = prediction.call
    if call.is_on_store:
        return _limits_in_body(prediction) or _REFUSED_LIMITS(prediction)
    if not prediction.gained:
        return _let_in(prediction, "there is no limit") if call.is_throttled else None
    deletes = call.method == "DELETE" and prediction.status == 204
    if call.store is None or not (deletes or call.found_store or call.looked_for_object):
        return None
    likely = prediction.state.limits.refuses(call)
    otherwise = prediction.state.limits_otherwise.refuses(call)
    error = likely or otherwise
    if error is None:
        return None
    why = f"{error.message} (by the default limits of a store)"
    if likely and otherwise:
        return Finding(why, (error.status,))
    either = (error.status, prediction.status)
    return Finding(
        f"perhaps {why}: the number of bytes read before is unknown",
        either if likely else either[::-1],
    )


def _auth_limit(prediction: Prediction) -> Finding | None:
    call = prediction.call
    if not call.is_on_credentials:
        return None
    if not prediction.gained:
        return Finding("there is no limit", (200,)) if call.is_over_auth_limit else None
    if prediction.status in _NOT_ADMITTED or call.faults:
        return None
    error = prediction.state.auth_limit.refuses(call)
    return None if error is None else Finding(error.message, (error.status,))


_NOT_ADMITTED = (401, 403, 405)
"""The statuses of operations that no limit counts."""


def _limits_in_body(prediction: Prediction) -> Finding | None:
    call = prediction.call
    describes = call.method == "GET" and prediction.status == 200
    if not describes and not (call.method == "PUT" and prediction.status in (200, 201)):
        return None
    has = "has" if prediction.gained else "has no"
    return Finding(f"the answer's body {has} object_store_limits")


def _refused_for(what: str) -> Effect:
    """Return the rule of a feature that checks ``what`` in the body of a store."""

    def effect(prediction: Prediction) -> Finding | None:
        call = prediction.call
        is_put = call.is_on_store and call.method == "PUT" and call.store is not None
        if prediction.gained or not is_put or prediction.status != 400 or call.faults:
            return None
        words, statuses = _put_store(prediction)
        return Finding(f"{words} if it was refused for its {what}", (400, *statuses))

    return effect


_REFUSED_LIMITS = _refused_for("object_store_limits")


def _put_store(prediction: Prediction) -> tuple[str, tuple[int, ...]]:
    """Predict a successful Put of a store: the answer in words, and its statuses."""
    store, state = prediction.call.names[0], prediction.state
    there = state.stores.get(store)
    if there:
        return "200", (200,)
    if there is False and store not in state.perhaps_created:
        return "201", (201,)
    return "201 (200 if the store exists already)", (201, 200)


def _over_limit(prediction: Prediction) -> Finding | None:
    state = prediction.state
    has_both = state.before.has(Feature.LIMITS) and state.after.has(Feature.LIMITS)
    status = refusal_of(state.after).status
    if not has_both or not prediction.call.is_throttled or prediction.status == status:
        return None
    return Finding("a request over a limit has another status", (status,))


def _checked(feature: Feature) -> Effect:
    """Return the rule of a feature that checks parameters of Get or Put."""

    def effect(prediction: Prediction) -> Finding | None:
        call, state = prediction.call, prediction.state
        found = refusal(call, state.after if prediction.gained else state.before)
        if found is None or found.feature is not feature:
            return None
        if prediction.gained:
            return Finding(found.message, (400,)) if prediction.succeeds else None
        if prediction.status != 400 or call.faults or call.store is None:
            return None
        return _let_in(prediction, f"the refused parameter is ignored: {found.message}")

    return effect


def _let_in(prediction: Prediction, why: str) -> Finding | None:
    """Predict an operation that was refused and would be admitted."""
    call, state = prediction.call, prediction.state
    refused = refusal(call, state.after)
    if refused is not None:
        found = Finding(f"{why}, but: {refused.message}", (400,))
        return found if prediction.status != 400 else None
    if not call.is_read or call.store is None:
        return Finding(why, (200 if call.is_read else 204,))
    view = state.objects.look(call)
    if view.would.there is None or view.doubtful:
        return Finding(why, (200, 404))
    return Finding(why, (200,) if view.would.there else (404,))


_REFUSED_PERSISTENCE = _checked(Feature.EPHEMERAL_OBJECTS)
_REFUSED_TAGS = _checked(Feature.TAGS)


def _ephemeral(prediction: Prediction) -> Finding | None:
    refused = _REFUSED_PERSISTENCE(prediction)
    if refused or not prediction.puts_object:
        return refused
    call, state = prediction.call, prediction.state
    was, would = (parameters_of_put(call, each) for each in (state.before, state.after))
    if was.ephemeral == would.ephemeral:
        return None
    cut = prediction.gained and was.lifetime not in (None, would.lifetime)
    instead = f" instead of {was.lifetime}" if cut else ""
    return Finding(f"the object is kept {kept(call, state.after)}{instead}")


def _tags(prediction: Prediction) -> Finding | None:
    refused = _REFUSED_TAGS(prediction)
    if refused or not prediction.puts_object:
        return refused
    state = prediction.state
    asked = parameters_of_put(prediction.call, state.after if prediction.gained else state.before)
    if not asked.tags or asked.ephemeral:
        return None
    count = len(asked.tags)
    tags = "1 tag" if count == 1 else f"{count} tags"
    return Finding(f"the object has {tags if prediction.gained else 'none of its tags'} in S3")


def _immutable(prediction: Prediction) -> Finding | None:
    call = prediction.call
    if not call.is_on_store or call.method != "PUT" or call.store is None or call.faults:
        return None
    if prediction.gained and prediction.status == 200:
        return Finding("400 if the update changes bucket, prefix or cluster", (200, 400))
    return _REFUSED_CHANGE(prediction) if prediction.state.stores.get(call.store) else None


_REFUSED_CHANGE = _refused_for("change of bucket, prefix or cluster")


def _deleted_store(prediction: Prediction) -> Finding | None:
    call, state = prediction.call, prediction.state
    was, would = store_deletion_status(state.before), store_deletion_status(state.after)
    if not call.is_on_store or call.method != "DELETE" or prediction.status != was:
        return None
    return Finding(f"the deletion of a store is answered with {would}", (would,))


def _has_cors(call: RecordedCall, _revision: Revision) -> bool:
    return call.is_on_object


def _has_request_id(call: RecordedCall, revision: Revision) -> bool:
    is_operation = call.is_on_object and call.method in (*READS, "PUT", "DELETE")
    return is_operation and has_method(revision, Resource.OBJECT, call.method)


_NO_BODIES = "a journal has no bodies"
_NO_LOGS = "a journal has no access logs"

FEATURE_RULES: Mapping[Feature, FeatureRule] = {
    Feature.ENDPOINTS: FeatureRule(
        _adds(Resource.ENDPOINTS, (), 404, "there is no such path", _endpoints)
    ),
    Feature.CORS: FeatureRule(
        _adds(Resource.OBJECT, ("OPTIONS",), 405, "OPTIONS is not allowed", _preflight),
        _has_cors,
        "CORS headers",
    ),
    Feature.DELETE_OBJECT: FeatureRule(
        _adds(Resource.OBJECT, ("DELETE",), 405, "DELETE is not allowed", _delete_object)
    ),
    Feature.LIMITS: FeatureRule(_limits),
    Feature.AUTH_LIMIT: FeatureRule(_auth_limit),
    Feature.OVER_LIMIT_429: FeatureRule(_over_limit),
    Feature.EPHEMERAL_OBJECTS: FeatureRule(_ephemeral),
    Feature.READ_CONCERN: FeatureRule(_checked(Feature.READ_CONCERN)),
    Feature.TAGS: FeatureRule(_tags),
    Feature.STORE_DELETION_204: FeatureRule(_deleted_store),
    Feature.IMMUTABLE_STORE_FIELDS: FeatureRule(_immutable),
    Feature.REQUEST_ID: FeatureRule(headers=_has_request_id, named=REQUEST_ID),
    Feature.ACCESS_LOGS: FeatureRule(
        _refused_for("access_logging_config"),
        unseen=f"{_NO_BODIES}, which name the log group, and no access logs",
    ),
    Feature.METRICS: FeatureRule(
        _refused_for("metrics_config"),
        unseen=f"{_NO_BODIES}, which enable metrics, and no metrics",
    ),
    Feature.LOGGED_STATUS_CODE: FeatureRule(unseen=_NO_LOGS),
    Feature.LOGGED_AGE_AND_TIME: FeatureRule(unseen=_NO_LOGS),
    Feature.LOGGED_OPERATION_NAMES: FeatureRule(unseen=_NO_LOGS),
    Feature.CLUSTER_MUST_EXIST: FeatureRule(
        _refused_for("cluster, which must exist"),
        unseen=f"{_NO_BODIES}, which name the cluster",
    ),
    Feature.LOG_GROUP_MUST_EXIST: FeatureRule(
        _refused_for("log group, which must exist"),
        unseen=f"{_NO_BODIES}, which name the log group",
    ),
}
"""The rule of each feature, in the order in which the service applies them."""
