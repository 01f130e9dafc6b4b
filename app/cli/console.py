"""The output of commands: results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

out = Console()
err = Console(stderr=True)

STOPPED = 130
"""The exit code of a command that was stopped by Ctrl-C, as shells have it."""

UNFINISHED = "what was not finished is not kept"
"""What is said of a command that was stopped, and that knows no better."""


class Aside(str):
    """A line beside the result: what was done, or comes next."""


class Verbatim(str):
    """Text that is written as it is, for a file or another program."""


class FailureLine(str):
    """A line that says what failed."""


class Careful(str):
    """A line that a user should know of a result that is given all the same."""


def fail(message: str) -> None:
    """Print an error; brackets in names that users have given are no markup.

    The terminal wraps it: a command or a path in it can be copied in one piece.
    """
    err.print(f"[red]presslens:[/red] {escape(message)}", highlight=False, soft_wrap=True)


def warn(message: str) -> None:
    """Print what a user should know of a result that is given all the same."""
    err.print(f"[yellow]careful:[/yellow] {escape(message)}", highlight=False, soft_wrap=True)


def tell(message: str) -> None:
    """Print what was done or comes next beside a result, where it is in nobody's way."""
    err.print(message, markup=False, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Print a result in words; the terminal wraps it, and names in it are no markup."""
    out.print(message, markup=False, highlight=False, soft_wrap=True)


def emit_json(value: Any) -> None:
    """Print a result, or what holds results, as JSON, for other programs."""
    from presslens.pipelines.result import Served  # pydantic, which help does without

    text = json.dumps(value, ensure_ascii=False, indent=2, default=Served.to_json)
    out.file.write(text + "\n")
