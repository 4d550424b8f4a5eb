"""The first revision's tests against the later one: what holds still, and what the page changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.emulators import ANY_NAMES
from tests.support.environment import ROOT
from tests.support.nested_pytest import run, without_others

from .stores import LATER

DELETE_OBJECT = "Delete Object is an operation now"
METHODS = "objects have the methods DELETE and OPTIONS now"
DELETE_STORE = "Delete Object Store answers 204, was 200"
IMMUTABLE = "bucket, prefix and cluster of a store cannot change any more"
LIMITS = "a description has object_store_limits, and is compared with what was given"

CHANGED = {
    "test_bad_input::test_deleting_an_object_is_405[key]": DELETE_OBJECT,
    "test_bad_input::test_deleting_an_object_is_405[folder/key]": DELETE_OBJECT,
    "test_bad_input::test_deleting_an_object_that_does_not_exist_is_405": DELETE_OBJECT,
    "test_bad_input::test_an_unknown_method_on_an_object_is_405[PATCH]": METHODS,
    "test_bad_input::test_an_unknown_method_on_an_object_is_405[POST]": METHODS,
    "test_bad_input::test_an_unknown_method_on_an_object_is_405[OPTIONS]": METHODS,
    "test_bad_input::test_an_unknown_method_on_an_object_is_405[FOO]": METHODS,
    "test_bad_input::test_every_error_is_json_with_a_message[delete-object]": DELETE_OBJECT,
    "test_connections::test_one_connection_serves_the_life_of_a_store": LIMITS,
    "test_connections::test_a_connection_survives_an_error[method-no]": DELETE_OBJECT,
    "test_connections::test_a_connection_survives_an_error[method-small]": DELETE_OBJECT,
    "test_connections::test_a_connection_survives_an_error[method-chunks]": DELETE_OBJECT,
    "test_roles::test_an_owner_may_do_everything[create or update object store]": IMMUTABLE,
    "test_roles::test_an_owner_may_do_everything[delete object store]": DELETE_STORE,
    "test_roles::test_an_operator_may_do_everything_to_stores_and_objects"
    "[create or update object store]": IMMUTABLE,
    "test_roles::test_an_operator_may_do_everything_to_stores_and_objects"
    "[delete object store]": DELETE_STORE,
    "test_storage_location::test_the_objects_of_a_deleted_store_stay_in_the_bucket"
    "[10]": DELETE_STORE,
    "test_storage_location::test_the_objects_of_a_deleted_store_stay_in_the_bucket"
    "[9437184]": DELETE_STORE,
    "test_storage_location::test_the_cache_of_a_deleted_store_is_never_seen_again": DELETE_STORE,
    "test_storage_location::test_a_new_store_over_another_bucket_has_no_objects_of_the_old": (
        DELETE_STORE
    ),
    "test_storage_location::test_an_update_of_role_and_cluster_name_only_keeps_the_objects"
    "[None]": IMMUTABLE,
    "test_storage_location::test_an_update_of_role_and_cluster_name_only_keeps_the_objects"
    "[prefix]": IMMUTABLE,
    "test_storage_location::test_an_update_of_bucket_or_prefix_starts_the_cache_afresh"
    "[bucket]": IMMUTABLE,
    "test_storage_location::test_an_update_of_bucket_or_prefix_starts_the_cache_afresh"
    "[prefix]": IMMUTABLE,
    "test_store_lifecycle::test_updating_a_store_answers_200_with_its_description"
    "[without-prefix]": IMMUTABLE,
    "test_store_lifecycle::test_updating_a_store_answers_200_with_its_description"
    "[with-prefix]": IMMUTABLE,
    "test_store_lifecycle::test_updating_a_store_answers_200_with_its_description"
    "[beyond-ascii]": IMMUTABLE,
    "test_store_lifecycle::test_an_update_replaces_every_member": IMMUTABLE,
    "test_store_lifecycle::test_an_update_without_a_prefix_takes_the_prefix_away": IMMUTABLE,
    "test_store_lifecycle::test_deleting_a_store_answers_200_without_a_body": DELETE_STORE,
    "test_store_lifecycle::test_deleting_a_store_twice_is_404": DELETE_STORE,
    "test_store_lifecycle::test_a_deleted_store_does_not_exist": DELETE_STORE,
    "test_store_lifecycle::test_deleting_a_store_leaves_the_others": DELETE_STORE,
    "test_store_lifecycle::test_a_deleted_store_can_be_created_again": DELETE_STORE,
}
"""The tests that do not hold for the later revision, and what the page says instead;
each with its parameters."""


def name_of(module: str, test: str) -> str:
    """`module::test[parameters]`, without the parameter that says which service it was."""
    test = test.replace("[external]", "").replace("[external-", "[")
    return f"{module.rpartition('.')[2]}::{test}"


@pytest.mark.slow(seconds=30)
@pytest.mark.proves("Everything in 000 still holds except as stated here")
def test_the_first_revisions_contract_holds_but_for_what_the_page_changes(tmp_path: Path) -> None:
    # The tests send more in a second than a store takes by default.
    with Emulator(cache="fakeredis", api_revision=LATER, no_limits=True, **ANY_NAMES) as emulator:
        words = (
            "-q",
            "--suite",
            "full",
            "--tb=short",
            *without_others("asyncio"),
        )
        ran = run(
            ROOT,
            "tests/contract",
            *words,
            results=tmp_path / "results.xml",
            MOMENTO_CONTRACT_ENDPOINT=emulator.endpoint,
            MOMENTO_CONTRACT_OWNER_KEY=emulator.api_key("owner"),
            MOMENTO_CONTRACT_OPERATOR_KEY=emulator.api_key("operator"),
            MOMENTO_CONTRACT_VIEWER_KEY=emulator.api_key("viewer"),
            MOMENTO_CONTRACT_REVISION=LATER,
        )
    assert ran.status in (0, 1), ran.report()
    outcomes = {name_of(module, test): outcome for module, test, outcome in ran.cases}
    assert len(outcomes) == len(ran.cases) > 1000, "these are not all tests of the contract"
    assert set(outcomes.values()) <= {"passed", "failed"}, ran.report()
    failed = {name for name, outcome in outcomes.items() if outcome == "failed"}
    assert failed - CHANGED.keys() == set(), ran.report()
    assert CHANGED.keys() - failed == set(), "these hold after all"
