"""The journal and fault rules see calls of gRPC as they see requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from emulator import Emulator
from tests.support.emulators import client
from tests.support.waiting import wait_until

from .calls import CELL, Sdk, refusal, with_key

KEYS, TOKENS = "CreateApiKeyOfEitherVersion", "CreateDisposableToken"


def succeeds(call: Callable[[], Any]) -> bool:
    try:
        call()
    except grpc.RpcError:
        return False
    return True


@pytest.mark.proves("D154")
def test_the_journal_has_each_call_with_its_operation_and_its_result(
    emulator: Emulator, sdk: Sdk
) -> None:
    made = sdk.generate()
    sdk.refresh(made.api_key, made.refresh_token)
    sdk.dispose()
    refusal(lambda: sdk.dispose(with_key(emulator.api_key("viewer"))))
    refusal(lambda: sdk.dispose(seconds=0))
    refusal(lambda: sdk.generate([]))

    calls = emulator.journal.calls()
    assert [(call.operation, call.target, call.status, str(call.outcome)) for call in calls] == [
        (KEYS, "/auth.Auth/GenerateApiToken", 200, "ok"),
        (KEYS, "/auth.Auth/RefreshApiToken", 200, "ok"),
        (TOKENS, "/token.Token/GenerateDisposableToken", 200, "ok"),
        (TOKENS, "/token.Token/GenerateDisposableToken", 403, "authz_error"),
        (TOKENS, "/token.Token/GenerateDisposableToken", 400, "bad_request"),
        (KEYS, "/auth.Auth/GenerateApiToken", 401, "authz_error"),
    ]
    first = calls[0]
    assert (first.method, first.version, first.role_name) == ("POST", "2.0", "Owner")
    assert first.address == "127.0.0.1"
    assert first.request_size > 5
    assert first.response_size > 100
    assert first.duration is not None
    assert all(call.complete and not call.running for call in calls)
    assert ("host", f"control.{CELL}:443") in first.request_headers
    assert ("grpc-status", "0") in first.response_headers
    assert ("grpc-status", "7") in calls[3].response_headers


def test_no_key_is_in_the_journal_or_in_a_log(
    emulator: Emulator, sdk: Sdk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = sdk.generate()
    refreshed = sdk.refresh(made.api_key, made.refresh_token)
    unknown = "eyJhbGciOiJIUzUxMiJ9.eyJqdGkiOiJ1bmtub3duIn0.c2lnbmF0dXJl"
    refusal(lambda: sdk.dispose(with_key(unknown)))

    shown = str([call.document() for call in emulator.journal.calls()])
    secrets = [emulator.api_key(), made.api_key, made.refresh_token, refreshed.api_key, unknown]
    for secret in secrets:
        assert secret not in shown
        assert secret not in caplog.text
    assert "authorization', '[redacted]'" in shown


@pytest.mark.proves("D154")
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
    ],
)
def test_a_status_of_a_fault_rule_is_that_of_grpc(
    emulator: Emulator, sdk: Sdk, status: int, said: str
) -> None:
    rule = emulator.faults.add(
        {"type": "status", "status": status, "message": "100 %: é\n"}, operation=TOKENS
    )

    assert refusal(sdk.dispose) == (said, "100 %: é\n")
    [call] = emulator.journal.calls()
    assert (call.status, call.faults) == (status, (rule.id,))
    assert sdk.generate().api_key  # Another operation.


def test_after_the_work_the_key_is_there_and_the_answer_an_error(
    emulator: Emulator, sdk: Sdk
) -> None:
    rule = emulator.faults.add(
        {"type": "status", "status": 503, "after_work": True}, operation=KEYS
    )

    assert refusal(lambda: sdk.generate(description="made"))[0] == "UNAVAILABLE"
    assert rule.fired == 1
    keys = client(emulator).call("GET", "/api-keys").json()["key_info"]
    assert "made" in [key["description"] for key in keys]


@pytest.mark.parametrize(
    "effect",
    [
        {"type": "close"},
        {"type": "close", "reset": True},
        {"type": "close", "after_work": True},
        {"type": "close", "where": "request_body"},
        {"type": "close", "where": "answer_body", "after_fraction": 0.5},
        {"type": "truncate", "after_fraction": 0.5, "announce": "part"},
    ],
)
def test_a_lost_answer_is_a_lost_connection(
    emulator: Emulator, sdk: Sdk, effect: dict[str, Any]
) -> None:
    emulator.faults.add(effect, operation=TOKENS, times=1)

    assert refusal(sdk.dispose)[0] == "UNAVAILABLE"
    wait_until(lambda: succeeds(sdk.dispose), "a new connection")  # The client sees it a bit later.
    calls = emulator.journal.calls()
    assert [call.complete for call in calls] == [False, True]


@pytest.mark.parametrize(
    "effect",
    [
        {"type": "trickle", "bytes_per_second": 1e6},
        {"type": "latency", "seconds": 0.001, "before": "first_byte"},
        {"type": "latency", "seconds": 0.001, "after_work": True},
    ],
)
def test_a_slow_answer_is_whole(emulator: Emulator, sdk: Sdk, effect: dict[str, Any]) -> None:
    emulator.faults.add(effect, operation=TOKENS)

    assert sdk.dispose().api_key
    [call] = emulator.journal.calls()
    assert (call.status, call.complete) == (200, True)


def test_a_slow_call_does_not_hold_up_others_on_its_connection(
    emulator: Emulator, sdk: Sdk
) -> None:
    rule = emulator.faults.add({"type": "latency", "seconds": 60}, operation=TOKENS, times=1)
    slow = threading.Thread(target=lambda: refusal(sdk.dispose))
    slow.start()
    wait_until(lambda: rule.fired == 1, "the slow call waits")

    assert sdk.dispose().api_key

    emulator.reset()  # It cuts off what runs.
    slow.join()
