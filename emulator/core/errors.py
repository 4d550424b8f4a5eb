"""Every error that the service answers with, in one place."""

from __future__ import annotations

from emulator.core.outcome import Outcome


class ServiceError(Exception):
    """An error that the service answers with.

    ``status`` is the documented HTTP status, ``code`` the error's name in the Auth APIs (D40),
    ``outcome`` that of the operation in logs and metrics, and the exception's text the ``message``
    of the answer (D02).
    """

    status: int
    code: str
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
    # D36: the reference has one outcome for 401 and 403.
    outcome = Outcome.AUTHZ_ERROR


class ForbiddenError(ServiceError):
    """The API key is valid, but its role does not allow the operation."""

    status = 403
    code = "PermissionDenied"
    outcome = Outcome.AUTHZ_ERROR


class NotFoundError(ServiceError):
    """Nothing has that name or id."""

    status = 404
    code = "NotFound"
    outcome = Outcome.BAD_REQUEST


class StoreNotFoundError(NotFoundError):
    """There is no store of that name."""

    def __init__(self) -> None:
        super().__init__("Store Not Found")


class ClusterNotFoundError(NotFoundError):
    """There is no Valkey cluster of that name."""

    def __init__(self) -> None:
        super().__init__("Cluster Not Found")


class ObjectNotFoundError(NotFoundError):
    """There is no object at that key, or it has expired (D07)."""

    def __init__(self, outcome: Outcome = Outcome.MISS) -> None:
        super().__init__("Object not found.")
        self.outcome = outcome


class RequestTimeoutError(ServiceError):
    """The request did not come in time (D120)."""

    status = 408
    code = "DeadlineExceeded"
    outcome = Outcome.BAD_REQUEST


class AlreadyExistsError(ServiceError):
    """The name is taken."""

    status = 409
    code = "AlreadyExists"
    outcome = Outcome.BAD_REQUEST


class FailedPreconditionError(ServiceError):
    """The thing cannot be changed in this way."""

    status = 412
    code = "FailedPrecondition"
    outcome = Outcome.BAD_REQUEST


class LimitExceededError(ServiceError):
    """A limit of the account is exceeded (D23)."""

    status = 429
    code = "LimitExceeded"
    outcome = Outcome.BAD_REQUEST


class ThrottledError(LimitExceededError):
    """A limit of operations or bytes is exceeded; ``outcome`` says which."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class ServiceUnavailableError(ServiceError):
    """The service is unavailable for a while."""

    status = 503
    code = "ServiceUnavailable"
    outcome = Outcome.INTERNAL_ERROR


class ThrottledUnavailableError(ServiceUnavailableError):
    """A store's limit is exceeded, as 503: before 2026-04-13 (D107)."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class InternalError(ServiceError):
    """The service itself failed; the cause is in the log."""

    status = 500
    code = "InternalError"
    outcome = Outcome.INTERNAL_ERROR

    def __init__(self) -> None:
        super().__init__("Internal Server Error: the service could not complete the request.")
