"""Records what each command takes, so that the program names wrong usage at once.

Run ``python -P -m presslens.lab.usage`` when a command's options or arguments have changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from presslens.app.cli import COMMANDS
from presslens.app.cli.lazy import LazyCommand
from presslens.app.cli.usage import USAGE, usage_of


def gather(
    commands: Mapping[str, Any] = COMMANDS, above: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each command's path below ``presslens``, with what it takes."""
    for name, one in commands.items():
        command = one.load(name) if isinstance(one, LazyCommand) else one
        yield f"{above}{name}", usage_of(command)
        within = getattr(command, "commands", {}) | dict(getattr(command, "lazy", {}))
        yield from gather(within, f"{above}{name} ")


def written() -> str:
    """Return the file of what each command takes: a line for each."""
    lines = (f"{json.dumps(path)}: {json.dumps(usage)}" for path, usage in gather())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    USAGE.write_text(written(), encoding="utf-8")
