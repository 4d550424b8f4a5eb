"""Mark tests that need the emulator's TLS."""

from __future__ import annotations

import sys

import pytest

needs_tls = pytest.mark.skipif(sys.version_info < (3, 11), reason="TLS requires Python 3.11")
