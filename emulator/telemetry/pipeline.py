"""Assemble access logs, metrics and their destinations from the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from emulator.config.options import Config
from emulator.core.failures import ConfigurationError
from emulator.core.operation import Observer
from emulator.core.revisions import Feature
from emulator.engines import cloudwatch
from emulator.telemetry.access_log import AccessLogs, EntryForm
from emulator.telemetry.log_files import LogFiles
from emulator.telemetry.log_groups import KnownLogGroups
from emulator.telemetry.metrics import Metrics


class TelemetryPipeline:
    """Access logs and metrics, with the files and the CloudWatch that they are delivered to.

    Args:
        account_id: returns the id of the account that the stores belong to.
        endpoint_name: returns the emulator's address as ``host:port``.

    Raises:
        ConfigurationError: the configuration does not allow it.
    """

    def __init__(
        self,
        config: Config,
        *,
        account_id: Callable[[], Awaitable[str]],
        endpoint_name: Callable[[], str],
    ) -> None:
        self.access_logs = AccessLogs(EntryForm(config.revision), config.access_log_size)
        self.metrics = Metrics()
        self._config = config
        self._files = None if config.access_log_dir is None else LogFiles(config.access_log_dir)
        self._cloudwatch = cloudwatch(config, account_id=account_id, endpoint_name=endpoint_name)
        self.log_groups = KnownLogGroups(config.log_groups or (), self._cloudwatch)
        if self._files is not None:
            self.access_logs.deliveries.append(self._files.deliver)
        if self._cloudwatch is not None:
            self.access_logs.deliveries.append(self._cloudwatch.deliver)

    @property
    def observers(self) -> list[Observer]:
        """The functions to call for every operation."""
        observers: list[Observer] = []
        if self._config.revision.has(Feature.ACCESS_LOGS):
            observers.append(self.access_logs.observe)
        if self._config.revision.has(Feature.METRICS):
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
                    f"--access-log-dir: cannot write to {self._config.access_log_dir}: "
                    f"{error.strerror}; choose a directory that you may write"
                ) from None
        if self._cloudwatch is not None:
            await self._cloudwatch.start()

    async def deliver(self) -> None:
        """Deliver now what is queued for CloudWatch."""
        if self._cloudwatch is not None:
            await self._cloudwatch.flush()

    async def clear(self) -> None:
        """Remove all entries and metrics, including those queued for delivery."""
        self.access_logs.clear()
        self.metrics.clear()
        if self._cloudwatch is not None:
            await self._cloudwatch.clear()

    async def close(self) -> None:
        """Deliver what is queued, as far as time allows, and release all resources."""
        if self._cloudwatch is not None:
            await self._cloudwatch.close()
        if self._files is not None:
            self._files.close()
