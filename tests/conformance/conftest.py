"""An emulator for the tests of the suite's own machinery, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.console.conftest import axe as axe
from tests.console.conftest import browser as browser


@pytest.fixture(scope="package")
def emulator() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision="2026-08-12") as running:
        yield running
