"""The first revision's tests against the later one: what holds still, and what the page changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.contract.service import ROLES, ROOT, environment
from tests.contract.service import emulator as process

from .stores import LATER

MOST_SECONDS = 300.0

DELETE_OBJECT = "Delete Object is an operation now"
METHODS = "objects have the methods DELETE and OPTIONS now"
DELETE_STORE = "Delete Object Store answers 204, was 200"
IMMUTABLE = "bucket, prefix and cluster of a store cannot change any more"
REQUEST_ID = "a HEAD and a GET have a mo-request-id each, and their headers are compared"
LIMITS = "a description has object_store_limits, and is compared with what was given"

CHANGED = {
    "test_bad_input::test_deleting_an_object_is_405": DELETE_OBJECT,
    "test_bad_input::test_deleting_an_object_that_does_not_exist_is_405": DELETE_OBJECT,
    "test_bad_input::test_an_unknown_method_on_an_object_is_405": METHODS,
    "test_bad_input::test_every_error_is_json_with_a_message": DELETE_OBJECT,
    "test_connections::test_one_connection_serves_the_life_of_a_store": LIMITS,
    "test_connections::test_a_connection_survives_an_error[method-no]": DELETE_OBJECT,
    "test_connections::test_a_connection_survives_an_error[method-small]": DELETE_OBJECT,
    "test_connections::test_a_connection_survives_an_error[method-chunks]": DELETE_OBJECT,
    "test_head::test_head_of_an_object_is_get_without_the_body": REQUEST_ID,
    "test_head::test_head_of_a_key_without_an_object_is_404": REQUEST_ID,
    "test_head::test_head_of_an_object_in_a_store_that_does_not_exist_is_404": REQUEST_ID,
    "test_head::test_head_of_a_malformed_key_is_400": REQUEST_ID,
    "test_head::test_head_without_a_valid_key_is_401": REQUEST_ID,
    "test_head::test_a_viewer_may_head_what_it_may_get": REQUEST_ID,
    "test_head::test_nothing_follows_the_answer_to_a_head_on_its_connection": REQUEST_ID,
    "test_roles::test_an_owner_may_do_everything[create or update object store]": IMMUTABLE,
    "test_roles::test_an_owner_may_do_everything[delete object store]": DELETE_STORE,
    "test_roles::test_an_operator_may_do_everything_to_stores_and_objects"
    "[create or update object store]": IMMUTABLE,
    "test_roles::test_an_operator_may_do_everything_to_stores_and_objects"
    "[delete object store]": DELETE_STORE,
    "test_storage_location::test_the_objects_of_a_deleted_store_stay_in_the_bucket": DELETE_STORE,
    "test_storage_location::test_the_cache_of_a_deleted_store_is_never_seen_again": DELETE_STORE,
    "test_storage_location::test_a_new_store_over_another_bucket_has_no_objects_of_the_old": (
        DELETE_STORE
    ),
    "test_storage_location::test_an_update_of_role_and_cluster_name_only_keeps_the_objects": (
        IMMUTABLE
    ),
    "test_storage_location::test_an_update_of_bucket_or_prefix_starts_the_cache_afresh": IMMUTABLE,
    "test_store_lifecycle::test_updating_a_store_answers_200_with_its_description": IMMUTABLE,
    "test_store_lifecycle::test_an_update_replaces_every_member": IMMUTABLE,
    "test_store_lifecycle::test_an_update_without_a_prefix_takes_the_prefix_away": IMMUTABLE,
    "test_store_lifecycle::test_deleting_a_store_answers_200_without_a_body": DELETE_STORE,
    "test_store_lifecycle::test_deleting_a_store_twice_is_404": DELETE_STORE,
    "test_store_lifecycle::test_a_deleted_store_does_not_exist": DELETE_STORE,
    "test_store_lifecycle::test_deleting_a_store_leaves_the_others": DELETE_STORE,
    "test_store_lifecycle::test_a_deleted_store_can_be_created_again": DELETE_STORE,
}
"""The tests that do not hold for the later revision, and what the page says instead. A test
without brackets stands for all its parameters."""


def name_of(case: ElementTree.Element) -> str:
    """`module::test[parameters]`, without the parameter that says which service it was."""
    module = case.attrib["classname"].rpartition(".")[2]
    name = case.attrib["name"].replace("[external]", "").replace("[external-", "[")
    return f"{module}::{name}"


def listed_as(name: str) -> str | None:
    """Where a test is in the list; None where it is not."""
    return next((each for each in (name, name.partition("[")[0]) if each in CHANGED), None)


@pytest.mark.proves("Everything in 000 still holds except as stated here")
def test_the_first_revisions_contract_holds_but_for_what_the_page_changes(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    # The tests send more in a second than a store takes by default.
    options = ("--api-revision", LATER, "--no-limits")
    with process("memory", "fakeredis", tmp_path, *options) as service:
        keys = {f"MOMENTO_CONTRACT_{role.upper()}_KEY": service.keys[role] for role in ROLES}
        command = [sys.executable, "-m", "pytest", "-q", "tests/contract", "--tb=short"]
        command += ["-m", "not real_time", "-p", "no:cacheprovider", f"--junitxml={report}"]
        ran = subprocess.run(
            command,
            cwd=ROOT,
            env={
                **environment(),
                **keys,
                "MOMENTO_CONTRACT_ENDPOINT": service.endpoint,
                "MOMENTO_CONTRACT_REVISION": LATER,
                "PYTEST_ADDOPTS": "",
            },
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) > 1000, "these are not all tests of the contract"
    assert [name_of(case) for case in cases if case.find("skipped") is not None] == []
    failed = {
        name_of(case): case
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }
    unexpected = [name for name in failed if listed_as(name) is None]
    assert unexpected == [], ran.stdout
    assert CHANGED.keys() - {listed_as(name) for name in failed} == set(), "these hold after all"
    assert [name for name, case in failed.items() if case.find("error") is not None] == []
