"""Decisions that a black box cannot settle, and why."""

from __future__ import annotations

from collections.abc import Mapping

_EMULATOR = "Only an emulator has it."
_INSIDE = "It is inside of the endpoint and shows in no answer."
_BUCKET = "It shows only in the bucket."
_FAILURE = "It shows only where a part of the endpoint fails, which a client cannot bring about."
_LOGS = "It shows only in CloudWatch."
_COSTS = "It would create Valkey clusters, which takes minutes and costs money."
_PROCESS = "It is about the emulator as a process."
_GRPC = "The suite speaks HTTP alone, and SDKs make these keys over gRPC."
_COMMANDS = "It is about the emulator's commands."

NOT_SETTLED: Mapping[str, tuple[str, str]] = {
    "D14": ("an object's place in the bucket", _BUCKET),
    "D19": (
        "a Get that finds the object in S3 only",
        "The object would have to come into the bucket in another way.",
    ),
    "D20": (
        "objects too large for the cache",
        "Whether an object is cached shows only in the time that a Get takes.",
    ),
    "D23": ("account limits", "It would create as many stores as the account may have."),
    "D34": ("a cache that fails", _FAILURE),
    "D35": ("an object that expired in the cache", _LOGS),
    "D36": ("outcomes of operations that were refused", _LOGS),
    "D47": ("a key whose role or account is gone", "A role cannot be deleted while it has a key."),
    "D51": ("creating disposable tokens and v1 keys", "No HTTP API for it is documented."),
    "D52": ("account membership", "No HTTP API for it is documented."),
    "D55": (
        "the maximum of custom roles",
        "It would create as many roles as the account may have.",
    ),
    "D56": ("the control API", _EMULATOR),
    "D57": (
        "what counts in a v1 key or token that is sent whole",
        "No HTTP API makes a key of the first version.",
    ),
    "D58": (
        "a request whose body arrives slowly",
        "The key would have to be revoked at an instant inside of a request.",
    ),
    "D59": ("where fault rules act", _EMULATOR),
    "D60": ("the text of injected errors", _EMULATOR),
    "D61": ("delays of faults", _EMULATOR),
    "D62": ("what is in the journal", _EMULATOR),
    "D63": ("what a reset, a checkpoint and an export include", _EMULATOR),
    "D64": ("a Put when a shared Valkey cannot be told of it", _FAILURE),
    "D65": ("what a Valkey has from before its start", _FAILURE),
    "D66": ("how long a Valkey keeps an entry", _INSIDE),
    "D67": ("a reset, a checkpoint and a Valkey", _EMULATOR),
    "D68": ("a Valkey that refuses the emulator", _FAILURE),
    "D69": ("a process that ends in the middle of a Put or a Get", _FAILURE),
    "D72": (
        "an object in the bucket that another tool wrote",
        "The object would have to come into the bucket in another way.",
    ),
    "D73": (
        "a reset, a checkpoint, a restore, an import and the fault storage_lost with --storage s3",
        _EMULATOR,
    ),
    "D74": ("--assume-role", "It shows only in what AWS logs of the role."),
    "D75": ("how an object is kept in S3", _BUCKET),
    "D76": (
        "a bucket that does not exist",
        "A store's bucket has to exist, and the suite has one bucket.",
    ),
    "D77": ("S3 that fails, or is slow", _FAILURE),
    "D78": ("a Put to S3 that may or may not be carried out", _FAILURE),
    "D80": ("many emulators that start at once with an empty account in Valkey", _EMULATOR),
    "D81": (
        "limits and names over many emulators",
        "It would create as many stores and roles as the account may have.",
    ),
    "D82": ("a Valkey that cannot be reached, hangs or refuses", _FAILURE),
    "D83": ("an account that is gone from its Valkey", _FAILURE),
    "D84": ("reset, import and restore of one emulator whose account is shared", _EMULATOR),
    "D90": ("a disk that refuses: full, read-only, without permission", _FAILURE),
    "D91": ("health of the file system tier", _EMULATOR),
    "D92": ("two emulators over one data directory", _EMULATOR),
    "D93": ("an object's file that is not what was written", _FAILURE),
    "D98": ("read-concern", "Which node of the cache answers shows in no answer."),
    "D103": ("what is in an access log", _LOGS),
    "D104": ("names of operations in access logs before 2026-06-17", _LOGS),
    "D105": ("metrics that the page leaves open", _LOGS),
    "D107": (
        "requests over a limit before 2026-04-13",
        "The endpoint has one revision, and the suite knows the first and the last.",
    ),
    "D108": ("what is delivered to CloudWatch, and when", _LOGS),
    "D109": (
        "a data directory or account that both revisions use",
        "An endpoint has one revision at a time.",
    ),
    "D111": ("what is in the place of an object's file and is none", _FAILURE),
    "D112": ("an import, a reset or a restore that fails or is stopped", _EMULATOR),
    "D113": ("who can read a data directory", _PROCESS),
    "D114": ("an account.json or a seed that says something impossible", _PROCESS),
    "D115": ("when an expired object is freed", _INSIDE),
    "D116": ("what is known of a freed object", _INSIDE),
    "D117": ("what is kept of a store that was deleted, or logs elsewhere now", _LOGS),
    "D120": (
        "clients that are slow",
        "It would take minutes, and depends on what is in front of the endpoint.",
    ),
    "D121": ("a stop", _PROCESS),
    "D122": ("--host with several addresses", _PROCESS),
    "D123": ("uploads that would take more memory than --upload-memory (256 MiB)", _INSIDE),
    "D124": ("memory of the journal and of the access logs", _EMULATOR),
    "D125": ("who may see /_emulator/health", _EMULATOR),
    "D126": ("where the control token comes from", _EMULATOR),
    "D127": (
        "a test replaces functions of Python's standard library in the emulator's process",
        _PROCESS,
    ),
    "D128": ("a process forks while an emulator runs in it", _PROCESS),
    "D129": ("SIGHUP", _PROCESS),
    "D130": ("--exit-with-parent", _PROCESS),
    "D134": ("a Valkey cluster between a call and its effect", _COSTS),
    "D136": ("names of --clusters and /ec-cluster", _EMULATOR),
    "D137": ("what a cluster can be", _COSTS),
    "D138": ("a cluster whose creation fails", _COSTS),
    "D139": ("what a deleted cluster leaves", _COSTS),
    "D140": ("the certificate authority of --tls and --proxy", _EMULATOR),
    "D141": ("--proxy", _EMULATOR),
    "D142": ("the variables for clients", _PROCESS),
    "D143": ("exec", _COMMANDS),
    "D144": ("TLS", "It depends on what is in front of the endpoint."),
    "D146": (
        "routers of GET /endpoints",
        "How many routers there are is the endpoint's own affair.",
    ),
    "D147": ("leaving the account", "No HTTP API for it is documented."),
    "D148": ("the three IAM roles of a store", "It shows only in AWS."),
    "D150": ("HTTP/2 and gRPC", _GRPC),
    "D151": ("GenerateApiToken", _GRPC),
    "D152": ("RefreshApiToken", _GRPC),
    "D153": ("permissions of the public protos", _GRPC),
    "D154": ("calls of gRPC in the journal and under fault rules", _EMULATOR),
    "D155": ("the console", _EMULATOR),
    "D156": ("stores over the control API", _EMULATOR),
    "D157": ("bodies over the control API", _EMULATOR),
    "D158": ("GET /_emulator/events", _EMULATOR),
    "D159": ("keys, roles, members and invitations over the control API", _EMULATOR),
    "D160": ("which statuses the OpenAPI document of the service has", _EMULATOR),
    "D161": ("who may read the OpenAPI documents and schemas", _EMULATOR),
    "D162": ("/_emulator/docs", _EMULATOR),
    "D163": ("what python -m emulator and its commands print", _COMMANDS),
    "D164": ("objects on the command line", _COMMANDS),
    "D165": ("hints", _EMULATOR),
    "D166": ("when a hint comes that depends on time or on several requests", _EMULATOR),
    "D168": ("an emulator with the answers of an endpoint", _EMULATOR),
    "D169": ("fixed API keys", _EMULATOR),
    "D170": ("python -m emulator wait", _COMMANDS),
    "D171": ("an option that needs a package which is not installed", _EMULATOR),
}
"""By the id of a decision: what it is about, and the reason."""
