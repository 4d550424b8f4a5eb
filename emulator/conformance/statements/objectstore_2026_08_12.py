"""Statements of the object store HTTP API that revision 2026-08-12 adds or changes."""

from __future__ import annotations

from .document import Document
from .reasons import AWS, CACHE, FAILURE
from .statement import SECOND

_NO_COLON = "The name of a header cannot have a colon, so no request has such a tag."
_NO_REGION = "No member of a store's body names the region of its bucket."

_INTRODUCTION = "Object Store HTTP API, revision 2026-08-12"
_CONFIG = "Store configuration"
_LOG = "Access log entry"

OBJECT_STORE = Document(
    "OS12",
    "HTTP API reference of 2026-08-12",
    (
        _INTRODUCTION,
        _CONFIG,
        "Put Object",
        "Get Object",
        "Delete Object",
        "CORS",
        _LOG,
        "Metrics",
        "The storage role",
    ),
    revisions=(SECOND,),
)

_GENERAL = OBJECT_STORE.states(
    _INTRODUCTION,
    {"OS12-GENERAL-01": "Trust policies of roles ask for an external id with the store's name."},
    not_shown=AWS,
)

_CONFIGURATION = (
    *OBJECT_STORE.states(
        _CONFIG,
        {
            "OS12-CONFIG-01": "access_logging_config is optional.",
            "OS12-CONFIG-02": "access_logging_config.cloudwatch needs log_group_name.",
            "OS12-CONFIG-03": "access_logging_config.cloudwatch needs iam_role_arn.",
            "OS12-CONFIG-04": "access_logging_config.cloudwatch needs region.",
            "OS12-CONFIG-05": "access_logging_config is returned only when configured.",
            "OS12-CONFIG-06": "metrics_config is optional.",
            "OS12-CONFIG-07": "metrics_config.cloudwatch needs iam_role_arn.",
            "OS12-CONFIG-08": "metrics_config.cloudwatch needs region.",
            "OS12-CONFIG-09": "metrics_config is returned only when configured.",
            "OS12-CONFIG-10": "Operation limits are 100 a second each by default.",
            "OS12-CONFIG-11": "Byte limits are 1048576 a second each by default.",
            "OS12-CONFIG-12": "Any of the four limits may be left out.",
            "OS12-CONFIG-13": "object_store_limits is always returned, with defaults filled in.",
            "OS12-CONFIG-14": "The bucket name of a store cannot change.",
            "OS12-CONFIG-15": "The prefix of a store cannot change.",
        },
    ),
    *OBJECT_STORE.states(
        _CONFIG,
        {"OS12-CONFIG-16": "The bucket region of a store cannot change."},
        not_shown=_NO_REGION,
    ),
    *OBJECT_STORE.states(
        _CONFIG,
        {
            "OS12-CONFIG-17": "The cluster name of a store cannot change.",
            "OS12-CONFIG-18": "The storage role ARN can change.",
            "OS12-CONFIG-19": "Access logging can change.",
            "OS12-CONFIG-20": "Metrics can change.",
            "OS12-CONFIG-21": "Limits can change.",
            "OS12-CONFIG-22": "Creating a store answers 201.",
            "OS12-CONFIG-23": "Updating a store answers 200.",
            "OS12-CONFIG-24": "Create, update and describe return the same body.",
            "OS12-CONFIG-25": "The Valkey cluster of a store must exist.",
            "OS12-CONFIG-26": "The log group of a store must exist.",
            "OS12-CONFIG-27": "Deleting a store answers 204.",
            "OS12-CONFIG-28": "An empty prefix is accepted in the body of a PUT.",
            "OS12-CONFIG-29": "name is accepted in the body of a PUT.",
            "OS12-CONFIG-30": "GET /endpoints maps each zone to a list of socket addresses.",
            "OS12-CONFIG-31": "object_store_limits is optional.",
            "OS12-CONFIG-32": "access_logging_config is returned as it was configured.",
            "OS12-CONFIG-33": "metrics_config is returned as it was configured.",
            "OS12-CONFIG-34": "Limits that are configured are returned as they were configured.",
        },
    ),
)

