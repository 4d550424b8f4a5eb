"""What a data directory keeps from one process to the next, and whom it lets in."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

from tests.support.client import Client
from tests.support.keys import inner_key, v1_key, v2_key
from tests.support.launch import Launcher

VARIABLES = {
    "owner": "MOMENTO_EMULATOR_OWNER_KEY",
    "operator": "MOMENTO_EMULATOR_OPERATOR_KEY",
    "viewer": "MOMENTO_EMULATOR_VIEWER_KEY",
}


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def files_that_hold(directory: Path, text: str) -> list[Path]:
    return [path for path in files_below(directory) if text.encode() in path.read_bytes()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_account_keys_stores_and_objects_outlive_the_process(
    from_scratch: Launcher, data: Path
) -> None:
    first = from_scratch.start("--data-dir", data)
    banner = first.wait_for_banner()
    assert re.search(r"^ *storage +filesystem", banner, re.MULTILINE)
    assert str(data) in banner
    health = first.anonymous().call("GET", "/_emulator/health").json()
    assert health["storage"] == {"engine": "filesystem", "status": "ok"}
    first.client().create_store("store")
    first.client().put("store", "a/b ü", b"body", ttl_seconds=86400, metadata={"title": "T"})
    first.stop()

    second = from_scratch.start("--data-dir", data)

    assert second.facts["account_id"] == first.facts["account_id"]
    assert second.keys == first.keys
    assert second.client().store_names() == ["store"]
    answer = second.client("viewer").get("store", "a/b ü")
    assert (answer.status, answer.body, answer.headers["title"]) == (200, b"body", "T")


def test_the_keys_are_in_one_file_that_only_its_owner_can_read(
    emulators: Launcher, data: Path
) -> None:
    running = emulators.spawn("--data-dir", data, umask=0)
    running.wait_until_ready()
    owner = running.client()
    owner.create_store("store")
    owner.put("store", "key", b"body", metadata={"note": "n"})
    owner.get("store", "key")
    running.stop()

    keys_file = data / "api-keys.json"
    assert json.loads(keys_file.read_text()) == running.keys
    for key in running.keys.values():
        assert files_that_hold(data, key) == [keys_file]
        assert files_that_hold(data, key.rpartition(".")[2]) == [keys_file]
    assert mode(keys_file) == 0o600
    assert mode(data / "account.json") == 0o600


def test_a_seeds_keys_are_kept_as_digests_alone(
    emulators: Launcher, data: Path, tmp_path: Path
) -> None:
    v2, v1 = v2_key("of-the-seed"), v1_key("of-the-seed")
    seed = tmp_path / "seed.yaml"
    seed.write_text(json.dumps({"api_keys": [{"role": "viewer", "api_key": k} for k in (v2, v1)]}))
    first = emulators.start("--data-dir", data, "--seed", seed)
    first.stop()

    again = emulators.start("--data-dir", data)

    for key in (v2, v1, inner_key(v1)):
        assert Client(again.endpoint, key).list_stores().status == 200
        assert files_that_hold(data, key) == []


def test_without_the_keys_file_the_keys_still_work_and_the_banner_says_what_to_do(
    emulators: Launcher, data: Path
) -> None:
    first = emulators.start("--data-dir", data)
    first.stop()
    (data / "api-keys.json").unlink()

    second = emulators.start("--data-dir", data)

    banner = second.wait_for_banner()
    assert "MOMENTO_EMULATOR_OWNER_KEY" in banner
    assert "export MOMENTO_API_KEY" not in banner
    assert dict(second.keys) == dict.fromkeys(VARIABLES)
    assert Client(second.endpoint, first.keys["owner"]).list_stores().status == 200


def test_keys_from_the_environment_are_the_keys_of_their_roles(
    emulators: Launcher, data: Path
) -> None:
    fixed = {"owner": v2_key("o"), "operator": v1_key("p"), "viewer": v2_key("v")}
    env = {VARIABLES[role]: key for role, key in fixed.items()}

    running = emulators.start("--data-dir", data, env=env)

    assert running.keys == fixed
    assert f"export MOMENTO_API_KEY={fixed['owner']}\n" in running.wait_for_banner()
    statuses = [running.client(role).create_store(f"by-{role}").status for role in fixed]
    assert statuses == [201, 201, 403]
    assert [path for key in fixed.values() for path in files_that_hold(data, key)] == []


def test_a_fixed_key_joins_the_keys_of_an_account_that_has_some(
    emulators: Launcher, data: Path
) -> None:
    first = emulators.start("--data-dir", data)
    first.stop()
    fixed = v2_key("fixed")

    second = emulators.start("--data-dir", data, env={VARIABLES["owner"]: fixed})

    assert second.keys == {**first.keys, "owner": fixed}
    for key in (fixed, first.keys["owner"]):
        assert Client(second.endpoint, key).list_stores().status == 200
    assert files_that_hold(data, fixed) == []


def test_a_directory_in_use_is_refused_by_the_name_of_its_process(
    emulators: Launcher, data: Path
) -> None:
    first = emulators.start("--data-dir", data)

    refusal = emulators.refuse("--port", "0", "--data-dir", data)

    refusal.says("--data-dir", str(data), "in use", str(first.process.pid), "choose another")
    assert first.client().create_store("store").status == 201
