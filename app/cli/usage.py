"""Wrong usage is named before the module of a command is imported, which takes seconds.

``usage.json`` records the options and arguments of each command as its module declares them;
``python -P -m presslens.lab.usage`` writes it.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup, TyperOption
from typer.exceptions import TyperException

from presslens.app.cli.lazy import LazyCommand, OnceCommand, lazy_group

USAGE = Path(__file__).with_name("usage.json")

DAY = "YYYY-MM-DD"
"""How a day is written."""

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}")
_LIMITS = {
    "min": None, "max": None, "exists": False, "file_okay": True, "dir_okay": True, "metavar": None,
}  # fmt: skip
"""What is recorded of a parameter or its type, as Typer names it, where it is not this."""
_TYPES = {
    "boolean": bool, "int": int, "int range": int, "float": float, "float range": float,
    "path": Path, "directory": Path, "file": Path, "datetime": datetime,
}  # fmt: skip


def read_day(text: str) -> date:
    """Return the day that somebody has typed.

    Raises:
        typer.BadParameter: The text is no day of the calendar in the form YYYY-MM-DD.
    """
    if not _WRITTEN.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a day: write it as {DAY}, like 2025-12-16")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"there is no day {text}") from error


def usage_of(command: Any) -> dict[str, Any]:
    """Return what ``usage.json`` records of a command."""
    usage: dict[str, Any] = {"params": [_param_of(param) for param in command.params]}
    if isinstance(command, TyperGroup):
        usage["alone"] = command.invoke_without_command or command.no_args_is_help
    return usage


def _param_of(param: Any) -> dict[str, Any]:
    usage: dict[str, Any] = {"name": param.name, "type": param.type.name}
    if isinstance(param, TyperOption):
        usage["option"] = ["/".join([*param.opts[:1], *param.secondary_opts]), *param.opts[1:]]
    if choices := getattr(param.type, "choices", None):
        usage["choices"] = list(choices)
    if param.nargs < 0 or getattr(param, "multiple", False):
        usage["values"] = 0  # any number
    elif param.nargs > 1:
        usage["values"] = param.nargs
    limits = {name: getattr(param, name, getattr(param.type, name, None)) for name in _LIMITS}
    of_type = {name: value for name, value in limits.items() if value not in (None, _LIMITS[name])}
    return usage | of_type | ({"required": True} if param.required else {})


class RecordedCommand(LazyCommand):
    """A command that takes what it is recorded to take, and does nothing."""

    def load(self, name: str) -> Any:
        """Return the command under its name; the attribute is its path below ``presslens``."""
        return typer.main.get_group(_parent(self.attribute, name)).commands[name]


def _parent(path: str, name: str) -> typer.Typer:
    parent, usage = typer.Typer(), _recorded()[path]
    signature = inspect.Signature([_parameter(**param) for param in usage["params"]])

    def nothing(**options: Any) -> None:
        """Do nothing."""

    nothing.__signature__ = signature  # type: ignore[attr-defined]
    nothing.__annotations__ = {name: one.annotation for name, one in signature.parameters.items()}
    if "alone" not in usage:
        parent.command(name, cls=OnceCommand)(nothing)
        return parent
    within = [one for one in _recorded() if one.rpartition(" ")[0] == path]
    commands = {one.rpartition(" ")[2]: RecordedCommand("", one, "") for one in within}
    group = typer.Typer(cls=lazy_group(commands), invoke_without_command=usage["alone"])
    group.callback()(nothing)
    parent.add_typer(group, name=name)
    return parent


def _parameter(
    name: str,
    type: str,
    required: bool = False,
    option: Sequence[str] = (),
    choices: Sequence[str] = (),
    values: int = 1,
    **limits: Any,
) -> inspect.Parameter:
    """Return a parameter as a command's function would declare it."""
    kind: Any = Enum(name, {one: one for one in choices}) if choices else _TYPES.get(type, str)
    of_values = {0: list[kind], 1: kind, 2: tuple[kind, kind]}[values]
    parser = {"parser": read_day} if type == read_day.__name__ else {}
    declare: Any = typer.Option if option else typer.Argument
    default = ... if required else False if kind is bool else None
    info = declare(default, *option, **parser, **limits)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=info, annotation=of_values
    )


@cache
def _recorded() -> dict[str, Any]:
    usages: dict[str, Any] = json.loads(USAGE.read_text("utf-8"))
    return usages


def check_usage(context: Any, args: list[str]) -> None:
    """Check the words of a command as it is recorded.

    Raises:
        UsageError: The words are wrong usage, as the command itself would say.
    """
    name, *rest = args
    if name in _recorded() and "--help" not in rest:
        command = RecordedCommand("", name, "").load(name)
        try:
            with command.make_context(name, rest, parent=context) as own:
                command.invoke(own)
        except TyperException as error:
            takers = _takers(name, getattr(error, "option_name", ""))
            given_to = getattr(getattr(error, "ctx", None), "command", None)
            if takers and isinstance(given_to, TyperGroup):
                error.message += f". It is an option of {takers}"
            raise


def _takers(group: str, option: str) -> str:
    """Return the commands of a group that take an option; "" for none."""
    return ", ".join(
        f"presslens {path}"
        for path, usage in _recorded().items()
        if path.rpartition(" ")[0] == group
        and any(option in one.get("option", ()) for one in usage["params"])
    )
