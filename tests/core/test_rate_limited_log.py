"""Warnings that every request would bring are said once a second, with what was kept back since."""

from __future__ import annotations

import logging

import pytest

from emulator.core import rate_limited_log
from emulator.core.failures import EngineUnavailableError
from emulator.core.rate_limited_log import RateLimitedLogger

DOWN = EngineUnavailableError("it is down")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds, in its one place; it stands still until a test moves it."""
    place = [100.0]
    monkeypatch.setattr(rate_limited_log, "monotonic", lambda: place[0])
    return place


@pytest.fixture
def said() -> RateLimitedLogger:
    return RateLimitedLogger(logging.getLogger("test"))


def test_the_same_warning_comes_once_a_second(
    said: RateLimitedLogger, caplog: pytest.LogCaptureFixture, now: list[float]
) -> None:
    for moment in (100.0, 100.5, 100.999, 101.0):
        now[0] = moment
        said.warn("The cache failed", DOWN)
    assert caplog.messages == [
        "The cache failed: it is down",
        "The cache failed: it is down (and 2 times more since)",
    ]


def test_another_warning_is_not_kept_back(
    said: RateLimitedLogger, caplog: pytest.LogCaptureFixture, now: list[float]
) -> None:
    said.warn("The cache failed", DOWN)
    said.warn("Storage failed", DOWN)
    now[0] += 1
    said.warn("Storage failed", DOWN)
    assert caplog.messages == [
        "The cache failed: it is down",
        "Storage failed: it is down",
        "Storage failed: it is down",
    ]


@pytest.mark.usefixtures("now")
def test_only_an_error_that_nobody_expects_has_a_traceback(
    said: RateLimitedLogger, caplog: pytest.LogCaptureFixture
) -> None:
    said.warn("The cache failed", DOWN)
    said.warn("Storage failed", KeyError("key"))
    expected, unexpected = caplog.records
    assert not expected.exc_info
    assert unexpected.exc_info


def test_warnings_of_long_ago_are_forgotten(said: RateLimitedLogger, now: list[float]) -> None:
    for number in range(5000):
        now[0] += 0.01
        said.warn(f"Entries for the log group {number} are delayed", DOWN)
    assert len(said._logged_at) <= 1001


def test_many_warnings_at_once_are_not_all_remembered(
    said: RateLimitedLogger, now: list[float]
) -> None:
    for number in range(5000):
        said.warn(f"Entries for the log group {number} are delayed", DOWN)
        said.warn(f"Entries for the log group {number} are delayed", DOWN)
    assert len(said._logged_at) <= 1001
    assert len(said._suppressed) <= 1001
    del now
