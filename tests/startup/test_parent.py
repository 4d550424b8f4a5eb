"""Whether the process that started this one is still there (D130)."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from emulator.core.failures import ConfigurationError
from emulator.startup.parent import Parent
from tests.support.forks import in_child, needs_fork

pytestmark = [needs_fork, pytest.mark.proves("D130")]


def test_a_parent_that_runs_has_not_ended() -> None:
    parent = Parent()
    assert (parent.is_visible, parent.has_ended()) == (True, False)
    parent.close()


def test_a_child_that_begins_a_session_still_has_its_parent() -> None:
    def look() -> str:
        os.setsid()
        return str(Parent().has_ended())

    assert in_child(look) == "False"


@pytest.mark.parametrize(
    ("getppid", "getsid"),
    [
        (lambda: 1, lambda _: os.getpid()),
        (lambda: 7, lambda pid: 3 if pid == 0 else 4),
    ],
    ids=["adopted-by-the-first-process", "adopted-in-another-session"],
)
def test_a_process_that_was_adopted_has_lost_its_parent(
    monkeypatch: pytest.MonkeyPatch, getppid: Callable[[], int], getsid: Callable[[int], int]
) -> None:
    monkeypatch.setattr(os, "getppid", getppid)
    monkeypatch.setattr(os, "getsid", getsid)
    with pytest.raises(ConfigurationError, match="has ended already"):
        Parent()


def test_the_first_process_of_a_container_has_no_parent_to_lose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "getppid", lambda: 0)
    assert not Parent().is_visible


def test_an_end_is_noticed_without_help_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    parent = Parent()
    assert parent.descriptor is None
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert parent.has_ended()
