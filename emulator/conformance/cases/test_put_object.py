"""Put Object: what is stored, and how it is acknowledged."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store


@pytest.mark.statement("HTTP-PUT-01")
def test_a_put_answers_204(store: Store, key: str) -> None:
    assert store.put(key, b"body").status == 204
