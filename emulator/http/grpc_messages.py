"""Messages of the public protos: what they ask for as documents of ours, and the answers to them.

Only calls of their methods import this: gRPC's own library comes with the messages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, NoReturn

from google.protobuf.message import DecodeError, Message
from momento_wire_types import auth_pb2, permissionmessages_pb2, token_pb2

from emulator.auth.keys import inner_key
from emulator.core.errors import BadRequestError
from emulator.core.operation import Operation
from emulator.core.permission_set import EVERYTHING
from emulator.service.console import Console
from emulator.service.sdk_keys import SUPER_USER, SdkKey, SdkKeys

Read = Callable[[], Awaitable[bytes]]
"""Returns the message of a call."""

_PERMISSIONS: Mapping[str, Mapping[str, list[str]]] = {
    "cache": {
        "CacheReadWrite": ["read", "write"],
        "CacheReadOnly": ["read"],
        "CacheWriteOnly": ["write"],
    },
    "topic": {
        "TopicReadWrite": ["read", "write"],
        "TopicReadOnly": ["read"],
        "TopicWriteOnly": ["write"],
    },
    "function": {"FunctionInvoke": ["invoke"]},
}
"""What each role in a rule grants, by the rule's type."""


class _Selector(NamedTuple):
    """A member of our rules, and where the messages have it."""

    member: str
    oneof: str
    everything: str
    forms: Mapping[str, str]
    """Our name of each form, by that of its field."""
    may_be_missing: bool = False
    """Whether that means everything: SDKs leave it out of the keys that they ask for."""


_CACHES = _Selector("caches", "cache", "all_caches", {"cache_name": "name"})

_SELECTORS: Mapping[str, tuple[_Selector, ...]] = {
    "cache": (
        _CACHES,
        _Selector(
            "items",
            "cache_item",
            "all_items",
            {"key": "key", "key_prefix": "key_prefix"},
            may_be_missing=True,
        ),
    ),
    "topic": (
        _CACHES,
        _Selector(
            "topics", "topic", "all_topics", {"topic_name": "name", "topic_name_prefix": "prefix"}
        ),
    ),
    "function": (
        _CACHES,
        _Selector(
            "functions",
            "function",
            "all_functions",
            {"function_name": "name", "function_name_prefix": "prefix"},
        ),
    ),
}


class Method(NamedTuple):
    """A method.

    Attributes:
        operation: the name of its operation.
        key_in: returns the key that a message has, or an empty text.
        run: answers a message, of a client that calls a host of the given cell.
    """

    operation: str
    key_in: Callable[[bytes], str]
    run: Callable[[Operation, Read, str], Awaitable[bytes]]


def methods_of(console: Console, keys: SdkKeys) -> Mapping[str, Method]:
    """The methods by their paths."""
    generate, refresh = auth_pb2._GenerateApiTokenRequest, auth_pb2._RefreshApiTokenRequest
    dispose = token_pb2._GenerateDisposableTokenRequest
    return {
        "/auth.Auth/GenerateApiToken": Method(
            "CreateApiKeyOfEitherVersion",
            partial(_key_in, generate, "auth_token"),
            partial(_generate, keys),
        ),
        "/auth.Auth/RefreshApiToken": Method(
            "CreateApiKeyOfEitherVersion",
            partial(_key_in, refresh, "api_key"),
            partial(_refresh, keys),
        ),
        "/token.Token/GenerateDisposableToken": Method(
            "CreateDisposableToken",
            partial(_key_in, dispose, "auth_token"),
            partial(_dispose, console),
        ),
    }


async def _generate(keys: SdkKeys, operation: Operation, read: Read, cell: str) -> bytes:
    async def document() -> object:
        asked = _parse(auth_pb2._GenerateApiTokenRequest, await read())
        expiry = asked.WhichOneof("expiry")
        if expiry is None:
            raise BadRequestError("Missing expiry: give never, or expires.valid_for_seconds")
        life = {"expires_in_seconds": asked.expires.valid_for_seconds}
        return {
            "permissions": _permissions(asked),
            "description": asked.description,
            **(life if expiry == "expires" else {}),
        }

    made = await keys.create(operation, document, cell)
    answer = auth_pb2._GenerateApiTokenResponse(**_members(made, cell))
    return bytes(answer.SerializeToString())