_PUT = (
    *OBJECT_STORE.states(
        "Put Object",
        {
            "OS12-PUT-01": "A durable object may have a TTL above 600 seconds.",
            "OS12-PUT-02": "An ephemeral object without a TTL is gone after 600 seconds.",
            "OS12-PUT-03": "A TTL above 600 seconds of an ephemeral object is cut to 600.",
            "OS12-PUT-04": "An object put without mo-persistence is durable: it is in S3.",
            "OS12-PUT-05": "mo-persistence: durable is accepted.",
            "OS12-PUT-06": "An ephemeral object can be read until its TTL ends.",
            "OS12-PUT-07": "An ephemeral object is gone after its TTL.",
            "OS12-PUT-08": "An ephemeral object is not in S3: no other store finds it there.",
        },
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {"OS12-PUT-09": "mo-tag-<key> becomes an S3 object tag without its prefix."},
        not_shown=AWS,
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {
            "OS12-PUT-10": "Tags are never returned by Get Object.",
            "OS12-PUT-11": "Ten tags are accepted and eleven answer 400.",
            "OS12-PUT-12": "A tag's key has 1 to 128 characters, else 400.",
            "OS12-PUT-13": "A tag's value has 0 to 256 characters, else 400.",
        },
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {"OS12-PUT-14": "A tag's key that begins with aws: answers 400."},
        not_shown=_NO_COLON,
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {
            "OS12-PUT-15": "A character outside the allowed ones in a tag answers 400.",
            "OS12-PUT-16": "Put Object answers 204 with mo-request-id.",
            "OS12-PUT-17": "mo-request-id is a UUIDv7.",
            "OS12-PUT-18": "Too many writes answer 429, Request rate exceeded.",
            "OS12-PUT-19": "Too many written bytes answer 429, Throughput rate exceeded.",
            "OS12-PUT-20": "A durable object is in S3: a second store over the bucket finds it.",
        },
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {"OS12-PUT-21": "A durable object is in the cache as well."},
        not_shown=CACHE,
    ),
    *OBJECT_STORE.states(
        "Put Object",
        {
            "OS12-PUT-22": "A tag may consist of Unicode letters, digits and white space.",
            "OS12-PUT-23": "A tag may have the characters _ . : / = + - and @.",
        },
    ),
)

_GET = (
    *OBJECT_STORE.states(
        "Get Object",
        {
            "OS12-GET-01": "read-concern: balanced is accepted and finds the object.",
            "OS12-GET-02": "read-concern: consistent is accepted and finds the object.",
        },
    ),
    *OBJECT_STORE.states(
        "Get Object",
        {
            "OS12-GET-03": "read-concern is balanced when it is left out.",
            "OS12-GET-04": "A consistent read asks the primary.",
        },
        not_shown=CACHE,
    ),
    *OBJECT_STORE.states(
        "Get Object",
        {
            "OS12-GET-05": "Both kinds of read fall back to S3.",
            "OS12-GET-06": "Get Object answers 200 with mo-request-id.",
            "OS12-GET-07": "Stored metadata comes back with its prefix stripped.",
            "OS12-GET-08": "A miss answers 404, Object not found.",
            "OS12-GET-09": "Too many reads answer 429, Request rate exceeded.",
            "OS12-GET-10": "Too many read bytes answer 429, Throughput rate exceeded.",
        },
    ),
    *OBJECT_STORE.states(
        "Get Object",
        {"OS12-GET-11": "A balanced read prefers a cache node in the zone of the caller."},
        not_shown=CACHE,
    ),
)

_DELETE = (
    *OBJECT_STORE.states(
        "Delete Object",
        {
            "OS12-DELETE-01": "Deleting an object that is there answers 204.",
            "OS12-DELETE-02": "Deleting an object that is not there answers 204.",
            "OS12-DELETE-03": "A deleted object is not found by Get Object.",
            "OS12-DELETE-04": "Delete Object answers with mo-request-id.",
            "OS12-DELETE-05": "Deleting without a valid key answers 401.",
            "OS12-DELETE-06": "Deleting with a key that does not grant it answers 403.",
            "OS12-DELETE-07": "Deleting in an unknown store answers 404, Store Not Found.",
            "OS12-DELETE-08": "Too many deletes answer 429, Request rate exceeded.",
            "OS12-DELETE-09": "Deletes count against no bytes limit.",
        },
    ),
    *OBJECT_STORE.states(
        "Delete Object",
        {"OS12-DELETE-10": "A failure inside the service answers 500."},
        not_shown=FAILURE,
    ),
)

_CORS = OBJECT_STORE.states(
    "CORS",
    {
        "OS12-CORS-01": "Data-plane answers carry Access-Control-Allow-Origin: *.",
        "OS12-CORS-02": "Access-Control-Allow-Methods names GET, PUT, DELETE, OPTIONS, HEAD.",
        "OS12-CORS-03": "Data-plane answers carry Access-Control-Allow-Headers: *.",
        "OS12-CORS-04": "Data-plane answers carry Access-Control-Expose-Headers: *.",
        "OS12-CORS-05": "Data-plane answers carry Access-Control-Max-Age: 86400.",
        "OS12-CORS-06": "OPTIONS answers 204 with these headers and without credentials.",
    },
)

