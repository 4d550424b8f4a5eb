"""Scripts that run inside a Valkey, each as one step for all."""

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
        """What the script returns, on the server with the names that are tagged ``tag``. It may run
        twice, so one that writes has to know itself again.

        Raises:
            EngineUnavailableError: it cannot run, or nobody knows whether it has.
        """
        rest = (len(keys), *keys, *arguments)
        try:
            return await valkey.call(tag, words("EVALSHA", self.digest, *rest))
        except RefusedError as error:
            if error.code != "NOSCRIPT":
                raise
        return await valkey.call(tag, words("EVAL", self._source, *rest))
