"""What makes a function a command: one decorator opens the installation and prints the result.

A command yields its result first, which ``--json`` writes; then, a line or a table at a time, what
people read in its place.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any, TypeAlias

import typer

from presslens.app.cli.console import (
    Aside,
    Careful,
    FailureLine,
    Verbatim,
    emit_json,
    fail,
    out,
    say,
    tell,
    warn,
)
from presslens.app.cli.lazy import OnceCommand
from presslens.app.cli.options import JsonOption, options_of, query_in
from presslens.app.cli.progress import NOTHING_CHANGED, progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.settings import Settings

Printed: TypeAlias = Iterator[Any]
"""The result of a command, and what people read in its place."""

Named = inspect.Parameter.KEYWORD_ONLY


def command(
    group: typer.Typer | None = None,
    name: str | None = None,
    *,
    doing: str = "",
    remains: str = NOTHING_CHANGED,
    plain: bool = False,
) -> Callable[[Callable[..., Printed]], Callable[..., None]]:
    """Return a decorator that makes a function a command.

    Args:
        group: The group that the command is added to; None: of a module that is loaded lazily.
        name: The command's name; None: it is what the group does without a command.
        doing: What the command does until it yields its result, as its progress is shown.
        remains: What remains of the work if it is stopped by Ctrl-C.
        plain: The command has no ``--json``: all that it yields is for people.
    """

    def decorate(function: Callable[..., Printed]) -> Callable[..., None]:
        given = inspect.signature(function, eval_str=True).parameters
        questions = {
            name: (query, [option.name for option in options_of(one.annotation)])
            for name, one in given.items()
            if (query := query_in(one.annotation))
        }
        of_group = group is not None and name is None

        @wraps(function)
        def run(*, as_json: bool = False, **options: Any) -> None:
            if of_group and options.pop("context").invoked_subcommand is not None:
                return
            _check_finite(options)
            for param, (query, names) in questions.items():
                options[param] = query.model_construct(**{one: options.pop(one) for one in names})
            with ExitStack() as stack:
                if "home" in given:
                    options["home"] = stack.enter_context(open_installation(Settings()))
                with progress(doing, remains=remains) if doing else ExitStack():
                    parts = iter(function(**options))
                    result = next(parts, None)
                _print(result, parts, as_json=as_json, plain=plain)

        _describe(run, given, of_group=of_group, plain=plain)
        if group is not None:
            if of_group:
                group.callback(invoke_without_command=True)(run)
            else:
                group.command(name, cls=OnceCommand)(run)
        return run

    return decorate


def _check_finite(options: Mapping[str, Any]) -> None:
    """Check the numbers of options: what is no number lies within any range, as Typer compares.

    Raises:
        typer.BadParameter: An option is infinite, or NaN.
    """
    for name, value in options.items():
        if isinstance(value, float) and not math.isfinite(value):
            hint = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"{value} is not a finite number", param_hint=hint)


def _describe(
    run: Callable[..., None], given: Mapping[str, inspect.Parameter], *, of_group: bool, plain: bool
) -> None:
    """Give a command the signature that Typer reads its options from."""
    parameters: list[inspect.Parameter] = []
    for name, one in given.items():
        if query_in(one.annotation):
            parameters += options_of(one.annotation)
        elif name != "home":
            parameters.append(one.replace(kind=Named))
    if not plain:
        parameters.append(inspect.Parameter("as_json", Named, default=False, annotation=JsonOption))
    if of_group:
        parameters.insert(0, inspect.Parameter("context", Named, annotation=typer.Context))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}


def _print(result: Any, parts: Printed, *, as_json: bool, plain: bool) -> None:
    if plain:
        show(result)
    elif as_json:
        emit_json(result.to_json() if hasattr(result, "to_json") else result)
    for part in parts:  # to the end, with JSON too: the exit code may stand there
        if not as_json:
            show(part)


def show(part: Any) -> None:
    """Print a part of what people read: a line, a table, or a line beside the result."""
    match part:
        case None:
            pass
        case Verbatim():
            out.file.write(part)
        case ReadableTable():
            print_table(part)
        case Aside():
            tell(part)
        case Careful():
            warn(part)
        case FailureLine():
            fail(part)
        case str():
            say(part)
        case _:
            out.print(part, highlight=False, soft_wrap=True)


@contextmanager
def opened(doing: str, *, remains: str = NOTHING_CHANGED) -> Iterator[Installation]:
    """Open the installation for some work whose progress is shown.

    For commands that check their options before, so that wrong usage is named where nothing is
    installed.
    """
    with open_installation(Settings()) as home, progress(doing, remains=remains):
        yield home
