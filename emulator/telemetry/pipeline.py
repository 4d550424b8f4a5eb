"""What watches the operations on objects, put together as an emulator is configured."""

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
    """Access logs and metrics, with the files and the CloudWatch that they go to.

    Args:
        account_id: says which account the stores belong to.
        endpoint_name: says where the emulator is, as ``host:port``.

    Raises:
        ConfigurationError: it cannot be put together so.
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
        """What is to be told of every operation."""
        observers: list[Observer] = []
        if self._config.revision.has(Feature.ACCESS_LOGS):
            observers.append(self.access_logs.observe)
        if self._config.revision.has(Feature.METRICS):
            observers.append(self.metrics.observe)
            if self._cloudwatch is not None:
                observers.append(self._cloudwatch.observe)
        return observers

    async def start(self) -> None:
        """Begin to write.

        Raises:
            ConfigurationError: nothing can be written where it is to be.
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
        """Have CloudWatch told now of what waits for that."""
        if self._cloudwatch is not None:
            await self._cloudwatch.flush()

    async def clear(self) -> None:
        """Forget everything, also what waits to be delivered."""
        self.access_logs.clear()
        self.metrics.clear()
        if self._cloudwatch is not None:
            await self._cloudwatch.clear()

    async def close(self) -> None:
        """Deliver what waits as far as there is time, and give everything back."""
        if self._cloudwatch is not None:
            await self._cloudwatch.close()
        if self._files is not None:
            self._files.close()
