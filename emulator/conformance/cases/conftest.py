"""What several files of cases share."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .clusters import Cluster, create


@pytest.fixture(scope="session")
def cluster(target: Target) -> Cluster:
    """A cluster of the run, for cases that need ``--create-clusters``."""
    return create(target)
