"""Ways in which a service can be wrong, one at a time, and the statement that finds each.

A defect replaces something in the emulator's modules, so it is there in every emulator that is made
while the ``patch`` holds.
"""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, cast

import pytest

from emulator.auth import access, authentication, keys, system_roles
from emulator.core.errors import (
    AlreadyExistsError,
    BadRequestError,
    NotFoundError,
    ObjectNotFoundError,
)
from emulator.core.headers import CORS
from emulator.core.model import Role, Store
from emulator.core.object_info import ObjectInfo
from emulator.core.permission_set import PermissionSet
from emulator.http import handlers, render
from emulator.http.handlers import Handlers
from emulator.http.message import Response
from emulator.service import (
    auth_apis,
    control_plane,
    data_plane,
    metadata,
    names,
    parameters,
    persistence,
    store_configuration,
    stores,
    tags,
    ttl,
)
from emulator.service.account import api_keys, pages, roles
from emulator.service.clusters import Clusters
from emulator.service.objects import Objects
from emulator.service.rate_limits import Limiter
from emulator.service.stores import Stores

FIRST, SECOND = "2026-02-05", "2026-08-12"


class Defect(NamedTuple):
    """One way to be wrong."""

    name: str
    found_by: str
    """The id of the statement that fails."""
    revision: str
    apply: Callable[[pytest.MonkeyPatch], None]


DEFECTS: list[Defect] = []

_Apply = Callable[[pytest.MonkeyPatch], None]


def _found_by(identity: str, revision: str = SECOND) -> Callable[[_Apply], _Apply]:
    def register(apply: _Apply) -> _Apply:
        DEFECTS.append(Defect(apply.__name__, identity, revision, apply))
        return apply

    return register


def _with_status(patch: pytest.MonkeyPatch, name: str, status: int) -> None:
    """Have a handler do its work, and answer with another status."""
    handler = getattr(Handlers, name)

    async def answer(self: Handlers, incoming: Any) -> Response:
        response: Response = await handler(self, incoming)
        response.status = status
        return response

    patch.setattr(Handlers, name, answer)


def _forget_metadata(patch: pytest.MonkeyPatch) -> None:
    """Look at headers anew that were seen before."""
    patch.setattr(parameters, "collect_metadata", inspect.unwrap(metadata.collect))


def _nothing(*_: Any, **__: Any) -> None:
    return None


# Put Object.


@_found_by("HTTP-PUT-43", FIRST)
def a_put_answers_200(patch: pytest.MonkeyPatch) -> None:
    _with_status(patch, "put_object", 200)


@_found_by("HTTP-PUT-12", FIRST)
def objects_never_expire(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parameters, "parse_ttl", _nothing)


@_found_by("HTTP-PUT-11", FIRST)
def a_wrong_ttl_is_ignored(patch: pytest.MonkeyPatch) -> None:
    parse = ttl.parse_ttl

    def lenient(values: list[str]) -> int | None:
        try:
            return parse(values)
        except BadRequestError:
            return None

    patch.setattr(parameters, "parse_ttl", lenient)


@_found_by("HTTP-PUT-28", FIRST)
def set_cookie_is_not_blocked(patch: pytest.MonkeyPatch) -> None:
    _forget_metadata(patch)
    patch.setattr(metadata, "BLOCKED_NAMES", metadata.BLOCKED_NAMES - {"set-cookie"})


@_found_by("HTTP-PUT-37", FIRST)
def cors_headers_are_not_blocked(patch: pytest.MonkeyPatch) -> None:
    _forget_metadata(patch)
    patch.setattr(metadata, "BLOCKED_PREFIXES", ("x-forwarded-", "proxy-"))


@_found_by("HTTP-PUT-18", FIRST)
def metadata_keeps_its_prefix(patch: pytest.MonkeyPatch) -> None:
    collect = metadata.collect

    def prefixed(headers: Any) -> dict[str, str]:
        return {f"mo-meta-{name}": value for name, value in collect(headers).items()}

    patch.setattr(parameters, "collect_metadata", prefixed)


@_found_by("HTTP-PUT-04", FIRST)
def line_ends_are_changed(patch: pytest.MonkeyPatch) -> None:
    make = render.object_response

    def changed(info: ObjectInfo, body: Any) -> Response:
        if isinstance(body, bytes):
            body = body.replace(b"\r\n", b"\n")
            info = info._replace(size=len(body))
        return make(info, body)

    patch.setattr(handlers, "object_response", changed)


