"""Questions about objects: names, TTL, metadata, HEAD, ranges and conditional requests."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Callable

from emulator.conformance.answer import Answer
from emulator.conformance.connection import Fields, NoAnswerError
from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.statements.statement import SECOND
from emulator.conformance.target import Target
from emulator.core.answers import SWITCHES, Number

from .question import Question, by_status, of_switch

_BODY = b"0123456789"
_TAG = '"conformance"'
_DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
_OF_FAMILIES = (
    "access-control-request-headers",
    "forwarded",
    "proxy-status",
    "set-cookie2",
    "x-forwarded-host",
)
_LARGE_HEAD = 20 * 1024
_MUCH_METADATA = 3 * 1024


def _put(target: Target, *, query: str = "", headers: Fields = (), body: bytes = _BODY) -> str:
    """Put an object; return its key."""
    key = target.fresh_key()
    answer = target.store.put(key, body, query=query, headers=headers)
    assert answer.status == 204, f"a Put is {answer.status}"
    return key


def _stored(target: Target, *headers: tuple[str, str]) -> Answer:
    """Put an object with these headers; return what a Get answers."""
    answer = target.store.get(_put(target, headers=headers))
    assert answer.status == 200, f"a Get is {answer.status}"
    return answer


def _longest(id: str, admits: Callable[[int], bool]) -> str:
    """Return the largest number up to that of the switch that the endpoint admits."""
    bounds = SWITCHES[id].answers
    assert isinstance(bounds, Number)
    low, high = bounds.least, bounds.most
    if not admits(low):
        return UNCLEAR
    if admits(high):
        return bounds.word or str(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if admits(middle) else (low, middle)
    return str(low)


def _longest_name(target: Target) -> str:
    """Describe stores that do not exist: 404 if the name is one, 400 if it cannot be."""
    return _longest(
        "D04", lambda length: target.request("GET", f"/objectstore/{'a' * length}").status == 404
    )


def _longest_key(target: Target) -> str:
    return _longest("D05", lambda length: target.store.get("k" * length).status == 404)


def _longest_ttl(target: Target) -> str:
    key = target.fresh_key()
    return _longest(
        "D06.maximum", lambda ttl: target.store.put(key, query=f"ttl_seconds={ttl}").status == 204
    )


def _zero_ttl(target: Target) -> str:
    key = target.fresh_key()
    answer = target.store.put(key, query="ttl_seconds=0")
    if answer.status != 204:
        return by_status(answer.status, s400="refused")
    return by_status(target.store.get(key).status, s200="never expires", s404="expires now")


def _malformed_ttl(target: Target) -> str:
    answer = target.store.put(target.fresh_key(), query="ttl_seconds=abc")
    return by_status(answer.status, s204="ignored", s400="refused")


def _repeated_ttl(target: Target) -> str:
    key = target.fresh_key()
    answer = target.store.put(key, query="ttl_seconds=1&ttl_seconds=600")
    if answer.status != 204:
        return by_status(answer.status, s400="refused")
    target.wait(2)
    return by_status(target.store.get(key).status, s200="last", s404="first")


def _expired(target: Target) -> str:
    key = _put(target, query="ttl_seconds=1")
    target.wait(2)
    answer = target.store.get(key)
    return f"{answer.status} {answer.message}".strip()


def _replaced(target: Target) -> str:
    key = _put(target, headers=[("mo-meta-answer", "old")], query="ttl_seconds=600")
    target.store.put(key, b"new")
    answer = target.store.get(key)
    kept = answer.header("answer") is not None or answer.body != b"new"
    return "in part" if kept else "as a whole"


def _default_type(target: Target) -> str:
    answer = _stored(target, ("Content-Type", "image/x-conformance"))
    found = answer.header("Content-Type")
    if found is None:
        return "none"
    return "that of the upload" if found == "image/x-conformance" else found


def _families(target: Target) -> str:
    answer = _stored(target, *((f"mo-meta-{name}", "conformance") for name in _OF_FAMILIES))
    kept = [name for name in _OF_FAMILIES if "conformance" in answer.all(name)]
    if not kept:
        return "blocked"
    return "stored" if len(kept) == len(_OF_FAMILIES) else f"stored: {', '.join(kept)}"


def _repeated_metadata(target: Target) -> str:
    key = target.fresh_key()
    sent = [("mo-meta-answer", "one"), ("mo-meta-answer", "two")]
    put = target.store.put(key, headers=sent)
    if put.status != 204:
        return by_status(put.status, s400="refused")
    words = {("one, two",): "joined", ("one",): "first", ("two",): "last", ("one", "two"): "twice"}
    found = tuple(target.store.get(key).all("answer"))
    return words.get(found, " ".join(found) or UNCLEAR)


def _metadata_status(name: str, value: str | bytes, kept: str) -> Callable[[Target], str]:
    def probe(target: Target) -> str:
        answer = target.store.put(target.fresh_key(), headers=[(name, value)])
        return by_status(answer.status, s204=kept, s400="refused")

    return probe


def _spelling(target: Target) -> str:
    answer = _stored(target, ("mo-meta-Conformance-Name", "value"))
    names = [name for name, _ in answer.fields if name.lower() == "conformance-name"]
    return {"conformance-name": "lower-cased", "Conformance-Name": "as sent"}.get(
        "".join(names), UNCLEAR
    )


def _deletion(target: Target) -> str:
    key = _put(target)
    answer = target.store.delete(key)
    if answer.status not in (200, 202, 204):
        unknown = target.request("PATCH", target.store.path_of(key)).status
        return "not allowed" if answer.status == unknown else str(answer.status)
    return "deletes" if target.store.get(key).status == 404 else "no effect"


def _head_of_object(target: Target) -> str:
    answer = target.store.head(_put(target))
    is_as_get = answer.status == 200 and answer.header("Content-Length") == str(len(_BODY))
    return "as GET" if is_as_get else str(answer.status)


def _head_of_store(target: Target) -> str:
    return by_status(target.request("HEAD", target.store.path).status, s200="as GET")


def _early_end(target: Target) -> str:
    key = _put(target)
    head = (
        f"PUT {target.store.path_of(key)} HTTP/1.1\r\nHost: {target.host}\r\n"
        f"Authorization: {target.owner}\r\nContent-Length: 100\r\n\r\nshort"
    )
    with contextlib.suppress(NoAnswerError):
        target.raw(head.encode(), ends=True)
    return "nothing is stored" if target.store.get(key).body == _BODY else "stored"


def _range(target: Target) -> str:
    answer = target.store.get(_put(target), headers=[("Range", "bytes=2-4")])
    if answer.status == 206:
        return "honoured" if answer.body == _BODY[2:5] else UNCLEAR
    return by_status(answer.status, s200="ignored")


def _validator(name: str) -> Callable[[Target], str]:
    return lambda target: "none" if _stored(target).header(name) is None else "sent"


def _conditional(asked: str, validator: str, stored: str) -> Callable[[Target], str]:
    """Return a probe that sends the validator back: the endpoint's, or one that is metadata."""

    def probe(target: Target) -> str:
        key = _put(target, headers=[(f"mo-meta-{validator}", stored)])
        found = target.store.get(key).header(validator)
        if found is None:
            return UNCLEAR
        answer = target.store.get(key, headers=[(asked, found)])
        return by_status(answer.status, s200="ignored", s304="honoured")

    return probe


