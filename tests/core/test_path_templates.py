"""Paths with named parts: which template a path is made from, and the path that one makes."""

from __future__ import annotations

import pytest

from emulator.core.path_templates import PathTemplates, fill

TEMPLATES = PathTemplates(["/a", "/a/{id}", "/a/{id}/{rest*}", "/b/{rest*}"])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a", ("/a", ())),
        ("/a/", ("/a/{id}", ("",))),
        ("/a/x", ("/a/{id}", ("x",))),
        ("/a/%2F", ("/a/{id}", ("%2F",))),
        ("/a/x/", ("/a/{id}/{rest*}", ("x", ""))),
        ("/a/x/y/z", ("/a/{id}/{rest*}", ("x", "y/z"))),
        ("/a//y", ("/a/{id}/{rest*}", ("", "y"))),
        ("/b//x\n", ("/b/{rest*}", ("/x\n",))),
        ("/b", None),
        ("/a/{id}", ("/a/{id}", ("{id}",))),
        ("/aa", None),
        ("//a", None),
        ("", None),
    ],
)
def test_a_path_is_matched_by_its_template(
    path: str, found: tuple[str, tuple[str, ...]] | None
) -> None:
    assert TEMPLATES.match(path) == found


def test_a_template_is_filled_with_its_parts() -> None:
    parts = {"id": "x", "rest": "y/%7Bid%7D", "more": "z"}
    assert fill("/a/{id}/{rest*}", parts) == "/a/x/y/%7Bid%7D"
    assert fill("/a", parts) == "/a"
