"""Compares the size of the house with its ceilings: ``make budget``.

Run ``python -m presslens.lab.budget``. Lines, words and megabytes are counted; statements of a page
are counted by ``tests/app/web/test_page_statements.py``, which reads the same ceilings. A ceiling
that stands far above what is needed holds nothing: ``--lower`` brings each down to a little above
it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path

from packaging.markers import Marker
from rich.console import Console
from rich.table import Table

FILE = Path(__file__).resolve().with_name("budget.toml")
SHIPPED = ("app", "models", "pipelines", "presslens", "samples", "seeds")
ROOM = 0.01
"""What a lowered ceiling leaves above the present size, as a share of it."""


def ceilings() -> dict[str, dict[str, int]]:
    """Return the ceilings by kind and name."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def measured(limits: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return the present sizes of all that has a ceiling, but statements and seconds.

    Args:
        limits: The ceilings.

    Returns:
        Lines of Python by folder, words of documents, and megabytes of what ``pip install`` brings.
    """
    lines = {name: _lines(_tracked(name, "*.py")) for name in limits["lines"] if name != "shipped"}
    lines["shipped"] = sum(_lines(_tracked(name, "*.py")) for name in SHIPPED)
    documents = [*_tracked("docs", "*.md"), Path("README.md"), Path("SECURITY.md")]
    words = sum(len(path.read_text(encoding="utf-8").split()) for path in documents)
    return {
        "lines": lines,
        "words": {"documents": words},
        "megabytes": {"installation": round(sum(_sizes()) / 1e6)},
    }


def _tracked(folder: str, pattern: str) -> list[Path]:
    command = ["git", "ls-files", "-z", "--", f"{folder}/{pattern}"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    paths = map(Path, filter(None, listed.stdout.split("\0")))
    return [path for path in paths if path.is_file()]


def _lines(paths: list[Path]) -> int:
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def _sizes() -> Iterator[int]:
    """Yield the bytes of each file of an installation, without bytecode."""
    for line in Path("requirements/run.txt").read_text(encoding="utf-8").splitlines():
        release, _, marker = line.removesuffix(" \\").partition(" ; ")
        if "==" in release and (not marker or Marker(marker).evaluate()):
            for file in distribution(release.partition("==")[0]).files or ():
                if file.suffix != ".pyc":
                    yield Path(str(file.locate())).stat().st_size
    for folder in SHIPPED:
        yield from (path.stat().st_size for path in _tracked(folder, "*"))


def main() -> None:
    """Print the sizes beside their ceilings; end with 1 where one is above."""
    parser = argparse.ArgumentParser(prog="python -m presslens.lab.budget", description=__doc__)
    parser.add_argument("--lower", action="store_true", help="lower the ceilings to what is needed")
    arguments = parser.parse_args()
    limits = ceilings()
    sizes = measured(limits)
    if arguments.lower:
        for kind, values in sizes.items():
            for name, value in values.items():
                limits[kind][name] = min(limits[kind][name], round(value * (1 + ROOM)))
        FILE.write_text(_toml(limits), encoding="utf-8")
    table = Table("", "now", "ceiling")
    above = []
    for kind, values in limits.items():
        for name, ceiling in values.items():
            size = sizes.get(kind, {}).get(name)
            if size is not None and size > ceiling:
                above.append(f"{kind} of {name}: {size:,}, the ceiling is {ceiling:,}")
            table.add_row(f"{name}, {kind}", "" if size is None else f"{size:,}", f"{ceiling:,}")
    Console().print(table)
    if above:
        sys.exit("\n".join(above))


def _toml(limits: Mapping[str, Mapping[str, int]]) -> str:
    sections = (
        f"[{kind}]\n" + "".join(f'"{name}" = {value}\n' for name, value in values.items())
        for kind, values in limits.items()
    )
    return "# Ceilings: `make budget`, held by `make check`.\n\n" + "\n".join(sections)


if __name__ == "__main__":
    main()
