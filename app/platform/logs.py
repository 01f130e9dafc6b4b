"""Logs of the service: one line an event on stderr, in JSON unless stderr is a terminal.

Libraries that log by the standard library are written alike.
"""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import Processor

_LINK = re.compile(r"/s/(ps_[0-9a-f]+_)[^/?\s]+")


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):  # stderr is closed
            self.handleError(record)


def hide_secrets(path: str) -> str:
    """Return the path of a request without the secret of a share link."""
    return _LINK.sub(r"/s/\1…", path)


def configure_logs(*, least: int = logging.INFO) -> None:
    """Set up structlog, and what logs by the standard library, for this process.

    Args:
        least: The lowest level that is written, as ``logging`` numbers them.
    """
    is_terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if is_terminal else [structlog.processors.format_exc_info]),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if is_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _StderrHandler)]
    root.addHandler(handler)
    root.setLevel(max(least, logging.WARNING))
    uvicorn = logging.getLogger("uvicorn")
    uvicorn.setLevel(least)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    uvicorn.handlers, uvicorn.propagate = [], True  # it may have been set up on its own before
