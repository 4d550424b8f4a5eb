"""A role and its keys from the first to the last, over HTTP alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import Emulator
from tests.contract.stores import CLUSTER, JSON
from tests.support.client import ROLE_ARN
from tests.support.raw_client import Client

STORE = {
    "storage_config": {"s3": {"bucket_name": "story", "iam_role_arn": ROLE_ARN}},
    "cache_config": {"valkey_cluster": {"cluster_name": CLUSTER}},
}
RULE = {
    "type": "store",
    "permissions": ["read", "write"],
    "stores": {"name": "film"},
    "items": {"key_prefix": "live/"},
}
PLAYER = {
    "role_name": "Player",
    "description": "Plays what is live.",
    "permissions": {"rules": [RULE]},
}


def send(client: Client, method: str, path: str, document: object) -> dict[str, Any]:
    answer = client.request(method, path, headers=JSON, body=json.dumps(document).encode())
    assert answer.status == 200, answer
    return dict(answer.json)


@pytest.mark.proves("Key lifecycle")
@pytest.mark.proves("Auth APIs")
def test_an_owner_lets_a_player_in_for_an_hour_and_out_again(emulator: Emulator) -> None:
    owner = Client(emulator.endpoint, emulator.api_key())
    for store in ("film", "song"):
        body = json.dumps(STORE).encode()
        assert owner.put(f"/objectstore/{store}", body, headers=JSON).status == 201
        for key in ("live/1.ts", "archive/1.ts"):
            assert owner.put(f"/objectstore/{store}/{key}", b"segment").status == 204

    # A role for one store and one prefix, and a key for it that lasts an hour.
    role = send(owner, "POST", "/roles", PLAYER)
    now = int(owner.get("/_emulator/clock").json["epoch_seconds"])
    send(owner, "POST", "/_emulator/clock/freeze", {"at": now})
    wanted = {"role_id": role["role_id"], "description": "a player", "expiry": now + 3600}
    first = send(owner, "POST", "/api-keys", wanted)
    player = owner.with_key(str(first["api_key"]))

    # It opens what lies under the prefix, and nothing else.
    assert player.get("/objectstore/film/live/1.ts").body == b"segment"
    assert player.put("/objectstore/film/live/2.ts", b"next").status == 204
    for path in ("film/archive/1.ts", "song/live/1.ts", "film/live"):
        assert player.get(f"/objectstore/{path}").status == 403
        assert player.put(f"/objectstore/{path}", b"x").status == 403
    for path in ("/objectstore", "/objectstore/film", "/api-keys", "/roles"):
        assert player.get(path).status == 403

    # While the key lives, its role cannot go.
    blocked = owner.delete(f"/roles/{role['role_id']}").json
    assert blocked == {
        "status": "blocked",
        "account_members": [],
        "invitations": [],
        "api_keys": [first["key_info"]],
    }

    # An hour later the key has expired.
    send(owner, "POST", "/_emulator/clock/advance", {"seconds": 3599})
    assert player.get("/objectstore/film/live/2.ts").body == b"next"
    send(owner, "POST", "/_emulator/clock/advance", {"seconds": 1})
    assert player.get("/objectstore/film/live/2.ts").status == 401
    assert first["key_info"] not in owner.get("/api-keys").json["key_info"]

    # Another one takes its place.
    second = send(owner, "POST", "/api-keys", {**wanted, "expiry": "never"})
    assert owner.get("/api-keys").json["key_info"][-1] == second["key_info"]
    player = owner.with_key(str(second["api_key"]))
    assert player.get("/objectstore/film/live/2.ts").body == b"next"

    # The role is narrowed to reading, and the key follows.
    reading = {**RULE, "permissions": ["read"]}
    narrowed = {"role_name": "Player", "permissions": {"rules": [reading]}}
    replaced = send(owner, "PUT", f"/roles/{role['role_id']}", narrowed)
    assert replaced["description"] == "Plays what is live."
    assert player.get("/objectstore/film/live/2.ts").status == 200
    assert player.put("/objectstore/film/live/2.ts", b"x").status == 403

    # Blocked, revoked, deleted.
    blocked = owner.delete(f"/roles/{role['role_id']}").json
    assert blocked["status"] == "blocked"
    assert blocked["api_keys"] == [second["key_info"]]
    assert owner.delete(f"/api-keys/{second['key_info']['key_id']}").json == {}
    assert player.get("/objectstore/film/live/2.ts").status == 401
    assert owner.delete(f"/roles/{role['role_id']}").json == {"status": "deleted"}
    assert owner.delete(f"/roles/{role['role_id']}").status == 404
    assert [each["role_type"] for each in owner.get("/roles").json["roles"]] == ["system"] * 3
