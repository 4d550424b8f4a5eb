"""A plugin of pytest (``-p tests.support.without_parser``): emulators run on aiohttp's own server,
as where a release of aiohttp has moved its parser.

It leaves out the tests of what is aiohttp's own there; docs/internals.md says the same in words.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from emulator.http import connections

_OWN_TO_AIOHTTP = {
    "bytes that are no request are answered in words of aiohttp": (
        "test_a_byte_beyond_ascii_in_the_path_is_400*",
        "test_a_client_that_is_gone_before_it_is_told_is_no_failure",
        "test_a_client_that_ends_within_a_body_of_an_unknown_encoding_is_refused_and_let_go",
        "test_a_header_section_over_the_limit_is_431*",
        "test_a_request_line_of_another_version_or_none_is_400_in_http_1_1*",
        "test_a_request_line_over_the_limit_is_400*",
        "test_a_transfer_encoding_other_than_chunked_is_refused_and_stores_nothing*",
        "test_an_unknown_method_on_*_is_405*",
        "test_every_error_is_json_with_a_message*-headers?",
        "test_methods_have_case*",
        "test_the_journal_keeps_no_body_of_what_was_refused*",
        "test_values_with_control_characters_are_400*",
        "test_what_is_no_http_is_400*",
    ),
    "a body that stops coming, or being HTTP, is not answered": (
        "test_a_body_that_stops_coming_is_408_and_closes_the_connection",
        "test_a_broken_chunk_is_400_at_once_and_stores_nothing*",
        "test_an_upload_that_stops_coming_stores_nothing_and_is_in_the_journal",
    ),
    "what follows an offered upgrade may be lost": (
        "test_a_client_that_closes_its_direction_after_an_offered_upgrade_gets_every_answer*",
        "test_a_request_behind_an_upgrade_in_two_segments_is_answered_*",
        "test_a_request_behind_one_that_offers_an_upgrade_is_answered*",
        "test_requests_around_several_that_offer_an_upgrade_are_all_answered",
    ),
    "the test is about the inside of our own connection": (
        "test_a_connection_whose_task_is_cancelled_between_two_requests_is_closed",
        "test_a_get_and_a_put_enter_no_more_functions_than_they_did*",
    ),
}

_ABOUT_OUR_CONNECTION = ("test_choice_of_connection.py", "test_unread_bodies.py")
"""They import it."""

_PATTERNS = [pattern for patterns in _OWN_TO_AIOHTTP.values() for pattern in patterns]

sys.modules["emulator.http.aiohttp_parser"] = None  # type: ignore[assignment]  # No such module.
connections._LOOK_SECONDS = 0.05  # It ends in a look what our own connection ends at once.


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if collection_path.name in _ABOUT_OUR_CONNECTION else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [each for each in items if any(fnmatch(each.name, name) for name in _PATTERNS)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [each for each in items if each not in left_out]


def pytest_sessionfinish() -> None:
    from emulator.http.choice import connection_class
    from emulator.http.public_connection import PublicConnection

    assert connection_class() is PublicConnection  # As chosen by the emulators of this session.
