"""Checkpoints: the whole state of an emulator, to come back to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.backends.storage import filesystem
from emulator.backends.storage.file_checkpoint import link_all
from emulator.backends.storage.memory import MemoryStorage
from emulator.control.call import Call
from tests.support.client import JSON, Client, create_store
from tests.support.connections import Upload
from tests.support.emulators import Start, client, control, status_with
from tests.support.waiting import wait_until

from .clients import EVERYTHING, post

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND


def test_a_restore_brings_back_stores_and_objects(stocked: Emulator) -> None:
    owner = client(stocked)
    owner.put("store", "gone", b"gone", metadata={"colour": "red"})
    stocked.checkpoint("before")
    owner.create_store("new")
    owner.put("store", "key", b"changed")
    owner.put("store", "new", b"new")
    stocked.tiers.drop("store", "gone")
    stocked.restore("before")

    assert owner.store_names() == ["store"]
    assert owner.get("store", "key").body == b"hello"
    assert owner.get("store", "gone").headers["colour"] == "red"
    assert owner.get("store", "new").status == 404


def test_a_restore_brings_back_a_store_that_was_deleted_or_moved(stocked: Emulator) -> None:
    owner = client(stocked)
    before = owner.call("GET", "/objectstore/store").json()
    stocked.checkpoint("before")
    create_store(owner, "store", bucket="another")
    assert owner.get("store", "key").status == 404
    stocked.restore("before")
    assert owner.call("GET", "/objectstore/store").json() == before
    owner.call("DELETE", "/objectstore/store")
    stocked.restore("before")
    assert owner.call("GET", "/objectstore/store").json() == before
    assert owner.get("store", "key").body == b"hello"


def test_a_put_that_ends_while_a_checkpoint_is_made_is_in_both_of_its_tiers_or_in_none(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with many objects, of which some are kept before the Put ends and the others after."""
    keeping, may_go_on = threading.Event(), threading.Event()

    def keep_slowly(*arguments: Any, **options: Any) -> None:
        keeping.set()
        assert may_go_on.wait(10)
        link_all(*arguments, **options)

    monkeypatch.setattr(filesystem, "link_all", keep_slowly)
    emulator = start(cache="memory", data_dir=tmp_path / "data")
    owner = client(emulator)
    create_store(owner, "store")
    owner.put("store", "key", b"old")
    with Upload(owner, "store", "key", size=3) as upload:
        making = threading.Thread(target=emulator.checkpoint, args=("now",))
        making.start()
        assert keeping.wait(10)
        upload.send(b"new")
        threading.Timer(0.3, may_go_on.set).start()  # Long enough for a Put that does not wait.
        assert upload.finish() == 204
        making.join()
    assert owner.get("store", "key").body == b"new"
    emulator.restore("now")
    cached = owner.get("store", "key").body
    emulator.tiers.drop("store", "key", tier="cache")
    assert owner.get("store", "key").body == cached


@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_a_restore_brings_back_what_was_in_which_tier(start: Start, cache: str) -> None:
    emulator = start(cache=cache)
    create_store(client(emulator), "store")
    tiers = emulator.tiers
    tiers.put("store", "cold", b"1", tier="storage")
    tiers.put("store", "hot", b"2", tier="cache")
    tiers.put("store", "both", b"3")
    before = tiers.objects("store")
    emulator.checkpoint("before")
    client(emulator).get("store", "cold")
    tiers.drop("store", "hot")
    tiers.put("store", "both", b"4", tier="cache")
    tiers.flush("cluster")
    emulator.restore("before")

    assert tiers.objects("store") == before
    for key, outcome in (("cold", "storage_hit"), ("hot", "cache_hit"), ("both", "cache_hit")):
        client(emulator).get("store", key)
        assert emulator.journal.last().outcome == outcome


def test_a_restore_brings_back_keys_roles_and_members(stocked: Emulator) -> None:
    owner = client(stocked)
    role_id = stocked.create_role("mine", EVERYTHING)
    old = stocked.create_api_key("viewer")
    token = stocked.create_token(EVERYTHING)
    lists = ("/api-keys", "/roles", "/_emulator/account/members", "/_emulator/account/invitations")
    invited = post(owner, "/_emulator/account/invitations", {"user_name": "a@example.com"})
    before = [owner.call("GET", path).json() for path in lists]
    stocked.checkpoint("before")
    new = stocked.create_api_key("owner")
    stocked.revoke_api_key(old)
    owner.call("DELETE", f"/roles/{role_id}")
    stocked.create_role("ours", EVERYTHING)
    post(owner, "/_emulator/account/members", {"invitation_id": invited["id"]})
    stocked.restore("before")

    assert [owner.call("GET", path).json() for path in lists] == before
    assert (status_with(stocked, old), status_with(stocked, new)) == (200, 401)
    assert Client(stocked.endpoint, token).get("store", "key").status == 200
    assert stocked.create_role("ours", EVERYTHING)