def _content_encoding(target: Target) -> str:
    body = gzip.compress(_BODY)
    answer = target.store.get(_put(target, headers=[("Content-Encoding", "gzip")], body=body))
    if answer.header("Content-Encoding") == "gzip":
        return "returned" if answer.body == body else UNCLEAR
    return {body: "ignored", _BODY: "decoded"}.get(answer.body, UNCLEAR)


def _expect(target: Target) -> str:
    head = (
        f"PUT {target.store.path_of(target.fresh_key())} HTTP/1.1\r\nHost: {target.host}\r\n"
        "Authorization: not-a-key\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
    )
    try:
        return f"{target.raw(head.encode()).status} before the body"
    except NoAnswerError:
        return "not before the body"


def _large_head(target: Target) -> str:
    headers = [("x-conformance", "x" * _LARGE_HEAD)]
    return str(target.request("GET", "/objectstore", headers=headers).status)


def _unknown_coding(target: Target) -> str:
    head = (
        f"PUT {target.store.path_of(target.fresh_key())} HTTP/1.1\r\nHost: {target.host}\r\n"
        f"Authorization: {target.owner}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    )
    return str(target.raw(head.encode()).status)


def _long_with_prefix(target: Target) -> str:
    answer = target.store.put("k" * 1024)
    return by_status(answer.status, s204="stored", s400="refused")


def _word(name: str, method: str, passed: str) -> Callable[[Target], str]:
    """Return a probe that sends a parameter with an unknown word."""

    def probe(target: Target) -> str:
        key = _put(target)
        path = target.store.path_of(key)
        body = _BODY if method == "PUT" else None
        answer = target.request(method, path, headers=[(name, "conformance")], body=body)
        return by_status(answer.status, s400="refused", **{passed: "ignored"})

    return probe


def _repeated_tag(target: Target) -> str:
    headers = [("mo-tag-answer", "one"), ("mo-tag-answer", "two")]
    answer = target.store.put(target.fresh_key(), headers=headers)
    return by_status(answer.status, s204="stored", s400="refused")


def _hidden(target: Target) -> str:
    """Put a durable object, and an ephemeral one over it that expires."""
    key = _put(target)
    ephemeral = [("mo-persistence", "ephemeral")]
    put = target.store.put(key, b"short", query="ttl_seconds=1", headers=ephemeral)
    assert put.status == 204, f"an ephemeral Put is {put.status}"
    target.wait(2)
    return by_status(target.store.get(key).status, s200="served again", s404="gone")


def _request_id(target: Target) -> str:
    missing = target.store.get(target.fresh_key())
    return "on errors too" if missing.header("mo-request-id") else "on success only"


_ONE_WRITE = "the engines write an object in one step, with all that belongs to it"

QUESTIONS = (
    of_switch("D04", "How long can a store's name be?", _longest_name),
    of_switch("D05", "How long can an object's key be?", _longest_key),
    of_switch("D06.zero", "What does ttl_seconds=0 do?", _zero_ttl),
    of_switch("D06.malformed", "What does ttl_seconds=abc do?", _malformed_ttl),
    of_switch("D06.repeated", "Which of two ttl_seconds counts?", _repeated_ttl),
    of_switch("D06.maximum", "How large can ttl_seconds be?", _longest_ttl),
    Question(
        "D07",
        "What does a Get of an expired object answer?",
        ("404 Object not found.",),
        _expired,
        "an expired object is as good as none for everything behind it: logs, metrics, caches",
    ),
    Question(
        "D08",
        "How does a Put replace an object?",
        ("as a whole",),
        _replaced,
        _ONE_WRITE,
    ),
    of_switch("D09", "Which Content-Type has an object that was put without one?", _default_type),
    of_switch("D10", "Which names of the families with etc. are blocked?", _families),
    of_switch("D11", "What becomes of metadata that is given twice?", _repeated_metadata),
    of_switch(
        "D11.empty",
        "What becomes of metadata without a name?",
        _metadata_status("mo-meta-", "value", "ignored"),
    ),
    of_switch("D16", "What does DELETE of an object do?", _deletion),
    of_switch("D17.object", "What does HEAD of an object answer?", _head_of_object),
    of_switch("D17.store", "What does HEAD of a store answer?", _head_of_store),
    Question(
        "D21",
        "What does an upload leave that ends early?",
        ("nothing is stored",),
        _early_end,
        "an upload is published in one step, once all of it is there",
    ),
    of_switch("D27.range", "Is a Range honoured?", _range),
    of_switch(
        "D27.if-none-match",
        "Is If-None-Match honoured?",
        _conditional("If-None-Match", "etag", _TAG),
    ),
    of_switch(
        "D27.if-modified-since",
        "Is If-Modified-Since honoured?",
        _conditional("If-Modified-Since", "last-modified", _DATE),
    ),
    of_switch("D27.etag", "Does an object have an ETag of the endpoint's?", _validator("etag")),
    of_switch(
        "D27.last-modified",
        "Does an object have a Last-Modified of the endpoint's?",
        _validator("last-modified"),
    ),
    Question(
        "D30",
        "How are names of metadata spelled in an answer?",
        ("lower-cased",),
        _spelling,
        "HTTP compares names without case, and storage keeps one spelling",
    ),
    Question(
        "D31",
        "What does it do with metadata that is not UTF-8?",
        ("refused",),
        _metadata_status("mo-meta-answer", b"\xff", "stored"),
        "storage keeps metadata as text",
    ),
    Question(
        "D33",
        "What does it answer to a header of 20 KiB?",
        ("431",),
        _large_head,
        "the parser has one limit for every request",
    ),
    of_switch("D38", "What becomes of an upload's Content-Encoding?", _content_encoding),
    Question(
        "D39",
        "When is a Put with Expect: 100-continue refused?",
        ("401 before the body",),
        _expect,
        "no body is asked for before the checks that need none",
    ),
    Question(
        "D70",
        "What does it do with a key that is too long for S3 together with the prefix?",
        ("stored", "refused"),
        _long_with_prefix,
        "it is refused with --storage s3",
    ),
    Question(
        "D71",
        "What does it do with more metadata than S3 takes?",
        ("stored", "refused"),
        _metadata_status("mo-meta-answer", "x" * _MUCH_METADATA, "stored"),
        "it is refused with --storage s3",
    ),
    Question(
        "D95",
        "What does it do with a tag that is given twice?",
        ("refused",),
        _repeated_tag,
        "S3 takes a tag once",
        revisions=(SECOND,),
    ),
    of_switch(
        "D96.persistence",
        "What does mo-persistence with an unknown word do?",
        _word("mo-persistence", "PUT", "s204"),
    ),
    of_switch(
        "D96.read-concern",
        "What does read-concern with an unknown word do?",
        _word("read-concern", "GET", "s200"),
    ),
    Question(
        "D97",
        "What is there once an ephemeral object over a durable one has expired?",
        ("served again",),
        _hidden,
        "an ephemeral Put does not touch storage",
        revisions=(SECOND,),
    ),
    Question(
        "D101",
        "Which answers have mo-request-id?",
        ("on errors too",),
        _request_id,
        "access logs have the id of every operation",
        revisions=(SECOND,),
    ),
    Question(
        "D119",
        "What does it answer to a transfer coding that it does not know?",
        ("501",),
        _unknown_coding,
        "the parser has one rule for every request",
    ),
)
