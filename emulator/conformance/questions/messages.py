"""What an endpoint says when it refuses a request: messages, statuses and codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from emulator.conformance.answer import Answer
from emulator.conformance.connection import NoAnswerError
from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.target import Target

from .question import Probe, Question, by_status, of_switch

_TOO_MANY_BYTES = 5 * 1024**3 + 1

_RULES = [{"type": "resource_management", "permissions": ["list"], "resources": "*"}]


def _message(status: int, send: Callable[[Target], Answer]) -> Probe:
    """Return a probe for the message of a refusal with that status."""

    def probe(target: Target) -> str:
        answer = send(target)
        return answer.message if answer.status == status and answer.message else UNCLEAR

    return probe


def _list_with(key: str | None) -> Callable[[Target], Answer]:
    return lambda target: target.request("GET", "/objectstore", key=key)


def _bearer(target: Target) -> Answer:
    return target.request("GET", "/objectstore", key=f"Bearer {target.owner}")


def _unknown_key(target: Target) -> Answer:
    """Send the Owner's key, changed in its signature."""
    end = "A" if target.owner[-10] != "A" else "B"
    key = f"{target.owner[:-10]}{end}{target.owner[-9:]}"
    return target.request("GET", "/objectstore", key=key)


def _expired_key(target: Target) -> Answer:
    key = target.new_key(target.role_id("viewer"), int(target.now()) + 2)["api_key"]
    target.wait(3)
    return target.request("GET", "/objectstore", key=key)


def _not_permitted(target: Target) -> Answer:
    return target.store.put(target.fresh_key(), api_key="viewer")


def _bad_metadata(target: Target) -> Answer:
    return target.store.put(target.fresh_key(), headers=[("mo-meta-answer", b"\xff")])


def _bad_ttl(target: Target) -> Answer:
    return target.store.put(target.fresh_key(), query="ttl_seconds=-1")


def _configure(body: bytes, content_type: str = "application/json") -> Callable[[Target], Answer]:
    """Return what creates a store with this body, and deletes it if that works."""

    def send(target: Target) -> Answer:
        path = f"/objectstore/{target.fresh_name()}"
        sent = body or json.dumps(target.store_body()).encode()
        answer = target.request("PUT", path, headers=[("Content-Type", content_type)], body=sent)
        if answer.status == 201:
            target.request("DELETE", path)
        return answer

    return send


_of_other_type = _configure(b"", "text/plain")
_not_json = _configure(b'{"storage_config": ')
_without_members = _configure(b"{}")


def _status(send: Callable[[Target], Answer], **words: str) -> Probe:
    return lambda target: by_status(send(target).status, **words)


def _form(target: Target) -> str:
    answer = target.request("GET", "/objectstore", key=None)
    if answer.media_type != "application/json":
        return answer.media_type or UNCLEAR
    document = answer.json()
    return "JSON with message" if isinstance(document.get("message"), str) else "JSON"


