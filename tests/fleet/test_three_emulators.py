"""Three emulators over one Valkey and one S3, killed again and again under a mixed load."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from tests.engines.s3 import REGION, Moto
from tests.engines.valkey import StartValkey, ValkeyServer
from tests.support.client import Client
from tests.support.launch import Launcher
from tests.support.ports import HOST
from tests.support.waiting import wait_until

from .fleet import Fleet
from .load import LARGE, SETTLE_SECONDS, Worker, found_in
from .objects import Found, Object

pytestmark = pytest.mark.slow(seconds=40)

KILLS = int(os.environ.get("FLEET_KILLS", "20"))
CALLS_BETWEEN_KILLS = 40
"""At most. So many of the workers' calls are answered before the next emulator is killed."""

HANG_SECONDS = 60
WORKERS = 4
OBJECTS_EACH = 5
CONTENDED = 3
COLLISIONS = 60
STORES = ("one", "two")
MARKER_SECONDS = 60
"""How long the marker of a process that was killed may stay (D69)."""
BUCKET_OF = "bucket-of-{}".format


@pytest.fixture
def lasting_valkey(start_valkey: StartValkey) -> ValkeyServer:
    """A Valkey that has on disk what it has acknowledged, as an account needs it."""
    return start_valkey("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def fleet(from_scratch: Launcher, lasting_valkey: ValkeyServer, moto: Moto) -> Fleet:
    moto.empty()
    options = [
        *("--storage", "s3", "--s3-endpoint-url", moto.url, "--create-buckets"),
        *("--cache", lasting_valkey.url, "--account", lasting_valkey.url),
    ]
    return Fleet(from_scratch, options, moto.environment, size=3)


def test_nothing_that_was_acknowledged_is_lost(
    fleet: Fleet, moto: Moto, lasting_valkey: ValkeyServer
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # pytest shows it when the test fails.
    chance = random.Random(seed)
    for store in STORES:
        assert fleet.client(chance).create_store(store).status == 201
    stop = threading.Event()
    contended = [
        Object(chance.choice(STORES), f"all/object {index}", is_contended=True)
        for index in range(CONTENDED)
    ]
    workers = [new_worker(fleet, chance, number, contended, stop) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    while fleet.kills < KILLS and not any(worker.failures for worker in workers):
        let_work(workers, calls=chance.randint(1, CALLS_BETWEEN_KILLS))
        fleet.kill_one(chance)
        expect_one_service(fleet, chance, fleet.kills)
    stop.set()
    for worker in workers:
        worker.join(HANG_SECONDS)
        assert not worker.is_alive()
        assert worker.failures == []

    assert fleet.kills == KILLS
    assert all(worker.puts and worker.gets for worker in workers)
    time.sleep(SETTLE_SECONDS)
    collided = [Object(chance.choice(STORES), f"collision {n}", True) for n in range(COLLISIONS)]
    for one in collided:
        collide(fleet, one)
    objects = [*contended, *collided, *(one for worker in workers for one in worker.objects)]
    expect_one_truth(fleet, objects, in_s3(moto, objects))
    expect_in_cache(lasting_valkey, objects, in_s3(moto, objects))
    for log in fleet.stop():
        assert "Traceback" not in log, log


def new_worker(
    fleet: Fleet, chance: random.Random, number: int, contended: list[Object], stop: threading.Event
) -> Worker:
    own = [
        Object(chance.choice(STORES), f"worker {number}/object {index}/ä?%#")
        for index in range(OBJECTS_EACH)
    ]
    return Worker(lambda: fleet.client(chance), own, contended, stop, chance.randrange(2**32))


def let_work(workers: list[Worker], *, calls: int) -> None:
    """Wait until so many more calls were answered."""
    enough = calls + sum(worker.answered for worker in workers)
    wait_until(
        lambda: (
            sum(worker.answered for worker in workers) >= enough
            or any(worker.failures for worker in workers)
        ),
        f"{calls} calls are answered",
        seconds=HANG_SECONDS,
    )


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


def collide(fleet: Fleet, one: Object) -> None:
    """Write the object at each emulator at once, twice, and read it there meanwhile."""

    def write(client: Client) -> None:
        number, sent = one.begin(1000)
        assert client.put(one.store, one.key, sent.body, metadata=sent.metadata).status == 204
        one.acknowledge(number)

    def read(client: Client) -> None:
        began = time.monotonic()
        assert one.fault_of(found_in(client.get(one.store, one.key)), began) is None

    calls = [(call, client) for client in fleet.clients() for call in (write, read, write)]
    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(call, client) for call, client in calls]:
            done.result()


def in_s3(moto: Moto, objects: list[Object]) -> list[Found | None]:
    """Each object as it is in its bucket, read without any code of the emulator."""
    import boto3  # The quick suite does without it.

    s3 = boto3.client(
        "s3",
        endpoint_url=moto.url,
        region_name=REGION,
        aws_access_key_id=moto.access_key_id,
        aws_secret_access_key=moto.secret_access_key,
    )

    def read(one: Object) -> Found | None:
        try:
            found = s3.get_object(Bucket=BUCKET_OF(one.store), Key=one.key)
        except s3.exceptions.NoSuchKey:
            return None
        metadata = {name: found["Metadata"][name] for name in ("number", "digest")}
        return Found(metadata, found["Body"].read())

    return [read(one) for one in objects]


def expect_one_truth(fleet: Fleet, objects: list[Object], stored: list[Found | None]) -> None:
    """S3 has what it may have, and every emulator serves just that: now that it may have to be
    read there, and again from the cache."""
    for one, truth in zip(objects, stored, strict=True):
        assert one.fault_of(truth) is None
        for client in fleet.clients() * 2:
            served = found_in(client.get(one.store, one.key))
            assert served == truth, (one.key, served and served.number, truth and truth.number)


def expect_in_cache(
    server: ValkeyServer, objects: list[Object], stored: list[Found | None]
) -> None:
    """There is a copy of all that is cached, or else the marker of a killed process, which goes by
    itself."""
    copies = 0
    with Redis(HOST, server.port) as redis:
        names = {name.decode().partition("{")[2]: name for name in redis.scan_iter("momento:*")}
        for one, truth in zip(objects, stored, strict=True):
            if truth is None or len(truth.body) == LARGE:
                continue
            (name,) = [names[tag] for tag in names if tag.endswith(f":{one.key}}}")]
            entry = redis.get(name)
            if entry.startswith(b'{"writing": '):
                assert 0 < redis.pttl(name) <= MARKER_SECONDS * 1000
            else:
                assert entry.partition(b"\n")[2] == truth.body
                copies += 1
    assert copies > 0
