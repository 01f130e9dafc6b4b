"""The process that draws charts, apart from the one that asks for them.

It starts with the first chart, answers the next ones in some hundredths of a second, and ends when
nobody has asked for a minute, so that neither the web server nor the command line ever loads Altair
and the renderer.
"""

from __future__ import annotations

import atexit
import json
from threading import Lock, Timer
from typing import Any, cast

from presslens.app.charts.chart import Chart, Format
from presslens.app.charts.fonts import font_folder
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.process import ChildProcess, ProcessDied

_DRAWN = Form(bytes)

PICTURES = ("png", "svg", "pdf")
"""Kinds of pictures of charts."""

PATIENCE = 60.0
"""Seconds after which the drawing of a chart is given up; it takes less than one."""

IDLE = 60.0
"""Seconds without a chart after which the process ends."""


class DrawingFailed(RuntimeError):
    """The drawing process died twice over a chart, or took too long."""


class DrawingProcess:
    """Draws charts one at a time in a process of its own; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: ChildProcess | None = None
        self._timer: Timer | None = None

    def call(self, name: str, *args: object) -> bytes:
        """Return the answer of a function of ``app.charts.vega``.

        Raises:
            DrawingFailed: The process died over it, in two attempts, or took too long.
        """
        with self._lock:
            self._cancel_timer()
            try:
                return self._attempt(name, args)
            except ProcessDied:  # one that was idle may have been ended from outside
                return self._attempt(name, args, last=True)
            finally:
                self._end_later()

    def close(self) -> None:
        """End the process; the next chart starts another."""
        with self._lock:
            self._cancel_timer()
            if self._child is not None:
                self._child.close()
                self._child = None

    def _attempt(self, name: str, args: tuple[object, ...], *, last: bool = False) -> bytes:
        child = self._child = self._child or ChildProcess()
        try:
            child.send(_call, name, args)
            if child.poll(PATIENCE):
                return child.receive(_DRAWN)
        except ProcessDied as error:
            self._child = None
            child.close()
            if not last:
                raise
            raise DrawingFailed(f"the process that draws ended with {error.code}") from error
        self._child = None
        child.kill()
        raise DrawingFailed(f"a chart was not drawn within {PATIENCE:.0f} seconds")

    def _end_later(self) -> None:
        self._timer = Timer(IDLE, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _call(name: str, args: tuple[object, ...]) -> bytes:
    """Run a function of ``app.charts.vega``, in the drawing process; a specification is JSON."""
    from presslens.app.charts import vega

    drawn = getattr(vega, name)(*args)
    return drawn if isinstance(drawn, bytes) else json.dumps(drawn).encode()


_PROCESS = DrawingProcess()
atexit.register(_PROCESS.close)


def specification(chart: Chart, form: Format) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart.

    Raises:
        DrawingFailed: The drawing process failed.
    """
    text = _PROCESS.call("specification", chart, form)
    return cast("dict[str, Any]", json.loads(text))


def picture(chart: Chart, form: Format, kind: str) -> bytes:
    """Return a picture of a chart.

    Args:
        kind: One of ``PICTURES``.

    Raises:
        DrawingFailed: The drawing process failed.
    """
    folder = font_folder()
    fonts = str(folder) if folder else None
    return _PROCESS.call("picture", chart, form, kind, fonts)
