"""docs/revisions.md: its table is that of the code, and its examples run as they stand there."""

from __future__ import annotations

import re

import pytest

from emulator.core.revisions import FEATURES
from tests.support.environment import ROOT
from tests.support.nested_pytest import Run, run, without_others

from .blocks import named

PAGE = "docs/revisions.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")

EXAMPLES = named(PAGE)

CONFTEST = """
import json

import pytest
import requests

ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


class Store:
    name = "media"

    def __init__(self, emulator):
        self._url = f"{emulator.endpoint}/objectstore/{self.name}"
        self._key = {"Authorization": emulator.api_key()}

    def create(self):
        where = {"iam_role_arn": ROLE, "region": "us-east-1"}
        answer = requests.put(self._url, headers=self._key, timeout=30, json={
            "storage_config": {"s3": {"bucket_name": "bucket", "iam_role_arn": ROLE}},
            "cache_config": {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}},
            "access_logging_config": {
                "cloudwatch": {"log_group_name": "/momento/object-store", **where}
            },
            "metrics_config": {"cloudwatch": where},
        })
        assert answer.status_code == 201

    def put(self, key, body, headers=None):
        headers = {**self._key, **(headers or {})}
        answer = requests.put(f"{self._url}/{key}", body, headers=headers, timeout=30)
        assert answer.status_code == 204

    def get(self, key):
        return requests.get(f"{self._url}/{key}", headers=self._key, timeout=30)


@pytest.fixture
def store(momento_emulator):
    store = Store(momento_emulator)
    store.create()
    return store
"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of all examples."""
    directory = tmp_path_factory.mktemp("examples")
    for name, text in {"conftest.py": CONFTEST, **EXAMPLES}.items():
        (directory / name).write_text(text, encoding="utf-8")
    return run(directory, *without_others())


def test_the_table_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (.*) \| (.*) \|$", TEXT, flags=re.MULTILINE)
    assert rows == [(row.since, row.before, row.after) for row in FEATURES]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_passes(examples: Run, name: str) -> None:
    examples.passed(name.removesuffix(".py"), tests=1)
