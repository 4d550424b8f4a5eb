"""Every way in which the service refuses a request, in one place."""

from __future__ import annotations

from typing import ClassVar

from emulator.core.outcome import Outcome


class ServiceError(Exception):
    """A request that the service answers with an error.

    ``status`` is the HTTP status that the reference documents for it, ``code`` the class that the
    Auth APIs call it by (D40), ``outcome`` what an operation on an object counts as, and the
    exception's text the ``message`` of the answer (D02).
    """

    status: ClassVar[int]
    code: ClassVar[str]
    outcome: Outcome

    @property
    def message(self) -> str:
        return str(self.args[0])


class BadRequestError(ServiceError):
    """The request was specified incorrectly."""

    status = 400
    code = "Bad Request"
    outcome = Outcome.BAD_REQUEST


class UnauthorizedError(ServiceError):
    """The API key is missing, malformed, unknown, revoked or expired."""

    status = 401
    code = "Unauthenticated"
    # D36: the reference has one outcome for whatever a key does not open.
    outcome = Outcome.AUTHZ_ERROR


class ForbiddenError(ServiceError):
    """The API key is valid, but its role does not allow the operation."""

    status = 403
    code = "PermissionDenied"
    outcome = Outcome.AUTHZ_ERROR


class NotFoundError(ServiceError):
    """There is nothing by that name or id."""

    status = 404
    code = "NotFound"
    outcome = Outcome.BAD_REQUEST


class StoreNotFoundError(NotFoundError):
    """There is no store of that name."""

    def __init__(self) -> None:
        super().__init__("Store Not Found")


class ObjectNotFoundError(NotFoundError):
    """There is no object at that key, or it has expired (D07)."""

    def __init__(self, outcome: Outcome = Outcome.MISS) -> None:
        super().__init__("Object not found.")
        self.outcome = outcome


class AlreadyExistsError(ServiceError):
    """Something else has that name."""

    status = 409
    code = "AlreadyExists"
    outcome = Outcome.BAD_REQUEST


class FailedPreconditionError(ServiceError):
    """What is to be changed is something that cannot be changed so."""

    status = 412
    code = "FailedPrecondition"
    outcome = Outcome.BAD_REQUEST


class LimitExceededError(ServiceError):
    """A limit of the account is exceeded (D23)."""

    status = 429
    code = "LimitExceeded"
    outcome = Outcome.BAD_REQUEST


class ThrottledError(LimitExceededError):
    """A store's limit is exceeded, and what ``outcome`` says was over it."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class ServiceUnavailableError(ServiceError):
    """The service takes no requests for a while."""

    status = 503
    code = "ServiceUnavailable"
    outcome = Outcome.INTERNAL_ERROR


class ThrottledUnavailableError(ServiceUnavailableError):
    """A store's limit is exceeded, as was answered before ``ThrottledError`` was."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class InternalError(ServiceError):
    """Something on the service's side failed; the cause is in the log."""

    status = 500
    code = "InternalError"
    outcome = Outcome.INTERNAL_ERROR

    def __init__(self) -> None:
        super().__init__("Internal Server Error: the service could not complete the request.")
