"""What tests expect of answers, said in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.support.raw_client import Fields, Response

from .stores import NOT_ASKED_FOR, Configuration, Store

STORE_NOT_FOUND = "Store Not Found"
OBJECT_NOT_FOUND = "Object not found."


def expect_error(
    response: Response, status: int, message: str | None = None, *, mentions: Iterable[str] = ()
) -> None:
    """`response` is an error in the form of D02; `mentions` are compared without case."""
    assert response.status == status, response
    assert response.media_type == "application/json", response
    document = response.json
    assert isinstance(document, dict), response
    assert list(document) == ["message"], response
    assert isinstance(document["message"], str), response
    assert document["message"], response
    if message is not None:
        assert document["message"] == message
    for word in mentions:
        assert word.lower() in document["message"].lower()


def expect_object(response: Response, body: bytes) -> None:
    """`response` is a hit with exactly `body`."""
    assert response.status == 200, response
    assert response.headers.all("Content-Length") == [str(len(body))], response
    expect_bytes(response.body, body)


def expect_bytes(given: bytes, wanted: bytes) -> None:
    """Like `==`, but what it says of two large bodies that differ fits on a line."""
    if given == wanted:
        return
    pairs = enumerate(zip(given, wanted, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(given), len(wanted)))
    raise AssertionError(f"{len(given)} bytes, not these {len(wanted)}: they part at byte {at}")


def expect_store(response: Response, status: int, name: str, config: Configuration) -> None:
    """`response` describes the store `name` with the configuration `config`."""
    assert response.status == status, response
    assert response.media_type == "application/json", response
    assert response.json == {"name": name, **NOT_ASKED_FOR, **config}


def expect_refused(
    store: Store,
    attempt: Callable[[str], Response],
    status: int = 400,
    *,
    mentions: Iterable[str] = (),
) -> None:
    """`attempt` to put an object is refused, whether its key is taken or free, and leaves no trace.

    `attempt` is given the key.
    """
    assert store.put("taken", b"old", headers=[("mo-meta-mark", "old")]).status == 204
    for key in ("taken", "free"):
        expect_error(attempt(key), status, mentions=mentions)
    untouched = store.get("taken")
    expect_object(untouched, b"old")
    assert untouched.headers.get("mark") == "old"
    expect_error(store.get("free"), 404, OBJECT_NOT_FOUND)


def expect_metadata(store: Store, sent: Fields, returned: dict[str, list[str]]) -> None:
    """An object put with the headers `sent` comes back with the headers `returned`."""
    assert store.put("key", b"body", headers=sent).status == 204
    answer = store.get("key")
    expect_object(answer, b"body")
    assert {name: answer.headers.all(name) for name in returned} == returned
