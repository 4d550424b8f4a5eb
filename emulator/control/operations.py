"""The table of control operations.

The HTTP endpoints (``http/control_handlers.py``) and the commands (``commands/control.py``) are
made from these rows; the Python handles (``handles/``) call the same parts. To add an operation,
add a row here, and the method that it calls to one of the parts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping
from typing import TYPE_CHECKING

from emulator.control.answer import WithStatus
from emulator.control.conditions import CallConditions
from emulator.control.operation import (
    BodyReader,
    ControlOperation,
    Given,
    Kind,
    in_body,
    in_path,
    in_query,
)
from emulator.core.headers import LAST_EVENT_ID

if TYPE_CHECKING:
    from emulator.control.journal import Window
    from emulator.control.object_pages import Asked
    from emulator.control.parts import Control
    from emulator.control.state_writer import Exported
    from emulator.control.tiers import Placed

_CONDITIONS = tuple(CallConditions.__annotations__)
_CLOCK: Mapping[str, type] = {"now": str, "epoch_seconds": float, "frozen": bool}
_RULE: Mapping[str, type] = {"id": str, "enabled": bool, "matched": int, "fired": int}
_CLUSTER: Mapping[str, type] = {"name": str, "status": str, "shard_placements": list}
_CHECKPOINT: Mapping[str, type] = {"name": str, "made_at": str}

_RULE_ID = in_path("id", Kind.RULE, "the rule's id, as 'faults list' shows it")
_NAME = in_path("name", Kind.CHECKPOINT, "the checkpoint's name, as 'state checkpoints' shows it")
_NEW_NAME = _NAME._replace(help="the checkpoint's name; replaces a checkpoint of the same name")
_GROUP = in_path("log_group", Kind.LOG_GROUP, "the log group's name, as 'logs list' shows it")
_CLUSTER_NAME = in_path("name", Kind.CLUSTER, "the cluster's name")
_STORE = in_path("store", Kind.STORE, "the store's name")
_KEY = in_path("key", Kind.KEY, "the object's key")
_MEMBER: Mapping[str, type] = {"user_name": str, "role_id": str, "role_name": str}
_MEMBER_ID = in_path("id", Kind.ID, "the member's user name")
_STORE_ANSWER: Mapping[str, type] = {"name": str, "storage_config": dict, "cache_config": dict}
_STORE_MEMBERS = (
    in_body("storage_config", Kind.OBJECT, "where the objects are, as the service has it"),
    in_body("cache_config", Kind.OBJECT, "which Valkey cluster caches them"),
    in_body("access_logging_config", Kind.OBJECT, "where access logs go"),
    in_body("metrics_config", Kind.OBJECT, "where metrics go"),
    in_body("object_store_limits", Kind.OBJECT, "operations and bytes a second"),
)


async def _put(putting: Awaitable[tuple[dict[str, object], bool]]) -> WithStatus:
    description, is_new = await putting
    return WithStatus(201 if is_new else 200, description)


async def _text(exporting: Awaitable[Exported]) -> Iterator[str]:
    return (await exporting).text()


def _asked(given: Given) -> Asked:
    from emulator.control.object_pages import Asked

    return Asked(
        given["prefix"] or "",
        given["delimiter"] or "",
        given["search"] or "",
        given["after"] or "",
        given["limit"],
    )


def _window(given: Given) -> Window:
    from emulator.control.journal import Window

    return Window(given["after"] or 0, given["limit"], given["last"])


async def _placed(showing: Awaitable[Placed]) -> dict[str, object]:
    return (await showing).document()


def _state_reader(control: Control) -> BodyReader:
    from emulator.control.state_reader import StateReader

    control.state.require_import_allowed()
    return StateReader()


OPERATIONS: tuple[ControlOperation, ...] = (
    ControlOperation(
        "overview.show",
        "GET /_emulator/overview",
        "show where the emulator is, how it does and what it has been asked",
        lambda control, _: control.overview.describe(),
        answer={
            "endpoint": str,
            "version": str,
            "revision": str,
            "uptime_seconds": float,
            "clock": dict,
            "tiers": dict,
            "limits": bool,
            "requests": int,
            "dropped": int,
            "recent": dict,
            "counts": dict,
            "keys": list,
            "environment": dict,
            "features": list,
        },
        has_command=False,
    ),
    ControlOperation(
        "clock.show",
        "GET /_emulator/clock",
        "show the emulator's time",
        lambda control, _: control.clock.describe(),
        answer=_CLOCK,
    ),
    ControlOperation(
        "clock.freeze",
        "POST /_emulator/clock/freeze",
        "stop the emulator's clock, now or at an instant",
        lambda control, given: control.clock.freeze(given["at"]),
        members=(in_body("at", Kind.INSTANT, "stop at this instant"),),
        body="members",
        answer=_CLOCK,
        example="--at 2030-01-01T00:00:00Z",
    ),
    ControlOperation(
        "clock.advance",
        "POST /_emulator/clock/advance",
        "move the clock forward, frozen or not",
        lambda control, given: control.clock.advance(given["seconds"]),
        members=(in_body("seconds", Kind.DURATION, "how far", required=True),),
        body="members",
        answer=_CLOCK,
        example="1h",
    ),
    ControlOperation(
        "clock.set",
        "POST /_emulator/clock/set",
        "set the clock to an instant; it goes on from there unless frozen",
        lambda control, given: control.clock.set(given["at"]),
        members=(in_body("at", Kind.INSTANT, "the instant, past or future", required=True),),
        body="members",
        answer=_CLOCK,
        example="2030-01-01T00:00:00Z",
    ),
    ControlOperation(
        "clock.release",
        "POST /_emulator/clock/release",
        "let the clock follow the system's clock again",
        lambda control, _: control.clock.release(),
        body="members",
        answer=_CLOCK,
    ),
    ControlOperation(
        "faults.list",
        "GET /_emulator/faults",
        "list the fault rules with the number of times each has fired",
        lambda control, _: control.faults.all(),
        answer={"faults": list},
    ),
    ControlOperation(
        "faults.add",
        "POST /_emulator/faults",
        "add a fault rule: its effects, and the operations that they act on",
        lambda control, given: control.faults.add(given.document),
        members=(
            in_body(
                "operation",
                Kind.PATTERN,
                "only on operations of this name, as in GetObject or '*Object'",
            ),
            in_body("store", Kind.PATTERN, "only in stores whose name matches, as in 'media-*'"),
            in_body("key", Kind.PATTERN, "only on objects whose key matches, as in 'live/*'"),
            in_body("role", Kind.PATTERN, "only for callers with this role, by name or id"),
            in_body("key_id", Kind.KEY_ID, "only for the API key of this id"),
            in_body("nth", Kind.POSITIVE, "fire on the Nth match, once unless times is given"),
            in_body("times", Kind.POSITIVE, "fire at most N times (default: no limit)"),
            in_body("probability", Kind.PROBABILITY, "fire by chance: a number from 0 to 1"),
            in_body("seed", Kind.COUNT, "random seed of the probability"),
            in_body("since", Kind.INSTANT_TEXT, "start at this instant of the emulator's clock"),
            in_body("until", Kind.INSTANT_TEXT, "stop at this instant of the emulator's clock"),
            in_body("enabled", Kind.FLAG, "false to switch it on later (default: true)"),
            in_body("id", Kind.RULE, "the rule's id (default: fault-1, fault-2, ...)"),
            in_body("effect", Kind.EFFECT, "the rule's effect"),
            in_body("effects", Kind.EFFECTS, "the rule's effects, instead of effect"),
        ),
        body="document",
        answer=_RULE,
        status=201,
        errors=(409,),
    ),
    ControlOperation(
        "faults.describe",
        "GET /_emulator/faults/{id}",
        "describe a fault rule with the number of times it has fired",
        lambda control, given: control.faults.describe(given["id"]),
        members=(_RULE_ID,),
        answer=_RULE,
        has_command=False,
    ),
    ControlOperation(
        "faults.disable",
        "POST /_emulator/faults/{id}/disable",
        "switch a fault rule off: it matches nothing, and its counts stay",
        lambda control, given: control.faults.switch(given["id"], enabled=False),
        members=(_RULE_ID,),
        body="members",
        answer=_RULE,
        example="fault-1",
    ),
    ControlOperation(
        "faults.enable",
        "POST /_emulator/faults/{id}/enable",
        "switch a fault rule on again",
        lambda control, given: control.faults.switch(given["id"], enabled=True),
        members=(_RULE_ID,),
        body="members",
        answer=_RULE,
        example="fault-1",
    ),
    ControlOperation(
        "faults.remove",
        "DELETE /_emulator/faults/{id}",
        "remove a fault rule",
        lambda control, given: control.faults.remove(given["id"]),
        members=(_RULE_ID,),
        answer=_RULE,
        example="fault-1",
    ),
    ControlOperation(
        "faults.clear",
        "DELETE /_emulator/faults",
        "remove every fault rule",
        lambda control, _: control.faults.clear(),
    ),
    ControlOperation(
        "journal.show",
        "GET /_emulator/journal",
        "show the recorded requests, one per line",
        lambda control, given: control.journal.describe(given.conditions, _window(given)),
        members=(
            in_query("after", Kind.COUNT, "only requests after the one of this number"),
            in_query("limit", Kind.POSITIVE, "only the first N"),
            in_query("last", Kind.POSITIVE, "only the last N"),
        ),
        conditions=_CONDITIONS,
        forms={
            "jsonl": lambda control, given: control.journal.json_lines(
                given.conditions, _window(given)
            ),
            "har": lambda control, given: control.journal.har(
                given.conditions, given.endpoint(), _window(given)
            ),
        },
        answer={"calls": list, "count": int, "dropped": int},
        example="--where operation='*Object' --last 9",
        export_help="write the recorded requests as JSON Lines or as an HTTP archive",
    ),
    ControlOperation(
        "journal.assert",
        "POST /_emulator/journal/assert",
        "check the number of recorded requests that match",
        lambda control, given: control.journal.require(given.conditions, given["times"]),
        members=(
            in_body(
                "times", Kind.COUNT, "the exact number required, 0 for none (default: at least one)"
            ),
        ),
        conditions=_CONDITIONS,
        body="members",
        answer={"count": int},
        errors=(412,),
        example="--where outcome=miss --times 1",
    ),
    ControlOperation(
        "journal.clear",
        "DELETE /_emulator/journal",
        "forget the recorded requests",
        lambda control, _: control.journal.clear(),
    ),
    ControlOperation(
        "journal.describe",
        "GET /_emulator/journal/{number}",
        "describe one recorded request",
        lambda control, given: control.journal.describe_call(given["number"]),
        members=(in_path("number", Kind.COUNT, "the number of the request in the journal"),),
        answer={"number": int, "method": str, "request_headers": list},
        has_command=False,
    ),
    ControlOperation(
        "events.follow",
        "GET /_emulator/events",
        "follow the requests as they end, and the entries of access logs",
        lambda control, given: control.events.follow(
            given.conditions,
            since=given["since"],
            last_id=given.header(LAST_EVENT_ID),
            logs=given["logs"],
            calls=given["calls"],
        ),
        members=(
            in_query("since", Kind.COUNT, "begin after the request of this number (default: now)"),
            in_query("logs", Kind.TEXT, "entries of this log group too, or * for all"),
            in_query("calls", Kind.FLAG, "false for no requests"),
        ),
        conditions=tuple(name for name in _CONDITIONS if name != "since"),
        media_type="text/event-stream",
        errors=(404,),
        has_command=False,
    ),
    ControlOperation(
        "logs.list",
        "GET /_emulator/logs",
        "list the log groups of access logs",
        lambda control, _: control.telemetry.log_groups(),
        answer={"log_groups": list},
        errors=(404,),
    ),
    ControlOperation(
        "logs.show",
        "GET /_emulator/logs/{log_group*}",
        "show the entries of an access log, one per line",
        lambda control, given: control.telemetry.log(given["log_group"]),
        members=(_GROUP,),
        forms={"jsonl": lambda control, given: control.telemetry.log_lines(given["log_group"])},
        answer={"log_group": str, "entries": list, "count": int, "dropped": int},
        example="/aws/objectstore/media --last 20",
        export_help="write the entries of an access log as JSON Lines",
    ),
    ControlOperation(
        "logs.clear",
        "DELETE /_emulator/logs",
        "forget the entries of every access log",
        lambda control, _: control.telemetry.clear_logs(),
    ),
    ControlOperation(
        "logs.deliver",
        "POST /_emulator/deliver",
        "deliver the queued entries and metrics to files and CloudWatch at once",
        lambda control, _: control.telemetry.deliver(),
        has_command=False,
    ),
    ControlOperation(
        "metrics.show",
        "GET /_emulator/metrics",
        "show the metrics of operations on objects",
        lambda control, _: control.telemetry.describe_metrics(),
        forms={"prometheus": lambda control, _: control.telemetry.exposition()},
        answer={"namespace": str, "metrics": list},
        errors=(404,),
        example="--store media",
    ),
    ControlOperation(
        "metrics.clear",
        "DELETE /_emulator/metrics",
        "reset the metrics to zero",
        lambda control, _: control.telemetry.clear_metrics(),
    ),
    ControlOperation(
        "state.reset",
        "POST /_emulator/reset",
        "go back to the state that the emulator started with",
        lambda control, _: control.state.reset(),
        body="members",
    ),
    ControlOperation(
        "state.checkpoint",
        "PUT /_emulator/checkpoints/{name}",
        "save the current state under a name",
        lambda control, given: control.state.checkpoint(given["name"]),
        members=(_NEW_NAME,),
        answer=_CHECKPOINT,
        example="'two stores'",
    ),
    ControlOperation(
        "state.restore",
        "POST /_emulator/checkpoints/{name}",
        "go back to a checkpoint",
        lambda control, given: control.state.restore(given["name"]),
        members=(_NAME,),
        answer=_CHECKPOINT,
        example="'two stores'",
    ),
    ControlOperation(
        "state.checkpoints",
        "GET /_emulator/checkpoints",
        "list the checkpoints",
        lambda control, _: control.state.checkpoints.all(),
        answer={"checkpoints": list},
    ),
    ControlOperation(
        "state.describe",
        "GET /_emulator/checkpoints/{name}",
        "describe a checkpoint",
        lambda control, given: control.state.checkpoints.describe(given["name"]),
        members=(_NAME,),
        answer=_CHECKPOINT,
        has_command=False,
    ),
    ControlOperation(
        "state.drop",
        "DELETE /_emulator/checkpoints/{name}",
        "delete a checkpoint",
        lambda control, given: control.state.drop(given["name"]),
        members=(_NAME,),
        answer=_CHECKPOINT,
        example="'two stores'",
    ),
    ControlOperation(
        "state.export",
        "GET /_emulator/state",
        "write the state to a JSON file",
        lambda control, _: _text(control.state.export()),
        example="state.json",
    ),
    ControlOperation(
        "state.import",
        "PUT /_emulator/state",
        "replace the state with an exported one",
        lambda control, given: control.state.import_(given.document),
        body="document",
        carries_objects=True,
        reader=_state_reader,
        example="state.json",
    ),
    ControlOperation(
        "tiers.list",
        "GET /_emulator/objects/{store}",
        "list the objects of a store in storage and in the cache",
        lambda control, given: control.browser.page(given["store"], _asked(given)),
        members=(
            _STORE,
            in_query("prefix", Kind.ANY_TEXT, "only objects whose key begins with this"),
            in_query(
                "delimiter", Kind.ANY_TEXT, "show keys as folders, which end with this, as in /"
            ),
            in_query("search", Kind.ANY_TEXT, "only objects whose key contains this"),
            in_query(
                "after", Kind.ANY_TEXT, "begin after this key or folder, the 'next' of a page"
            ),
            in_query("limit", Kind.POSITIVE, "show at most N objects and folders (default: all)"),
        ),
        answer={"objects": list},
        example="media --prefix live/ --limit 100",
    ),
    ControlOperation(
        "tiers.show",
        "GET /_emulator/objects/{store}/{key*}",
        "show an object in storage and in the cache",
        lambda control, given: _placed(control.browser.show(given["store"], given["key"])),
        members=(_STORE, _KEY),
        answer={"key": str},
        example="media live/1.ts",
    ),
    ControlOperation(
        "tiers.put",
        "PUT /_emulator/objects/{store}/{key*}",
        "put an object directly into one tier or both",
        lambda control, given: control.tiers.put_described(
            given["store"], given["key"], given.document, given["tier"]
        ),
        members=(
            _STORE,
            _KEY,
            in_query("tier", Kind.TIER, "put it only into this tier (default: both)"),
            in_body("text", Kind.CONTENT, "the object's body as text"),
            in_body("base64", Kind.CONTENT, "the object's body in base64"),
            in_body("metadata", Kind.TEXTS, "the object's metadata"),
            in_body("tags", Kind.TEXTS, "the object's tags, kept only in storage"),
            in_body(
                "ttl_seconds",
                Kind.DURATION,
                "the object's time to live (default: none, it does not expire)",
            ),
        ),
        body="document",
        carries_objects=True,
        example="media live/1.ts old.ts --tier cache --ttl 10s",
    ),
    ControlOperation(
        "tiers.drop",
        "DELETE /_emulator/objects/{store}/{key*}",
        "remove an object from one tier or both",
        lambda control, given: control.tiers.drop(given["store"], given["key"], given["tier"]),
        members=(
            _STORE,
            _KEY,
            in_query("tier", Kind.TIER, "remove it only from this tier (default: both)"),
        ),
        example="media live/1.ts --tier cache",
    ),
    ControlOperation(
        "tiers.expire",
        "POST /_emulator/expire/{store}/{key*}",
        "end the time to live of an object now, in both tiers",
        lambda control, given: control.expiry.expire(given["store"], given["key"]),
        members=(_STORE, _KEY),
        body="members",
        example="media live/1.ts",
    ),
    ControlOperation(
        "tiers.flush",
        "POST /_emulator/flush",
        "empty a Valkey cluster",
        lambda control, given: control.tiers.flush(given["cluster"]),
        members=(
            in_body(
                "cluster",
                Kind.CLUSTER,
                "the cluster's name, as in the cache_config of its stores",
                required=True,
            ),
        ),
        body="members",
        example="my-valkey-cluster",
    ),
    ControlOperation(
        "tiers.counts",
        "GET /_emulator/counts",
        "count the hits and misses of each tier",
        lambda control, given: control.tiers.counts(given["store"]),
        members=(in_query("store", Kind.STORE, "only of this store (default: of all)"),),
        answer={"cache": dict, "storage": dict},
        errors=(404,),
        example="--store media",
    ),
    ControlOperation(
        "bodies.get",
        "GET /_emulator/bodies/{store}/{key*}",
        "get the body of an object from one tier",
        lambda control, given: control.bodies.get(given["store"], given["key"], given["tier"]),
        members=(
            _STORE,
            _KEY,
            in_query("tier", Kind.TIER, "from this tier (default: storage, else the cache)"),
        ),
        media_type="*/*",
        has_command=False,
    ),
    ControlOperation(
        "bodies.put",
        "PUT /_emulator/bodies/{store}/{key*}",
        "put an object as the service does, without an API key and without limits",
        lambda control, given: control.bodies.put(given["store"], given["key"], given.document),
        members=(
            _STORE,
            _KEY,
            in_query("ttl_seconds", Kind.TEXT, "the object's time to live in seconds"),
        ),
        body="object",
        status=204,
        has_command=False,
    ),
    ControlOperation(
        "stores.list",
        "GET /_emulator/stores",
        "list the object stores with their configuration",
        lambda control, _: control.stores.all(),
        answer={"stores": list},
    ),
    ControlOperation(
        "stores.create",
        "PUT /_emulator/stores/{store}",
        "create an object store, or update it",
        lambda control, given: _put(control.stores.put(given["store"], given.document)),
        members=(_STORE, *_STORE_MEMBERS),
        body="document",
        answer=_STORE_ANSWER,
        status=201,
        other_status=200,
        errors=(429,),
        example="media",
    ),
    ControlOperation(
        "stores.show",
        "GET /_emulator/stores/{store}",
        "show the configuration of an object store",
        lambda control, given: control.stores.describe(given["store"]),
        members=(_STORE,),
        answer=_STORE_ANSWER,
        example="media",
    ),
    ControlOperation(
        "stores.update",
        "PATCH /_emulator/stores/{store}",
        "change some members of an object store's configuration",
        lambda control, given: control.stores.update(given["store"], given.document),
        members=(_STORE, *_STORE_MEMBERS),
        body="document",
        answer=_STORE_ANSWER,
        example="media",
    ),
    ControlOperation(
        "stores.delete",
        "DELETE /_emulator/stores/{store}",
        "delete an object store; its objects stay in the bucket",
        lambda control, given: control.stores.delete(given["store"]),
        members=(_STORE,),
        example="media",
    ),
    ControlOperation(
        "clusters.list",
        "GET /_emulator/clusters",
        "list the Valkey clusters of the account",
        lambda control, _: control.clusters.all(),
        answer={"clusters": list},
    ),
    ControlOperation(
        "clusters.create",
        "POST /_emulator/clusters",
        "create a Valkey cluster, which is active at once",
        lambda control, given: control.clusters.create(given.members),
        members=(
            in_body("name", Kind.CLUSTER, "the cluster's name", required=True),
            in_body("node_instance_type", Kind.TEXT, "type of the nodes (cache.m6g.large)"),
            in_body("shard_count", Kind.POSITIVE, "number of shards (1)"),
            in_body("replication_factor", Kind.COUNT, "replicas of each shard (1)"),
            in_body("error", Kind.TEXT, "end as CreationFailed, with this error"),
        ),
        body="members",
        answer=_CLUSTER,
        status=201,
        example="media-cluster",
    ),
    ControlOperation(
        "clusters.show",
        "GET /_emulator/clusters/{name}",
        "show a Valkey cluster with its status",
        lambda control, given: control.clusters.describe(given["name"]),
        members=(_CLUSTER_NAME,),
        answer=_CLUSTER,
        example="media-cluster",
    ),
    ControlOperation(
        "clusters.delete",
        "DELETE /_emulator/clusters/{name}",
        "delete a Valkey cluster and what its stores have cached, at once",
        lambda control, given: control.clusters.delete(given["name"]),
        members=(_CLUSTER_NAME,),
        example="media-cluster",
    ),
    ControlOperation(
        "keys.list",
        "GET /_emulator/keys",
        "list the API keys that have not expired, without an API key",
        lambda control, _: control.account.keys(),
        answer={"keys": list},
        has_command=False,
    ),
    ControlOperation(
        "keys.create",
        "POST /_emulator/keys",
        "create an API key and show it once, without an API key",
        lambda control, given: control.account.create_key(given.members),
        members=(
            in_body("role", Kind.TEXT, "the role's id or name", required=True),
            in_body("description", Kind.ANY_TEXT, "a description"),
            in_body("expires_in", Kind.DURATION, "how long it is valid (default: for ever)"),
            in_body("expires_in_seconds", Kind.POSITIVE, "the same in seconds"),
            in_body("v1", Kind.FLAG, "true for the older form"),
        ),
        body="members",
        answer={"api_key": str, "key_info": dict},
        errors=(404, 429),
        has_command=False,
    ),
    ControlOperation(
        "keys.revoke",
        "DELETE /_emulator/keys/{id}",
        "revoke an API key, without an API key",
        lambda control, given: control.account.revoke_key(given["id"]),
        members=(in_path("id", Kind.KEY_ID, "the key's id"),),
        has_command=False,
    ),
    ControlOperation(
        "roles.list",
        "GET /_emulator/roles",
        "list the roles with what each allows, without an API key",
        lambda control, _: control.account.roles(),
        answer={"roles": list},
        has_command=False,
    ),
    ControlOperation(
        "members.list",
        "GET /_emulator/members",
        "list the members of the account",
        lambda control, _: control.account.members(),
        answer={"members": list},
        has_command=False,
    ),
    ControlOperation(
        "members.accept",
        "POST /_emulator/members",
        "accept an invitation: the invited person becomes a member",
        lambda control, given: control.account.accept_invitation(given.members),
        members=(in_body("invitation_id", Kind.TEXT, "the invitation's id", required=True),),
        body="members",
        answer=_MEMBER,
        errors=(404, 409),
        has_command=False,
    ),
    ControlOperation(
        "members.change",
        "PUT /_emulator/members/{id}",
        "give a member another role",
        lambda control, given: control.account.change_member(given["id"], given["role"]),
        members=(
            _MEMBER_ID,
            in_body("role", Kind.TEXT, "the id or name of a system role", required=True),
        ),
        body="members",
        answer=_MEMBER,
        errors=(412,),
        has_command=False,
    ),
    ControlOperation(
        "members.remove",
        "DELETE /_emulator/members/{id}",
        "remove a member from the account",
        lambda control, given: control.account.remove_member(given["id"]),
        members=(_MEMBER_ID,),
        errors=(412,),
        has_command=False,
    ),
    ControlOperation(
        "invitations.list",
        "GET /_emulator/invitations",
        "list the open invitations",
        lambda control, _: control.account.invitations(),
        answer={"invitations": list},
        has_command=False,
    ),
    ControlOperation(
        "invitations.create",
        "POST /_emulator/invitations",
        "invite a person to the account",
        lambda control, given: control.account.invite(given["user_name"], given["role"]),
        members=(
            in_body("user_name", Kind.TEXT, "the person's user name", required=True),
            in_body("role", Kind.TEXT, "the id or name of a system role (default: Viewer)"),
        ),
        body="members",
        answer={"id": str, "account_member": dict},
        errors=(409,),
        has_command=False,
    ),
    ControlOperation(
        "invitations.revoke",
        "DELETE /_emulator/invitations/{id}",
        "revoke an invitation",
        lambda control, given: control.account.revoke_invitation(given["id"]),
        members=(in_path("id", Kind.ID, "the invitation's id"),),
        has_command=False,
    ),
    ControlOperation(
        "openapi.show",
        "GET /_emulator/openapi/{document}",
        "describe the HTTP API of the service (service.json) or of the emulator (control.json)",
        lambda control, given: control.describe_api(given["document"], given.endpoint()),
        members=(in_path("document", Kind.DOCUMENT, "the document's name"),),
        has_command=False,
    ),
)
"""Every operation, in the order of the commands in the help."""

BY_NAME: Mapping[str, ControlOperation] = {each.name: each for each in OPERATIONS}