def _too_large(target: Target) -> str:
    head = (
        f"PUT {target.store.path_of(target.fresh_key())} HTTP/1.1\r\nHost: {target.host}\r\n"
        f"Authorization: {target.owner}\r\nContent-Length: {_TOO_MANY_BYTES}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    try:
        return str(target.raw(head.encode()).status)
    except NoAnswerError:
        return "not before the body"


def _code(answer: Answer, status: int) -> str:
    if answer.status != status:
        return UNCLEAR
    document = answer.json()
    return str(document.get("code", UNCLEAR)) if isinstance(document, dict) else UNCLEAR


def _role(target: Target) -> Any:
    """Create a role that the run deletes at its end."""
    document = {"role_name": target.fresh_name(), "permissions": {"rules": _RULES}}
    answer = target.send_json("POST", "/roles", document)
    assert answer.status == 200, f"no role is made: {answer.status}"
    return answer.json()


def _code_401(target: Target) -> str:
    return _code(target.request("GET", "/api-keys", key="not-a-key"), 401)


def _code_409(target: Target) -> str:
    name = _role(target)["role_name"]
    document = {"role_name": name, "permissions": {"rules": _RULES}}
    return _code(target.send_json("POST", "/roles", document), 409)


def _code_412(target: Target) -> str:
    return _code(target.request("DELETE", f"/roles/{target.role_id('viewer')}"), 412)


def _taken_name(target: Target) -> str:
    one, other = _role(target), _role(target)
    document = {"role_name": one["role_name"], "permissions": {"rules": _RULES}}
    return str(target.send_json("PUT", f"/roles/{other['role_id']}", document).status)


def _key_of_other_type(target: Target) -> str:
    document = {
        "role_id": target.role_id("viewer"),
        "description": target.fresh_name(),
        "expiry": "never",
    }
    answer = target.request(
        "POST",
        "/api-keys",
        headers=[("Content-Type", "text/plain")],
        body=json.dumps(document).encode(),
    )
    return by_status(answer.status, s200="accepted")


_MEMBER = "Missing storage_config"

QUESTIONS = (
    Question(
        "D02",
        "What does an error look like?",
        ("JSON with message",),
        _form,
        "the form of errors is one for all operations, and clients read it",
    ),
    of_switch(
        "D02.missing-key",
        "What does it say without a key?",
        _message(401, _list_with(None)),
        "Missing API key: send it in the Authorization header",
    ),
    of_switch(
        "D02.malformed-key",
        "What does it say to what is no key?",
        _message(401, _list_with("not-a-key")),
        "Invalid API key: it is neither a v2 nor a v1 key",
    ),
    of_switch(
        "D02.unknown-key",
        "What does it say to a key that it does not know?",
        _message(401, _unknown_key),
        "Invalid API key: it is not known here, or was revoked",
    ),
    of_switch(
        "D02.expired-key",
        "What does it say to a key that has expired?",
        _message(401, _expired_key),
        "Invalid API key: it has expired",
    ),
    of_switch(
        "D02.bearer",
        "What does it say to a key after Bearer?",
        _message(401, _bearer),
        "Invalid API key: the Authorization header must be the key itself, "
        "without 'Bearer' before it",
    ),
    of_switch(
        "D02.permission",
        "What does it say where the key's role does not allow the operation?",
        _message(403, _not_permitted),
        "The API key's role, Viewer, does not allow write on store",
    ),
    of_switch(
        "D02.store-name",
        "What does it say to a malformed store name?",
        _message(400, lambda target: target.request("GET", "/objectstore/a%20b")),
        "Invalid store name: it must have 1 to 255 characters of A-Z a-z 0-9 - _ . ~",
    ),
    of_switch(
        "D02.object-key",
        "What does it say to a malformed object key?",
        _message(400, lambda target: target.store.get("%FF")),
        "Invalid key: it is not UTF-8 after percent-decoding",
    ),
    of_switch(
        "D02.ttl",
        "What does it say to a malformed ttl_seconds?",
        _message(400, _bad_ttl),
        "Invalid ttl_seconds: it must be a decimal integer of at least 1",
    ),
    of_switch(
        "D02.metadata",
        "What does it say to metadata that is not UTF-8?",
        _message(400, _bad_metadata),
        "Invalid metadata 'answer': it is not UTF-8",
    ),
    of_switch(
        "D02.content-type",
        "What does it say to a store's body that is not declared as JSON?",
        lambda target: _said(_of_other_type(target)),
        "Invalid Content-Type: it must be application/json",
    ),
    of_switch(
        "D02.syntax",
        "What does it say to a store's body that is not JSON?",
        lambda target: _said(_not_json(target)),
        "The body is not JSON",
    ),
    of_switch(
        "D02.member",
        "What does it say to a store's body with a member missing?",
        lambda target: _said(_without_members(target)),
        _MEMBER,
    ),
    of_switch(
        "D02.path",
        "What does it say to an unknown path?",
        lambda target: _said(target.request("GET", "/conformance-no-such-path")),
        "Unknown path: objects are at /objectstore/{store}/{key}, "
        "Valkey clusters at /ec-cluster, API keys and roles at /api-keys and /roles, "
        "the control API is at /_emulator/",
    ),
    of_switch(
        "D02.method",
        "What does it say to an unknown method?",
        lambda target: _said(target.request("PATCH", target.store.path)),
        "Method PATCH is not allowed here; allowed are DELETE, GET, HEAD, PUT",
    ),
    of_switch(
        "D13.content-type",
        "What does it answer to a store's body that is not declared as JSON?",
        _status(_of_other_type, s201="accepted"),
    ),
    of_switch(
        "D13.syntax",
        "What does it answer to a store's body that is not JSON?",
        _status(_not_json),
    ),
    of_switch(
        "D13.member",
        "What does it answer to a store's body with a member missing?",
        _status(_without_members),
    ),
    of_switch("D22", "What does it answer to too large a Content-Length?", _too_large),
    of_switch("D40.401", "Which code has a 401 of the Auth APIs?", _code_401),
    of_switch("D40.409", "Which code has a 409 of the Auth APIs?", _code_409),
    of_switch("D40.412", "Which code has a 412 of the Auth APIs?", _code_412),
    of_switch(
        "D46",
        "What does it answer where a role would get the name of another?",
        _taken_name,
    ),
    of_switch(
        "D54",
        "What does it answer to a new key's body that is not declared as JSON?",
        _key_of_other_type,
    ),
)


def _said(answer: Answer) -> str:
    """The message of a refusal, whatever its status."""
    return answer.message if answer.status >= 400 and answer.message else UNCLEAR
