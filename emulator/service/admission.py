"""How every operation begins: who asks for it, and what it passes once the caller may do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.auth.authentication import Authenticator, Caller
from emulator.core.operation import Gate, Operation

ReadBody = Callable[[], Awaitable[object]]
"""Gives the JSON document in a request's body. It is called once the caller may do what is asked:
a body is read, and its client asked for it, only then."""


class Admission:
    """Says who asks, and keeps the gates.

    A plane calls ``identify``, asks the caller for the permission that the operation needs, and
    then calls ``let_in``; only after that does it read the body, or look at what is there.
    """

    def __init__(self, authenticator: Authenticator) -> None:
        self.gates: list[Gate] = []
        self._authenticator = authenticator

    async def identify(self, operation: Operation) -> Caller:
        """The caller, who is noted in the operation.

        Raises:
            UnauthorizedError: the credentials are none of this account.
        """
        caller = await self._authenticator.authenticate(operation.credentials)
        operation.key_id = caller.key_id
        if caller.role is not None:
            operation.role_id, operation.role_name = caller.role.role_id, caller.role.role_name
        return caller

    async def let_in(self, operation: Operation) -> None:
        """Take the operation through every gate."""
        for gate in self.gates:
            await gate(operation)
