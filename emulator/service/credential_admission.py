"""Start of every operation on credentials: the checks of D01, then the account's limit (D145)."""

from __future__ import annotations

from typing import Any

from emulator.auth.access import CHANGE_CREDENTIALS, LIST_CREDENTIALS
from emulator.core.operation import Operation
from emulator.service.admission import Admission, Admitted, N, Parse, ReadBody
from emulator.service.rate_limits import AuthLimiter


class CredentialAdmission:
    """Admits operations on API keys, roles and tokens.

    Args:
        admission: makes the checks.
        limiter: counts the operations of the account; None if nothing limits them.
    """

    def __init__(self, admission: Admission, limiter: AuthLimiter | None = None) -> None:
        self._admission = admission
        self._limiter = limiter

    async def admit_list(self, operation: Operation) -> None:
        """Admit an operation that lists credentials.

        Raises:
            ServiceError: a check refuses it, or it is over the limit.
        """
        await self._admission.admit(operation, LIST_CREDENTIALS)
        self._count()

    async def admit_change(self, operation: Operation, parse: Parse[N]) -> Admitted[N]:
        """Admit an operation that changes credentials.

        Raises:
            ServiceError: a check refuses it, or it is over the limit.
        """
        admitted = await self._admission.admit(operation, CHANGE_CREDENTIALS, parse)
        self._count()
        return admitted

    async def admit_own(self, operation: Operation) -> Admitted[None]:
        """Admit an operation on the caller's own credentials, whatever its role.

        Raises:
            ServiceError: a check refuses it, or it is over the limit.
        """
        admitted = await self._admission.admit(operation)
        self._count()
        return admitted

    async def body(self, admitted: Admitted[Any], read_body: ReadBody) -> object:
        """Return the body of an admitted operation, as ``Admission.body`` does."""
        return await self._admission.body(admitted, read_body)

    async def body_of_change(self, operation: Operation, read_body: ReadBody) -> object:
        """Admit an operation that changes credentials, and return its body.

        Raises:
            ServiceError: a check refuses it, it is over the limit, or the body is not valid.
        """
        admitted = await self._admission.admit(operation, CHANGE_CREDENTIALS)
        self._count()
        return await self.body(admitted, read_body)

    def _count(self) -> None:
        if self._limiter is not None:
            self._limiter.admit()