async def _refresh(keys: SdkKeys, operation: Operation, read: Read, cell: str) -> bytes:
    async def refresh_token() -> str:
        return str(_parse(auth_pb2._RefreshApiTokenRequest, await read()).refresh_token)

    made = await keys.refresh(operation, refresh_token, cell)
    answer = auth_pb2._RefreshApiTokenResponse(**_members(made, cell))
    return bytes(answer.SerializeToString())


async def _dispose(console: Console, operation: Operation, read: Read, cell: str) -> bytes:
    async def document() -> object:
        asked = _parse(token_pb2._GenerateDisposableTokenRequest, await read())
        permissions = _permissions(asked)
        if permissions == SUPER_USER:
            raise BadRequestError(
                "Invalid permissions: a disposable token cannot be a super-user; list the rules"
            )
        return {
            "permissions": permissions,
            "expires_in_seconds": asked.expires.valid_for_seconds,
            **({"token_id": asked.token_id} if asked.token_id else {}),
        }

    made = await console.create_token(operation, document, cell)
    answer = token_pb2._GenerateDisposableTokenResponse(
        api_key=inner_key(made["token"]) or "",
        endpoint=cell,
        valid_until=made["expires_at_epoch_seconds"],
    )
    return bytes(answer.SerializeToString())


def _members(made: SdkKey, cell: str) -> dict[str, Any]:
    """The members of the answer with a new key: of one that never expires, the end is 0."""
    return {
        "api_key": made.api_key,
        "refresh_token": made.refresh_token,
        "endpoint": cell,
        "valid_until": made.expires_at or 0,
    }


def _key_in(kind: type[Message], member: str, sent: bytes) -> str:
    """The key in a message.

    Raises:
        BadRequestError: it is no such message.
    """
    return str(getattr(_parse(kind, sent), member))


def _parse(kind: type[Message], sent: bytes) -> Any:
    try:
        return kind.FromString(sent)
    except DecodeError:
        raise BadRequestError(f"The message is no {kind.DESCRIPTOR.name}") from None


def _permissions(asked: Any) -> object:
    """The permission set that a request asks for, or ``SUPER_USER``.

    Raises:
        BadRequestError: no permission set expresses it. The message says why.
    """
    permissions = asked.permissions
    kind = permissions.WhichOneof("kind")
    if kind is None:
        raise BadRequestError("Missing permissions: give super_user or explicit")
    if kind == "super_user":
        if permissions.super_user != permissionmessages_pb2.SuperUser:
            raise BadRequestError(f"Invalid permissions.super_user: {permissions.super_user}")
        return SUPER_USER
    rules = permissions.explicit.permissions
    return {"rules": [_rule(rule, f"permissions[{index}]") for index, rule in enumerate(rules)]}


def _rule(rule: Any, path: str) -> dict[str, object]:
    kind = rule.WhichOneof("kind")
    if kind is None:
        _inexpressible(path, "it is for a cache, a topic or a function")
    name = kind.removesuffix("_permissions")
    stated = getattr(rule, kind)
    role = stated.DESCRIPTOR.fields_by_name["role"].enum_type.values_by_number.get(stated.role)
    permissions = None if role is None else _PERMISSIONS[name].get(role.name)
    if permissions is None:
        known = ", ".join(_PERMISSIONS[name])
        _inexpressible(f"{path}.role", f"a rule has to permit something: {known}")
    return {
        "type": name,
        "permissions": permissions,
        **{
            each.member: _selector(stated, each, f"{path}.{each.oneof}")
            for each in _SELECTORS[name]
        },
    }


def _selector(stated: Any, selector: _Selector, path: str) -> object:
    field = stated.WhichOneof(selector.oneof)
    if field == selector.everything or (field is None and selector.may_be_missing):
        return EVERYTHING
    forms = f"{selector.everything}, {', '.join(selector.forms)}"
    if field is None:
        _inexpressible(path, f"it must be one of {forms}")
    form = getattr(stated, field).WhichOneof("kind")
    if form is None:
        _inexpressible(path, f"it must be one of {forms}")
    value = getattr(getattr(stated, field), form)
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            _inexpressible(f"{path}.{form}", "permission sets have only keys in UTF-8")
    if not value:
        _inexpressible(f"{path}.{form}", f"it is empty; to select all, give {selector.everything}")
    return {selector.forms[form]: value}


def _inexpressible(path: str, reason: str) -> NoReturn:
    raise BadRequestError(f"Invalid {path}: {reason}")
