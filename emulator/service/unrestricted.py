"""Admission for who needs no API key: whoever may use the control API may do everything."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any

from emulator.auth.authentication import Caller
from emulator.auth.system_roles import OWNER
from emulator.core.operation import Operation
from emulator.core.permission_set import Access
from emulator.service.admission import Admission, Authorize, Parse

_OWNER = Caller("", OWNER, OWNER.permissions)


class UnrestrictedAdmission(Admission):
    """Admits every operation, without a key and without fault rules. The rules of the names in it
    hold as for everybody; with ``is_named`` they were decoded and checked before."""

    def __init__(self, *, is_named: bool = False) -> None:
        self.gates = []
        self._is_named = is_named

    async def check(
        self,
        operation: Operation,
        access: Access | Authorize | None,  # noqa: ARG002
        parse: Parse[Any] | None,
        *,
        with_faults: bool = True,  # noqa: ARG002
    ) -> tuple[Caller, Any]:
        names = None if parse is None or self._is_named else parse(operation)
        if iscoroutine(names):
            names = await names
        return _OWNER, names
