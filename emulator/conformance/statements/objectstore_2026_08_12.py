"""Statements of the object store HTTP API that revision 2026-08-12 adds or changes."""

from __future__ import annotations

from .statement import SECOND, Statement

_DOCUMENT = "objectstore-2026-08-12.md"
_FAILURE = "No request provokes a server error on purpose."
_AWS = "It is seen in the owner's AWS account, not in an answer."
_CACHE = "An answer does not say which node or tier it came from."


def _new(number: str, section: str, text: str, not_shown: str = "") -> Statement:
    return Statement(f"OS12-{number}", text, f"{_DOCUMENT}, {section}", (SECOND,), not_shown)


_CONFIGURATION = (
    _new("CONFIG-01", "Store configuration", "access_logging_config is optional."),
    _new(
        "CONFIG-02", "Store configuration", "access_logging_config.cloudwatch needs log_group_name."
    ),
    _new(
        "CONFIG-03", "Store configuration", "access_logging_config.cloudwatch needs iam_role_arn."
    ),
    _new("CONFIG-04", "Store configuration", "access_logging_config.cloudwatch needs region."),
    _new(
        "CONFIG-05",
        "Store configuration",
        "access_logging_config is returned only when configured.",
    ),
    _new("CONFIG-06", "Store configuration", "metrics_config is optional."),
    _new("CONFIG-07", "Store configuration", "metrics_config.cloudwatch needs iam_role_arn."),
    _new("CONFIG-08", "Store configuration", "metrics_config.cloudwatch needs region."),
    _new("CONFIG-09", "Store configuration", "metrics_config is returned only when configured."),
    _new("CONFIG-10", "Store configuration", "Operation limits are 100 a second each by default."),
    _new("CONFIG-11", "Store configuration", "Byte limits are 1048576 a second each by default."),
    _new("CONFIG-12", "Store configuration", "Any of the four limits may be left out."),
    _new(
        "CONFIG-13",
        "Store configuration",
        "object_store_limits is always returned, with defaults filled in.",
    ),
    _new("CONFIG-14", "Store configuration", "The bucket name of a store cannot change."),
    _new("CONFIG-15", "Store configuration", "The prefix of a store cannot change."),
    _new("CONFIG-16", "Store configuration", "The bucket region of a store cannot change."),
    _new("CONFIG-17", "Store configuration", "The cluster name of a store cannot change."),
    _new("CONFIG-18", "Store configuration", "The storage role ARN can change."),
    _new("CONFIG-19", "Store configuration", "Access logging can change."),
    _new("CONFIG-20", "Store configuration", "Metrics can change."),
    _new("CONFIG-21", "Store configuration", "Limits can change."),
    _new("CONFIG-22", "Store configuration", "Creating a store answers 201."),
    _new("CONFIG-23", "Store configuration", "Updating a store answers 200."),
    _new("CONFIG-24", "Store configuration", "Create, update and describe return the same body."),
    _new("CONFIG-25", "Store configuration", "The Valkey cluster of a store must exist."),
    _new("CONFIG-26", "Store configuration", "The log group of a store must exist."),
    _new("CONFIG-27", "Store configuration", "Deleting a store answers 204."),
    _new("CONFIG-28", "Store configuration", "An empty prefix is accepted in the body of a PUT."),
    _new("CONFIG-29", "Store configuration", "name is accepted in the body of a PUT."),
    _new(
        "CONFIG-30",
        "Store configuration",
        "GET /endpoints maps each zone to a list of socket addresses.",
    ),
)

_PUT = (
    _new("PUT-01", "Put Object", "A durable object may have a TTL above 600 seconds."),
    _new("PUT-02", "Put Object", "An ephemeral object without a TTL is gone after 600 seconds."),
    _new("PUT-03", "Put Object", "A TTL above 600 seconds of an ephemeral object is cut to 600."),
    _new("PUT-04", "Put Object", "mo-persistence is durable when it is left out.", _CACHE),
    _new("PUT-05", "Put Object", "mo-persistence: durable is accepted."),
    _new("PUT-06", "Put Object", "An ephemeral object can be read until its TTL ends."),
    _new("PUT-07", "Put Object", "An ephemeral object is gone after its TTL."),
    _new("PUT-08", "Put Object", "An ephemeral object is never written to S3.", _AWS),
    _new("PUT-09", "Put Object", "mo-tag-<key> becomes an S3 object tag without its prefix.", _AWS),
    _new("PUT-10", "Put Object", "Tags are never returned by Get Object."),
    _new("PUT-11", "Put Object", "Ten tags are accepted and eleven answer 400."),
    _new("PUT-12", "Put Object", "A tag's key has 1 to 128 characters, else 400."),
    _new("PUT-13", "Put Object", "A tag's value has 0 to 256 characters, else 400."),
    _new("PUT-14", "Put Object", "A tag's key that begins with aws: answers 400."),
    _new("PUT-15", "Put Object", "A character outside the allowed ones in a tag answers 400."),
    _new("PUT-16", "Put Object", "Put Object answers 204 with mo-request-id."),
    _new("PUT-17", "Put Object", "mo-request-id is a UUIDv7."),
    _new("PUT-18", "Put Object", "Too many writes answer 429, Request rate exceeded."),
    _new("PUT-19", "Put Object", "Too many written bytes answer 429, Throughput rate exceeded."),
)

