"""The handle of the two tiers."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.tiers import Placed, new_placed
from emulator.handles.run import Handle


class TiersHandle(Handle):
    """What lies in the storage tier and in the cache tier of each store."""

    def objects(self, store: str) -> list[Placed]:
        """The store's objects by key, with what each tier has of them, expired or not.

        Raises:
            LookupError: there is no such store.
        """
        return self._run(lambda control: control.tiers.objects(store))

    def put(
        self,
        store: str,
        key: str,
        body: bytes,
        *,
        tier: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ttl_seconds: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Put an object into one tier alone, ``"storage"`` or ``"cache"``, or without ``tier`` into
        both, as the service does.

        Raises:
            LookupError: there is no such store.
            ValueError: the service could not have such an object.
        """
        pairs, tagged = metadata and dict(metadata), tags and dict(tags)
        self._run(
            lambda control: control.tiers.put(
                store, key, new_placed(body, pairs, ttl_seconds, tier, tagged)
            )
        )

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        """Take an object out of one tier, or without ``tier`` out of both.

        Raises:
            LookupError: there is no such store, or nothing to take.
            ValueError: there is no such tier.
        """
        self._run(lambda control: control.tiers.drop(store, key, tier))

    def flush(self, cluster: str) -> None:
        """Have a cluster forget all that it has.

        Raises:
            ValueError: no store has a cluster of that name.
        """
        self._run(lambda control: control.tiers.flush(cluster))

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """How often Gets found each tier to have an object (``hits``), an expired one
        (``expired``) or none (``misses``), in one store or in all.

        Raises:
            LookupError: there is no such store.
        """
        return self._run(lambda control: control.tiers.counts(store))
