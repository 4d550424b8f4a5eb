"""Every way in which the service refuses a request, in one place."""

from __future__ import annotations

from typing import ClassVar

from emulator.outcome import Outcome


class ServiceError(Exception):
    """A request that the service answers with an error.

    ``status`` is the HTTP status that the reference documents for it, ``outcome`` what the
    operation counts as, and the exception's text the ``message`` of the answer (D02).
    """

    status: ClassVar[int]
    outcome: Outcome

    @property
    def message(self) -> str:
        return str(self.args[0])


class BadRequestError(ServiceError):
    """The request was specified incorrectly."""

    status = 400
    outcome = Outcome.BAD_REQUEST


class UnauthorizedError(ServiceError):
    """The API key is missing, malformed, unknown, revoked or expired."""

    status = 401  # D36: the reference has one outcome for whatever a key does not open.
    outcome = Outcome.AUTHZ_ERROR


class ForbiddenError(ServiceError):
    """The API key is valid, but its role does not allow the operation."""

    status = 403
    outcome = Outcome.AUTHZ_ERROR


class StoreNotFoundError(ServiceError):
    """There is no store of that name."""

    status = 404
    outcome = Outcome.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__("Store Not Found")


class ObjectNotFoundError(ServiceError):
    """There is no object at that key, or it has expired (D07)."""

    status = 404

    def __init__(self, outcome: Outcome = Outcome.MISS) -> None:
        super().__init__("Object not found.")
        self.outcome = outcome


class LimitExceededError(ServiceError):
    """A limit of the account is exceeded (D23)."""

    status = 429
    outcome = Outcome.BAD_REQUEST


class InternalError(ServiceError):
    """Something on the service's side failed; the cause is in the log."""

    status = 500
    outcome = Outcome.INTERNAL_ERROR

    def __init__(self) -> None:
        super().__init__("Internal Server Error: the service could not complete the request.")
