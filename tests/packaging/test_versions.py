"""Which releases of dependencies `make test-pythons` tests."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests import pythons
from tests.pythons import FIRST_WITH_TLS, NOT_OF_USERS, OF_TLS, Run, lowest_releases, runs
from tests.support.environment import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_USERS = [
    *PROJECT["dependencies"],
    *(
        requirement
        for extra, requirements in PROJECT["optional-dependencies"].items()
        if extra not in NOT_OF_USERS
        for requirement in requirements
        if not requirement.startswith(PROJECT["name"])
    ),
]
"""What a user installs."""

P10, P11, P13 = (3, 10), (3, 11), (3, 13)
FOUND = {version: Path(f"/python{version[1]}") for version in (P10, P11, P13)}


@pytest.mark.parametrize("requirement", sorted(set(OF_USERS)))
def test_whatever_a_user_installs_has_a_lowest_release_that_is_tested(requirement: str) -> None:
    found = re.match(r"([\w-]+)>=([\d.]+)", requirement)
    assert found is not None, "a lowest release is missing: name>=1.2"

    pinned = {each.partition(";")[0] for each in lowest_releases()}
    assert f"{found[1]}=={found[2]}" in pinned


def test_nothing_else_is_pinned() -> None:
    names = {re.split("[>=]", each)[0] for each in OF_USERS}

    assert {each.partition("==")[0] for each in lowest_releases()} == names


def test_the_lowest_releases_meet_the_oldest_python_and_for_tls_the_first_that_has_it() -> None:
    assert list(runs(FOUND, [P10, P13])) == [
        Run(P10, FOUND[P10], True),
        Run(FIRST_WITH_TLS, FOUND[P11], True, OF_TLS),
        Run(P13, FOUND[P13]),
    ]
    assert list(runs({P11: FOUND[P11]}, [P11])) == [Run(P11, FOUND[P11], True)]


def test_the_tests_of_tls_are_where_they_are_looked_for() -> None:
    assert [name for name in OF_TLS if not (pythons.ROOT / name).exists()] == []