_OBSERVED = (
    *OBJECT_STORE.states(
        _LOG,
        {
            "OS12-LOG-01": "Each data-plane operation is one JSON object.",
            "OS12-LOG-02": "timestamp is in milliseconds.",
            "OS12-LOG-03": "operation is get_object, put_object or delete_object.",
            "OS12-LOG-04": "key is the object's key.",
            "OS12-LOG-05": "persistence is durable or ephemeral.",
            "OS12-LOG-06": "persistence is in the entries of puts only.",
            "OS12-LOG-07": "store is the name of the store.",
            "OS12-LOG-08": "size is in bytes.",
            "OS12-LOG-09": "size is in the entries of successful operations only.",
            "OS12-LOG-10": "http_status_code is in each entry.",
            "OS12-LOG-11": "object_age_us is in the entries of reads that found the object.",
            "OS12-LOG-12": "object_age_us is also there when the object has expired.",
            "OS12-LOG-13": "total_time_us is the server's time without the network.",
            "OS12-LOG-14": "request_id is the mo-request-id of the answer.",
            "OS12-LOG-15": "status is ok when a write is done.",
            "OS12-LOG-16": "status is cache_hit when the cache has the object.",
            "OS12-LOG-17": "status is storage_hit when only S3 has the object.",
            "OS12-LOG-18": "status is cache_hit_expired when the cached object has expired.",
            "OS12-LOG-19": "status is storage_hit_expired when the object in S3 has expired.",
            "OS12-LOG-20": "status is miss when there is no such object.",
            "OS12-LOG-21": "status is bad_request for a write with invalid parameters.",
            "OS12-LOG-22": "status is authz_error when the key does not permit the operation.",
            "OS12-LOG-23": "status is operations_rate_limited beyond an operations limit.",
            "OS12-LOG-24": "status is throughput_rate_limited beyond a bytes limit.",
            "OS12-LOG-25": "status is internal_error when the service fails.",
            "OS12-LOG-26": "Entries arrive in the log group that the store names.",
            "OS12-LOG-27": "The delivery needs three permissions on CloudWatch Logs.",
        },
        not_shown=AWS,
    ),
    *OBJECT_STORE.states(
        "Metrics",
        {
            "OS12-METRICS-01": "The namespace is Momento/ObjectStore.",
            "OS12-METRICS-02": "Each metric has the dimension ObjectStore.",
            "OS12-METRICS-03": "Each metric has the dimension AccountId.",
            "OS12-METRICS-04": "Each metric has the dimension Endpoint.",
            "OS12-METRICS-05": "Each metric has the dimension Api, the operation's name.",
            "OS12-METRICS-06": "Metrics per result have Result and HttpStatusCode too.",
            "OS12-METRICS-07": "Requests counts every request.",
            "OS12-METRICS-08": "Bytes of a put are the object's size.",
            "OS12-METRICS-09": "Bytes of a get are the response's size.",
            "OS12-METRICS-10": "A delete has no Bytes.",
            "OS12-METRICS-11": "Latency of every request is in microseconds.",
            "OS12-METRICS-12": "Requests also counts by Result and HttpStatusCode.",
            "OS12-METRICS-13": "ObjectAge is in microseconds, with Result.",
            "OS12-METRICS-14": "A read that found no object has no ObjectAge.",
            "OS12-METRICS-15": "A GetObject has one of its eight documented results.",
            "OS12-METRICS-16": "A PutObject has one of its five documented results.",
            "OS12-METRICS-17": "A DeleteObject has one of its four documented results.",
            "OS12-METRICS-18": "Each result has the HTTP status that is documented for it.",
        },
        not_shown=AWS,
    ),
    *OBJECT_STORE.states(
        "The storage role",
        {
            "OS12-ROLE-01": "The role needs s3:GetObject.",
            "OS12-ROLE-02": "The role needs s3:PutObject.",
            "OS12-ROLE-03": "The role needs s3:DeleteObject.",
            "OS12-ROLE-04": "The role needs s3:ListBucket.",
            "OS12-ROLE-05": "Tags also need s3:PutObjectTagging.",
            "OS12-ROLE-06": "The role trusts account 168253909317.",
        },
        not_shown=AWS,
    ),
)

STATEMENTS = (*_GENERAL, *_CONFIGURATION, *_PUT, *_GET, *_DELETE, *_CORS, *_OBSERVED)
