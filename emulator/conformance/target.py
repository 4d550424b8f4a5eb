"""The endpoint under test: sends requests at its pace, and notes what is made there and seen."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from emulator.core.private import new_id

from .answer import Answer
from .connection import Connections, Fields
from .endpoint_time import EndpointTime
from .ledger import Ledger, Made
from .options import Options
from .pacing import Pace
from .statements.statement import FIRST, SECOND

AUTH_PATHS = ("/api-keys", "/roles")
JSON = (("Content-Type", "application/json"),)

_ATTEMPTS = 30
"""How often a request is sent that the endpoint refuses because of its rate."""

_WAIT_SECONDS = 1.0
"""A pause after which a rate of one request a second allows the next."""

_BURST = 10

_MOST_PAGES = 100
"""More pages than the lists of an account have: the pages go round in circles."""

_OWNER = "owner"


class Exchange(NamedTuple):
    """A request and its answer, for reports."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...]
    """Header fields of the request, without the key."""
    sent: bytes
    answer: Answer | None


class Store:
    """One object store. Keys are raw: already percent-encoded."""

    def __init__(self, target: Target, name: str) -> None:
        self._target = target
        self.name = name
        self.path = f"/objectstore/{name}"

    def path_of(self, key: str, query: str = "") -> str:
        return f"{self.path}/{key}" + (f"?{query}" if query else "")

    def put(
        self,
        key: str,
        body: bytes = b"",
        *,
        query: str = "",
        headers: Fields = (),
        api_key: str | None = _OWNER,
    ) -> Answer:
        path = self.path_of(key, query)
        return self._target.request("PUT", path, headers=headers, body=body, key=api_key)

    def get(self, key: str, *, headers: Fields = (), api_key: str | None = _OWNER) -> Answer:
        return self._target.request("GET", self.path_of(key), headers=headers, key=api_key)

    def head(self, key: str) -> Answer:
        return self._target.request("HEAD", self.path_of(key))

    def delete(self, key: str, *, api_key: str | None = _OWNER) -> Answer:
        """Delete an object."""
        return self._target.request("DELETE", self.path_of(key), key=api_key)

    def configure(self, configuration: object, *, api_key: str | None = _OWNER) -> Answer:
        """Create or update the store."""
        body = json.dumps(configuration).encode()
        return self._target.request("PUT", self.path, headers=JSON, body=body, key=api_key)

    def describe(self, *, api_key: str | None = _OWNER) -> Answer:
        return self._target.request("GET", self.path, key=api_key)

    def remove(self, *, api_key: str | None = _OWNER) -> Answer:
        """Delete the store."""
        return self._target.request("DELETE", self.path, key=api_key)


