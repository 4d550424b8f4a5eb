"""The log on stderr, as lines of text or of JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from emulator.core.redaction import redact


class _TextFormatter(logging.Formatter):
    """Lines of text, without what may be an API key."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _JsonFormatter(logging.Formatter):
    """One JSON object per line, without what may be an API key."""

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname.lower(),
            "logger": redact(record.name),
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            document["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(document)


def line(message: str, log_format: str) -> str:
    """``message`` as a line of the log, for what ends the process before or beside it."""
    return json.dumps({"level": "error", "message": message}) if log_format == "json" else message


def configure(level: str, log_format: str) -> None:
    """Log to stderr from ``level`` on, in the format ``text`` or ``json``."""
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
