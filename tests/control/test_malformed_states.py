"""A document that is no state is refused by what is wrong with it, and changes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.suites import examples
from tests.support.client import Client
from tests.support.emulators import client, control

from .states import JUNK, Document, furnish, paths_of, put_at, remove


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    """An emulator with something of everything, whose clock stands still."""
    with Emulator(cache="memory") as emulator:
        furnish(emulator)
        yield emulator


@pytest.fixture
def document(running: Emulator) -> Document:
    """The exported state, to spoil."""
    return copy.deepcopy(running.export_state())


def refused(emulator: Emulator, document: object) -> str:
    """What is said of a document that is refused, in the process and over HTTP; nothing may have
    changed."""
    before = emulator.export_state()
    answer = control(emulator, "PUT", "/state", document)
    assert answer.status == 400, answer
    assert emulator.export_state() == before
    if isinstance(document, dict):
        with pytest.raises(ValueError) as error:  # noqa: PT011
            emulator.import_state(document)
        assert str(error.value) == answer.json()["message"]
        assert emulator.export_state() == before
    assert client(emulator).get("store", "key").body == b"hello"
    return str(answer.json()["message"])


def test_the_document_is_a_state_as_long_as_it_is_not_spoiled(
    running: Emulator, document: Document
) -> None:
    running.import_state(document)
    assert running.export_state() == document


MISSING = [
    "format", "clock", "account", "objects", "clock/offset_us", "clock/frozen_at_us",
    "account/account", "account/stores", "account/api_keys", "account/roles",
    "account/members", "account/invitations",
    "account/stores/store/bucket_name", "account/roles/first/permissions",
    "account/api_keys/first/role_id", "account/account/account/account_id",
    "objects/0/bucket", "objects/0/key", "objects/0/created_at_us", "objects/0/version",
    "objects/0/text",
]  # fmt: skip


@pytest.mark.parametrize("path", MISSING)
def test_a_member_that_is_missing_is_named(
    running: Emulator, document: Document, path: str
) -> None:
    remove(document, path)
    message = refused(running, document)
    name = path.rpartition("/")[2]
    assert (name if name != "text" else "objects[0]") in message


UNKNOWN = ["extra", "clock/extra", "account/extra", "objects/0/extra", "account/stores/store/extra"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_member_that_is_not_known_is_named(
    running: Emulator, document: Document, path: str
) -> None:
    put_at(document, path, 1)
    assert "extra" in refused(running, document)


WRONG: list[tuple[str, object, str]] = [
    ("format", "1", "format"),
    ("format", True, "format"),
    ("format", 1.0, "format"),
    ("format", None, "format"),
    ("clock", [], "clock"),
    ("clock/offset_us", "0", "clock.offset_us"),
    ("clock/offset_us", 0.5, "clock.offset_us"),
    ("clock/offset_us", None, "clock.offset_us"),
    ("clock/frozen_at_us", False, "clock.frozen_at_us"),
    ("account", [], "account"),
    ("account/stores", None, "account.stores"),
    ("account/stores/store", "bucket", "account.stores.store"),
    ("account/roles/first", 5, "account.roles."),
    ("account/roles/first/permissions", {"rules": 5}, "rules"),
    ("account/roles/first/permissions", None, "account.roles."),
    ("objects", {}, "objects"),
    ("objects/0", "hello", "objects[0]"),
    ("objects/1", None, "objects[1]"),
    ("objects/0/bucket", 5, "objects[0].bucket"),
    ("objects/0/bucket", "", "objects[0].bucket"),
    ("objects/0/key", None, "objects[0].key"),
    ("objects/0/key", "", "objects[0].key"),
    ("objects/0/key", "\ud800", "objects[0].key"),
    ("objects/0/created_at_us", "now", "objects[0].created_at_us"),
    ("objects/0/version", 1.5, "objects[0].version"),
    ("objects/0/expires_at_us", "never", "objects[0].expires_at_us"),
    ("objects/0/metadata", [], "objects[0].metadata"),
    ("objects/0/metadata/colour", 5, "objects[0].metadata.colour"),
    ("objects/0/text", "hello", "objects[0].text"),
    ("objects/0/text/0", 5, "objects[0].text[0]"),
    ("objects/0/text/0", "\udc00", "objects[0].text[0]"),
    ("objects/0/base64", ["YQ=="], "objects[0]"),
    ("objects/1/base64/0", "YQ", "objects[1].base64"),
    ("objects/1/base64/0", "a b=", "objects[1].base64"),
    ("objects/1/base64/0", "é", "objects[1].base64"),
]


@pytest.mark.parametrize(
    ("path", "value", "named"), WRONG, ids=[f"{path}={value!r}" for path, value, _ in WRONG]
)
def test_a_member_that_is_wrong_is_named(
    running: Emulator, document: Document, path: str, value: object, named: str
) -> None:
    put_at(document, path, value)
    assert named in refused(running, document)


def test_a_newer_format_is_refused_in_words_that_say_what_to_do(
    running: Emulator, document: Document
) -> None:
    put_at(document, "format", 2)
    put_at(document, "new in that format", 5)
    message = refused(running, document)
    assert "format 2" in message
    assert "newer version" in message


NO_STATES: list[object] = [[], {}, "state", 5, {"kind": "something else"}, {"format": 1}]


@pytest.mark.parametrize("document", NO_STATES, ids=str)
def test_what_is_no_state_at_all_is_refused(running: Emulator, document: object) -> None:
    assert "state" in refused(running, document)


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff", b"null", b'{"a":1,"a":2}'])
def test_a_body_that_is_no_document_is_refused(running: Emulator, body: bytes) -> None:
    before = running.export_state()
    answer = Client(running.endpoint).call("PUT", "/_emulator/state", body)
    assert answer.status == 400
    assert running.export_state() == before


@pytest.mark.parametrize("text", ["", "{", "not json", "[]", '"state"', "5"])
def test_a_file_that_is_no_document_is_refused(running: Emulator, tmp_path: Any, text: str) -> None:
    before = running.export_state()
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011
        running.import_state(tmp_path / "state.json")
    assert running.export_state() == before


def test_an_import_that_is_cut_off_changes_nothing(running: Emulator, document: Document) -> None:
    text = json.dumps(document).encode()
    before = running.export_state()
    cuts: list[Callable[[bytes], bytes]] = [
        lambda body: body[:-1],
        lambda body: body[: len(body) // 2],
    ]
    for cut in cuts:
        answer = Client(running.endpoint).call("PUT", "/_emulator/state", cut(text))
        assert answer.status == 400
    assert running.export_state() == before


@given(data=st.data())
@settings(max_examples=examples(200))
def test_whatever_is_spoiled_it_is_no_error_of_the_emulator_and_a_refusal_changes_nothing(
    running: Emulator, data: st.DataObject
) -> None:
    good = running.export_state()
    spoiled = copy.deepcopy(good)
    path = data.draw(st.sampled_from(paths_of(spoiled)))
    if data.draw(st.booleans()):
        remove(spoiled, path)
    else:
        put_at(spoiled, path, copy.deepcopy(data.draw(st.sampled_from(JUNK))))
    try:
        answer = control(running, "PUT", "/state", spoiled)
        assert answer.status in (200, 400)
        if answer.status == 400:
            assert answer.json()["message"]
            assert running.export_state() == good
    finally:
        running.import_state(good)
