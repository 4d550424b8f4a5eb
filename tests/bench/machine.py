"""The machine and the versions that a result belongs to."""

import asyncio
import datetime
import importlib.metadata
import os
import platform
from pathlib import Path

from tests.bench import cores

PACKAGES = ("momento-objectstore-emulator", "aiohttp", "fakeredis", "redis", "moto", "uvloop")


def facts() -> dict[str, str]:
    """Return what a reader needs to judge the figures, name by name."""
    loop = asyncio.new_event_loop()
    loop.close()
    return {
        "Date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": f"{_processor()}, {os.cpu_count()} available",
        "Memory": _memory(),
        "System": f"{_distribution()}, {platform.platform()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Event loop": f"{type(loop).__module__}.{type(loop).__qualname__}",
        "Placement": cores.describe(),
        "Load before the run": _load(),
        **{package: _version(package) for package in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return "unknown"
    return f"{size / 1e9:.1f} GB"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.2f} (one minute's average)"
    except OSError:
        return "unknown"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
