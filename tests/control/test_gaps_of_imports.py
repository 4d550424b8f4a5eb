"""What is no state in its details: a document is refused that an emulator could not live with."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.suites import examples
from tests.support.client import JSON, Client
from tests.support.emulators import client, control

from .clients import EVERYTHING
from .states import HUGE, JUNK, Document, furnish, paths_of, put_at, remove


class Furnished:
    """An emulator with something of everything, and its state as it was at first."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.key = furnish(emulator)
        self.document = emulator.export_state()

    def again(self) -> Document:
        """Have that state again; a copy of its document, to spoil."""
        self.emulator.reset()
        self.emulator.import_state(self.document)
        return copy.deepcopy(self.document)

    def statuses(self) -> dict[str, int]:
        """What requests of all kinds are answered with."""
        owner, holder = client(self.emulator), Client(self.emulator.endpoint, self.key)
        role = {"role_id": "viewer", "description": "", "expiry": "never"}
        token = {"permissions": EVERYTHING, "expires_in_seconds": 60}
        requests = [
            (holder, "GET", "/objectstore/store/key", None),
            (owner, "GET", "/objectstore/store/key", None),
            (owner, "GET", "/objectstore", None),
            (owner, "GET", "/objectstore/store", None),
            (owner, "PUT", "/objectstore/store/new", None),
            (owner, "GET", "/api-keys", None),
            (owner, "GET", "/roles", None),
            (owner, "GET", "/_emulator/account/members", None),
            (owner, "GET", "/_emulator/account/invitations", None),
            (owner, "POST", "/api-keys", role),
            (owner, "POST", "/_emulator/tokens", token),
            (owner, "GET", "/_emulator/objects/store", None),
            (owner, "GET", "/_emulator/clock", None),
            (owner, "GET", "/_emulator/journal", None),
            (owner, "GET", "/_emulator/state", None),
        ]
        return {
            f"{method} {path} {number}": who.call(
                method, path, None if body is None else json.dumps(body).encode(), JSON
            ).status
            for number, (who, method, path, body) in enumerate(requests)
        }


@pytest.fixture(scope="module")
def furnished() -> Iterator[Furnished]:
    with Emulator(cache="memory") as emulator:
        yield Furnished(emulator)


def refused(furnished: Furnished, document: Document) -> str:
    """What is said of a document that is refused and changes nothing."""
    answer = control(furnished.emulator, "PUT", "/state", document)
    assert answer.status == 400, "it was taken"
    assert furnished.emulator.export_state() == furnished.document
    return str(answer.json()["message"])


WRONG: list[tuple[str, object]] = [
    ("account/account/account/account_id", 5),
    ("account/account/account/signing_secret", 5),
    ("account/account/account/signing_secret", ""),
    ("account/stores/store/name", 5),
    ("account/stores/store/bucket_name", 5),
    ("account/stores/store/bucket_name", ""),
    ("account/stores/store/bucket_name", []),
    ("account/stores/store/bucket_name", None),
    ("account/stores/store/prefix", None),
    ("account/stores/store/cluster_name", {}),
    ("account/stores/store/iam_role_arn", "no ARN"),
    ("account/api_keys/first/key_id", None),
    ("account/api_keys/first/role_id", []),
    ("account/api_keys/first/description", 5),
    ("account/api_keys/first/issued_at", "now"),
    ("account/api_keys/first/expires_at", "never"),
    ("account/roles/first/role_name", 5),
    ("account/roles/first/description", []),
    ("account/members/first/user_name", []),
    ("account/members/first/role_id", "mine"),
    ("account/invitations/first/invitation_id", 5),
    ("account/invitations/first/user_name", {}),
    ("account/invitations/first/role_id", None),
    ("clock/offset_us", HUGE),
    ("clock/offset_us", -HUGE),
    ("clock/frozen_at_us", HUGE),
    ("clock/frozen_at_us", -HUGE),
    ("objects/0/created_at_us", -HUGE),
    ("objects/0/expires_at_us", -HUGE),
    ("objects/0/metadata", {"a b": "x"}),
    ("objects/0/metadata", {"a\r\nb": "x"}),
    ("objects/0/metadata", {"a": "x\r\ny: z"}),
    ("objects/0/metadata", {"A": "x"}),
    ("objects/0/metadata", {"set-cookie": "x"}),
    ("format", 0),
    ("format", -1),
]


@pytest.mark.parametrize(
    ("path", "value"), WRONG, ids=[f"{path}={value!r}" for path, value in WRONG]
)
def test_a_value_that_no_emulator_could_have_is_refused_by_its_member(
    furnished: Furnished, path: str, value: object
) -> None:
    document = furnished.again()
    put_at(document, path, value)
    assert path.rpartition("/")[2] in refused(furnished, document)


ENTRIES = [
    ("account/stores/store/name", "store"),
    ("account/api_keys/first/digest", "digest"),
    ("account/roles/first/role_id", "role_id"),
    ("account/members/first/user_name", "user_name"),
    ("account/invitations/first/user_name", "user_name"),
]


@pytest.mark.parametrize(("path", "named"), ENTRIES)
def test_an_entry_that_is_called_otherwise_than_it_says_is_refused(
    furnished: Furnished, path: str, named: str
) -> None:
    document = furnished.again()
    put_at(document, path, "another")
    assert named in refused(furnished, document)


NEEDED = [
    "account/account/account",
    "account/members/first",
]


@pytest.mark.parametrize("path", NEEDED)
def test_a_record_that_others_rest_on_may_not_be_missing(furnished: Furnished, path: str) -> None:
    document = furnished.again()
    remove(document, path)
    assert path.split("/")[1].rstrip("s") in refused(furnished, document)


def test_an_object_that_is_there_twice_is_refused(furnished: Furnished) -> None:
    document = furnished.again()
    document["objects"].append(document["objects"][0])
    assert "objects[2]" in refused(furnished, document)


def test_any_mapping_may_be_imported(furnished: Furnished) -> None:
    furnished.again()
    furnished.emulator.import_state(MappingProxyType(furnished.document))
    assert furnished.emulator.export_state() == furnished.document


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000])
def test_a_file_that_is_too_deep_is_no_state(
    furnished: Furnished, tmp_path: Path, text: str
) -> None:
    furnished.again()
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011
        furnished.emulator.import_state(tmp_path / "state.json")


@given(data=st.data())
@settings(max_examples=examples(200))
def test_whatever_is_spoiled_an_import_is_refused_whole_or_can_be_lived_with(
    furnished: Furnished, data: st.DataObject
) -> None:
    document = furnished.again()
    path = data.draw(st.sampled_from(paths_of(document)))
    if data.draw(st.booleans()):
        remove(document, path)
    else:
        put_at(document, path, copy.deepcopy(data.draw(st.sampled_from(JUNK))))
    answer = control(furnished.emulator, "PUT", "/state", document)
    assert answer.status in (200, 400)
    if answer.status == 400:
        assert furnished.emulator.export_state() == furnished.document
    failed = {what: status for what, status in furnished.statuses().items() if status >= 500}
    assert failed == {}
