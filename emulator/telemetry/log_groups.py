"""The log groups that exist, where stores have to name such."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from emulator.core.model import LogDestination

if TYPE_CHECKING:
    from emulator.telemetry.cloudwatch import CloudWatch


class KnownLogGroups:
    """Those that were said to exist, and those that CloudWatch has (D106).

    Args:
        names: the former.
        cloudwatch: is asked for any other, if there is one.
    """

    def __init__(self, names: Collection[str], cloudwatch: CloudWatch | None) -> None:
        self.names = names
        self._cloudwatch = cloudwatch

    def __str__(self) -> str:
        named = ", ".join(sorted(self.names))
        if self._cloudwatch is None:
            return named or "none"
        return f"{named} and those of CloudWatch" if named else "those of CloudWatch"

    async def has(self, destination: LogDestination, store_name: str) -> bool:
        """Whether there is this one, as the store of that name finds it.

        Raises:
            EngineUnavailableError: CloudWatch cannot say so.
        """
        if destination.log_group_name in self.names:
            return True
        if self._cloudwatch is None:
            return False
        return await self._cloudwatch.log_group_exists(destination, store_name)
