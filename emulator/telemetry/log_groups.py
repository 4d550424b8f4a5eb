"""Known log groups, for revisions in which a store must name an existing one."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from emulator.core.model import LogDestination

if TYPE_CHECKING:
    from emulator.telemetry.cloudwatch import CloudWatch


class KnownLogGroups:
    """Known log groups: configured ones, and those of CloudWatch (D106). ``str()`` lists them.

    Args:
        names: the configured log groups.
        cloudwatch: asked for any other log group, unless None.
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
        """Whether the log group exists, seen with the role of the store of this name.

        Raises:
            EngineUnavailableError: CloudWatch could not be asked.
        """
        if destination.log_group_name in self.names:
            return True
        if self._cloudwatch is None:
            return False
        return await self._cloudwatch.log_group_exists(destination, store_name)
