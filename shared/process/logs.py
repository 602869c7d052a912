"""JSON log lines on standard output."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog


class _Lines:
    """Writes what it can. A log that cannot be written, on a full disk say, is not worth an answer: whoever
    logs goes on, and lines are there again once there is room."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError:
            return

    debug = info = warning = error = critical = exception = msg


def _lines(*_: Any) -> _Lines:
    return _Lines(sys.stdout)


def configure_logs(level: str = "INFO") -> None:
    """Called once by each process at its start."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=_lines,
        cache_logger_on_first_use=True,
    )
