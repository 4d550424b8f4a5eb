"""Permission sets that users give in a file, or on stdin."""

from __future__ import annotations

from emulator.commands.files import read_json

FLAG = "--permissions"


def read_permission_set(file: str) -> object:
    """What a file holds as JSON, or stdin where ``file`` is ``-``. The service judges it further.

    Raises:
        UsageError: it cannot be read, or is not JSON.
    """
    return read_json(file, FLAG, "a permission set")
