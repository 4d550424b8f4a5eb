"""What ``Emulator`` hands out for its journal, fault rules, tiers, access logs and metrics: the
same as the control API offers over HTTP, for tests in its process.

Whatever is asked of a handle is done in the emulator's thread, after all that has happened there
before. What is refused raises ``ValueError`` or, where there is nothing by a name, ``LookupError``.
"""

from __future__ import annotations

from emulator.handles.faults import FaultHandle, FaultsHandle
from emulator.handles.journal import JournalHandle
from emulator.handles.telemetry import AccessLogsHandle, MetricsHandle
from emulator.handles.tiers import TiersHandle

__all__ = [
    "AccessLogsHandle",
    "FaultHandle",
    "FaultsHandle",
    "JournalHandle",
    "MetricsHandle",
    "TiersHandle",
]
