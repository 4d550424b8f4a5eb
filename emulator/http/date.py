"""The text of the header ``Date``. aiohttp would read ``time.time`` for it, which tests replace."""

from __future__ import annotations

from emulator.core.private import gmtime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Date:
    """A second since the Unix epoch, and its text."""

    def __init__(self) -> None:
        self.second = -1
        self.text = ""

    def set(self, second: int) -> None:
        """Format ``second``."""
        at = gmtime(second)
        self.second = second
        self.text = (
            f"{_DAYS[at.tm_wday]}, {at.tm_mday:02} {_MONTHS[at.tm_mon - 1]} {at.tm_year:04} "
            f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02} GMT"
        )
