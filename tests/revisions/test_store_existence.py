"""The Valkey cluster and the log group of a store must exist, unless the emulator takes any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.clusters.documents import create_cluster
from tests.contract.expect import STORE_NOT_FOUND, expect_error
from tests.contract.stores import Store, configuration, unique_name
from tests.support.emulators import Start, raw_client

from .expect import expect_description
from .stores import LOG_GROUP, LOGGING, extended

CLUSTER = "cache_config.valkey_cluster.cluster_name"
LOG_GROUP_NAME = "access_logging_config.cloudwatch.log_group_name"


def new_store(start: Start, **options: object) -> Store:
    """A store that does not exist yet, of an emulator with these options."""
    return Store(raw_client(start(**options)), unique_name())


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
def test_a_cluster_that_does_not_exist_is_400_and_those_that_do_are_named(start: Start) -> None:
    store = new_store(start, strict_clusters=True, clusters=("one", "two"))
    answer = store.configure(configuration(cluster="three"))
    expect_error(answer, 400, mentions=[CLUSTER, "three", "one", "two"])
    expect_error(store.describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
@pytest.mark.parametrize("cluster", ["one", "two"])
def test_a_cluster_that_exists_is_taken(start: Start, cluster: str) -> None:
    store = new_store(start, strict_clusters=True, clusters="one, two")
    config = configuration(cluster=cluster)
    expect_description(store.configure(config), 201, store.name, config)
    expect_description(store.configure(config), 200, store.name, config)


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
def test_clusters_with_a_valkey_of_their_own_exist_too(start: Start) -> None:
    """Nobody listens there: that the cluster is configured is what counts."""
    store = new_store(
        start, strict_clusters=True, cache_clusters="elsewhere=valkey://127.0.0.1:1", clusters="one"
    )
    for cluster in ("elsewhere", "one"):
        config = configuration(cluster=cluster)
        assert Store(store.client, unique_name()).configure(config).status == 201
    answer = store.configure(configuration(cluster="two"))
    expect_error(answer, 400, mentions=["elsewhere", "one"])


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
def test_a_cluster_of_no_example_does_not_exist(start: Start) -> None:
    store = new_store(start, strict_clusters=True)
    expect_error(store.configure(configuration(cluster="another")), 400)


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
def test_with_no_strict_clusters_any_cluster_is_taken(start: Start) -> None:
    store = new_store(start, clusters="one")
    assert store.configure(configuration(cluster="another")).status == 201


@pytest.mark.proves("Store configuration: the Valkey cluster and the log group must exist, D106")
def test_by_default_only_the_names_of_the_examples_exist(emulator: Emulator) -> None:
    store = Store(raw_client(emulator), unique_name())
    expect_error(
        store.configure(configuration(cluster="another")),
        400,
        mentions=[
            "there are my-valkey-cluster",
            "POST /ec-cluster",
            "--clusters",
            "--no-strict-clusters",
        ],
    )
    logging = {"cloudwatch": {**LOGGING["cloudwatch"], "log_group_name": "another"}}
    expect_error(
        store.configure(extended(access_logging_config=logging)),
        400,
        mentions=[
            f"there are {LOG_GROUP}",
            "--log-groups",
            "--cloudwatch",
            "--no-strict-log-groups",
        ],
    )
    config = extended(access_logging_config=LOGGING)
    assert config["cache_config"]["valkey_cluster"]["cluster_name"] == "my-valkey-cluster"
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
def test_a_store_may_name_a_cluster_of_the_account_while_it_is_active(start: Start) -> None:
    emulator = start(strict_clusters=True, cluster_delay=60)
    emulator.clock.freeze()
    client = raw_client(emulator)
    store, config = Store(client, unique_name()), configuration(cluster="media")
    create_cluster(client, "media")
    expect_error(store.configure(config), 400, mentions=["there are my-valkey-cluster."])
    emulator.clock.advance(60)
    expect_description(store.configure(config), 201, store.name, config)
    assert client.request("DELETE", "/ec-cluster/media").status == 202
    expect_error(store.configure(config), 400)


@pytest.mark.proves("Store configuration: the log group must exist, D106")
def test_a_log_group_that_does_not_exist_is_400_and_named(start: Start) -> None:
    store = new_store(start, strict_log_groups=True, log_groups="another")
    answer = store.configure(extended(access_logging_config=LOGGING))
    expect_error(answer, 400, mentions=[LOG_GROUP_NAME, LOG_GROUP, "there are another"])
    expect_error(store.describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Store configuration: the log group must exist, D106")
def test_a_log_group_that_exists_is_taken_and_no_log_group_needs_none(start: Start) -> None:
    store = new_store(start, strict_log_groups=True, log_groups=("another", LOG_GROUP))
    without = configuration()
    config = extended(without, access_logging_config=LOGGING)
    expect_description(store.configure(config), 201, store.name, config)
    expect_description(store.configure(without), 200, store.name, without)
    assert Store(store.client, unique_name()).configure(configuration()).status == 201


@pytest.mark.proves("Store configuration: the log group must exist, D106")
def test_an_update_is_held_to_existing_log_groups_too(start: Start) -> None:
    store = new_store(start, strict_log_groups=True, log_groups="another")
    config = configuration()
    assert store.configure(config).status == 201
    expect_error(store.configure(extended(config, access_logging_config=LOGGING)), 400)
    expect_description(store.describe(), 200, store.name, config)


@pytest.mark.proves("Store configuration: the log group must exist, D106")
def test_with_no_strict_log_groups_any_log_group_is_taken(start: Start) -> None:
    store = new_store(start, log_groups="another")
    assert store.configure(extended(access_logging_config=LOGGING)).status == 201


@pytest.mark.proves("Store configuration: the Valkey cluster must exist, D106")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"strict_clusters": True, "clusters": "one"}, CLUSTER),
        ({"strict_log_groups": True, "log_groups": "one"}, LOG_GROUP_NAME),
    ],
)
def test_a_seed_is_held_to_existing_clusters_and_log_groups_too(
    start: Start, tmp_path: Path, options: dict[str, object], said: str
) -> None:
    seed = tmp_path / "seed.yaml"
    store = {"name": "seeded", **extended(access_logging_config=LOGGING)}
    seed.write_text(json.dumps({"stores": [store]}))
    with pytest.raises(ConfigurationError, match=said):
        start(seed=seed, **options)
