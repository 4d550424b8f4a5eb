"""Parse and check the parameters of Get and Put Object that a revision has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from emulator.core.headers import METADATA_PREFIX, PERSISTENCE, TAG_PREFIX
from emulator.core.object_info import NOTHING
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.core.routes import parameters
from emulator.service.metadata import collect as collect_metadata
from emulator.service.persistence import DURABLE, EPHEMERAL, ephemeral_seconds, parse_persistence
from emulator.service.read_concern import check_read_concern
from emulator.service.tags import collect as collect_tags
from emulator.service.ttl import parse_ttl


class SentParameters(NamedTuple):
    """The unchecked parameters of a Put: the values of ``ttl_seconds`` and ``mo-persistence``, and
    the ``mo-meta-*`` and ``mo-tag-*`` headers without that prefix."""

    ttl_seconds: Sequence[str] = ()
    metadata: Iterable[tuple[str, str]] = ()
    tags: Iterable[tuple[str, str]] = ()
    persistence: Sequence[str] = ()


_STARTS = frozenset({"mo-", "Mo-", "mO-", "MO-"})
"""The beginnings of all these headers: most others are passed over at once."""


def sent_parameters(headers: Iterable[tuple[str, str]], query: str) -> SentParameters:
    """Return the parameters in the headers and the query of a Put, unchecked."""
    ttl_seconds, metadata, tags, persistence = [], [], [], []
    if query:
        for name, value in parameters(query):
            if name == "ttl_seconds":
                ttl_seconds.append(value)
    for name, value in headers:
        if name[:3] not in _STARTS:
            continue
        start = name[:8].lower()
        if start == METADATA_PREFIX:
            metadata.append((name[8:], value))
        elif start.startswith(TAG_PREFIX):
            tags.append((name[7:], value))
        elif name.lower() == PERSISTENCE:
            persistence.append(value)
    return SentParameters(ttl_seconds, metadata, tags, persistence)


class PutParameters(NamedTuple):
    """The checked parameters of a Put. Without ``ttl_seconds`` the object does not expire."""

    ttl_seconds: int | None = None
    metadata: Mapping[str, str] = NOTHING
    tags: Mapping[str, str] = NOTHING
    ephemeral: bool = False

    @property
    def lifetime(self) -> int | None:
        """For how many seconds the object is kept; None without an end."""
        return ephemeral_seconds(self.ttl_seconds) if self.ephemeral else self.ttl_seconds


class Parameters:
    """Checks the parameters that the revision has, and ignores the others."""

    def __init__(self, revision: Revision = FIRST) -> None:
        self.has_persistence = revision.has(Feature.EPHEMERAL_OBJECTS)
        self._has_tags = revision.has(Feature.TAGS)
        self._has_read_concern = revision.has(Feature.READ_CONCERN)

    def check_get(self, read_concern: Sequence[str]) -> None:
        """Check the values of a Get's ``read-concern`` header.

        Raises:
            BadRequestError: see ``check_read_concern``.
        """
        if self._has_read_concern:
            check_read_concern(read_concern)

    def parse_put(self, sent: SentParameters) -> PutParameters:
        """Check the parameters of a Put.

        Raises:
            BadRequestError: see ``parse_persistence``, ``parse_ttl``, ``collect_metadata`` and
                ``collect_tags``; they are called in this order.
        """
        wanted = parse_persistence(sent.persistence) if self.has_persistence else DURABLE
        return PutParameters(
            ttl_seconds=parse_ttl(sent.ttl_seconds),
            metadata=collect_metadata(sent.metadata),
            tags=collect_tags(sent.tags) if self._has_tags else NOTHING,
            ephemeral=wanted == EPHEMERAL,
        )
