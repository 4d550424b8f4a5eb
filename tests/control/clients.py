"""Documents that the tests of the control API post, and what they are answered with."""

from __future__ import annotations

import json
from typing import Any

from tests.support.client import JSON, Client

EVERYTHING = {
    "rules": [{"type": "store", "permissions": ["read", "write"], "stores": "*", "items": "*"}]
}


def post(who: Client, path: str, document: object) -> Any:
    """What a POST of a JSON document is answered with, which is a success."""
    answer = who.call("POST", path, json.dumps(document).encode(), JSON)
    assert answer.status == 200, answer
    return answer.json()
