"""The handle of the two tiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emulator.control.tiers import Placed, new_placed, parse_tier
from emulator.handles.run import Run

if TYPE_CHECKING:
    from emulator.app import App


class TiersHandle:
    """What lies in the storage tier and in the cache tier of each store."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def objects(self, store: str) -> list[Placed]:
        """The store's objects by key, with what each tier has of them, expired or not.

        Raises:
            LookupError: there is no such store.
        """

        async def work(app: App) -> list[Placed]:
            return await app.tiers.objects(store)

        return self._run(work)

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

        async def work(app: App) -> None:
            new = new_placed(
                body, metadata and dict(metadata), ttl_seconds, tier, tags and dict(tags)
            )
            await app.tiers.put(store, key, new)

        self._run(work)

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        """Take an object out of one tier, or without ``tier`` out of both.

        Raises:
            LookupError: there is no such store, or nothing to take.
            ValueError: there is no such tier.
        """

        async def work(app: App) -> None:
            await app.tiers.drop(store, key, parse_tier(tier))

        self._run(work)

    def flush(self, cluster: str) -> None:
        """Have a cluster forget all that it has.

        Raises:
            ValueError: no store has a cluster of that name.
        """

        async def work(app: App) -> None:
            await app.tiers.flush(cluster)

        self._run(work)

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """How often Gets found each tier to have an object (``hits``), an expired one
        (``expired``) or none (``misses``), in one store or in all.

        Raises:
            LookupError: there is no such store.
        """

        async def work(app: App) -> dict[str, dict[str, int]]:
            return await app.tiers.counts(store)

        return self._run(work)
