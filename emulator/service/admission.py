"""How every operation begins: the checks of D01, in their one order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from emulator.auth.authentication import Authenticator, Caller
from emulator.core.errors import ServiceError
from emulator.core.operation import Gate, Operation
from emulator.core.permission_set import Access
from emulator.service.names import shown

ReadBody = Callable[[], Awaitable[object]]
"""Gives the JSON document in a request's body. It is called once the caller may do what is asked:
a body is read, and its client asked for it, only then."""

Parse = Callable[[Operation], Awaitable[Any]]
"""Reads the names in the path of a request, and whatever else is checked before the permissions.
Raises ``BadRequestError`` for what is no name."""

Authorize = Callable[[Caller], None]
"""Stands for an access that no permission grants. Raises ``ForbiddenError``."""


Check = Literal["credentials", "names", "permissions", "faults"]

ORDER: tuple[Check, ...] = (
    "credentials",  # 401: the API key or token is one of this account.
    "names",  # 400: the names in the path are well-formed.
    "permissions",  # 403: the caller's role allows the operation.
    "faults",  # Whatever a fault rule answers in place of the operation.
)
"""What every operation passes first, in the order of D01. Whether what it names exists (404), the
limits (429), its parameters and its body (400) come after that, in each plane."""

WITHOUT_FAULTS = tuple(check for check in ORDER if check != "faults")


@dataclass(slots=True)
class Admitted:
    """An operation on its way through the checks: what it needs, and what they have found.

    ``caller`` is who asks, ``names`` what the parser has made of the path.
    """

    operation: Operation
    access: Access | Authorize | None
    parse: Parse | None
    caller: Caller | None = None
    names: Any = None


class Admission:
    """Admits operations: those of each plane the same way, with its own access and parser."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.gates: list[Gate] = []
        """What an operation passes once its caller may do it: fault rules, while there are any."""
        self._authenticator = authenticator

    async def admit(
        self,
        operation: Operation,
        access: Access | Authorize | None = None,
        parse: Parse | None = None,
        order: Sequence[Check] = ORDER,
    ) -> Admitted:
        """Admit ``operation``. Only then may its body be read, or what it names be looked up.

        Without ``access`` a caller of any role is admitted.

        Raises:
            ServiceError: a check refuses it. The names are then as far decoded as they can be.
        """
        admitted = Admitted(operation, access, parse)
        store, key = operation.store, operation.key
        try:
            for check in order:
                if check == "credentials":
                    caller = await self._authenticator.authenticate(operation.credentials)
                    admitted.caller, operation.key_id = caller, caller.key_id
                    if caller.role is not None:
                        operation.role_id = caller.role.role_id
                        operation.role_name = caller.role.role_name
                elif check == "names":
                    if parse is not None:
                        admitted.names = await parse(operation)
                elif check == "permissions":
                    if isinstance(access, Access):
                        caller.require(access, operation.store, operation.key)
                    elif access is not None:
                        access(caller)
                else:
                    for gate in self.gates:
                        await gate(operation)
        except ServiceError:
            operation.store, operation.key = shown(store), shown(key)
            raise
        return admitted

    async def confirm(self, admitted: Admitted) -> None:
        """Check again what may have changed while the body was on its way (D58).

        Raises:
            ServiceError: a check refuses it now.
        """
        await self.admit(admitted.operation, admitted.access, admitted.parse, WITHOUT_FAULTS)
