"""Handle of the object stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.handles.run import Handle
from emulator.service.names import check_store_name

if TYPE_CHECKING:
    from emulator.control.parts import Control

__tracebackhide__ = True  # pytest shows the line of the test that called.


class StoresHandle(Handle):
    """The object stores of the account. Descriptions are as Describe Object Store answers."""

    def all(self) -> list[dict[str, Any]]:
        """Return the description of every store, ordered by name."""
        return self._run(lambda control: control.stores.all())

    def get(self, name: str) -> dict[str, Any]:
        """Return the description of a store.

        Raises:
            LookupError: there is no such store.
        """
        return self._run(lambda control: control.stores.describe(name))

    def create(self, name: str, configuration: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Create or update a store, and return its description. Required members of
        ``configuration``, the body of Create or Update Object Store, may be missing: then they are
        those of the store, or of a new one that works.

        Raises:
            ValueError: the name or a member is not valid, or there are too many stores.
        """
        document = dict(configuration or {})

        async def put(control: Control) -> dict[str, Any]:
            check_store_name(name)
            return (await control.stores.put(name, document))[0]

        return self._run(put)

    def update(self, name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change these members of a store, and return its description; None removes a member.

        Raises:
            LookupError: there is no such store.
            ValueError: a member is not valid, or cannot be changed.
        """
        return self._run(lambda control: control.stores.update(name, dict(changes)))

    def delete(self, name: str) -> None:
        """Delete a store. Its objects stay in the bucket.

        Raises:
            LookupError: there is no such store.
        """
        self._run(lambda control: control.stores.delete(name))
