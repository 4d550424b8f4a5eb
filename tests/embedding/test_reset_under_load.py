"""A reset while the service is being used."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import create_store
from tests.support.connections import Download
from tests.support.emulators import client

STORE = json.dumps(
    {
        "storage_config": {
            "s3": {"bucket_name": "b", "iam_role_arn": "arn:aws:iam::123456789012:role/r"}
        },
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
    }
)


def call(emulator: Emulator, method: str, path: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    headers = {"Authorization": emulator.api_key(), "Content-Type": "application/json"}
    connection.request(method, f"/objectstore{path}", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def is_cut_off(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.send(b"llo")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return True
    finally:
        connection.close()
    return False


@pytest.mark.parametrize("storage", ["memory", "filesystem"])
def test_requests_wait_for_a_reset_and_never_meet_half_of_one(tmp_path: Path, storage: str) -> None:
    with Emulator(storage=storage, data_dir=tmp_path / "data", fsync=False) as emulator:
        seen: set[int] = set()
        over = threading.Event()

        def use(number: int) -> None:
            while not over.is_set():
                seen.add(call(emulator, "PUT", "/store", STORE))
                seen.add(call(emulator, "PUT", f"/store/{number}", "body"))

        users = [threading.Thread(target=use, args=[number]) for number in range(4)]
        for user in users:
            user.start()
        for _ in range(20):
            emulator.reset()
        over.set()
        for user in users:
            user.join()
        emulator.reset()

        assert seen <= {200, 201, 204, 404}
        assert call(emulator, "GET", "/store") == 404


def test_an_upload_that_began_before_a_reset_is_not_there_after_it() -> None:
    with Emulator(cache="memory") as emulator:
        call(emulator, "PUT", "/store", STORE)
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
        connection.putrequest("PUT", "/objectstore/store/ghost")
        connection.putheader("Authorization", emulator.api_key())
        connection.putheader("Content-Length", "5")
        connection.endheaders(b"he")
        assert call(emulator, "GET", "/store") == 200

        emulator.reset()

        assert is_cut_off(connection)
        call(emulator, "PUT", "/store", STORE)
        assert call(emulator, "GET", "/store/ghost") == 404


def test_an_observer_is_gone_after_a_reset() -> None:
    with Emulator(cache="memory") as emulator:
        seen: list[str] = []
        emulator.add_observer(lambda operation: seen.append(operation.name))
        call(emulator, "GET", "/store/key")
        emulator.reset()
        call(emulator, "GET", "/store/key")
        assert seen == ["GetObject"]


def test_relative_names_mean_the_same_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed.yaml").write_text("")
    with Emulator(data_dir="data", seed="seed.yaml", fsync=False) as emulator:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert call(emulator, "PUT", "/store", STORE) == 201
        assert call(emulator, "PUT", "/store/key", "body") == 204
        emulator.reset()


def test_a_directory_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    from emulator.config import ConfigurationError

    (tmp_path / "tmp").mkdir()
    notes = tmp_path / "tmp" / "notes.txt"
    notes.write_text("precious")
    with pytest.raises(ConfigurationError, match="tmp"):
        Emulator(data_dir=tmp_path).start()
    assert notes.read_text() == "precious"


def test_a_fixed_key_that_is_replaced_is_refused(tmp_path: Path) -> None:
    with Emulator(cache="memory") as other:
        old, new = other.create_api_key("owner"), other.create_api_key("owner")
    with Emulator(data_dir=tmp_path / "data", owner_key=old) as emulator:
        assert call(emulator, "PUT", "/store", STORE) == 201
    with Emulator(data_dir=tmp_path / "data", owner_key=new) as emulator:
        assert call(emulator, "GET", "/store") == 200
        connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
        connection.request("GET", "/objectstore", headers={"Authorization": old})
        assert connection.getresponse().status == 401
        connection.close()


def test_a_reset_lets_a_download_on_its_way_end(emulator: Emulator) -> None:
    owner = client(emulator)
    create_store(owner, "store")
    body = b"x" * 12_000_000  # More than the sockets hold.
    owner.put("store", "key", body)
    with Download(owner, "store", "key") as download:
        emulator.reset()
        received = 0
        while received < len(body):
            part = download.socket.recv(1 << 20)
            assert part, received
            received += len(part)
