"""Command groups that import the module of a command only when that command is invoked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from presslens.app.cli.console import STOPPED, UNFINISHED, fail


class OnceCommand(TyperCommand):
    """A command that refuses an option of one value that is given twice: one would be lost."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command.

        Raises:
            typer.BadParameter: An option is given twice that takes one value.
        """
        _check_once(self, ctx, args)
        return super().parse_args(ctx, args)


def _check_once(command: TyperCommand | TyperGroup, ctx: Any, args: list[str]) -> None:
    _, _, given = command.make_parser(ctx).parse_args(args=list(args))
    for one in given:
        of_one_value = isinstance(one, TyperOption) and not (one.multiple or one.is_flag)
        if of_one_value and given.count(one) > 1:
            raise typer.BadParameter("it takes one value, and is given several", ctx, one)


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, and its line in the help of the group above it."""

    module: str  # name of the module
    attribute: str  # name of a function in it, or of its ``Typer`` with further commands
    help: str  # what the command does: of a function, the first line of its docstring

    def load(self, name: str) -> Any:
        """Import the module, and return the command under its name."""
        target = getattr(import_module(self.module), self.attribute)
        parent = typer.Typer()
        if isinstance(target, typer.Typer):
            parent.add_typer(target, name=name, help=self.help)
        else:
            parent.command(name, cls=OnceCommand)(target)
        return typer.main.get_group(parent).commands[name]


class LaboratoryCommand(LazyCommand):
    """A command of the laboratory, which comes with the repository and is in no wheel."""

    def load(self, name: str) -> Any:
        """Import the module, and return the command.

        Raises:
            typer.Exit: The laboratory is not here.
        """
        if find_spec("presslens.lab") is None:
            fail(f"{name} comes with the repository of Presslens: run it in a checkout")
            raise typer.Exit(2)
        return super().load(name)


def lazy_group(
    commands: Mapping[str, LazyCommand], check: Callable[[Any, list[str]], None] | None = None
) -> type[TyperGroup]:
    """Return a class of command groups with these commands, in this order, and their own.

    Args:
        check: Checks the words of a command before it is imported.
    """

    class LazyGroup(TyperGroup):
        lazy = commands

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            for name, lazy in commands.items():
                self.commands.setdefault(name, TyperCommand(name, help=lazy.help))

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            _check_once(self, ctx, args)
            return super().parse_args(ctx, args)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            name, command, rest = super().resolve_command(ctx, args)
            if name is not None and name in commands:
                command = commands[name].load(name)
            return name, command, rest

        def invoke(self, ctx: Any) -> Any:
            if check is not None and (words := [*ctx._protected_args, *ctx.args]):
                check(ctx, words)
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt as stop:
                fail(f"stopped: {UNFINISHED}")
                raise typer.Exit(STOPPED) from stop

    return LazyGroup
