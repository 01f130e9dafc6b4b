"""Logs of the service: one line an event on stderr, in JSON unless stderr is a terminal."""

from __future__ import annotations

import logging
import re
import sys

import structlog

_LINK = re.compile(r"/s/(ps_[0-9a-f]+_)[^/?\s]+")


def hide_secrets(record: logging.LogRecord) -> bool:
    """Leave the secrets of share links out of a line of the log of requests."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            _LINK.sub(r"/s/\1…", one) if isinstance(one, str) else one for one in record.args
        )
    return True


def configure_logs(*, least: int = logging.INFO) -> None:
    """Set up structlog for this process.

    Args:
        least: The lowest level that is written, as ``logging`` numbers them.
    """
    is_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if is_terminal else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if is_terminal
            else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
