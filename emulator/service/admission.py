"""How every operation begins: the checks of D01, in their one order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from emulator.auth.authentication import Authenticator, Caller
from emulator.core.errors import ServiceError
from emulator.core.operation import Gate, Operation
from emulator.core.permission_set import Access
from emulator.service.names import shown

ReadBody = Callable[[], Awaitable[object]]
"""Gives the JSON document in a request's body. It is called once the caller may do what is asked:
a body is read, and its client asked for it, only then."""

Parse = Callable[[Operation], Awaitable[Any]]
"""Reads the names in the path of a request, and what else is checked before the permissions;
raises ``BadRequestError`` for what is no name."""

Authorize = Callable[[Caller], None]
"""Raises ``ForbiddenError`` where the caller may not do what no permission grants."""


class Admission:
    """Admits operations: to each plane the same way, with its own access and its own parser."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.gates: list[Gate] = []
        """What an operation passes once its caller may do it: fault rules, while there are any."""
        self.authenticator = authenticator

    async def admit(
        self,
        operation: Operation,
        access: Access | Authorize | None = None,
        parse: Parse | None = None,
    ) -> Admitted:
        """Admit ``operation``; only then is its body read, or looked at what there is.

        Without ``access`` a caller of any role may do it.

        Raises:
            UnauthorizedError: the credentials are none of this account.
            BadRequestError: ``parse`` refuses a name.
            ForbiddenError: the caller may not do this.
        """
        admitted = Admitted(operation, access, parse)
        store, key = operation.store, operation.key
        try:
            for check in ORDER:
                await check(self, admitted)
        except ServiceError:
            operation.store, operation.key = shown(store), shown(key)
            raise
        return admitted

    async def confirm(self, admitted: Admitted) -> None:
        """Check again what may have changed while the body was on its way (D58).

        Raises:
            ServiceError: as for ``admit``.
        """
        for check in ORDER:
            if check is not _pass_gates:
                await check(self, admitted)


class Admitted:
    """An operation on its way through the checks: what it asks for, and what they have found.

    ``caller`` is who asks, ``names`` what the parser has made of the path.
    """

    __slots__ = ("access", "caller", "names", "operation", "parse")

    caller: Caller
    names: Any

    def __init__(
        self, operation: Operation, access: Access | Authorize | None, parse: Parse | None
    ) -> None:
        self.operation = operation
        self.access = access
        self.parse = parse


async def _authenticate(admission: Admission, admitted: Admitted) -> None:
    """401: who asks."""
    operation = admitted.operation
    caller = await admission.authenticator.authenticate(operation.credentials)
    admitted.caller = caller
    operation.key_id = caller.key_id
    if caller.role is not None:
        operation.role_id, operation.role_name = caller.role.role_id, caller.role.role_name


async def _parse(_admission: Admission, admitted: Admitted) -> None:
    """400: the names in the path."""
    if admitted.parse is not None:
        admitted.names = await admitted.parse(admitted.operation)


async def _authorize(_admission: Admission, admitted: Admitted) -> None:
    """403: whether the caller may do that."""
    access, operation = admitted.access, admitted.operation
    if isinstance(access, Access):
        admitted.caller.require(access, operation.store, operation.key)
    elif access is not None:
        access(admitted.caller)


async def _pass_gates(admission: Admission, admitted: Admitted) -> None:
    """Whatever a fault rule answers."""
    for gate in admission.gates:
        await gate(admitted.operation)


Check = Callable[[Admission, Admitted], Awaitable[None]]

ORDER: tuple[Check, ...] = (_authenticate, _parse, _authorize, _pass_gates)
"""The checks that every operation passes first, in the order of D01. Whether what it names exists
(404), its limits (429), its parameters and its body (400) come after them, in its plane."""
