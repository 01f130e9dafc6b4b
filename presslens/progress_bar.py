"""Progress bars of notebooks and terminals."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Update = Callable[[int, int, str], None]
"""Called with the count of pieces done, of all pieces, and the name of the last."""


@contextmanager
def progress_bar(label: str, progress: Update | bool | None = None) -> Iterator[Update]:
    """Yield the function that reports progress, until the block ends.

    Args:
        label: The name of the work.
        progress: A function that is called instead; True and False show a bar and none; None
            shows one in notebooks and on terminals.
    """
    if callable(progress):
        yield progress
    elif _in_notebook() and progress is not False:
        yield _of_notebook(label)
    elif progress or (progress is None and sys.stderr.isatty()):
        from rich.console import Console
        from rich.progress import Progress

        with Progress(
            console=Console(stderr=True, force_terminal=progress), transient=True
        ) as shown:
            task = shown.add_task(label, total=None)
            yield lambda done, of, _: shown.update(task, completed=done, total=of)
    else:
        yield lambda _done, _of, _name: None


def _in_notebook() -> bool:
    """Tell whether a kernel runs, which shows HTML; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _of_notebook(label: str) -> Update:
    display: Any = sys.modules["IPython"].display
    page = display.display(display.HTML(""), display_id=True)

    def update(done: int, of: int, name: str) -> None:
        text = html.escape(f"{label}: {done} of {of} {name}")
        shown = f'<progress value="{done}" max="{of}"></progress> {text}' if done < of else ""
        page.update(display.HTML(shown))

    return update
