"""The browser of the console's tests, for the page of a report."""

from __future__ import annotations

from tests.console.conftest import axe as axe
from tests.console.conftest import browser as browser
