"""The public Terraform provider, as far as the reference says what it sends and expects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.revisions import FIRST, REVISIONS
from tests.support.client import Answer, Client
from tests.support.emulators import ANY_NAMES

pytestmark = pytest.mark.proves("Store configuration")

LAST = max(REVISIONS)
ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
OTHER_ROLE = "arn:aws:iam::123456789012:role/AnotherRole"
CLOUDWATCH = {"iam_role_arn": OTHER_ROLE, "region": "us-east-1"}
LIMITS = {
    "read_operations_per_second": 100,
    "write_operations_per_second": 100,
    "read_bytes_per_second": 1048576,
    "write_bytes_per_second": 1048576,
}
"""The documented defaults."""

Attributes = dict[str, Any]


class ProviderError(Exception):
    """What the provider ends with when the service does not do as it is asked."""


class Provider:
    """Makes the calls of the provider's resource for an object store, and of its data source for
    endpoints."""

    def __init__(self, emulator: Emulator) -> None:
        self._client = Client(emulator.endpoint, emulator.api_key())

    def put(self, planned: Attributes) -> Attributes:
        """Create or update the store: any 2xx is a success, whose body is not looked at."""
        answer = self._client.call(
            "PUT",
            f"/objectstore/{planned['name']}",
            json.dumps(planned).encode(),
            {"Content-Type": "application/json"},
        )
        self._require_success(answer)
        read = self.read(planned["name"])
        assert read is not None
        return read

    def read(self, name: str) -> Attributes | None:
        """What the service says of the store; None where it is gone."""
        answer = self._client.call("GET", f"/objectstore/{name}")
        if answer.status == 404:
            return None
        self._require_success(answer)
        found: Attributes = answer.json()
        found["storage_config"]["s3"].setdefault("prefix", "")
        return found

    def delete(self, name: str) -> None:
        answer = self._client.call("DELETE", f"/objectstore/{name}")
        if answer.status != 404:
            self._require_success(answer)

    def endpoints(self) -> dict[str, list[str]]:
        """The addresses by availability zone."""
        answer = self._client.call("GET", "/endpoints")
        self._require_success(answer)
        return {
            zone: [each["socket_address"] for each in addresses]
            for zone, addresses in answer.json().items()
        }

    def _require_success(self, answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            raise ProviderError(f"{answer.status}: {answer.body.decode()}")


def planned(**more: Any) -> Attributes:
    """The body of the provider's PUT: with the store's name and an empty prefix."""
    s3 = {"bucket_name": "bucket", "prefix": "", "iam_role_arn": ROLE}
    return {
        "name": "media",
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}},
        **more,
    }


def with_s3(**members: str) -> Attributes:
    plan = planned()
    plan["storage_config"]["s3"].update(members)
    return plan


@pytest.fixture(scope="module", params=[FIRST.date, LAST])
def serving(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=request.param, **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture
def service(serving: Emulator) -> Emulator:
    """An emulator of each revision that the provider may meet, without a store."""
    serving.reset()
    return serving


@pytest.fixture(scope="module")
def serving_last() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=LAST, **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture
def last(serving_last: Emulator) -> Emulator:
    """An emulator of the revision for which the provider is made, without a store."""
    serving_last.reset()
    return serving_last


def is_last(emulator: Emulator) -> bool:
    return emulator.config.api_revision == LAST


def as_read(emulator: Emulator, plan: Attributes) -> Attributes:
    """What is read of a store that is as planned: in the last revision, always with its limits."""
    if not is_last(emulator):
        return plan
    return {**plan, "object_store_limits": {**LIMITS, **plan.get("object_store_limits", {})}}


def test_what_was_created_is_read_back_as_planned(service: Emulator) -> None:
    provider = Provider(service)
    assert provider.read("media") is None
    assert provider.put(planned()) == as_read(service, planned())


def test_to_apply_the_same_again_changes_nothing(service: Emulator) -> None:
    provider = Provider(service)
    first = provider.put(planned())
    assert provider.put(planned()) == first
    assert provider.put({**first}) == first  # With everything that was read, limits too.


def test_a_prefix_is_read_back(service: Emulator) -> None:
    plan = with_s3(prefix="media/live")
    assert Provider(service).put(plan) == as_read(service, plan)


@pytest.mark.parametrize(
    "more",
    [
        {"access_logging_config": {"cloudwatch": {"log_group_name": "/aws/media", **CLOUDWATCH}}},
        {"metrics_config": {"cloudwatch": CLOUDWATCH}},
        {"object_store_limits": {"read_operations_per_second": 5}},
        {"object_store_limits": {**LIMITS, "write_bytes_per_second": 2**40}},
        {
            "access_logging_config": {"cloudwatch": {"log_group_name": "g", **CLOUDWATCH}},
            "metrics_config": {"cloudwatch": CLOUDWATCH},
            "object_store_limits": dict.fromkeys(LIMITS, 7),
        },
    ],
)
def test_optional_blocks_are_added_changed_and_taken_out_in_place(
    last: Emulator, more: Attributes
) -> None:
    provider = Provider(last)
    without = provider.put(planned())
    plan = planned(**more)
    assert provider.put(plan) == as_read(last, plan)
    assert provider.put(planned()) == without
    provider.delete("media")
    assert provider.put(plan) == as_read(last, plan)  # All of it at once, too.


def test_the_storage_role_is_changed_in_place(service: Emulator) -> None:
    provider = Provider(service)
    provider.put(planned())
    plan = with_s3(iam_role_arn=OTHER_ROLE)
    assert provider.put(plan) == as_read(service, plan)


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (with_s3(bucket_name="another"), "storage_config.s3.bucket_name"),
        (with_s3(prefix="p"), "storage_config.s3.prefix"),
        (
            planned(cache_config={"valkey_cluster": {"cluster_name": "another"}}),
            "cache_config.valkey_cluster.cluster_name",
        ),
    ],
    ids=["bucket", "prefix", "cluster"],
)
def test_what_cannot_be_changed_needs_a_replacement(
    service: Emulator, plan: Attributes, field: str
) -> None:
    provider = Provider(service)
    before = provider.put(planned())
    if not is_last(service):  # There, an update may change everything.
        assert provider.put(plan) == plan
        return
    with pytest.raises(ProviderError, match=f"^400: .*{field}"):
        provider.put(plan)
    assert provider.read("media") == before
    provider.delete("media")
    assert provider.put(plan) == as_read(service, plan)


def test_what_was_deleted_is_gone(service: Emulator) -> None:
    provider = Provider(service)
    provider.put(planned())
    provider.delete("media")
    assert provider.read("media") is None
    provider.delete("media")  # Gone already, as was wanted.
    assert provider.put(planned()) == as_read(service, planned())


def test_a_deletion_answers_with_the_success_of_its_revision(service: Emulator) -> None:
    Provider(service).put(planned())
    client = Client(service.endpoint, service.api_key())
    answer = client.call("DELETE", "/objectstore/media")
    assert (answer.status, answer.body) == (204 if is_last(service) else 200, b"")


def test_a_store_that_others_have_made_can_be_imported(service: Emulator) -> None:
    body = planned()
    del body["name"], body["storage_config"]["s3"]["prefix"]
    client = Client(service.endpoint, service.api_key())
    headers = {"Content-Type": "application/json"}
    made = client.call("PUT", "/objectstore/media", json.dumps(body).encode(), headers)
    assert made.status == 201
    provider = Provider(service)
    imported = provider.read("media")
    assert imported == as_read(service, planned())
    assert provider.put(planned()) == imported  # The plan that goes with it changes nothing.


def test_a_store_that_others_have_deleted_is_created_anew(service: Emulator) -> None:
    provider = Provider(service)
    state = provider.put(planned())
    Client(service.endpoint, service.api_key()).call("DELETE", "/objectstore/media")
    assert provider.read("media") is None
    assert provider.put(planned()) == state


def test_what_others_have_changed_is_seen_and_put_right(service: Emulator) -> None:
    provider, other = Provider(service), Provider(service)
    state = provider.put(planned())
    other.put(with_s3(iam_role_arn=OTHER_ROLE))
    drifted = provider.read("media")
    assert drifted is not None
    assert drifted["storage_config"]["s3"]["iam_role_arn"] == OTHER_ROLE
    assert provider.put(planned()) == state


def test_the_name_in_the_body_is_not_looked_at(service: Emulator) -> None:
    """The path says which store is meant."""
    client = Client(service.endpoint, service.api_key())
    body = json.dumps(planned(name="another")).encode()
    answer = client.call("PUT", "/objectstore/media", body, {"Content-Type": "application/json"})
    assert (answer.status, answer.json()["name"]) == (201, "media")
    assert Provider(service).read("another") is None


def test_what_is_read_without_a_right_key_is_an_error_and_not_gone(service: Emulator) -> None:
    Provider(service).put(planned())
    answer = Client(service.endpoint, "wrong").call("GET", "/objectstore/media")
    assert answer.status == 401


@pytest.mark.proves("D110")
def test_the_endpoints_are_where_objects_can_be_put(last: Emulator) -> None:
    provider = Provider(last)
    provider.put(planned())
    ((address,),) = provider.endpoints().values()
    client = Client(f"http://{address}", last.api_key())
    assert client.put("media", "key", b"body").status == 204
    assert client.get("media", "key").body == b"body"


@pytest.mark.proves("D146")
@pytest.mark.parametrize(("routers", "per_router"), [(1, 100), (3, 34), (7, 15)])
def test_the_limits_are_divided_by_the_routers_rounding_up(routers: int, per_router: int) -> None:
    """As the provider does for ``throttling_limits``, since limits are per router."""
    with Emulator(cache="memory", api_revision=LAST, routers=routers) as emulator:
        provider = Provider(emulator)
        count = sum(len(addresses) for addresses in provider.endpoints().values())
        limits = {"read_operations_per_second": -(-100 // count)}
        read = provider.put(planned(object_store_limits=limits))
        assert read["object_store_limits"] == {**LIMITS, "read_operations_per_second": per_router}


def test_the_first_revision_has_no_endpoints() -> None:
    with (
        Emulator(cache="memory", api_revision=FIRST.date) as emulator,
        pytest.raises(ProviderError, match=r"^404: "),
    ):
        Provider(emulator).endpoints()
