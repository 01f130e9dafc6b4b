"""Logs of the service: one line an event on stderr, in JSON unless stderr is a terminal.

Libraries that log by the standard library are written alike.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from datetime import datetime

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

COLOURS = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
"""The colours of lines on a terminal, by level; others have none."""

DIM, PLAIN = "\x1b[2m", "\x1b[0m"

OF_MACHINES = frozenset({"request", "route", "client", "owner", "recipe", "run"})
"""What the lines of a terminal leave out: it joins lines, which is for programs."""

_LINK = re.compile(r"/([si])/(p\1_[0-9a-f]+_)[^/?\s]+")


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):  # stderr is closed
            self.handleError(record)


def hide_secrets(path: str) -> str:
    """Return the path of a request without the secret of a share link or an invitation."""
    return _LINK.sub(r"/\1/\2…", path)


def terminal_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Return an event as one line that people read: time, what happened, and what of.

    Raises:
        structlog.DropEvent: A part of a page was answered, such as its style.
    """
    moment = datetime.fromisoformat(event.pop("timestamp")).astimezone()
    level, name = event.pop("level"), event.pop("event")
    traceback = event.pop("exception", None)
    if name == "request":
        if event["path"].startswith("/static/") and event["status"] < 400:
            raise structlog.DropEvent
        status, took = event.pop("status"), f"{event.pop('milliseconds'):,.0f} ms"
        name = f"{event.pop('method'):4} {status} {took:>9}  {event.pop('path')}"
        level = "warning" if status >= 500 else level
    of = "  ".join(f"{key} {value}" for key, value in event.items() if key not in OF_MACHINES)
    line = f"{name:28}  {of}".rstrip()
    if level not in COLOURS:
        width = shutil.get_terminal_size().columns - len("00:00:00  ")
        line = line if len(line) <= width else f"{line[: width - 1]}…"
    time, colour = f"{moment:%H:%M:%S}", COLOURS.get(level, "")
    if not os.environ.get("NO_COLOR"):
        time, line = f"{DIM}{time}{PLAIN}", f"{colour}{line}{PLAIN}" if colour else line
    return "\n".join(filter(None, (f"{time}  {line}", traceback)))


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
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        terminal_line if is_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
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
    # A terminal reads where to open the pages from the server's own line.
    uvicorn.setLevel(logging.WARNING if is_terminal else least)
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    uvicorn.handlers, uvicorn.propagate = [], True  # it may have been set up on its own before
