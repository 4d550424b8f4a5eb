"""The target of a run: its pace, its API keys, its stores, and its time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.conformance.connection import NoAnswerError
from emulator.conformance.target import Target

from .own import OwnTime, options


@pytest.fixture
def target(emulator: Emulator) -> Iterator[Target]:
    made = Target(options(emulator.endpoint, emulator.api_key("owner")), clock=OwnTime(emulator))
    yield made
    assert made.clean_up() == []
    made.close()


def test_keys_of_the_other_roles_are_made_when_needed(emulator: Emulator, target: Target) -> None:
    before = len(emulator.account.api_keys())
    store = target.store
    assert store.put("key", b"", api_key="viewer").status == 403
    assert store.put("key", b"", api_key="operator").status == 204
    assert len(emulator.account.api_keys()) == before + 2
    target.clean_up()
    assert len(emulator.account.api_keys()) == before


def test_keys_that_are_given_are_used(emulator: Emulator) -> None:
    given = options(emulator.endpoint, emulator.api_key("owner"), viewer_key="mine")
    target = Target(given)
    assert target.role("viewer") == "mine"
    target.close()


def test_a_request_over_the_limit_is_sent_again(target: Target) -> None:
    limits = {"object_store_limits": {"read_operations_per_second": 1}}
    with target.new_store(target.store_body(**limits)) as store:
        assert [store.get("key").status for _ in range(3)] == [404, 404, 404]
        answers = [target.request("GET", store.path_of("key"), retry=False) for _ in range(3)]
        assert [each.status for each in answers][-1] == 429


def test_no_two_stores_have_the_same_prefix(target: Target) -> None:
    prefixes = [target.store_body()["storage_config"]["s3"]["prefix"] for _ in range(2)]
    assert len(set(prefixes)) == 2
    assert all(each.startswith(f"{target.run}/") for each in prefixes)


def test_objects_of_a_store_of_one_case_are_deleted_with_it(target: Target) -> None:
    with target.new_store() as store:
        store.put("a/b", b"body")
        place = store.describe().json()["storage_config"]
    assert target.ledger.entries == []
    with target.new_store(target.store_body(storage_config=place)) as again:
        assert again.get("a/b").status == 404


def test_waiting_moves_the_time_of_the_endpoint(emulator: Emulator, target: Target) -> None:
    before = target.now()
    target.wait(3600)
    assert target.now() - before >= 3600
    assert emulator.clock.now() / 1e6 == pytest.approx(target.now(), abs=7300)


def test_a_connection_that_the_endpoint_closed_is_opened_again(target: Target) -> None:
    target.request("GET", "/objectstore")
    kept = target._connections._kept
    assert kept is not None
    kept.sock.shutdown(2)
    assert target.request("GET", "/objectstore").status == 200


def test_no_answer_is_a_failure_of_the_case(emulator: Emulator, target: Target) -> None:
    with (
        emulator.faults.add({"type": "close"}, operation="ListObjectStores"),
        pytest.raises(NoAnswerError, match="GET /objectstore: no answer"),
    ):
        target.request("GET", "/objectstore")
    assert issubclass(NoAnswerError, AssertionError)


def test_a_raw_request_goes_out_as_it_is(target: Target) -> None:
    answer = target.raw(f"GET /objectstore HTTP/1.1\r\nhost: {target.host}\r\n\r\n".encode())
    assert answer.status == 401
    assert answer.message


def test_what_is_being_made_at_ctrl_c_is_deleted_too(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = target.store

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("http.client.HTTPConnection.getresponse", stop)
        with pytest.raises(KeyboardInterrupt):
            store.put("key", b"")
    assert [made.kind for made in target.ledger.entries] == ["object", "store"]
    assert target.clean_up() == []
