"""The whole life of both resources of the Terraform provider, over TLS and CONNECT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.revisions import FIRST, REVISIONS
from tests.clusters.documents import placement
from tests.support.emulators import as_new
from tests.tls.client import trusting, tunnel

from .terraform import ProviderError, Terraform

pytestmark = pytest.mark.slow

LAST = max(REVISIONS)
CACHE = "cache.emulator.test"
ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
DELAY = 90
"""Seconds for a change of a cluster: the provider's second look finds it done."""

LIMITS = {"read_operations_per_second": 100, "write_bytes_per_second": 1_000_000}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("authority") / "ca"
    with Emulator(
        cache="memory",
        api_revision=LAST,
        proxy=True,
        ca_dir=directory,
        cluster_delay=DELAY,
        routers=3,
        log_groups=("/momento/media",),
        stop_timeout=1,
    ) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    emulator = as_new(running)
    emulator.clock.freeze()
    return emulator


@pytest.fixture
def connect_cache(emulator: Emulator) -> Callable[[], Any]:
    """Connects a cache client and waits until it is ready: the server's settings have come."""
    h2 = pytest.importorskip("h2.connection", reason="h2 is not installed: run `make test-all`")
    events = pytest.importorskip("h2.events")

    def connect() -> Any:
        plain = tunnel(emulator, CACHE)
        tls = trusting(emulator, ["h2"]).wrap_socket(plain, server_hostname=CACHE)
        if tls.selected_alpn_protocol() != "h2":
            tls.close()
            pytest.skip(f"the emulator offers no HTTP/2 at {CACHE}")
        connection = h2.H2Connection()
        connection.initiate_connection()
        tls.sendall(connection.data_to_send())
        is_ready = False
        while not is_ready:
            received = connection.receive_data(tls.recv(65536))
            is_ready = any(isinstance(each, events.RemoteSettingsChanged) for each in received)
        tls.sendall(connection.data_to_send())
        return closing(tls)

    return connect


@pytest.fixture
def terraform(emulator: Emulator, connect_cache: Callable[[], Any]) -> Terraform:
    return Terraform(emulator, connect_cache)


def store(**s3: str) -> dict[str, Any]:
    """The body of the provider's PUT, without limits."""
    return {
        "name": "media",
        "storage_config": {
            "s3": {"bucket_name": "media", "prefix": "", "iam_role_arn": ROLE, **s3}
        },
        "cache_config": {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}},
        "access_logging_config": {
            "cloudwatch": {
                "log_group_name": "/momento/media",
                "iam_role_arn": ROLE,
                "region": "us-east-1",
            }
        },
        "metrics_config": {"cloudwatch": {"iam_role_arn": ROLE, "region": "us-east-1"}},
    }


def cluster(**members: Any) -> dict[str, Any]:
    """The body of the provider's POST."""
    return {
        "name": "live",
        "node_instance_type": "cache.m6g.large",
        "shard_count": 1,
        "replication_factor": 1,
        "enforce_shard_multi_az": True,
        **members,
    }


def as_read(plan: dict[str, Any], **limits: int) -> dict[str, Any]:
    """What is read of a store that is as planned."""
    found = {**plan, "object_store_limits": {**DEFAULTS, **limits}}
    s3 = dict(plan["storage_config"]["s3"])
    if not s3["prefix"]:
        del s3["prefix"]
    return {**found, "storage_config": {"s3": s3}}


DEFAULTS = {
    "read_operations_per_second": 100,
    "write_operations_per_second": 100,
    "read_bytes_per_second": 1048576,
    "write_bytes_per_second": 1048576,
}
PUT_201 = ["GET /endpoints 200", "PUT /objectstore/media 201"]
PUT_200 = ["GET /endpoints 200", "PUT /objectstore/media 200"]
READ = "GET /objectstore/media 200"


def test_a_store_is_created_changed_repaired_replaced_imported_and_destroyed(
    emulator: Emulator, terraform: Terraform
) -> None:
    with terraform.command() as apply:
        apply.put_store(store())
    assert terraform.seen() == PUT_201

    with terraform.command() as plan:
        assert plan.read_store("media") == as_read(store())  # Nothing is to be changed.

    with terraform.command() as apply:
        apply.read_store("media")
        apply.put_store(store(), LIMITS)
        divided = {"read_operations_per_second": 34, "write_bytes_per_second": 333_334}
        assert apply.read_store("media") == as_read(store(), **divided)
    assert terraform.seen() == [READ, READ, *PUT_200, READ]

    others = store(iam_role_arn=f"{ROLE}2")
    with Terraform(emulator, terraform.connect).command() as elsewhere:
        elsewhere.put_store(others)
    with terraform.command() as apply:
        assert apply.read_store("media") == as_read(others)  # Drift.
        apply.put_store(store(), LIMITS)
        assert apply.read_store("media") == as_read(store(), **divided)
    assert terraform.seen() == [READ, *PUT_200, READ]

    replacement = store(prefix="v2")
    with terraform.command() as apply:
        apply.read_store("media")
        apply.delete_store("media")
        apply.put_store(replacement)
    assert terraform.seen() == [READ, "DELETE /objectstore/media 204", *PUT_201]

    with terraform.command() as imported:  # By its name, then it is read.
        assert imported.read_store("media") == as_read(replacement)
    with terraform.command() as destroy:
        destroy.read_store("media")
        destroy.delete_store("media")
    with terraform.command() as plan:
        assert plan.read_store("media") is None
    assert terraform.seen()[-1] == "GET /objectstore/media 404"


