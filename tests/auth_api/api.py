"""The Auth APIs and the emulator's own endpoints, through the eyes of one client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.support.raw_client import Client, Fields, Response

KEYS = "/api-keys"
ROLES = "/roles"
KEYS_OF_EITHER_VERSION = "/_emulator/api-keys"
TOKENS = "/_emulator/tokens"
CLOCK = "/_emulator/clock"

JSON = ("Content-Type", "application/json")
"""The header that bodies of the Auth APIs need."""

NOW = 2_000_000_000
"""Where tests let the clock stand still, in seconds since the Unix epoch."""
HOUR = 3600


class NewKey(NamedTuple):
    """A key, and the key object that describes it."""

    api_key: str
    info: dict[str, Any]

    @property
    def key_id(self) -> str:
        return str(self.info["key_id"])


@dataclass(frozen=True)
class Api:
    """The Auth APIs, called with one key. Ids are raw: already percent-encoded."""

    client: Client

    def with_key(self, key: str | bytes | None) -> Api:
        return Api(self.client.with_key(key))

    def call(
        self, method: str, path: str, document: object = None, *, headers: Fields = ()
    ) -> Response:
        """Send `document` as JSON, or no body where it is None."""
        if document is None:
            return self.client.request(method, path, headers=headers)
        body = json.dumps(document).encode()
        return self.client.request(method, path, headers=[JSON, *headers], body=body)

    def create_key(
        self, role_id: object = "viewer", description: object = "", expiry: object = "never"
    ) -> Response:
        document = {"role_id": role_id, "description": description, "expiry": expiry}
        return self.call("POST", KEYS, document)

    def new_key(
        self, role_id: str = "viewer", description: str = "", expiry: int | str = "never"
    ) -> NewKey:
        """A key that was created."""
        return _new_key(self.create_key(role_id, description, expiry))

    def new_v1_key(self, role: str = "viewer", **more: object) -> NewKey:
        """A v1 key, which the documented API no longer makes."""
        return _new_key(
            self.call("POST", KEYS_OF_EITHER_VERSION, {"role": role, "v1": True, **more})
        )

    def key_with(self, permissions: object) -> str:
        """A key of a new custom role with that permission set."""
        return self.new_key(self.new_role(permissions)["role_id"]).api_key

    def list_keys(self, **query: object) -> Response:
        return self.client.get(_with_query(KEYS, query))

    def all_keys(self) -> list[dict[str, Any]]:
        """Every key object, by the tokens of as many pages as it takes."""
        return list(self.walk(KEYS, "key_info"))

    def revoke_key(self, key_id: str) -> Response:
        return self.client.delete(f"{KEYS}/{key_id}")

    def create_role(self, role_name: object, permissions: object, **more: object) -> Response:
        document = {"role_name": role_name, "permissions": permissions, **more}
        return self.call("POST", ROLES, document)

    def new_role(
        self, permissions: object, role_name: str = "custom", **more: object
    ) -> dict[str, Any]:
        """A role that was created. The name gets a number where it is taken."""
        names = [role["role_name"] for role in self.all_roles()]
        unique = role_name if role_name not in names else f"{role_name}-{len(names)}"
        answer = self.create_role(unique, permissions, **more)
        assert answer.status == 200, answer
        return dict(answer.json)

    def replace_role(
        self, role_id: str, role_name: object, permissions: object, **more: object
    ) -> Response:
        document = {"role_name": role_name, "permissions": permissions, **more}
        return self.call("PUT", f"{ROLES}/{role_id}", document)

    def delete_role(self, role_id: str) -> Response:
        return self.client.delete(f"{ROLES}/{role_id}")

    def list_roles(self, **query: object) -> Response:
        return self.client.get(_with_query(ROLES, query))

    def all_roles(self, **query: object) -> list[dict[str, Any]]:
        """Every role object, by the tokens of as many pages as it takes."""
        return list(self.walk(ROLES, "roles", **query))

    def role_names(self, **query: object) -> list[str]:
        return [role["role_name"] for role in self.all_roles(**query)]

    def walk(self, path: str, member: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page, each asked for when it is needed."""
        for page in self.pages(path, **query):
            yield from page[member]

    def pages(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every page of a list, each asked for when it is needed."""
        tokens = set()
        while True:
            answer = self.client.get(_with_query(path, query))
            assert answer.status == 200, answer
            page: dict[str, Any] = answer.json
            yield page
            if "next_token" not in page:
                return
            assert page["next_token"] not in tokens, "the pages go round in circles"
            tokens.add(page["next_token"])
            query = {**query, "next_token": page["next_token"]}

    def create_token(self, permissions: object, expires_in_seconds: object = HOUR) -> Response:
        document = {"permissions": permissions, "expires_in_seconds": expires_in_seconds}
        return self.call("POST", TOKENS, document)

    def new_token(self, permissions: object, expires_in_seconds: int = HOUR) -> str:
        """A disposable token in its envelope."""
        answer = self.create_token(permissions, expires_in_seconds)
        assert answer.status == 200, answer
        return str(answer.json["token"])


@dataclass(frozen=True)
class Clock:
    """The emulator's clock over HTTP, in seconds. It takes no key."""

    client: Client

    def freeze(self, at: float = NOW) -> None:
        self._post("freeze", {"at": at})

    def advance(self, seconds: float) -> None:
        self._post("advance", {"seconds": seconds})

    def _post(self, what: str, document: Mapping[str, object]) -> None:
        body = json.dumps(document).encode()
        answer = self.client.request("POST", f"{CLOCK}/{what}", body=body)
        assert answer.status == 200, answer


def _new_key(answer: Response) -> NewKey:
    assert answer.status == 200, answer
    return NewKey(answer.json["api_key"], answer.json["key_info"])


def _with_query(path: str, query: Mapping[str, object]) -> str:
    """`path` with the parameters of `query`; a tuple is a parameter that is given repeatedly."""
    pairs = [
        f"{name}={quote(str(value), safe='')}"
        for name, given in query.items()
        for value in (given if isinstance(given, tuple) else (given,))
    ]
    return f"{path}?{'&'.join(pairs)}" if pairs else path
