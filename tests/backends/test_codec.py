"""How an object's information is written beside its body."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.backends.codec import decode_info, decode_name, encode_info
from emulator.core.object_info import ObjectInfo
from tests.suites import examples

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(0, 10**25)

infos = st.builds(
    ObjectInfo,
    size=numbers,
    created_at=numbers,
    version=numbers,
    expires_at=st.none() | numbers,
    metadata=st.dictionaries(texts, texts, max_size=5),
)


@settings(max_examples=examples(300))
@given(infos)
@example(ObjectInfo(0, 0, 0, expires_at=0, metadata={"": ""}))
@example(ObjectInfo(0, 0, 0, metadata={"a\nb": "\r\n\u2028\x00\x85"}))
def test_information_that_is_written_reads_back_as_it_was(info: ObjectInfo) -> None:
    assert decode_info(encode_info(info)) == info


@settings(max_examples=examples(100))
@given(infos, texts, texts)
def test_names_beside_the_information_are_kept_and_change_nothing_else(
    info: ObjectInfo, bucket: str, key: str
) -> None:
    line = encode_info(info, bucket=bucket, key=key)
    assert (decode_name(line, "bucket"), decode_name(line, "key")) == (bucket, key)
    assert decode_info(line) == info
    assert decode_name(encode_info(info, key=key), "bucket") is None
    assert decode_name(encode_info(info), "key") is None


def test_a_name_that_is_no_text_reads_as_none() -> None:
    assert decode_name(b'{"size":1,"created_at":2,"version":3,"key":4}', "key") is None


@settings(max_examples=examples(100))
@given(infos)
def test_information_is_one_line_of_json_in_utf_8(info: ObjectInfo) -> None:
    line = encode_info(info)
    assert b"\n" not in line
    assert b"\r" not in line
    assert isinstance(json.loads(line.decode("utf-8")), dict)


def test_information_has_no_member_that_says_nothing() -> None:
    assert encode_info(ObjectInfo(1, 2, 3)) == b'{"size":1,"created_at":2,"version":3}'
    assert encode_info(ObjectInfo(1, 2, 3, expires_at=4, metadata={"a": "é"})) == (
        '{"size":1,"created_at":2,"version":3,"expires_at":4,"metadata":{"a":"é"}}'.encode()
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no JSON",
        b"\xff",
        b"null",
        b"17",
        b'"text"',
        b"[]",
        b"{}",
        b'{"size":1,"created_at":2}',
        b'{"size":1,"version":3}',
        b'{"created_at":2,"version":3}',
        b'{"size":"1","created_at":2,"version":3}',
        b'{"size":1,"created_at":2,"version":3,"metadata":[]}',
        b'{"size":1,"created_at":2,"version":3}{}',
    ],
)
def test_a_line_that_holds_no_information_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_info(line)


@settings(max_examples=examples(200))
@given(st.binary(max_size=60) | st.text('{}[]":,0size', max_size=20).map(str.encode))
def test_any_line_is_information_or_refused(line: bytes) -> None:
    try:
        info = decode_info(line)
    except ValueError:
        return
    assert isinstance(info, ObjectInfo)
