"""The public Terraform provider as a client: a process for each command, over TLS and CONNECT."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emulator import Emulator
from tests.tls.client import trusting

if TYPE_CHECKING:
    import httpx

API = "https://api.cache.emulator.test"

Attributes = Mapping[str, Any]
Connect = Callable[[], Any]
"""Makes the cache client, which is ready; calls nothing on it."""

POLL_SECONDS = 60
MOST_POLLS = 10


class ProviderError(Exception):
    """What a command ends with when the service does not do as it is asked."""


class Terraform:
    """Commands of Terraform with the provider.

    Args:
        emulator: has a proxy, and a frozen clock on which the provider's minutes pass.
        connect: makes the cache client with which each command begins.
    """

    def __init__(self, emulator: Emulator, connect: Connect) -> None:
        self._emulator = emulator
        self.connect = connect
        self.calls: list[str] = []
        """Method, path and status of each request since the last look, which empties it."""

    @contextmanager
    def command(self) -> Iterator[Provider]:
        """The provider's process during one command."""
        import httpx

        with (
            self.connect(),
            httpx.Client(
                base_url=API,
                headers={"Authorization": self._emulator.api_key()},
                http2=True,  # As Go's client offers it.
                proxy=self._emulator.proxy,
                trust_env=False,
                verify=trusting(self._emulator),
            ) as client,
        ):
            yield Provider(client, self.calls, self._emulator)

    def seen(self) -> list[str]:
        """The calls since this was last asked."""
        found = [*self.calls]
        self.calls.clear()
        return found


class Provider:
    """Makes the requests of the provider's resources, in its order and with its bodies."""

    def __init__(self, client: httpx.Client, calls: list[str], emulator: Emulator) -> None:
        self._client = client
        self._calls = calls
        self._emulator = emulator

    def put_store(self, plan: Attributes, limits: Mapping[str, int] | None = None) -> None:
        """Create or update a store. Its limits are divided by the number of routers."""
        routers = self.routers()
        body = dict(plan)
        if limits is not None:
            body["object_store_limits"] = {
                name: -(-value // routers) for name, value in limits.items()
            }
        self._require(self._call("PUT", f"/objectstore/{plan['name']}", body), *range(200, 300))

    def read_store(self, name: str) -> dict[str, Any] | None:
        return self._describe(f"/objectstore/{name}")

    def delete_store(self, name: str) -> None:
        self._require(self._call("DELETE", f"/objectstore/{name}"), *range(200, 300))

    def routers(self) -> int:
        answer = self._require(self._call("GET", "/endpoints"), *range(200, 300))
        return sum(len(addresses) for addresses in answer.json().values())

    def create_cluster(self, plan: Attributes) -> None:
        """Create a cluster and wait until it is active; one that fails is deleted.

        Raises:
            ProviderError: it is refused, or its creation fails.
        """
        self._require(self._call("POST", "/ec-cluster", plan), *range(200, 300))
        for _ in self._minutes():
            found = self.read_cluster(plan["name"])
            status = None if found is None else found["status"]
            if status == "Active":
                return
            if status == "CreationFailed":
                self.delete_cluster(plan["name"])
                raise ProviderError("failed to create and has been deleted")

    def read_cluster(self, name: str) -> dict[str, Any] | None:
        return self._describe(f"/ec-cluster/{name}")

    def update_cluster(self, name: str, **changes: Attributes) -> dict[str, Any] | None:
        """Change an active cluster, wait after each change until it is active again, and read it.

        Args:
            name: of the cluster.
            changes: the body of each change by the end of its path, in the provider's order.
        """
        self._require_active(self.read_cluster(name))
        for change, body in changes.items():
            path = f"/ec-cluster/{name}/{change.replace('_', '-')}"
            self._require(self._call("POST", path, body), 202)
            for _ in self._minutes():
                found = self.read_cluster(name)
                if found is not None and found["status"] == "Active":
                    break
        return self.read_cluster(name)

    def delete_cluster(self, name: str) -> None:
        """Delete a cluster and wait until it is gone."""
        if self._call("DELETE", f"/ec-cluster/{name}").status_code == 404:
            return
        for _ in self._minutes():
            if self.read_cluster(name) is None:
                return

    def _require_active(self, found: dict[str, Any] | None) -> None:
        if found is None or found["status"] != "Active":
            raise ProviderError(f"not active: {found}")

    def _minutes(self) -> Iterator[None]:
        for _ in range(MOST_POLLS):
            self._emulator.clock.advance(POLL_SECONDS)
            yield
        raise ProviderError("timed out")

    def _describe(self, path: str) -> dict[str, Any] | None:
        answer = self._call("GET", path)
        if answer.status_code == 404:
            return None
        found: dict[str, Any] = self._require(answer, *range(200, 300)).json()
        return found

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        answer = self._client.request(method, path, json=body)
        self._calls.append(f"{method} {path} {answer.status_code}")
        return answer

    def _require(self, answer: httpx.Response, *statuses: int) -> httpx.Response:
        if answer.status_code not in statuses:
            raise ProviderError(f"{answer.status_code}: {answer.text}")
        return answer
