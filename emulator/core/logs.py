"""Set up the log on stderr, as lines of text or of JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from emulator.core.one_line import json_in_one_line, one_line
from emulator.core.redaction import redact


class _TextFormatter(logging.Formatter):
    """Formats each record as one line of text, with API keys redacted.

    A traceback follows on lines that are indented, so none of them looks like another record.
    """

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        lines = [one_line(redact(self.formatMessage(record)))]
        trace = self.formatException(record.exc_info) if record.exc_info else None
        for more in (trace, record.stack_info):
            if more:
                lines += (f"  {one_line(each)}" for each in redact(more).split("\n"))
        return "\n".join(lines)


class _JsonFormatter(logging.Formatter):
    """Formats one JSON object per line, with API keys redacted."""

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname.lower(),
            "logger": redact(record.name),
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            document["exception"] = redact(self.formatException(record.exc_info))
        return json_in_one_line(json.dumps(document))


def line(message: str, log_format: str) -> str:
    """Format ``message`` as a line of the log, for errors that end the process without logging."""
    if log_format == "json":
        return json_in_one_line(json.dumps({"level": "error", "message": message}))
    return one_line(message)


def configure(level: str, log_format: str) -> None:
    """Log to stderr what has at least ``level``, in the format ``text`` or ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _JsonFormatter()
        if log_format == "json"
        else _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("emulator").setLevel(level.upper())
