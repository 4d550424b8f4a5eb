"""The parameters of Get and Put Object: which a revision has, and how they are checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from emulator.core.model import NOTHING
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service.metadata import collect as collect_metadata
from emulator.service.persistence import DURABLE, EPHEMERAL, ephemeral_seconds, parse_persistence
from emulator.service.read_concern import check_read_concern
from emulator.service.tags import collect as collect_tags
from emulator.service.ttl import parse_ttl


class PutParameters(NamedTuple):
    """What a Put asks for, checked. Without ``ttl_seconds`` it asks for no end."""

    ttl_seconds: int | None = None
    metadata: Mapping[str, str] = NOTHING
    tags: Mapping[str, str] = NOTHING
    ephemeral: bool = False

    @property
    def lifetime(self) -> int | None:
        """For how many seconds the object is kept; None for ever."""
        return ephemeral_seconds(self.ttl_seconds) if self.ephemeral else self.ttl_seconds


class Parameters:
    """Checks the parameters that a revision has, and ignores the others."""

    def __init__(self, revision: Revision = FIRST) -> None:
        self.has_persistence = revision.has(Feature.EPHEMERAL_OBJECTS)
        self._has_tags = revision.has(Feature.TAGS)
        self._has_read_concern = revision.has(Feature.READ_CONCERN)

    def check_get(self, read_concern: Sequence[str]) -> None:
        """Check the values of a Get's ``read-concern`` header.

        Raises:
            BadRequestError: see ``check_read_concern``.
        """
        if self._has_read_concern and read_concern:
            check_read_concern(read_concern)

    def parse_put(
        self,
        *,
        ttl_seconds: Sequence[str],
        metadata: Iterable[tuple[str, str]],
        tags: Iterable[tuple[str, str]],
        persistence: Sequence[str],
    ) -> PutParameters:
        """The parameters of a Put, from the values as they came.

        Args:
            ttl_seconds: the values of that query parameter.
            metadata: the ``mo-meta-*`` headers, without that prefix.
            tags: the ``mo-tag-*`` headers, without that prefix.
            persistence: the values of ``mo-persistence``.

        Raises:
            BadRequestError: see ``parse_persistence``, ``parse_ttl``, ``collect_metadata`` and
                ``collect_tags``; the first that fails, in this order.
        """
        wanted = parse_persistence(persistence) if self.has_persistence else DURABLE
        return PutParameters(
            ttl_seconds=parse_ttl(ttl_seconds),
            metadata=collect_metadata(metadata),
            tags=collect_tags(tags) if self._has_tags else NOTHING,
            ephemeral=wanted == EPHEMERAL,
        )
