"""What cases on the Auth APIs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.conformance.target import Target


@pytest.fixture(scope="session")
def viewer_id(target: Target) -> str:
    """The id of the role Viewer."""
    return target.role_id("viewer")


@pytest.fixture
def tidy(target: Target) -> Iterator[None]:
    """Deletes the roles and keys of a case at its end: an account may have only so many."""
    for name in ("operator", "viewer"):
        target.role(name)  # These stay, for other cases.
    before = set(target.ledger.entries)
    yield
    for made in target.ledger.entries:
        if made not in before and made.kind in ("key", "role"):
            target.request("DELETE", made.path)
