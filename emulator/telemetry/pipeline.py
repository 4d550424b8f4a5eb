"""The telemetry pipeline: from operations on objects to access logs, metrics and CloudWatch."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.core.failures import ConfigurationError
from emulator.core.model import Store
from emulator.core.operation import Observer
from emulator.core.revisions import Feature, Revision
from emulator.telemetry.access_log import AccessLogs, EntryForm
from emulator.telemetry.log_files import LogFiles
from emulator.telemetry.log_groups import KnownLogGroups
from emulator.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from emulator.telemetry.cloudwatch import CloudWatch


class TelemetryPipeline:
    """Access logs and metrics, with the files and the CloudWatch that they are delivered to.

    Args:
        revision: decides what is logged and counted.
        log_size: how many entries of each log group are kept.
        log_bytes: how much memory the entries of all log groups take, about.
        log_directory: the directory for a file of each log group, or None.
        log_groups: log groups that exist, in addition to those of CloudWatch.
        cloudwatch: delivers entries and metrics to CloudWatch, or None.
    """

    def __init__(
        self,
        revision: Revision,
        *,
        log_size: int,
        log_bytes: int,
        log_directory: Path | None,
        log_groups: Collection[str],
        cloudwatch: CloudWatch | None,
    ) -> None:
        form = EntryForm(revision)
        self.access_logs = AccessLogs(form, log_size, log_bytes)
        self.metrics = Metrics()
        self._revision = revision
        self._log_directory = log_directory
        self._files = None if log_directory is None else LogFiles(log_directory, form.line)
        self._cloudwatch = cloudwatch
        self.log_groups = KnownLogGroups(log_groups, cloudwatch)
        if self._files is not None:
            self.access_logs.writers.append(self._files.add)
        if self._cloudwatch is not None:
            self.access_logs.deliveries.append(self._cloudwatch.deliver)

    @property
    def observers(self) -> list[Observer]:
        """The functions to call for every operation."""
        observers: list[Observer] = []
        if self._revision.has(Feature.ACCESS_LOGS):
            observers.append(self.access_logs.observe)
        if self._revision.has(Feature.METRICS):
            observers.append(self.metrics.observe)
            if self._cloudwatch is not None:
                observers.append(self._cloudwatch.observe)
        return observers

    async def start(self) -> None:
        """Start the deliveries.

        Raises:
            ConfigurationError: a destination is not usable.
        """
        if self._files is not None:
            try:
                self._files.start()
            except OSError as error:
                raise ConfigurationError(
                    f"--access-log-dir: cannot write to {self._log_directory}: "
                    f"{error.strerror}; choose a writable directory"
                ) from None
        if self._cloudwatch is not None:
            await self._cloudwatch.start()

    def flush(self) -> None:
        """Write now the lines that wait to be written to files."""
        if self._files is not None:
            self._files.flush()

    async def deliver(self) -> None:
        """Write and deliver now what waits for files and for CloudWatch."""
        self.flush()
        if self._cloudwatch is not None:
            await self._cloudwatch.flush()

    def keep(self, stores: Collection[Store]) -> None:
        """Free what belongs to none of these stores."""
        self.flush()
        self.access_logs.keep(stores)
        self.metrics.keep(stores)
        if self._cloudwatch is not None:
            self._cloudwatch.keep(stores)

    async def clear(self) -> None:
        """Remove all entries and metrics, including those queued for CloudWatch."""
        self.flush()
        self.access_logs.clear()
        self.metrics.clear()
        if self._cloudwatch is not None:
            await self._cloudwatch.clear()

    async def close(self, *, within: float) -> None:
        """Deliver what is queued, as far as time allows, and release all resources; this takes
        little more than ``within`` seconds."""
        self.flush()
        try:
            if self._cloudwatch is not None:
                await self._cloudwatch.close(within=within)
        finally:
            if self._files is not None:
                self._files.close()
