"""Three emulators over one Valkey and one S3, killed again and again under a mixed load."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.engines import valkey
from tests.engines.s3 import REGION, Moto
from tests.process.client import Client
from tests.process.launch import Launcher, launcher

from .fleet import Fleet
from .load import Object, Worker

SECONDS = float(os.environ.get("FLEET_SECONDS", "60"))
WORKERS = 4
OBJECTS_EACH = 5
BUCKET_OF = "bucket-of-{}".format


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    with launcher(tmp_path_factory.mktemp("fleet")) as launching:
        yield launching


@pytest.fixture
def lasting_valkey(tmp_path: Path) -> Iterator[valkey.ValkeyServer]:
    """A Valkey that has on disk what it has acknowledged, as an account needs it."""
    if valkey.find_server() is None:
        pytest.skip(valkey.HINT)
    server = valkey.ValkeyServer(
        tmp_path / "valkey", "--appendonly", "yes", "--appendfsync", "always"
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fleet(emulators: Launcher, lasting_valkey: valkey.ValkeyServer, moto: Moto) -> Fleet:
    options = [
        *("--storage", "s3", "--s3-endpoint-url", moto.url, "--create-buckets"),
        *("--cache", lasting_valkey.url, "--account", lasting_valkey.url),
    ]
    return Fleet(emulators, options, moto.environment, size=3)


def test_nothing_that_was_acknowledged_is_lost(fleet: Fleet, moto: Moto) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # pytest shows it when the test fails.
    chance = random.Random(seed)
    stores = ["one", "two"]
    for store in stores:
        assert fleet.client(chance).create_store(store).status == 201
    until = time.monotonic() + SECONDS
    workers = [
        Worker(
            lambda: fleet.client(chance),
            [
                Object(chance.choice(stores), f"worker {number}/object {index}/ä?%#")
                for index in range(OBJECTS_EACH)
            ],
            until,
            chance.randrange(2**32),
        )
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    while time.monotonic() < until and threading.active_count() > 1:
        time.sleep(chance.uniform(0, 1.5))
        fleet.kill_one(chance)
        expect_one_service(fleet, chance, fleet.kills)
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
        assert worker.failures == []

    assert fleet.kills >= SECONDS / 6
    assert sum(worker.puts for worker in workers) >= SECONDS
    assert sum(worker.gets for worker in workers) >= SECONDS
    objects = [one for worker in workers for one in worker._objects]
    time.sleep(1.5)
    expect_in_s3(moto, objects)
    for client in fleet.clients():
        expect_served(client, objects)
    for log in fleet.stop():
        assert "Traceback" not in log, log


def expect_one_service(fleet: Fleet, chance: random.Random, number: int) -> None:
    """What one emulator has acknowledged of the account, every other one knows."""
    store = f"new-{number}"
    assert fleet.client(chance).create_store(store).status == 201
    for client in fleet.clients():
        assert client.put(store, "key", client.endpoint.encode()).status == 204
        for other in fleet.clients():
            assert other.get(store, "key").body == client.endpoint.encode()
    assert fleet.client(chance).call("DELETE", f"/objectstore/{store}").status == 200
    for client in fleet.clients():
        assert client.get(store, "key").status == 404


def expect_in_s3(moto: Moto, objects: list[Object]) -> None:
    """Read the buckets without any code of the emulator."""
    s3 = boto3.client(
        "s3",
        endpoint_url=moto.url,
        region_name=REGION,
        aws_access_key_id=moto.access_key_id,
        aws_secret_access_key=moto.secret_access_key,
    )
    for one in objects:
        if not one.acknowledged:
            continue
        found = s3.get_object(Bucket=BUCKET_OF(one.store), Key=one.key)
        number = int(found["Metadata"]["number"])
        assert one.may_be(number), (one.key, number, one.acknowledged, one.sent)
        assert found["Body"].read() == one.body(number)


def expect_served(client: Client, objects: list[Object]) -> None:
    for one in objects:
        answer = client.get(one.store, one.key)
        if answer.status == 404:
            assert not one.acknowledged
            continue
        number = int(answer.headers["number"])
        assert one.may_be(number), (one.key, number, one.acknowledged, one.sent)
        assert answer.body == one.body(number)
