"""Handles of an ``Emulator``: clock, journal, fault rules, tiers, access logs, metrics, and more.

They offer to tests in the same process what the control API offers over HTTP. Each call runs in the
emulator's thread, after everything that has happened there before. A refusal raises
``ValueError``, or ``LookupError`` if there is nothing with a name.
"""

from __future__ import annotations

from emulator.handles.clock import ClockHandle
from emulator.handles.clusters import ClustersHandle
from emulator.handles.faults import FaultHandle, FaultsHandle
from emulator.handles.journal import JournalHandle
from emulator.handles.telemetry import AccessLogsHandle, MetricsHandle
from emulator.handles.tiers import TiersHandle

__all__ = [
    "AccessLogsHandle",
    "ClockHandle",
    "ClustersHandle",
    "FaultHandle",
    "FaultsHandle",
    "JournalHandle",
    "MetricsHandle",
    "TiersHandle",
]
