"""Lua scripts that run inside a Valkey, each atomically."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from emulator.backends.valkey.connection import Word
from emulator.backends.valkey.errors import RefusedError
from emulator.backends.valkey.server import Valkey, words


class Script:
    """A script in Lua, known to the server by its digest once it has run."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self, valkey: Valkey, tag: bytes, keys: Sequence[Word], arguments: Sequence[Word] = ()
    ) -> Any:
        """Run the script on the server that has the hash tag ``tag``; return the result.

        It may run twice, so a script that writes must recognise the second time.

        Raises:
            EngineUnavailableError: it could not run, or may have run or not.
        """
        rest = (len(keys), *keys, *arguments)
        try:
            return await valkey.call(tag, words("EVALSHA", self.digest, *rest))
        except RefusedError as error:
            if error.code != "NOSCRIPT":
                raise
        return await valkey.call(tag, words("EVAL", self._source, *rest))
