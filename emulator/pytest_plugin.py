"""The pytest plugin: a running emulator by the name of a fixture.

``momento_emulator`` gives a test an emulator in its first state. It is one server for the whole
session, so a clean one costs a reset and not a start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator import Emulator


@pytest.fixture(scope="session")
def momento_emulator_options() -> Mapping[str, Any]:
    """The options of the session's emulator, fields of ``emulator.config.Config``: override it."""
    return {}


@pytest.fixture(scope="session")
def momento_emulator_session(momento_emulator_options: Mapping[str, Any]) -> Iterator[Emulator]:
    """The session's emulator, in whatever state the tests before have left it."""
    from emulator import Emulator

    with Emulator(**momento_emulator_options) as emulator:
        yield emulator


@pytest.fixture
def momento_emulator(momento_emulator_session: Emulator) -> Emulator:
    """A running emulator in its first state: only the seed, the first API keys, the real time."""
    momento_emulator_session.reset()
    return momento_emulator_session
