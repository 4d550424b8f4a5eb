"""Start of every operation: the checks of D01, in one fixed order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, overload

from emulator.auth.authentication import Authenticator, Caller
from emulator.core.errors import ServiceError
from emulator.core.operation import Gate, Operation
from emulator.core.permission_set import Access
from emulator.service.names import shown

ReadBody = Callable[[], Awaitable[object]]
"""Returns the JSON document in a request's body. It is called only for an admitted operation: no
other body is read or asked of the client."""

N = TypeVar("N")
"""What a parser makes of the names in a path."""

Parse = Callable[[Operation], Awaitable[N]]
"""Parses the names in the path of a request, and checks everything that comes before the
permissions. Raises ``BadRequestError`` if something is not valid."""

Authorize = Callable[[Caller], None]
"""Checks an access that no permission can express. Raises ``ForbiddenError``."""

Check = Literal["credentials", "names", "permissions", "faults"]

ORDER: tuple[Check, ...] = (
    "credentials",  # 401: the API key or token is one of this account.
    "names",  # 400: the names in the path are well-formed.
    "permissions",  # 403: the caller's role allows the operation.
    "faults",  # Any status: a fault rule may answer in place of the operation.
)
"""The first checks of every operation, in the order of D01. Each plane then checks that the named
resource exists (404), the limits (429), and the parameters and the body (400)."""

WITHOUT_FAULTS = tuple(check for check in ORDER if check != "faults")


@dataclass(slots=True)
class Admitted(Generic[N]):
    """An admitted operation with what the checks found: its caller, and the parser's names."""

    operation: Operation
    access: Access | Authorize | None
    parse: Parse[N] | None
    caller: Caller
    names: N


class Admission:
    """Admits the operations of every plane in the same way, each with its access and parser."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.gates: list[Gate] = []
        """Called after the permissions check: the fault rules, while there are any."""
        self._authenticator = authenticator

    @overload
    async def admit(
        self, operation: Operation, access: Access | Authorize | None = None
    ) -> Admitted[None]: ...

    @overload
    async def admit(
        self,
        operation: Operation,
        access: Access | Authorize | None,
        parse: Parse[N],
        order: Sequence[Check] = ORDER,
    ) -> Admitted[N]: ...

    async def admit(
        self,
        operation: Operation,
        access: Access | Authorize | None = None,
        parse: Parse[Any] | None = None,
        order: Sequence[Check] = ORDER,
    ) -> Admitted[Any]:
        """Admit ``operation``. Only then may its body be read, or its resource be looked up.

        Without ``access`` a caller with any role is admitted.

        Raises:
            ServiceError: a check refuses it. Its names are then decoded as far as possible.
        """
        caller = names = None
        store, key = operation.store, operation.key
        try:
            for check in order:
                if check == "credentials":
                    caller = await self._authenticator.authenticate(operation.credentials)
                    operation.key_id = caller.key_id
                    if caller.role is not None:
                        operation.role_id = caller.role.role_id
                        operation.role_name = caller.role.role_name
                elif check == "names":
                    if parse is not None:
                        names = await parse(operation)
                elif check == "permissions":
                    assert caller is not None
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
        assert caller is not None
        return Admitted(operation, access, parse, caller, names)

    async def confirm(self, admitted: Admitted[Any]) -> None:
        """Repeat the checks whose result may have changed while the body was received (D58).

        Raises:
            ServiceError: a check now refuses it.
        """
        parse = admitted.parse or _no_names
        await self.admit(admitted.operation, admitted.access, parse, WITHOUT_FAULTS)

    async def body_of_change(
        self, operation: Operation, access: Access, read_body: ReadBody
    ) -> object:
        """Admit ``operation``, and return the body of its request, confirmed once it has arrived.

        Raises:
            ServiceError: a check refuses the operation, before or after, or the body is not valid.
        """
        admitted = await self.admit(operation, access)
        body = await read_body()
        await self.confirm(admitted)
        return body


async def _no_names(_operation: Operation) -> None:
    """The parser of an operation whose path has no names."""
