"""The documented revisions of the HTTP API, and what changed between them.

The code asks a revision whether it has a feature, and never compares dates. To add a revision, add
an entry to ``REVISIONS``, and a row to ``FEATURES`` for each change.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple


class Feature(enum.Enum):
    """A behaviour that not every revision has."""

    ACCESS_LOGS = "access logs"
    METRICS = "metrics"
    STORE_DELETION_204 = "status of Delete Object Store"
    LOGGED_STATUS_CODE = "status code in access logs"
    IMMUTABLE_STORE_FIELDS = "immutable store fields"
    TAGS = "tags"
    LIMITS = "limits of a store"
    REQUEST_ID = "request id"
    CORS = "CORS"
    LOGGED_AGE_AND_TIME = "object age and total time in access logs"
    OVER_LIMIT_429 = "status over the limit"
    DELETE_OBJECT = "Delete Object"
    LOGGED_OPERATION_NAMES = "names of operations in access logs"
    EPHEMERAL_OBJECTS = "ephemeral objects"
    READ_CONCERN = "read concern"
    CLUSTER_MUST_EXIST = "existence of the cluster"
    LOG_GROUP_MUST_EXIST = "existence of the log group"
    ENDPOINTS = "endpoints by availability zone"
    AUTH_LIMIT = "limit of the Auth APIs"


class Row(NamedTuple):
    """A feature: the date of its public change, and the behaviour before and after it."""

    feature: Feature
    since: str
    before: str
    after: str


FEATURES: tuple[Row, ...] = (
    Row(
        Feature.ACCESS_LOGS,
        "2026-02-12",
        "access_logging_config in a store's body is ignored",
        "access_logging_config is checked, kept and returned; "
        "each operation on an object is an entry in that log group",
    ),
    Row(
        Feature.METRICS,
        "2026-03-04",
        "metrics_config in a store's body is ignored",
        "metrics_config is checked, kept and returned; operations on objects are counted",
    ),
    Row(
        Feature.STORE_DELETION_204,
        "2026-03-07",
        "Delete Object Store answers 200",
        "Delete Object Store answers 204",
    ),
    Row(
        Feature.LOGGED_STATUS_CODE,
        "2026-03-09",
        "an entry of the access log has no status code",
        "an entry of the access log has http_status_code",
    ),
    Row(
        Feature.IMMUTABLE_STORE_FIELDS,
        "2026-03-17",
        "an update may change every field of a store",
        "an update that changes bucket, prefix or cluster is 400 and names the field",
    ),
    Row(
        Feature.TAGS,
        "2026-03-18",
        "mo-tag-* headers of a Put are ignored",
        "mo-tag-* headers of a Put become S3 object tags; invalid tags are 400",
    ),
    Row(
        Feature.LIMITS,
        "2026-03-27",
        "nothing is throttled; object_store_limits in a store's body is ignored",
        "object_store_limits is checked, kept and returned; requests over a limit are refused",
    ),
    Row(
        Feature.REQUEST_ID,
        "2026-04-08",
        "answers have no mo-request-id",
        "answers of operations on objects have mo-request-id, a UUIDv7",
    ),
    Row(
        Feature.CORS,
        "2026-04-08",
        "answers have no CORS headers; OPTIONS is 405",
        "answers under an object's path have CORS headers; OPTIONS is 204 there, without a key",
    ),
    Row(
        Feature.LOGGED_AGE_AND_TIME,
        "2026-04-08",
        "an entry of the access log says neither how old the object was nor how long it took",
        "an entry of the access log has object_age_us, total_time_us and request_id",
    ),
    Row(
        Feature.OVER_LIMIT_429,
        "2026-04-13",
        "a request over a limit is answered 503",
        "a request over a limit is answered 429",
    ),
    Row(
        Feature.DELETE_OBJECT,
        "2026-06-17",
        "DELETE of an object is 405",
        "DELETE of an object removes it, and is 204 whether it was there or not",
    ),
    Row(
        Feature.LOGGED_OPERATION_NAMES,
        "2026-06-17",
        "access logs call operations get, put and delete",
        "access logs call operations get_object, put_object and delete_object",
    ),
    Row(
        Feature.EPHEMERAL_OBJECTS,
        "2026-06-30",
        "mo-persistence of a Put is ignored",
        "mo-persistence: ephemeral stores an object only in the cache, for at most 600 seconds",
    ),
    Row(
        Feature.READ_CONCERN,
        "2026-08-12",
        "read-concern of a Get is ignored",
        "read-concern of a Get is balanced or consistent; anything else is 400",
    ),
    Row(
        Feature.CLUSTER_MUST_EXIST,
        "2026-08-12",
        "a store may name any cluster",
        "a store must name an existing cluster (here without --no-strict-clusters)",
    ),
    Row(
        Feature.LOG_GROUP_MUST_EXIST,
        "2026-08-12",
        "a store may name any log group",
        "a store must name an existing log group (here without --no-strict-log-groups)",
    ),
    Row(
        Feature.ENDPOINTS,
        "2026-08-12",
        "GET /endpoints is 404",
        "GET /endpoints has the addresses by availability zone",
    ),
    Row(
        Feature.AUTH_LIMIT,
        "2026-08-12",
        "any number of keys, roles and tokens can be asked for in a second",
        "more than 5 operations a second on keys, roles and tokens are 429",
    ),
)
"""Every feature, in the order of the dates."""


class Revision(NamedTuple):
    """The HTTP API as it was documented on one day."""

    date: str
    features: frozenset[Feature]

    def has(self, feature: Feature) -> bool:
        """Whether this revision has the feature."""
        return feature in self.features

    def without(self, feature: Feature) -> Revision:
        """The same API but for the feature."""
        return self._replace(features=self.features - {feature})


def revision_of(date: str) -> Revision:
    """The revision of ``date``, which is written like ``2026-08-12``."""
    return Revision(date, frozenset(row.feature for row in FEATURES if row.since <= date))


FIRST = revision_of("2026-02-05")
"""The first documented form: the default."""

REVISIONS: dict[str, Revision] = {
    revision.date: revision for revision in (FIRST, revision_of("2026-08-12"))
}
"""The revisions that the emulator serves, by date, the oldest first."""

LATEST_NAME = "latest"
"""Another name for the newest of them."""


def latest() -> Revision:
    """The newest revision that the emulator serves."""
    return REVISIONS[max(REVISIONS)]


def first_with(feature: Feature) -> str:
    """The first revision served that has a feature."""
    return min(date for date, revision in REVISIONS.items() if revision.has(feature))


def since_when(operation: str) -> str:
    """Say from which revision on there is an operation that the first one does not have; nothing of
    any other name."""
    feature = LATER_OPERATIONS.get(operation)
    return "" if feature is None else f"it exists from revision {first_with(feature)} on."


def rows_between(before: Revision, after: Revision) -> list[Row]:
    """The features that only one of the two revisions has, ordered by date in the direction from
    ``before`` to ``after``."""
    rows = [row for row in FEATURES if before.has(row.feature) != after.has(row.feature)]
    return rows if before.date <= after.date else rows[::-1]


def store_deletion_status(revision: Revision) -> int:
    """The status of a Delete Object Store that succeeds."""
    return 204 if revision.has(Feature.STORE_DELETION_204) else 200


LATER_OPERATIONS: Mapping[str, Feature] = {
    "DeleteObject": Feature.DELETE_OBJECT,
    "ListEndpoints": Feature.ENDPOINTS,
}
"""The operations that the first revision does not have."""
