"""What the Auth APIs and permission sets do, as black-box tests over HTTP.

The tests know an endpoint and API keys. Where nothing documented leads to a state, they use the
emulator's own endpoints under `/_emulator/`: its clock, v1 keys, disposable tokens and membership.
"""

import pytest

pytest.register_assert_rewrite(f"{__name__}.expect", f"{__name__}.api")
