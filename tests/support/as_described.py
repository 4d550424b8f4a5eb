"""The fixture of folders in which every answer is held against the OpenAPI document."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.suites import is_full


def answers_as_described(config: pytest.Config) -> contextlib.AbstractContextManager[None]:
    """In the full suite, check each request and answer inside of the block (`described.py`)."""
    if not is_full(config):
        return contextlib.nullcontext()
    from .described import every_answer  # It needs what the extra `test` does not install.

    return every_answer()


@pytest.fixture(scope="package", autouse=True)
def described(pytestconfig: pytest.Config) -> Iterator[None]:
    """Every request and answer is as the OpenAPI document describes it, in each folder whose
    `conftest.py` imports this."""
    with answers_as_described(pytestconfig):
        yield
