"""Emulators run on aiohttp's own server, as where a release has moved the parser.

This is a plugin of pytest: ``-p tests.support.without_parser``.
"""

from __future__ import annotations

import sys

sys.modules["emulator.http.aiohttp_parser"] = None  # type: ignore[assignment]  # No such module.
