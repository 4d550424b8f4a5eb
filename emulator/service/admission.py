"""Start of every operation: the checks of D01, in one fixed order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Generic, TypeVar, overload

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

Parse = Callable[[Operation], N]
"""Parses the names in the path of a request, and checks everything that comes before the
permissions. Raises ``BadRequestError`` if something is not valid."""

Authorize = Callable[[Caller], None]
"""Checks an access that no permission can express. Raises ``ForbiddenError``."""


@dataclass(slots=True)
class Admitted(Generic[N]):
    """An admitted operation with what the checks found: its caller, and the parser's names."""

    operation: Operation
    access: Access | Authorize | None
    parse: Parse[Any] | None
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
        parse: Parse[Coroutine[Any, Any, N]],
    ) -> Admitted[N]: ...

    @overload
    async def admit(
        self, operation: Operation, access: Access | Authorize | None, parse: Parse[N]
    ) -> Admitted[N]: ...

    async def admit(
        self,
        operation: Operation,
        access: Access | Authorize | None = None,
        parse: Parse[Any] | None = None,
    ) -> Admitted[Any]:
        """Admit ``operation``. Only then may its body be read, or its resource be looked up.

        Without ``access`` a caller with any role is admitted.

        Raises:
            ServiceError: a check refuses it. Its names are then decoded as far as possible.
        """
        caller, names = await self.check(operation, access, parse)
        return Admitted(operation, access, parse, caller, names)

    async def check(
        self,
        operation: Operation,
        access: Access | Authorize | None,
        parse: Parse[Any] | None,
        *,
        with_faults: bool = True,
    ) -> tuple[Caller, Any]:
        """Make the first checks of every operation, in the order of D01. Each plane then checks
        that the named resource exists (404), the limits (429), and the parameters and the body
        (400).

        Raises:
            ServiceError: see ``admit``.
        """
        store, key = operation.store, operation.key
        try:
            # 401: the API key or token is one of this account.
            caller = self._authenticator.authenticate_now(operation.credentials)
            if caller is None:
                caller = await self._authenticator.authenticate(operation.credentials)
            operation.key_id, role = caller.key_id, caller.role
            if role is not None:
                operation.role_id, operation.role_name = role.role_id, role.role_name
            # 400: the names in the path are well-formed.
            names = None if parse is None else parse(operation)
            if isinstance(names, CoroutineType):
                names = await names
            # 403: the caller's role allows the operation.
            if isinstance(access, Access):
                caller.require(access, operation.store, operation.key)
            elif access is not None:
                access(caller)
            # Any status: a fault rule may answer in place of the operation.
            if with_faults and self.gates:
                for gate in self.gates:
                    await gate(operation)
        except ServiceError:
            operation.store, operation.key = shown(store), shown(key)
            raise
        return caller, names

    async def body(self, admitted: Admitted[Any], read_body: ReadBody) -> object:
        """Return the body of an admitted operation. The checks whose result may have changed while
        it arrived are made again, before anything is said of the body (D58).

        Raises:
            ServiceError: a check now refuses the operation, or the body is not valid.
        """
        try:
            body = await read_body()
        except ServiceError:
            await self._confirm(admitted)
            raise
        await self._confirm(admitted)
        return body

    async def _confirm(self, admitted: Admitted[Any]) -> None:
        operation, access, parse = admitted.operation, admitted.access, admitted.parse
        await self.check(operation, access, parse, with_faults=False)
