"""How far a command has come: a bar on a terminal, a line now and then in a log.

Both go to stderr, and say about how long the rest takes. A command that is stopped by Ctrl-C says
what is kept of its work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from presslens.app.cli.console import STOPPED, err, fail

Item = TypeVar("Item")

PATIENCE = 2.0
"""Seconds that a command may take before its progress is shown."""

NOTHING_CHANGED = "nothing was changed"
"""What is said of a command that only reads, when it is stopped."""

Poll: TypeAlias = Callable[[], tuple[int, int]]
"""Returns how many of how many pieces are done."""

ENOUGH = 4
"""Pieces of a step, as a multiple of those before its clock started, from which on they tell."""

INTERVAL = 10.0
"""Seconds between two lines where stderr is no terminal."""


REDRAW = 0.5
"""Seconds between two looks at the work where stderr is a terminal."""


@dataclass(slots=True)
class WorkDone:
    """How much of some work is done."""

    label: str  # what is being done, "analysing" for instance
    done: int = 0  # number of pieces that are done
    total: int | None = None  # number of all pieces; None while it is not known
    name: str = ""  # the piece that was done last
    # Time of the first piece's begin, on ``time.monotonic``.
    began: float = field(default_factory=time.monotonic)
    first: int = 0  # number of pieces that were done by then
    poll: Poll | None = None  # where the numbers come from; None: ``update`` is told

    def ask(self) -> None:
        """Take the numbers from ``poll``, if there is one."""
        if self.poll is not None:
            self.done, self.total = self.poll()

    def update(self, done: int, total: int | None = None, name: str = "") -> None:
        """Take the numbers in; the clock starts when the first piece does."""
        if done == 0:
            self.began, self.first = time.monotonic(), 0
        self.done, self.total, self.name = done, total if total is not None else self.total, name

    def take_step(self, label: str, done: int, total: int | None) -> None:
        """Take the numbers of a step in; its clock starts when its first piece is done.

        What comes before is its start, which no other piece takes.
        """
        if label != self.label:
            self.label, self.began, self.first = label, time.monotonic(), done
        self.update(done, total)

    def track(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield items, and count each when the next one is asked for."""
        self.update(0, len(items))
        for number, item in enumerate(items, start=1):
            yield item
            self.update(number)

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes, if each piece takes as long as those that are done."""
        # Several pieces are done at a time, so that the second may follow the first at once.
        if not self.total or not ENOUGH * self.first < self.done < self.total:
            return None
        each = (time.monotonic() - self.began) / (self.done - self.first)
        return max(0.0, each * (self.total - self.done))

    @property
    def count(self) -> str:
        """How many of how many pieces are done; empty while nobody knows."""
        return "" if self.total is None else f"{self.done:,} of {self.total:,}"

    def sentence(self) -> str:
        """Return the state in a line: "analysing: 3 of 8, about 2 min left"."""
        parts = [self.count, in_words(self.left), self.name]
        return f"{self.label}: {', '.join(filter(None, parts)) or 'at work'}"


def in_words(seconds: float | None) -> str:
    """Return about how long something still takes; empty where nobody knows.

    >>> in_words(3), in_words(47), in_words(130), in_words(8000)
    ('about 5 s left', 'about 50 s left', 'about 3 min left', 'about 2 h 20 min left')
    """
    if seconds is None:
        return ""
    if seconds <= 55:
        return f"about {5 * max(1, -int(-seconds // 5))} s left"
    minutes = -int(-seconds // 60)
    if minutes < 60:
        return f"about {minutes} min left"
    hours, minutes = divmod(-10 * int(-minutes // 10), 60)
    return f"about {hours} h {minutes} min left" if minutes else f"about {hours} h left"


@contextmanager
def progress(
    label: str,
    *,
    remains: str | Callable[[WorkDone], str] = NOTHING_CHANGED,
    poll: Poll | None = None,
) -> Iterator[WorkDone]:
    """Show on stderr how far some work has come, once it takes longer than ``PATIENCE``.

    Args:
        label: What is being done.
        remains: What remains of the work if it is stopped by Ctrl-C.
        poll: Asked how far the work is before that is shown; None: the work says so itself.

    Raises:
        typer.Exit: It was stopped; what is kept is said.
    """
    work, ended = WorkDone(label, poll=poll), threading.Event()
    show = _bar if err.is_terminal else _lines
    thread = threading.Thread(target=show, args=(work, ended), name="progress", daemon=True)
    thread.start()
    try:
        yield work
    except KeyboardInterrupt as stop:
        _end(thread, ended)
        work.ask()
        fail(f"stopped: {remains if isinstance(remains, str) else remains(work)}")
        raise typer.Exit(STOPPED) from stop
    finally:
        _end(thread, ended)


def _end(thread: threading.Thread, ended: threading.Event) -> None:
    ended.set()
    thread.join()


def _bar(work: WorkDone, ended: threading.Event) -> None:
    """Draw a bar until the work has ended, and wipe it out then."""
    if ended.wait(PATIENCE):
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("[dim]{task.fields[name]}"),
        console=err,
        transient=True,
    )
    with bar:
        task = bar.add_task(escape(work.label), total=None, count="", left="", name="")
        while not ended.wait(REDRAW):
            work.ask()
            bar.update(
                task,
                completed=work.done,
                total=work.total,
                count=work.count,
                left=in_words(work.left),
                name=escape(work.name),
            )


def _lines(work: WorkDone, ended: threading.Event) -> None:
    """Write a line now and then, for logs and for programs that show them."""
    while not ended.wait(INTERVAL):
        work.ask()
        err.print(work.sentence(), markup=False, highlight=False, soft_wrap=True)