class Target:
    """The endpoint, what a run may use there, and what it has made there.

    Args:
        options: what the run was told.
        ledger: what is there from a run that is taken up.
        run: the name of the run, which begins the name of all it makes; None for a new one.
        clock: the endpoint's time; None for real time.
    """

    def __init__(
        self,
        options: Options,
        *,
        ledger: Ledger | None = None,
        run: str | None = None,
        clock: EndpointTime | None = None,
    ) -> None:
        self.options = options
        self.run = run or f"conformance-{new_id()[:8]}"
        self.ledger = Ledger() if ledger is None else ledger
        self.exchanges: list[Exchange] = []
        """Of the case that runs now."""
        self.sent = 0
        """How many requests have been sent."""
        self.unanswered = 0
        """How many of them in a row have had no answer."""
        self._connections = Connections(options.endpoint, options.ca_file or None)
        self._auth = (
            Connections(options.auth_endpoint, options.ca_file or None)
            if options.auth_endpoint
            else self._connections
        )
        self._pace = (
            Pace(options.rate, min(_BURST, int(options.rate) or 1)) if options.rate else None
        )
        self._clock = EndpointTime() if clock is None else clock
        self._keys = {
            _OWNER: options.owner_key,
            "operator": options.operator_key,
            "viewer": options.viewer_key,
        }
        self._count = 0
        self._store: Store | None = None
        self.revision = options.revision or self._revision()

    # What is there to use.

    @property
    def owner(self) -> str:
        """The Owner's API key."""
        return self.options.owner_key

    def role(self, name: str) -> str:
        """Return an API key of the system role ``owner``, ``operator`` or ``viewer``."""
        if not self._keys[name]:
            self._keys[name] = self.new_key(self.role_id(name))["api_key"]
        return self._keys[name]

    def role_id(self, name: str) -> str:
        """Return the id of a system role, by its name without regard to case."""
        answer = self.request("GET", "/roles?type=system")
        assert answer.is_success, f"the roles cannot be listed: {answer.briefly}"
        roles = answer.json()["roles"]
        return next(str(role["role_id"]) for role in roles if role["role_name"].lower() == name)

    def new_key(self, role_id: str, expiry: int | str = "never") -> Any:
        """Make an API key, which the run revokes at its end. Returns the document."""
        answer = self.send_json(
            "POST",
            "/api-keys",
            {"role_id": role_id, "description": self.fresh_name(), "expiry": expiry},
        )
        assert answer.is_success, f"no API key is made: {answer.briefly}"
        return answer.json()

    @property
    def store(self) -> Store:
        """The store of the run, made when it is first asked for."""
        if self._store is None:
            self._store = self._created(self.run, self.store_body())
        return self._store

    def fresh_name(self) -> str:
        """Return a name that nothing has had: for an object, a store, a role, a cluster."""
        self._count += 1
        return f"{self.run}-{new_id()[:6]}-{self._count}"

    def fresh_key(self) -> str:
        """Return an object's key that has not been used."""
        return self.fresh_name()

    @contextlib.contextmanager
    def new_store(self, body: object | None = None) -> Iterator[Store]:
        """Make a store for the time of the block. ``body``: None for that of ``store_body``."""
        store = self._created(self.fresh_name(), self.store_body() if body is None else body)
        try:
            yield store
        finally:
            if self.revision != FIRST:
                for made in self.ledger.objects_of(store.path):
                    self._delete("DELETE", made.path)
            store.remove()

    def store_body(self, **changes: Any) -> dict[str, Any]:
        """Return the configuration of a store, with members changed or added.

        Its prefix is one of its own, so that stores do not see each other's objects.
        """
        return {
            "storage_config": {
                "s3": {
                    "bucket_name": self.options.bucket,
                    "iam_role_arn": self.options.role_arn,
                    "prefix": f"{self.run}/{self.fresh_name()}",
                }
            },
            "cache_config": {
                "valkey_cluster": {"cluster_name": self.options.cluster},
            },
            **self._limits(),
            **changes,
        }

    # Requests.

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Fields = (),
        body: bytes | None = None,
        key: str | None = _OWNER,
        retry: bool = True,
    ) -> Answer:
        """Send a request and read the answer.

        Args:
            method: the method, as it is sent.
            path: path and query, percent-encoded.
            headers: header fields beside Host, Authorization, and that of the body.
            body: the body, or None for none.
            key: the name of a role, another text that is sent as it is, or None for no key.
            retry: send it again after a pause where the endpoint refuses it because of its rate.

        Raises:
            NoAnswerError: there is no answer.
        """
        if key in self._keys:
            key = self.role(key)
        fields = [*(() if key is None else (("Authorization", key),)), *headers]
        sent = body or b""
        connections = self._auth if path.startswith(AUTH_PATHS) else self._connections
        for attempt in range(_ATTEMPTS):
            if self._pace is not None:
                self._pace.take()
            self.sent += 1
            self.unanswered += 1
            try:
                answer = connections.request(method, path, fields, body)
            except KeyboardInterrupt:
                self.ledger.note(method, path, sent, 200, b"")  # It may have been made.
                raise
            self.unanswered = 0
            if answer.status != 429 or not retry or attempt == _ATTEMPTS - 1:
                break
            self.wait(_WAIT_SECONDS)
        self._note(method, path, headers, sent, answer)
        return answer

    def send_json(
        self,
        method: str,
        path: str,
        document: object,
        *,
        key: str | None = _OWNER,
        retry: bool = True,
    ) -> Answer:
        """Send a document as JSON; see ``request``."""
        body = json.dumps(document).encode()
        return self.request(method, path, headers=JSON, body=body, key=key, retry=retry)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the pages of a list of the Auth APIs. ``path`` may have a query."""
        more = "&" if "?" in path else "?"
        following = ""
        for _ in range(_MOST_PAGES):
            answer = self.request("GET", path + following)
            assert answer.is_success, f"no page: {answer.briefly}"
            page: dict[str, Any] = answer.json()
            yield page
            if "next_token" not in page:
                return
            following = f"{more}next_token={quote(page['next_token'], safe='')}"
        raise AssertionError(f"{path} has no last page")

    def raw(self, data: bytes, *, ends: bool = False) -> Answer:
        """Send ``data`` as it is on a connection of its own; see ``Connections.raw``."""
        if self._pace is not None:
            self._pace.take()
        self.sent += 1
        answer = self._connections.raw(data, ends=ends)
        method, path, *_ = (*data.split(b"\r\n")[0].decode("latin-1").split(" "), "", "")
        self._note(method, path, (), b"", answer)
        return answer

    @property
    def host(self) -> str:
        """The value of ``Host`` for raw requests."""
        port = self._connections.port
        return f"{self._connections.host}:{port}"

    # Time.

    def wait(self, seconds: float) -> None:
        """Let time go by on the endpoint's clock."""
        self._clock.wait(seconds)

    def now(self) -> float:
        """Return the time of the endpoint, in seconds of the epoch, as far as it can be known."""
        return self._clock.now()

    # The end.

    def clean_up(self) -> list[Made]:
        """Delete what the run has made. Returns what could not be deleted.

        Objects of the first revision stay in the bucket: it has no way to delete them.
        """
        self._store = None
        return self.ledger.clear(self._delete)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
        self._auth.close()

    def _delete(self, method: str, path: str) -> int:
        """Delete one thing. Returns the status, or 0 without an answer."""
        try:
            return self.request(method, path).status
        except AssertionError:
            return 0

    def _note(self, method: str, path: str, headers: Fields, sent: bytes, answer: Answer) -> None:
        self.ledger.note(method, path, sent, answer.status, answer.body)
        shown = tuple(
            (name, _text(value)) for name, value in headers if name.lower() != "authorization"
        )
        self.exchanges.append(Exchange(method, path, shown, sent, answer))

    def _created(self, name: str, body: object) -> Store:
        store = Store(self, name)
        answer = store.configure(body)
        assert answer.is_success, f"no store is made: {answer.briefly}"
        return store

    def _limits(self) -> dict[str, Any]:
        """Limits above the defaults where the run is faster than those allow."""
        rate = self.options.rate
        if self.revision == FIRST or 0 < rate <= 100:
            return {}
        operations = ("read_operations_per_second", "write_operations_per_second")
        sizes = ("read_bytes_per_second", "write_bytes_per_second")
        return {
            "object_store_limits": {
                **dict.fromkeys(operations, 1_000_000),
                **dict.fromkeys(sizes, 1 << 40),
            }
        }

    def _revision(self) -> str:
        """Ask the endpoint: only a later revision answers OPTIONS without a key."""
        answer = self.request("OPTIONS", f"/objectstore/{self.run}/revision", key=None)
        return SECOND if answer.status == 204 else FIRST


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
