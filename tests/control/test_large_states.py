"""A state is read and written in pieces, with the result that the whole document would have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control import state_body, state_reader
from emulator.control.state_body import LINE_BYTES
from emulator.control.state_file import State, StoredBody, from_document
from emulator.control.state_reader import StateReader
from emulator.control.state_writer import Exported, text_of
from emulator.core.clock import ClockState
from emulator.core.errors import BadRequestError
from emulator.core.json_text import NotJsonError, parsed
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples
from tests.support.bodies import some_bytes
from tests.support.client import JSON, Client, create_store
from tests.support.emulators import Start, as_new, client

from .states import JUNK, Document, paths_of, put_at, remove


@pytest.fixture(scope="module")
def document() -> Document:
    with Emulator(cache="memory") as emulator:
        emulator.clock.freeze(2_000_000_000_000_000)
        owner = client(emulator)
        create_store(owner, "store")
        for key, body in BODIES.items():
            owner.put("store", key, body, metadata={"note": 'a "quoted" word'})
        return emulator.export_state()


BODIES = {
    "empty": b"",
    "lines": b"one\ntwo\n",
    "binary": bytes(range(256)),
    "long line": '\\"quoted" ü 😀 \t end'.encode() * 20,
    "many lines": b"line\n" * 100,
    "many lines of base64": some_bytes(20 * LINE_BYTES + 1),
}


def result(read: Any) -> object:
    """What comes of reading a document; keys of caches are random."""
    try:
        state: State = read()
    except BadRequestError as error:
        return type(error), str(error)
    records = [(each.table.name, each.record_id) for each in state.records]
    return state.clock, records, state.objects


def read_in_pieces(content: bytes, sizes: list[int]) -> State:
    reader, start = StateReader(), 0
    for size in sizes:
        reader.feed(content[start : start + size])
        start += size
    reader.feed(content[start:])
    return reader.close()


def read_whole(content: bytes) -> State:
    return from_document(parsed(content) if content else {})


layouts: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"indent": 1, "ensure_ascii": False},
        {"indent": 1},
        {"indent": "\t"},
        {},
        {"separators": (",", ":")},
    ]
)


@pytest.mark.parametrize("large", [16, 40, 128 * 1024])
@given(data=st.data())
@settings(max_examples=examples(200))
def test_a_document_that_arrives_in_pieces_is_read_as_the_whole_one(
    document: Document, large: int, data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(0, 2))):
        path = data.draw(st.sampled_from(paths_of(changed)))
        if data.draw(st.booleans()):
            remove(changed, path)
        else:
            put_at(changed, path, data.draw(st.sampled_from(JUNK)))
        if not isinstance(changed, dict):
            break
    content = json.dumps(changed, **data.draw(layouts)).encode("utf-8", "surrogatepass")
    sizes = data.draw(st.lists(st.integers(0, 200) | st.integers(0, 20_000), max_size=10))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(state_reader, "LARGE", large)
        assert result(lambda: read_in_pieces(content, sizes)) == result(lambda: read_whole(content))


TEXTS = {
    "nothing": b"",
    "spaces": b" \n",
    "a number": b"17",
    "a number with an exponent": b"-1.5e+308",
    "a member with an exponent": b'{"format": 1.0E-2, "kind": 5e3}',
    "a list": b"[]",
    "an empty object": b"{}",
    "no objects": b'{"objects": []}',
    "objects that are none": b'{"objects": {}}',
    "unfinished": b'{"kind": "x"',
    "a comma too many": b'{"kind": "x",}',
    "a comma too many in objects": b'{"objects": [1,]}',
    "no comma": b'{"kind": "x" "format": 1}',
    "a name that is no text": b"{1: 2}",
    "something behind it": b"{} x",
    "two documents": b"{}{}",
    "NaN": b'{"format": NaN}',
    "not UTF-8": b'{"kind": "\xff"}',
    "half of a character": b'{"kind": "\xc3',
    "a member twice": b'{"kind": 1, "kind": 2}',
    "a member of an object twice": b'{"objects": [{"key": "a", "key": "b"}]}',
    "a control character": b'{"objects": [{"text": ["a\nb"]}]}',
    "a bad escape": b'{"objects": [{"text": ["a\\x"]}]}',
    "a cut escape": b'{"objects": [{"text": ["a\\u12',
    "a list that is cut": b'{"objects": [{"text": ["a", "b"',
    "deep": b"[" * 300,
    "deep in objects": b'{"objects": [' + b"[" * 300 + b"]" * 300 + b"]}",
    "deep in an object": b'{"objects": [{"text": ' + b"[" * 300 + b"]" * 300 + b"}]}",
}


@pytest.mark.parametrize("large", [13, 20, 128 * 1024])
@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_what_is_no_state_is_refused_in_pieces_as_it_is_whole(
    monkeypatch: pytest.MonkeyPatch, content: bytes, large: int
) -> None:
    monkeypatch.setattr(state_reader, "LARGE", large)
    for size in (1, 3, 1000):
        sizes = [size] * (len(content) // size)
        assert result(lambda: read_in_pieces(content, sizes)) == result(  # noqa: B023
            lambda: read_whole(content)
        )


def with_body(document: Document, **body: object) -> Document:
    (changed,) = [json.loads(json.dumps(each)) for each in document["objects"][:1]]
    changed.pop("text", None)
    changed.pop("base64", None)
    return {**document, "objects": [{**changed, **body}]}


LINES = {
    "escapes of one character": {"text": ["\U0001f600" * 30]},
    "a lone surrogate": {"text": ["a", "x" * 50 + "\ud83d"]},
    "lone surrogates in turn": {"text": ["\ude00\ud83d" * 20]},
    "a number between lines": {"text": ["a" * 50, 5, "b"]},
    "a list between lines": {"text": ["a" * 50, ["b" * 50], "b"]},
    "a long line of base64": {"base64": ["QUJD" * 40 + "QQ=="]},
    "two long lines of base64": {"base64": ["QUJD" * 40 + "QQ==", "QUJD" * 40 + "QQ=="]},
    "padding inside of a long line": {"base64": ["QUJD" * 20 + "QQ==" + "QUJD" * 20]},
    "a long line that is no base64": {"base64": ["QUJD" * 20 + "!" + "QUJD" * 20]},
    "a long line of base64 that is cut": {"base64": ["QUJD" * 20 + "QU"]},
    "no lines": {"text": []},
    "no lines of base64": {"base64": []},
    "both": {"text": ["a" * 100], "base64": ["QUJD" * 40]},
    "no list": {"text": "a" * 100},
}


@pytest.mark.parametrize("large", [13, 16, 37])
@pytest.mark.parametrize("body", LINES.values(), ids=LINES)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_large_body_is_read_in_parts_as_it_is_whole(
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
    body: dict[str, object],
    large: int,
    ascii_only: bool,
) -> None:
    monkeypatch.setattr(state_reader, "LARGE", large)
    changed = with_body(document, **body)
    content = json.dumps(changed, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    expected = result(lambda: read_whole(content))
    for size in (1, 7, 10_000):
        sizes = [size] * (len(content) // size)
        assert result(lambda: read_in_pieces(content, sizes)) == expected  # noqa: B023


def test_padding_before_an_escape_that_has_not_arrived_is_not_passed_over(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_reader, "LARGE", 16)
    changed = with_body(document, base64=["QUJD" * 20 + "QQ==" + "#UJD" * 20])
    content = json.dumps(changed).replace("#", r"\u0051").encode()
    expected = result(lambda: read_whole(content))
    assert expected == (BadRequestError, "Invalid objects[0].base64: it is not valid base64")
    for size in range(1, 10):
        sizes = [size] * (len(content) // size)
        assert result(lambda: read_in_pieces(content, sizes)) == expected  # noqa: B023


@pytest.mark.parametrize("piece", [LINE_BYTES, 8 * LINE_BYTES])
@given(body=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()))
@example(body="ü😀\n".encode() * 40)
@example(body=b"\xff" * 300)
@example(body=b"a" * 56 + "ü".encode() + b"\n" * 3)
@settings(max_examples=examples(150))
def test_the_text_of_an_export_is_that_of_its_document(
    running_emulator: Emulator, piece: int, body: bytes
) -> None:
    one = as_new(running_emulator)
    create_store(client(one), "store")
    one.tiers.put("store", "key", body, tier="storage", metadata={"a": "ü"} if not body else {})
    one.tiers.put("store", "key \u2028 2", b"", tier="storage")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(state_body, "_PIECE_BYTES", piece)
        text = Client(one.endpoint).call("GET", "/_emulator/state").body.decode()
        document = one.export_state()
    assert text == json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    assert text == "".join(text_of(document))


def test_the_text_of_an_export_without_objects_is_that_of_its_document(emulator: Emulator) -> None:
    text = Client(emulator.endpoint).call("GET", "/_emulator/state").body.decode()
    assert text == json.dumps(emulator.export_state(), ensure_ascii=False, indent=1) + "\n"


def test_the_head_of_an_export_has_no_body(emulator: Emulator) -> None:
    answer = Client(emulator.endpoint).call("HEAD", "/_emulator/state")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "application/json"
    assert client(emulator).list_stores().status == 200


def test_looking_for_what_is_no_text_in_a_large_body_makes_pauses() -> None:
    body = b"a" * (10 * state_body._PIECE_BYTES)
    stored = StoredBody(Location("bucket", "key"), ObjectInfo(len(body), 0, 0), body)
    pieces = list(Exported(ClockState(0, None), {}, [stored]).text())
    assert pieces.count("") >= 9
    assert json.loads("".join(pieces))["objects"][0]["text"] == [body.decode()]


def test_no_step_of_the_reader_parses_much(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The largest step is counted, in characters, not timed."""
    lines = ["l" * 70] * 20_000
    changed = with_body(document, text=[*lines, "one long line" * 100_000])
    content = json.dumps(changed, indent=1).encode()
    steps: list[int] = []
    scan, strings = state_reader._scan, state_reader._strings

    def noting_scan(text: str, at: int) -> tuple[object, int]:
        steps.append(len(text) - at)
        return scan(text, at)

    def noting_strings(items: str) -> list[str]:
        steps.append(len(items))
        return strings(items)

    monkeypatch.setattr(state_reader, "_scan", noting_scan)
    monkeypatch.setattr(state_reader, "_strings", noting_strings)
    state = read_in_pieces(content, [64 * 1024] * (len(content) // (64 * 1024)))
    assert len(next(iter(state.objects.values())).body) > 1_000_000
    assert len(steps) > 10
    assert max(steps) < 5 * state_reader.LARGE


def test_a_file_that_is_no_json_is_named(start: Start, tmp_path: Any) -> None:
    path = tmp_path / "state.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"state\.json is not valid JSON"):
        start().import_state(path)


def test_a_body_that_is_no_json_is_refused(emulator: Emulator) -> None:
    answer = Client(emulator.endpoint).call("PUT", "/_emulator/state", b"{", JSON)
    assert (answer.status, answer.json()["message"]) == (400, str(NotJsonError()))
