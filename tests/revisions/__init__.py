"""What the API's revision 2026-08-12 states, as black-box tests over HTTP, and what the first
revision answers to the same requests."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.expect")