_GET = (
    _new("GET-01", "Get Object", "read-concern: balanced is accepted and finds the object."),
    _new("GET-02", "Get Object", "read-concern: consistent is accepted and finds the object."),
    _new("GET-03", "Get Object", "read-concern is balanced when it is left out.", _CACHE),
    _new("GET-04", "Get Object", "A consistent read asks the primary.", _CACHE),
    _new("GET-05", "Get Object", "Both kinds of read fall back to S3.", _CACHE),
    _new("GET-06", "Get Object", "Get Object answers 200 with mo-request-id."),
    _new("GET-07", "Get Object", "Stored metadata comes back with its prefix stripped."),
    _new("GET-08", "Get Object", "A miss answers 404, Object not found."),
    _new("GET-09", "Get Object", "Too many reads answer 429, Request rate exceeded."),
    _new("GET-10", "Get Object", "Too many read bytes answer 429, Throughput rate exceeded."),
)

_DELETE = (
    _new("DELETE-01", "Delete Object", "Deleting an object that is there answers 204."),
    _new("DELETE-02", "Delete Object", "Deleting an object that is not there answers 204."),
    _new("DELETE-03", "Delete Object", "A deleted object is not found by Get Object."),
    _new("DELETE-04", "Delete Object", "Delete Object answers with mo-request-id."),
    _new("DELETE-05", "Delete Object", "Deleting without a valid key answers 401."),
    _new("DELETE-06", "Delete Object", "Deleting with a key that may only read answers 403."),
    _new(
        "DELETE-07", "Delete Object", "Deleting in an unknown store answers 404, Store Not Found."
    ),
    _new("DELETE-08", "Delete Object", "Too many deletes answer 429, Request rate exceeded."),
    _new("DELETE-09", "Delete Object", "The bytes limit does not apply to deletes."),
    _new("DELETE-10", "Delete Object", "A failure inside the service answers 500.", _FAILURE),
)

_CORS = (
    _new("CORS-01", "CORS", "Data-plane answers carry Access-Control-Allow-Origin: *."),
    _new("CORS-02", "CORS", "Access-Control-Allow-Methods names GET, PUT, DELETE, OPTIONS, HEAD."),
    _new("CORS-03", "CORS", "Data-plane answers carry Access-Control-Allow-Headers: *."),
    _new("CORS-04", "CORS", "Data-plane answers carry Access-Control-Expose-Headers: *."),
    _new("CORS-05", "CORS", "Data-plane answers carry Access-Control-Max-Age: 86400."),
    _new("CORS-06", "CORS", "OPTIONS answers 204 with these headers and without credentials."),
)

_OBSERVED = (
    _new("LOG-01", "Access log entry", "Each data-plane operation is one JSON object.", _AWS),
    _new(
        "LOG-02",
        "Access log entry",
        "An entry names operation, key, store, status and request_id.",
        _AWS,
    ),
    _new("LOG-03", "Access log entry", "persistence is in the entries of puts only.", _AWS),
    _new(
        "LOG-04", "Access log entry", "size is in the entries of successful operations only.", _AWS
    ),
    _new(
        "LOG-05",
        "Access log entry",
        "object_age_us is in the entries of reads that found the object.",
        _AWS,
    ),
    _new(
        "LOG-06",
        "Access log entry",
        "total_time_us is the server's time without the network.",
        _AWS,
    ),
    _new("LOG-07", "Access log entry", "status is one of eleven documented words.", _AWS),
    _new("LOG-08", "Access log entry", "Entries are delivered to the CloudWatch log group.", _AWS),
    _new("LOG-09", "Access log entry", "timestamp is in milliseconds.", _AWS),
    _new("LOG-10", "Access log entry", "http_status_code is in each entry.", _AWS),
    _new("METRICS-01", "Metrics", "The namespace is Momento/ObjectStore.", _AWS),
    _new(
        "METRICS-02", "Metrics", "Each metric names ObjectStore, AccountId, Endpoint and Api.", _AWS
    ),
    _new("METRICS-03", "Metrics", "Requests, Bytes and Latency count every request.", _AWS),
    _new("METRICS-04", "Metrics", "Requests also counts by Result and HttpStatusCode.", _AWS),
    _new("METRICS-05", "Metrics", "ObjectAge is measured for reads that found the object.", _AWS),
    _new("METRICS-06", "Metrics", "Result is one of the documented words of its operation.", _AWS),
    _new("ROLE-01", "The storage role", "The role needs four S3 rights on the bucket.", _AWS),
    _new("ROLE-02", "The storage role", "Tags also need s3:PutObjectTagging.", _AWS),
    _new("ROLE-03", "The storage role", "The role trusts the service's account.", _AWS),
    _new(
        "ROLE-04",
        "2026-03-04",
        "The trust policy asks for an external id with the store's name.",
        _AWS,
    ),
)

STATEMENTS = _CONFIGURATION + _PUT + _GET + _DELETE + _CORS + _OBSERVED