@_found_by("HTTP-PUT-50", FIRST)
def a_viewer_may_write(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(data_plane, "PUT_OBJECT", access.GET_OBJECT)


@_found_by("HTTP-PUT-48", FIRST)
def an_expired_key_is_accepted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(authentication.Authenticator, "_require_not_expired", _nothing)


# Get Object.


@_found_by("HTTP-GET-14", FIRST)
def a_miss_says_something_else(patch: pytest.MonkeyPatch) -> None:
    def init(self: ObjectNotFoundError, outcome: Any = None) -> None:
        NotFoundError.__init__(self, "Not found")
        self.outcome = outcome

    patch.setattr(ObjectNotFoundError, "__init__", init)


@_found_by("HTTP-GET-06", FIRST)
def keys_have_no_case(patch: pytest.MonkeyPatch) -> None:
    parse = names.parse_object_names

    def folded(operation: Any) -> None:
        parse(operation)
        operation.key = operation.key.lower()

    patch.setattr(data_plane, "parse_object_names", folded)


@_found_by("HTTP-GET-12", FIRST)
def only_the_content_type_comes_back(patch: pytest.MonkeyPatch) -> None:
    make = render.object_response

    def fewer(info: ObjectInfo, body: Any) -> Response:
        kept = {each: info.metadata[each] for each in ("content-type",) if each in info.metadata}
        return make(info._replace(metadata=kept), body)

    patch.setattr(handlers, "object_response", fewer)


# Object stores.


@_found_by("HTTP-STORE-26", FIRST)
def a_new_store_is_200(patch: pytest.MonkeyPatch) -> None:
    _with_status(patch, "put_store", 200)


@_found_by("HTTP-STORE-18", FIRST)
def prefixes_are_ignored(patch: pytest.MonkeyPatch) -> None:
    location = Store.location

    def unprefixed(self: Store, key: str) -> Any:
        return location(replace(self, prefix=""), key)

    patch.setattr(Store, "location", unprefixed)


@_found_by("HTTP-STORE-21", FIRST)
def any_text_is_a_role_arn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store_configuration, "_role_arn", store_configuration._text)


@_found_by("HTTP-LIST-01", FIRST)
def the_last_store_is_not_listed(patch: pytest.MonkeyPatch) -> None:
    every = Stores.list

    async def fewer(self: Stores) -> list[Store]:
        return (await every(self))[:-1]

    patch.setattr(Stores, "list", fewer)


@_found_by("HTTP-DELETE-07", FIRST)
def deleting_a_store_is_204_too_early(patch: pytest.MonkeyPatch) -> None:
    _with_status(patch, "delete_store", 204)


@_found_by("HTTP-DELETE-10", FIRST)
def deleting_no_store_succeeds(patch: pytest.MonkeyPatch) -> None:
    delete = Stores.delete

    async def lenient(self: Stores, name: str) -> None:
        if await self.find(name) is not None:
            await delete(self, name)

    patch.setattr(Stores, "delete", lenient)


# What revision 2026-08-12 added.


@_found_by("OS12-CONFIG-27")
def deleting_a_store_is_still_200(patch: pytest.MonkeyPatch) -> None:
    _with_status(patch, "delete_store", 200)


@_found_by("OS12-CONFIG-14")
def the_bucket_can_change(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stores, "_require_unchanged", _nothing)


@_found_by("OS12-CONFIG-25")
def any_cluster_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Stores, "_require_existence", _as_coroutine)


async def _as_coroutine(*_: Any) -> None:
    return None


@_found_by("OS12-CONFIG-13")
def default_limits_are_not_returned(patch: pytest.MonkeyPatch) -> None:
    describe = store_configuration.describe

    def shorter(*arguments: Any) -> dict[str, Any]:
        described = describe(*arguments)
        described.pop("object_store_limits", None)
        return described

    patch.setattr(control_plane, "describe", shorter)


@_found_by("OS12-DELETE-02")
def deleting_nothing_is_404(patch: pytest.MonkeyPatch) -> None:
    delete = Objects.delete

    async def strict(self: Objects, store: Store, key: str) -> None:
        _, info, _ = await self.get(store, key)
        if info is None:
            raise ObjectNotFoundError
        await delete(self, store, key)

    patch.setattr(Objects, "delete", strict)


@_found_by("OS12-PUT-17")
def request_ids_are_random_uuids(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(data_plane, "new_request_id", lambda _: str(uuid.uuid4()))


@_found_by("OS12-PUT-11")
def eleven_tags_are_accepted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tags, "MAX_TAGS", 50)


@_found_by("OS12-PUT-12")
def long_keys_of_tags_are_accepted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tags, "MAX_KEY_CHARACTERS", 512)


