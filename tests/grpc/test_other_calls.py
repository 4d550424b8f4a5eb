"""Every other call of gRPC: one sentence; and an emulator without the messages."""

from __future__ import annotations

import sys
from pathlib import Path

import grpc
import pytest
from momento_wire_types import cacheclient_pb2, cacheclient_pb2_grpc

from emulator import Emulator
from emulator.core.installation import install_command

from .calls import CELL, TIMEOUT_SECONDS, Sdk, refusal

HOSTS = [f"{service}.{cell}" for service in ("cache", "control", "token") for cell in (CELL,)]


@pytest.mark.proves("D150")
@pytest.mark.parametrize("size", [0, 10_000_000])
def test_other_calls_are_unimplemented_and_say_what_there_is(
    emulator: Emulator, sdk: Sdk, size: int
) -> None:
    stub = cacheclient_pb2_grpc.ScsStub(sdk.channel(f"cache.{CELL}"))  # type: ignore[no-untyped-call]
    asked = cacheclient_pb2._SetRequest(cache_key=b"key", cache_body=bytes(size))

    status, said = refusal(lambda: stub.Set(asked, timeout=TIMEOUT_SECONDS))

    assert status == "UNIMPLEMENTED"
    assert said.startswith("The emulator has no /cache_client.Scs/Set: over gRPC it has only auth")
    [call] = emulator.journal.calls()
    assert (call.operation, call.target, call.status) == (None, "/cache_client.Scs/Set", 501)


@pytest.mark.parametrize("host", HOSTS)
def test_a_channel_to_each_host_becomes_ready(sdk: Sdk, host: str) -> None:
    grpc.channel_ready_future(sdk.channel(host)).result(timeout=TIMEOUT_SECONDS)


@pytest.mark.parametrize("method", ["/auth.Auth/Login", "/auth.Auth/", "/", "/é%20" + "x" * 5000])
def test_a_method_that_is_not_there_is_unimplemented(sdk: Sdk, method: str) -> None:
    call = sdk.channel(f"control.{CELL}").unary_unary(method)

    assert refusal(lambda: call(b"", timeout=TIMEOUT_SECONDS))[0] == "UNIMPLEMENTED"


def test_a_message_that_is_none_is_refused(emulator: Emulator, sdk: Sdk) -> None:
    metadata = [("authorization", emulator.api_key())]
    call = sdk.channel(f"control.{CELL}").unary_unary("/auth.Auth/GenerateApiToken")

    assert refusal(lambda: call(b"\xff", timeout=TIMEOUT_SECONDS, metadata=metadata)) == (
        "INVALID_ARGUMENT",
        "The message is no _GenerateApiTokenRequest",
    )
    assert refusal(lambda: call(b"\xff", timeout=TIMEOUT_SECONDS))[0] == "UNAUTHENTICATED"
    too_long = bytes(70_000)
    assert refusal(lambda: call(too_long, timeout=TIMEOUT_SECONDS, metadata=metadata)) == (
        "RESOURCE_EXHAUSTED",
        "The message is longer than 65536 bytes",
    )


def test_a_compressed_message_is_refused(emulator: Emulator, sdk: Sdk) -> None:
    call = sdk.channel(f"control.{CELL}").unary_unary("/auth.Auth/GenerateApiToken")

    status, said = refusal(
        lambda: call(
            b"x" * 1000,
            timeout=TIMEOUT_SECONDS,
            metadata=[("authorization", emulator.api_key())],
            compression=grpc.Compression.Gzip,
        )
    )

    assert (status, said) == (
        "INVALID_ARGUMENT",
        "The message is compressed; send it as it is",
    )


@pytest.mark.proves("D150")
def test_without_the_extra_connections_become_ready_and_calls_say_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, "emulator.http.grpc_messages", raising=False)
    monkeypatch.setitem(sys.modules, "momento_wire_types", None)
    with (
        Emulator(cache="memory", proxy=True, ca_dir=tmp_path / "ca", stop_timeout=1) as emulator,
        Sdk(emulator) as sdk,
    ):
        for host in HOSTS:
            grpc.channel_ready_future(sdk.channel(host)).result(timeout=TIMEOUT_SECONDS)

        assert refusal(sdk.generate) == (
            "UNIMPLEMENTED",
            "/auth.Auth/GenerateApiToken requires the extra [grpc] of the emulator: "
            "its log says how to install it",
        )
        assert [call.status for call in emulator.journal.calls()] == [501]
    [record] = caplog.records
    assert record.message == (
        "/auth.Auth/GenerateApiToken requires momento_wire_types, which is not installed: "
        f"{install_command('grpc')}"
    )


def test_messages_that_cannot_be_used_are_logged_and_say_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Unfit:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("of another version")

    monkeypatch.delitem(sys.modules, "emulator.http.grpc_messages", raising=False)
    monkeypatch.setitem(sys.modules, "momento_wire_types", Unfit())
    with (
        Emulator(cache="memory", proxy=True, ca_dir=tmp_path / "ca", stop_timeout=1) as emulator,
        Sdk(emulator) as sdk,
    ):
        for _ in range(2):
            assert refusal(sdk.generate)[0] == "UNIMPLEMENTED"

    [record] = caplog.records
    assert record.message == "The messages of the extra [grpc] cannot be used"
