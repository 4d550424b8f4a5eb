"""Check the parameters of recorded Gets and Puts with the service's own checks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from emulator.control.call import REDACTED
from emulator.core.errors import BadRequestError
from emulator.core.headers import READ_CONCERN
from emulator.core.object_info import CACHED_BYTES
from emulator.core.revisions import Feature, Revision
from emulator.revision_differences.recorded import RecordedCall
from emulator.service.parameters import Parameters, PutParameters, sent_parameters
from emulator.service.persistence import check_ephemeral_size

_CHECKING = (Feature.EPHEMERAL_OBJECTS, Feature.TAGS, Feature.READ_CONCERN)
"""The features that add parameters."""


class Refusal(NamedTuple):
    """Why a call is refused with 400, and the feature that causes it, if there is one."""

    feature: Feature | None
    message: str


def refusal(call: RecordedCall, revision: Revision) -> Refusal | None:
    """Return why the parameters of a Get or Put are refused; None if they are not."""
    message = _refused(call, revision)
    if message is None:
        return None
    for feature in _CHECKING:
        if revision.has(feature) and _refused(call, revision.without(feature)) != message:
            return Refusal(feature, message)
    return Refusal(None, message)


def parameters_of_put(call: RecordedCall, revision: Revision) -> PutParameters:
    """Return the parameters of a successful Put."""
    try:
        return _parsed(call, revision)
    except BadRequestError:
        return PutParameters()  # The file contradicts itself, or a fault rule has answered.


def _refused(call: RecordedCall, revision: Revision) -> str | None:
    try:
        if call.is_on_object and call.is_read:
            _parameters(revision).check_get(call.sent(READ_CONCERN))
        elif call.is_on_object and call.method == "PUT" and _parsed(call, revision).ephemeral:
            _check_size(call)
    except BadRequestError as error:
        return error.message
    return None


def _check_size(call: RecordedCall) -> None:
    try:
        check_ephemeral_size(call.object_size, CACHED_BYTES)
    except BadRequestError as error:
        message = f"{error.message} unless --cache-max-object-bytes says otherwise"
        raise BadRequestError(message) from None


def _parsed(call: RecordedCall, revision: Revision) -> PutParameters:
    # The journal redacts only letters and digits, which a tag may contain.
    headers = [(name, value.replace(REDACTED, "redacted")) for name, value in call.request_headers]
    return _parameters(revision).parse_put(sent_parameters(headers, call.asked.query))


@lru_cache
def _parameters(revision: Revision) -> Parameters:
    return Parameters(revision)
