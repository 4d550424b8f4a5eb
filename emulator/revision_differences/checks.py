"""What a revision finds wrong in the parameters of a Get or a Put."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emulator.control.call import REDACTED
from emulator.core.errors import BadRequestError
from emulator.core.headers import PERSISTENCE, READ_CONCERN, named_headers
from emulator.core.model import CACHED_BYTES
from emulator.core.revisions import Feature, Revision
from emulator.core.routes import parameter
from emulator.revision_differences.recorded import RecordedCall
from emulator.service import metadata, tags
from emulator.service.persistence import EPHEMERAL, ephemeral_seconds, parse_persistence
from emulator.service.read_concern import check_read_concern
from emulator.service.ttl import parse_ttl


class Refusal(NamedTuple):
    """Why an operation is 400, and the feature without which it would not be, if there is one."""

    feature: Feature | None
    message: str


def refusal(call: RecordedCall, revision: Revision) -> Refusal | None:
    """What a Get or Put is refused for that its headers or query say, if it is refused for that."""
    for feature, check in _CHECKS.get(call.method, ()) if call.is_on_object else ():
        if feature is None or revision.has(feature):
            try:
                check(call)
            except BadRequestError as error:
                return Refusal(feature, error.message)
    return None


def ttl_seconds(call: RecordedCall, revision: Revision) -> int | None:
    """The TTL in seconds of what a Put puts that is not refused; None for one that stays."""
    try:
        asked = parse_ttl(parameter(call.asked.query, "ttl_seconds"))
    except BadRequestError:
        asked = None  # The file contradicts itself, or a fault rule has answered.
    return ephemeral_seconds(asked) if is_ephemeral(call, revision) else asked


def is_ephemeral(call: RecordedCall, revision: Revision) -> bool:
    """Whether what a Put puts is in the cache alone."""
    return revision.has(Feature.EPHEMERAL_OBJECTS) and call.sent(PERSISTENCE) == [EPHEMERAL]


def tags_of(call: RecordedCall) -> dict[str, str]:
    """The tags that a Put names.

    Raises:
        BadRequestError: see ``tags.collect``.
    """
    named = named_headers(call.request_headers)[1]
    # What the journal has left out was letters and digits, which a tag may hold.
    return tags.collect((name, value.replace(REDACTED, "redacted")) for name, value in named)


def _check_size(call: RecordedCall) -> None:
    if call.sent(PERSISTENCE) == [EPHEMERAL] and call.object_size > CACHED_BYTES:
        raise BadRequestError(
            "The object is too large to be ephemeral: the cache takes objects of at most "
            f"{CACHED_BYTES} bytes unless --cache-max-object-bytes says otherwise"
        )


_Check = tuple[Feature | None, Callable[[RecordedCall], object]]

_ON_READ: Sequence[_Check] = (
    (Feature.READ_CONCERN, lambda call: check_read_concern(call.sent(READ_CONCERN))),
)
_CHECKS: Mapping[str, Sequence[_Check]] = {
    "GET": _ON_READ,
    "HEAD": _ON_READ,
    "PUT": (
        (Feature.EPHEMERAL_OBJECTS, lambda call: parse_persistence(call.sent(PERSISTENCE))),
        (None, lambda call: parse_ttl(parameter(call.asked.query, "ttl_seconds"))),
        (None, lambda call: metadata.collect(named_headers(call.request_headers)[0])),
        (Feature.TAGS, tags_of),
        (Feature.EPHEMERAL_OBJECTS, _check_size),
    ),
}
"""By method, in the order in which the service makes them."""