def test_a_restore_brings_back_a_first_key_that_was_revoked(stocked: Emulator) -> None:
    stocked.checkpoint("before")
    stocked.revoke_api_key(stocked.api_key("viewer"))
    assert status_with(stocked, stocked.api_key("viewer")) == 401
    stocked.restore("before")
    assert status_with(stocked, stocked.api_key("viewer")) == 200


def test_a_restore_brings_back_what_a_role_allows(stocked: Emulator) -> None:
    owner = client(stocked)
    role_id = stocked.create_role("mine", EVERYTHING)
    who = Client(stocked.endpoint, stocked.create_api_key("mine"))
    stocked.checkpoint("before")
    rules = [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
    changed = {"role_name": "theirs", "permissions": {"rules": rules}}
    answer = owner.call("PUT", f"/roles/{role_id}", json.dumps(changed).encode(), JSON)
    assert answer.status == 200
    assert who.put("store", "key", b"").status == 403
    stocked.restore("before")
    assert who.put("store", "key", b"").status == 204


@pytest.mark.parametrize("was_frozen", [True, False])
def test_a_restore_brings_back_the_clock(stocked: Emulator, was_frozen: bool) -> None:
    clock = stocked.clock
    if was_frozen:
        clock.freeze(INSTANT)
    else:
        clock.advance(1e6)
    before = clock.now()
    stocked.checkpoint("before")
    clock.freeze(5)
    stocked.restore("before")
    assert clock.frozen is was_frozen
    assert before <= clock.now() <= before + (0 if was_frozen else 60 * SECOND)


def test_a_restore_brings_back_objects_that_have_expired_since(stocked: Emulator) -> None:
    owner = client(stocked)
    stocked.clock.freeze(INSTANT)
    owner.put("store", "short", b"", ttl_seconds=60)
    stocked.checkpoint("before")
    stocked.clock.advance(60)
    assert [owner.get("store", "short").status for _ in range(2)] == [404, 404]
    stocked.restore("before")
    assert owner.get("store", "short").status == 200
    stocked.clock.advance(60)
    assert owner.get("store", "short").status == 404


def test_a_restore_brings_back_fault_rules_and_how_far_they_had_come(stocked: Emulator) -> None:
    owner = client(stocked)
    unavailable = {"type": "status", "status": 503}
    stocked.faults.add(unavailable, key="key", nth=3, times=1, id="third")
    owner.get("store", "key")
    before = stocked.faults.all()
    assert before[0]["matched"] == 1
    stocked.checkpoint("before")
    assert [owner.get("store", "key").status for _ in range(3)] == [200, 503, 200]
    stocked.faults.clear()
    stocked.faults.add(unavailable)
    stocked.restore("before")

    assert stocked.faults.all() == before
    assert [owner.get("store", "key").status for _ in range(3)] == [200, 503, 200]
    assert stocked.faults.all()[0]["fired"] == 1
    stocked.restore("before")
    assert stocked.faults.all() == before


def test_a_restore_brings_back_the_chances_of_a_rule(stocked: Emulator) -> None:
    owner = client(stocked)
    stocked.faults.add({"type": "status", "status": 503}, probability=0.5, seed=7)
    owner.get("store", "key")
    stocked.checkpoint("before")
    runs = []
    for _ in range(3):
        runs.append([owner.get("store", "key").status for _ in range(20)])
        stocked.restore("before")
    assert runs[0] == runs[1] == runs[2]
    assert set(runs[0]) == {200, 503}


def test_a_restore_removes_rules_that_came_after_the_checkpoint(stocked: Emulator) -> None:
    stocked.checkpoint("before")
    stocked.faults.add({"type": "status", "status": 503})
    stocked.restore("before")
    assert stocked.faults.all() == []
    assert client(stocked).get("store", "key").status == 200


def test_a_restore_leaves_the_journal_and_the_counts(stocked: Emulator) -> None:
    owner = client(stocked)
    owner.get("store", "key")
    stocked.checkpoint("before")
    owner.get("store", "key")
    stocked.restore("before")
    owner.get("store", "key")
    assert [call.number for call in stocked.journal] == [1, 2, 3]
    assert stocked.tiers.counts()["cache"]["hits"] == 3


def test_checkpoints_can_be_restored_in_any_order_and_often(stocked: Emulator) -> None:
    owner = client(stocked)
    for name in ("a", "b", "c"):
        owner.put("store", "key", name.encode())
        stocked.checkpoint(name)
    for name in "abcbacabccba":
        stocked.restore(name)
        assert owner.get("store", "key").body == name.encode()
        owner.put("store", "key", b"other")


def test_a_checkpoint_of_a_restored_state_stands_for_itself(stocked: Emulator) -> None:
    owner = client(stocked)
    stocked.checkpoint("outer")
    owner.put("store", "one", b"1")
    stocked.checkpoint("inner")
    stocked.restore("outer")
    owner.put("store", "two", b"2")
    stocked.checkpoint("side")
    stocked.drop_checkpoint("outer")
    stocked.restore("inner")
    assert [p.key for p in stocked.tiers.objects("store")] == ["key", "one"]
    stocked.restore("side")
    assert [p.key for p in stocked.tiers.objects("store")] == ["key", "two"]


def test_a_checkpoint_replaces_the_one_of_its_name(stocked: Emulator) -> None:
    owner = client(stocked)
    stocked.checkpoint("name")
    owner.put("store", "key", b"second")
    stocked.checkpoint("name")
    owner.put("store", "key", b"third")
    assert stocked.checkpoints == ["name"]
    stocked.restore("name")
    assert owner.get("store", "key").body == b"second"


def test_checkpoints_outlive_a_reset(stocked: Emulator) -> None:
    key = stocked.create_api_key("viewer")
    token = stocked.create_token(EVERYTHING)
    stocked.checkpoint("before")
    stocked.reset()
    assert stocked.checkpoints == ["before"]
    assert client(stocked).store_names() == []
    stocked.restore("before")
    assert client(stocked).get("store", "key").body == b"hello"
    assert status_with(stocked, key) == 200
    assert Client(stocked.endpoint, token).get("store", "key").status == 200


def test_checkpoints_end_with_the_emulator() -> None:
    emulator = Emulator(cache="memory")
    with emulator:
        emulator.checkpoint("before")
    with emulator:
        assert emulator.checkpoints == []


def test_a_checkpoint_that_is_dropped_is_gone(stocked: Emulator) -> None:
    stocked.checkpoint("one")
    stocked.checkpoint("other")
    stocked.drop_checkpoint("one")
    assert stocked.checkpoints == ["other"]
    for ask in (stocked.restore, stocked.drop_checkpoint):
        with pytest.raises(LookupError, match=r"'one'.*'other'"):
            ask("one")


def test_restoring_an_unknown_checkpoint_changes_nothing(stocked: Emulator) -> None:
    with pytest.raises(LookupError, match="none"):
        stocked.restore("never made")
    assert client(stocked).get("store", "key").body == b"hello"


@pytest.mark.parametrize("name", ["", "x" * 256, "\ud800"])
def test_what_is_no_name_of_a_checkpoint_is_refused(emulator: Emulator, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        emulator.checkpoint(name)
    assert emulator.checkpoints == []


def test_checkpoints_over_http_do_the_same(stocked: Emulator) -> None:
    stocked.clock.freeze(INSTANT)
    made = {"name": "a name/with é", "made_at": "2033-05-18T03:33:20.000000Z"}
    path = "/checkpoints/a%20name%2Fwith%20%C3%A9"
    assert control(stocked, "GET", "/checkpoints").json() == {"checkpoints": []}
    answer = control(stocked, "PUT", path)
    assert (answer.status, answer.json()) == (200, made)
    assert stocked.checkpoints == ["a name/with é"]
    assert control(stocked, "GET", "/checkpoints").json() == {"checkpoints": [made]}

    client(stocked).put("store", "key", b"changed")
    stocked.clock.advance(5)
    answer = control(stocked, "POST", path)
    assert (answer.status, answer.json()) == (200, made)
    assert client(stocked).get("store", "key").body == b"hello"
    assert stocked.clock.now() == INSTANT

    answer = control(stocked, "DELETE", path)
    assert (answer.status, answer.json()) == (200, made)
    for method in ("POST", "DELETE"):
        answer = control(stocked, method, path)
        assert answer.status == 404
        assert "a name/with é" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/checkpoints/", "/checkpoints/%FF", f"/checkpoints/{'x' * 256}"])
def test_what_is_no_name_of_a_checkpoint_is_refused_over_http(
    emulator: Emulator, path: str
) -> None:
    assert control(emulator, "PUT", path).status == 400
    assert emulator.checkpoints == []


def finish(upload: Upload, rest: bytes) -> int:
    upload.send(rest)
    return upload.finish()


def test_an_upload_that_runs_is_in_a_checkpoint_as_a_whole_or_not(stocked: Emulator) -> None:
    with Upload(client(stocked), "store", "slow", size=5) as upload:
        upload.send(b"he")
        stocked.checkpoint("during")
        finish(upload, b"llo")
    assert client(stocked).get("store", "slow").body == b"hello"
    stocked.restore("during")
    assert client(stocked).get("store", "slow").status == 404


def test_an_export_has_the_objects_of_one_moment(
    stocked: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two uploads end while it reads: of a key that it has read, and of the next one."""
    owner = client(stocked)
    for key in ("a", "b"):
        owner.put("store", key, b"older")
    walk, reads, goes_on = MemoryStorage.walk, threading.Event(), threading.Event()

    async def slowly(storage: MemoryStorage) -> AsyncIterator[Any]:
        async for found in walk(storage):
            yield found
            if found[0].key == "a":
                reads.set()
                await asyncio.to_thread(goes_on.wait, 20)

    monkeypatch.setattr(MemoryStorage, "walk", slowly)
    with Upload(owner, "store", "a", size=5) as a, Upload(owner, "store", "b", size=5) as b:
        uploads = (a, b)
        for upload in uploads:
            upload.send(b"ne")
        wait_until(lambda: len(stocked.journal.calls(running=True)) == 2)
        with ThreadPoolExecutor() as pool:
            exported = pool.submit(stocked.export_state)
            assert reads.wait(20)
            for upload in uploads:
                upload.send(b"wer")
            wait_until(lambda: [each.request_size for each in newest(stocked)] == [5, 5])
            goes_on.set()
            state = exported.result(20)
        assert [upload.finish() for upload in uploads] == [204, 204]
    bodies = [each["text"] for each in state["objects"] if each["key"] in ("a", "b")]
    assert bodies == [["older"], ["older"]]


def newest(emulator: Emulator) -> list[Call]:
    """The last two calls."""
    return emulator.journal.calls(operation="PutObject")[-2:]


def test_a_request_that_waits_for_a_fault_does_not_hold_a_restore_up(stocked: Emulator) -> None:
    stocked.checkpoint("before")
    stocked.faults.add({"type": "latency", "seconds": 3600}, id="for ever")
    outcome: list[Any] = []

    def wait() -> None:
        try:
            outcome.append(client(stocked).get("store", "key"))
        except OSError as error:
            outcome.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(lambda: stocked.journal.calls(running=True, fault="for ever"))
    stocked.restore("before")
    waiting.join(timeout=20)
    assert not waiting.is_alive()
    assert isinstance(outcome[0], OSError)
    assert client(stocked).get("store", "key").status == 200


@pytest.mark.parametrize("way", ["restore", "import"])
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_requests_meet_one_state_or_the_other_and_never_half_of_one(
    start: Start, cache: str, way: str
) -> None:
    emulator = start(cache=cache)
    documents = {}
    owner = client(emulator)
    states = {"one": b"1" * 100_000, "two": b"2" * 9_000_000}
    for name, body in states.items():
        emulator.reset()
        create_store(owner, "store")
        create_store(owner, f"store-{name}")
        owner.put("store", "key", body, metadata={"state": name})
        emulator.checkpoint(name)
        documents[name] = emulator.export_state()
    wrong: list[object] = []
    over, reads = threading.Event(), threading.Semaphore(0)

    def read() -> None:
        while not over.is_set():
            answer = owner.get("store", "key")
            name = answer.headers["state"]
            if answer.status != 200 or answer.body != states.get(str(name)):
                wrong.append((answer.status, name, len(answer.body)))
            listed = owner.store_names()
            if listed not in (["store", "store-one"], ["store", "store-two"]):
                wrong.append(listed)
            reads.release()

    def write() -> None:
        while not over.is_set():
            answer = owner.put("store", "other", b"x")
            if answer.status != 204:
                wrong.append(answer)

    users = [threading.Thread(target=work) for work in (read, read, write)]
    for user in users:
        user.start()
    for number in range(40):
        name = ("one", "two")[number % 2]
        if way == "restore":
            emulator.restore(name)
        else:
            emulator.import_state(documents[name])
        assert reads.acquire(timeout=20)
    over.set()
    for user in users:
        user.join()
    assert wrong == []
    assert emulator.journal.calls(status="5xx") == []