@_found_by("OS12-PUT-08")
def ephemeral_objects_are_in_s3(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(data_plane, "EPHEMERAL", "nothing")
    patch.setattr(parameters, "EPHEMERAL", "nothing")


@_found_by("OS12-PUT-03")
def a_long_ephemeral_ttl_is_kept(patch: pytest.MonkeyPatch) -> None:
    def uncut(ttl_seconds: int | None) -> int:
        return ttl_seconds or persistence.MAX_EPHEMERAL_SECONDS

    patch.setattr(data_plane, "ephemeral_seconds", uncut)
    patch.setattr(parameters, "ephemeral_seconds", uncut)


@_found_by("OS12-PUT-18")
def limits_are_not_enforced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Limiter, "_admit", _nothing)


@_found_by("OS12-DELETE-09")
def deletes_count_bytes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Limiter, "admit_deletion", Limiter.admit_write)


@_found_by("OS12-CORS-01")
def one_cors_header_is_missing(patch: pytest.MonkeyPatch) -> None:
    fewer = {name: value for name, value in CORS.items() if not name.endswith("-Origin")}
    patch.setattr(render, "_CORS", fewer)


@_found_by("OS12-CORS-06")
def options_need_a_key(patch: pytest.MonkeyPatch) -> None:
    async def preflight(self: Handlers, incoming: Any) -> Response:
        await self._control_plane.list_endpoints(incoming.operation)
        return Response(204)

    patch.setattr(Handlers, "preflight", preflight)


# API keys, roles, credentials.


@_found_by("AUTH-KEY-01")
def the_list_of_keys_has_a_secret(patch: pytest.MonkeyPatch) -> None:
    describe = api_keys.describe_new

    def told(new: Any, account_id: str) -> dict[str, Any]:
        described = describe(new, account_id)
        described["key_info"]["api_key"] = new.api_key
        return described

    patch.setattr(api_keys, "describe_new", told)


@_found_by("AUTH-KEY-28")
def every_page_has_a_next_token(patch: pytest.MonkeyPatch) -> None:
    take = pages.Pages.take

    def more(self: Any, entries: Any, request: Any) -> Any:
        page, token = take(self, entries, request)
        return page, token or self._token(entries[-1][0] if entries else 0)

    patch.setattr(pages.Pages, "take", more)


@_found_by("AUTH-KEY-38")
def a_revoked_key_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(api_keys.ApiKeys, "revoke_id", _as_coroutine)


@_found_by("AUTH-ROLE-32")
def two_roles_have_one_name(patch: pytest.MonkeyPatch) -> None:
    create = roles.Roles.create

    async def lenient(self: roles.Roles, definition: Any, role_id: str | None = None) -> Any:
        try:
            return await create(self, definition, role_id)
        except AlreadyExistsError:
            return await self.put(definition)

    patch.setattr(roles.Roles, "create", lenient)


@_found_by("AUTH-ROLE-53")
def a_used_role_is_deleted(patch: pytest.MonkeyPatch) -> None:
    async def nobody(*_: Any) -> dict[str, list[Any]]:
        return {"account_members": [], "invitations": [], "api_keys": []}

    patch.setattr(auth_apis.AuthApis, "_users", nobody)


@_found_by("AUTH-ROLE-63")
def a_system_role_is_unknown_to_delete(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(roles, "SYSTEM_ROLES", {})


@_found_by("AUTH-PERM-25")
def key_prefixes_are_ignored(patch: pytest.MonkeyPatch) -> None:
    allows = PermissionSet.allows

    def anywhere(self: PermissionSet, access: Any, store: str = "", key: str = "") -> bool:
        by_store = self._grants.get(access, {})
        return allows(self, access, store, key) or store in by_store or None in by_store

    patch.setattr(PermissionSet, "allows", anywhere)


@_found_by("AUTH-PERM-30")
def conditions_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PermissionSet, "admits", lambda *_: True)


@_found_by("CRED-V2-05")
def keys_are_signed_otherwise(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(keys, "_HEADER", keys._compact({"alg": "HS256", "typ": "JWT"}))


@_found_by("KEYS-ROLE-10", FIRST)
def a_viewer_is_an_operator(patch: pytest.MonkeyPatch) -> None:
    viewer = replace(system_roles.VIEWER, permissions=system_roles.OPERATOR.permissions)
    patch.setitem(cast(dict[str, Role], system_roles.SYSTEM_ROLES), viewer.role_id, viewer)


# Valkey clusters.


@_found_by("VALKEY-CREATE-02")
def a_cluster_is_never_active(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Clusters, "status", lambda *_: "Creating")


@_found_by("VALKEY-DESCRIBE-03")
def an_unknown_cluster_is_400(patch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any) -> None:
        raise BadRequestError("Invalid cluster")

    patch.setattr(Clusters, "get", refuse)


@_found_by("HTTP-STORE-08", FIRST)
def any_text_is_a_store_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(names, "check_store_name", _nothing)