def test_what_cannot_be_changed_in_place_is_refused_with_its_name(terraform: Terraform) -> None:
    with terraform.command() as apply:
        apply.put_store(store())
        with pytest.raises(ProviderError, match=r"^400: .*storage_config\.s3\.bucket_name"):
            apply.put_store(store(bucket_name="another"))


DESCRIBED = "GET /ec-cluster/live 200"
CHANGED = [DESCRIBED, DESCRIBED]
"""Once while it changes, once when it is active."""


def test_a_cluster_is_created_resized_and_destroyed(terraform: Terraform) -> None:
    placed = [placement(0, "use1-az1", "use1-az2"), placement(1, "use1-az2", "use1-az4")]
    plan = cluster(shard_placements=placed[:1])
    with terraform.command() as apply:
        apply.create_cluster(plan)
        assert apply.read_cluster("live") == {**plan, "status": "Active"}
    assert terraform.seen() == ["POST /ec-cluster 202", *CHANGED, DESCRIBED]

    with terraform.command() as apply:
        body = {"shard_count": 2, "shard_placements": placed}  # Of all shards.
        found = apply.update_cluster("live", shard_configuration=body)
    assert found == {**plan, **body, "status": "Active"}
    more = [placement(0, "use1-az1", "use1-az2", "use1-az4")]
    more.append(placement(1, "use1-az2", "use1-az4", "use1-az1"))
    with terraform.command() as apply:
        found = apply.update_cluster(
            "live",
            increase_replica_count={"replication_factor": 2, "shard_placements": more},
            replication_group={"node_instance_type": "cache.r7g.large"},
        )
    grown = cluster(
        node_instance_type="cache.r7g.large",
        shard_count=2,
        replication_factor=2,
        shard_placements=more,
        status="Active",
    )
    assert found == grown
    terraform.seen()

    with terraform.command() as apply:
        found = apply.update_cluster(
            "live",
            decrease_replica_count={"replication_factor": 1, "shard_placements": placed},
            shard_configuration={"shard_count": 1, "shards_to_remove": [1]},
        )
    shrunk = {**plan, "node_instance_type": "cache.r7g.large", "status": "Active"}
    assert found == shrunk
    assert terraform.seen() == [
        DESCRIBED,
        *("POST /ec-cluster/live/decrease-replica-count 202", *CHANGED),
        *("POST /ec-cluster/live/shard-configuration 202", *CHANGED),
        DESCRIBED,
    ]

    with terraform.command() as destroy:
        destroy.delete_cluster("live")
        destroy.delete_cluster("live")  # It is gone already, as was wanted.
    gone = "GET /ec-cluster/live 404"
    deletions = ["DELETE /ec-cluster/live 202", DESCRIBED, gone, "DELETE /ec-cluster/live 404"]
    assert terraform.seen() == deletions


def test_a_plan_without_one_of_the_first_shards_has_nothing_left_to_change(
    terraform: Terraform,
) -> None:
    placed = [placement(index, "use1-az1", "use1-az2") for index in range(3)]
    plan = cluster(shard_count=3, shard_placements=placed)
    fewer = {**plan, "shard_count": 2, "shard_placements": [placed[0], placed[2]]}
    with terraform.command() as apply:
        apply.create_cluster(plan)
        body = {"shard_count": 2, "shards_to_remove": [1]}  # The number that the plan has not.
        found = apply.update_cluster("live", shard_configuration=body)
        assert found == {**fewer, "status": "Active"}
        assert apply.read_cluster("live") == found


def test_a_cluster_without_placements_grows_too(terraform: Terraform) -> None:
    with terraform.command() as apply:
        apply.create_cluster(cluster())
        body = {"shard_count": 2, "shard_placements": []}  # As the provider sends it without any.
        found = apply.update_cluster("live", shard_configuration=body)
    assert found is not None
    assert [len(each["replica_availability_zones"]) for each in found["shard_placements"]] == [1, 1]


def test_a_cluster_whose_creation_fails_is_deleted(
    emulator: Emulator, terraform: Terraform
) -> None:
    emulator.faults.add("creation_failed", times=1)
    with (
        terraform.command() as apply,
        pytest.raises(ProviderError, match="failed to create and has been deleted"),
    ):
        apply.create_cluster(cluster())

    assert terraform.seen()[:3] == ["POST /ec-cluster 202", *CHANGED]
    assert "live" not in [each["name"] for each in emulator.clusters.all()]


def test_a_store_and_its_cluster_live_and_end_together(terraform: Terraform) -> None:
    plan = store()
    plan["cache_config"]["valkey_cluster"]["cluster_name"] = "live"
    with terraform.command() as apply:
        with pytest.raises(ProviderError, match=r"^400: .*--no-strict-clusters"):
            apply.put_store(plan)
        apply.create_cluster(cluster())
        apply.put_store(plan)
    with terraform.command() as destroy:
        destroy.delete_store("media")
        destroy.delete_cluster("live")
        assert destroy.read_store("media") is None


def test_the_first_revision_has_no_routers_for_the_provider(tmp_path: Path) -> None:
    with (
        Emulator(cache="memory", api_revision=FIRST.date, proxy=True, ca_dir=tmp_path) as first,
        Terraform(first, lambda: closing(tunnel(first, CACHE))).command() as apply,
        pytest.raises(ProviderError, match=r"^404"),
    ):
        apply.put_store(store())
