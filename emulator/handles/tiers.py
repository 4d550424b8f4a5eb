"""Handle of the two tiers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from emulator.control.tiers import Placed, new_placed
from emulator.handles.run import Handle

__tracebackhide__ = True  # pytest shows the line of the test that called.


class TiersHandle(Handle):
    """The objects in the storage tier and in the cache tier of each store."""

    def objects(self, store: str) -> list[Placed]:
        """Return the store's objects sorted by key, each with its entry in either tier, expired
        ones too.

        Raises:
            LookupError: there is no such store.
        """
        return self._run(lambda control: control.tiers.objects(store))

    def get(self, store: str, key: str) -> Placed:
        """Return an object with its entry in either tier, expired or not.

        Raises:
            LookupError: there is no such store, or neither tier has the object.
        """
        return self._run(lambda control: control.browser.show(store, key))

    def body(self, store: str, key: str, *, tier: str | None = None) -> bytes:
        """Return the body of an object in a tier, or without ``tier`` in storage or, if it is not
        there, in the cache.

        Raises:
            LookupError: there is no such store or object, or it has expired.
            ValueError: there is no such tier.
        """
        return self._run(lambda control: control.bodies.read(store, key, tier))

    def put(
        self,
        store: str,
        key: str,
        body: bytes,
        *,
        tier: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ttl_seconds: int | str | timedelta | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Put an object only into the tier ``"storage"`` or ``"cache"``, or without ``tier`` into
        both, as the service does. ``ttl_seconds`` may also be text as ``"1h"``, or a ``timedelta``.

        Raises:
            LookupError: there is no such store.
            TypeError: the body is not ``bytes``.
            ValueError: a value is not valid, or the object is too large.
        """
        if not isinstance(body, bytes):
            raise TypeError(f"the body must be bytes, not {type(body).__name__}")
        pairs, tagged = metadata and dict(metadata), tags and dict(tags)
        self._run(
            lambda control: control.tiers.put(
                store, key, new_placed(body, pairs, ttl_seconds, tier, tagged)
            )
        )

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        """Remove an object from one tier, or without ``tier`` from both.

        Raises:
            LookupError: there is no such store, or no such object.
            ValueError: there is no such tier.
        """
        self._run(lambda control: control.tiers.drop(store, key, tier))

    def expire(self, store: str, key: str) -> None:
        """End the time to live of an object now, in every tier that has it.

        Raises:
            LookupError: there is no such store, or neither tier has the object.
        """
        self._run(lambda control: control.expiry.expire(store, key))

    def flush(self, cluster: str) -> None:
        """Delete every entry of a Valkey cluster.

        Raises:
            ValueError: no store has a cluster of that name.
        """
        self._run(lambda control: control.tiers.flush(cluster))

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """Return for each tier how many Gets found the object there (``hits``), found it expired
        (``expired``) or did not find it (``misses``), in one store or in all.

        Raises:
            LookupError: there is no such store.
        """
        return self._run(lambda control: control.tiers.counts(store))
