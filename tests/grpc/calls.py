"""The calls of the public protos, by the stubs that are made of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

import grpc
import pytest
from momento_wire_types import auth_pb2, auth_pb2_grpc, token_pb2, token_pb2_grpc
from momento_wire_types import permissionmessages_pb2 as permissions_pb2

from emulator import Emulator

CELL = "cell-4-us-west-2-1.prod.a.momentohq.com"
TIMEOUT_SECONDS = 20.0

Metadata = list[tuple[str, str]]

SUPER_USER = permissions_pb2.Permissions(super_user=permissions_pb2.SuperUser)
NEVER = auth_pb2._GenerateApiTokenRequest.Never()
ALL = permissions_pb2.PermissionsType.All()


def rules(*each: Any) -> Any:
    """Permissions that consist of rules."""
    return permissions_pb2.Permissions(
        explicit=permissions_pb2.ExplicitPermissions(permissions=each)
    )


def cache_rule(**members: Any) -> Any:
    """A rule for caches, by default to read all of them."""
    if not {"all_caches", "cache_selector"} & members.keys():
        members["all_caches"] = ALL
    if not {"all_items", "item_selector"} & members.keys():
        members["all_items"] = ALL
    return permissions_pb2.PermissionsType(
        cache_permissions=permissions_pb2.PermissionsType.CachePermissions(
            **{"role": permissions_pb2.CacheReadOnly, **members}
        )
    )


READ_CACHES = rules(cache_rule())
"""Permissions to read all caches."""


class Sdk:
    """What SDKs call, over channels through the proxy.

    Args:
        emulator: the emulator that plays the hosts.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._channels: dict[str, grpc.Channel] = {}

    def __enter__(self) -> Sdk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for channel in self._channels.values():
            channel.close()

    def channel(self, host: str) -> grpc.Channel:
        """The channel to port 443 of a host."""
        if host not in self._channels:
            assert self._emulator.ca_file is not None
            with open(self._emulator.ca_file, "rb") as file:
                credentials = grpc.ssl_channel_credentials(file.read())
            self._channels[host] = grpc.secure_channel(
                f"{host}:443",
                credentials,
                options=[("grpc.http_proxy", self._emulator.proxy), ("grpc.enable_retries", 0)],
            )
        return self._channels[host]

    def generate(
        self,
        metadata: Metadata | None = None,
        *,
        seconds: int | None = None,
        cell: str = CELL,
        **members: Any,
    ) -> Any:
        """GenerateApiToken: without ``seconds``, of a key that never expires."""
        expiry = (
            {"never": NEVER}
            if seconds is None
            else {"expires": auth_pb2._GenerateApiTokenRequest.Expires(valid_for_seconds=seconds)}
        )
        stub = auth_pb2_grpc.AuthStub(self.channel(f"control.{cell}"))  # type: ignore[no-untyped-call]
        asked = {"permissions": SUPER_USER, **expiry, **members}
        return stub.GenerateApiToken(
            auth_pb2._GenerateApiTokenRequest(**asked),
            timeout=TIMEOUT_SECONDS,
            metadata=self._owner() if metadata is None else metadata,
        )

    def refresh(self, api_key: str, refresh_token: str, metadata: Metadata | None = None) -> Any:
        """RefreshApiToken."""
        stub = auth_pb2_grpc.AuthStub(self.channel(f"control.{CELL}"))  # type: ignore[no-untyped-call]
        return stub.RefreshApiToken(
            auth_pb2._RefreshApiTokenRequest(api_key=api_key, refresh_token=refresh_token),
            timeout=TIMEOUT_SECONDS,
            metadata=metadata or [],
        )

    def dispose(
        self, metadata: Metadata | None = None, *, seconds: int = 60, **members: Any
    ) -> Any:
        """GenerateDisposableToken."""
        expires = token_pb2._GenerateDisposableTokenRequest.Expires(valid_for_seconds=seconds)
        stub = token_pb2_grpc.TokenStub(self.channel(f"token.{CELL}"))  # type: ignore[no-untyped-call]
        asked = {"permissions": READ_CACHES, "expires": expires, **members}
        return stub.GenerateDisposableToken(
            token_pb2._GenerateDisposableTokenRequest(**asked),
            timeout=TIMEOUT_SECONDS,
            metadata=self._owner() if metadata is None else metadata,
        )

    def _owner(self) -> Metadata:
        return with_key(self._emulator.api_key())


def with_key(api_key: str) -> Metadata:
    """The metadata with an API key."""
    return [("authorization", api_key)]


def envelope(made: Any) -> str:
    """A key or a token as SDKs show it."""
    content = json.dumps({"endpoint": made.endpoint, "api_key": made.api_key})
    return base64.b64encode(content.encode()).decode()


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """The name of the status of a call that fails, and what it says."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code().name, caught.value.details()
