"""What the documents of Momento Object Store state, as black-box tests over HTTP.

The tests know an endpoint and three API keys, so they run against any endpoint that claims to be
this service. See `conftest.py` for how to name one.
"""

import pytest

pytest.register_assert_rewrite(f"{__name__}.expect")
