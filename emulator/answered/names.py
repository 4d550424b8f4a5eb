"""Names in paths by the answers of an endpoint: the longest store name and object key."""

from __future__ import annotations

import re

from emulator.core.answers import Answers
from emulator.core.errors import BadRequestError
from emulator.core.operation import Operation
from emulator.service.names import parse_segment


class AnsweredNames:
    """Parses names by the answers D04 and D05; characters are those of the emulator."""

    def __init__(self, answers: Answers) -> None:
        self._most_characters = answers.number("D04")
        self._most_bytes = answers.number("D05")
        self._store_name = re.compile(rf"[A-Za-z0-9\-_.~]{{1,{self._most_characters}}}")

    def parse_object_names(self, operation: Operation) -> None:
        """Decode the store and the key of an operation on an object.

        Raises:
            BadRequestError: one of them is not well-formed.
        """
        store = self.parse_store_name(operation.store)
        operation.store, operation.key = store, self.parse_key(operation.key)

    def parse_store_name(self, raw: str) -> str:
        """Parse the store name in a path segment.

        Raises:
            BadRequestError: a character or the length is not allowed.
        """
        name = parse_segment(raw, "store name")
        if not self._store_name.fullmatch(name):
            raise BadRequestError(
                f"Invalid store name: it must have 1 to {self._most_characters} characters "
                "of A-Z a-z 0-9 - _ . ~"
            )
        return name

    def parse_key(self, raw: str) -> str:
        """Parse the object key, which is the rest of a raw path.

        Raises:
            BadRequestError: it is empty, too long, or contains NUL.
        """
        key = parse_segment(raw, "key")
        if not 1 <= len(key.encode()) <= self._most_bytes or "\0" in key:
            raise BadRequestError(
                f"Invalid key: it must have 1 to {self._most_bytes} bytes of UTF-8 and no NUL"
            )
        return key
