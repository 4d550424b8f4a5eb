"""What is there at the endpoint for the generated requests of one operation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from emulator.conformance.answer import Answer
from emulator.conformance.connection import NoAnswerError
from emulator.conformance.ledger import Made
from emulator.conformance.statements import FIRST
from emulator.conformance.target import Store, Target

from .operations import CLUSTERS, OBJECTS, Operation
from .request import SPARE, UNKNOWN_KEY, Request

UNKNOWN = "unknown"

# Three parts as a JWT has, of which none is anybody's.
_NOBODYS_KEY = "eyJhbGciOiJIUzUxMiJ9.eyJ0IjoiZyIsImp0aSI6Im5vYm9keSJ9." + 86 * "A"


class Scene:
    """Makes what a request needs when it is first needed, and deletes what a request has made."""

    def __init__(self, target: Target, operation: Operation) -> None:
        self.target = target
        self.operation = operation
        self.run = target.run
        self.options = target.options
        self.is_first = target.revision == FIRST
        self._spare: dict[str, str] = {}
        self.has_roles = self._has_roles()
        """Whether there are keys of other roles than the Owner's."""
        self._before = {*target.ledger.entries}
        self._kept: set[Made] = set()
        self._makers: Mapping[str, Callable[[], str]] = {
            "storeName": self._store,
            "key": self._object,
            "name": self._cluster,
            "key_id": self._key,
            "role_id": self._role,
        }

    @property
    def is_guarded(self) -> bool:
        """Whether a valid request would change a cluster of the user's: its cluster is unknown."""
        return self.operation.group == CLUSTERS and self.operation.method != "GET"

    @cached_property
    def viewer_id(self) -> str:
        """The id of the role Viewer."""
        return self.target.role_id("viewer")

    @cached_property
    def has_cluster(self) -> bool:
        """Whether the account has the cluster of the run: an emulator may accept any name."""
        answer = self.target.request("GET", "/ec-cluster")
        if answer.status != 200:
            return True
        return any(each["name"] == self.options.cluster for each in answer.json()["clusters"])

    @property
    def prefix(self) -> str:
        """The prefix of the stores that are made."""
        return f"{self.run}/variants"

    @property
    def role_name(self) -> str:
        """The name of the role that is there."""
        return f"{self.run}-taken"

    def prepared(self, request: Request) -> str:
        """Make what the request needs. Returns its path and query.

        Raises:
            AssertionError: it is not made.
        """
        for name in request.needs:
            self._there(name)
        path = self.operation.path
        for name, value in request.values.items():
            path = path.replace(f"{{{name}}}", self._there(name) if value == SPARE else value)
        self._kept |= {*self.target.ledger.entries} - self._before
        return f"{path}?{urlencode(request.query)}" if request.query else path

    @contextlib.contextmanager
    def sent(self, request: Request, path: str) -> Iterator[Answer]:
        """Send the request, and delete at the end of the block what it has made."""
        target, operation = self.target, self.operation
        key = _NOBODYS_KEY if request.key == UNKNOWN_KEY else request.key
        fields = [(name, value.encode("latin-1")) for name, value in request.fields]
        target.exchanges.clear()
        answer = target.request(operation.method, path, headers=fields, body=request.body, key=key)
        if answer.status < 300 and operation.method == "DELETE":
            self._spare.clear()
        try:
            yield answer
        finally:
            self._delete_all_but(self._before | self._kept)

    def read_back(self, request: Request) -> Answer:
        """Get the object that the request has put."""
        return self._shared().get(request.values["key"])

    def close(self) -> None:
        """Delete what was there for the requests."""
        self._delete_all_but(self._before)

    def _has_roles(self) -> bool:
        try:
            return all(self.target.role(name) for name in ("operator", "viewer"))
        except AssertionError:  # The statements on roles say what is wrong.
            return False

    def _delete_all_but(self, kept: set[Made]) -> None:
        """Delete what has been made; what cannot be deleted is left to the end of the run."""
        for made in self.target.ledger.entries:
            # The first revision has no way to delete an object.
            if made in kept or (made.kind == "object" and self.is_first):
                continue
            with contextlib.suppress(NoAnswerError):
                self.target.request("DELETE", made.path)
            if made in self.target.ledger.entries:
                self._kept.add(made)

    def _there(self, name: str) -> str:
        if name not in self._spare:
            self._spare[name] = self._makers[name]()
        return self._spare[name]

    def _store(self) -> str:
        if self.operation.group == OBJECTS or self.operation.method == "GET":
            return self._shared().name
        body = self.target.store_body()
        body["storage_config"]["s3"]["prefix"] = self.prefix
        made = Store(self.target, self.target.fresh_name())
        self._check(made.configure(body))
        return made.name

    def _object(self) -> str:
        key = self.target.fresh_key()
        fields = (("mo-meta-content-type", "text/plain"), ("mo-meta-made-by", "variants"))
        self._check(self._shared().put(key, b"variants", headers=fields))
        return key

    def _shared(self) -> Store:
        """The store of the run, which stays."""
        store = self.target.store
        self._before.add(Made("store", store.path))
        return store

    def _cluster(self) -> str:
        return f"{self.run}-{UNKNOWN}" if self.is_guarded else self.options.cluster

    def _key(self) -> str:
        return str(self.target.new_key(self.viewer_id)["key_info"]["key_id"])

    def _role(self) -> str:
        rules = [{"type": "account_management", "permissions": ["read"]}]
        document = {"role_name": self.role_name, "permissions": {"rules": rules}}
        return str(self._check(self.target.send_json("POST", "/roles", document))["role_id"])

    @staticmethod
    def _check(answer: Answer) -> Any:
        assert answer.is_success, f"what the requests need is not made: {answer.briefly}"
        return answer.json() if answer.body else {}
