"""How many changes of the code its tests notice.

Run ``python -m presslens.lab.bench.mutation [PART ...]``.

mutmut changes one thing of a function at a time (an operator, a number, an argument) and runs the
tests that call the function; what no test notices has survived. It leaves alone what is outside of
functions and what has a decorator: tables like those of ``app/platform/permissions.py``, and
properties.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from mutmut.configuration import reset_config
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name
from rich.console import Console
from rich.table import Table

ROOT = Path("mutants")
"""Each part has a folder here, with the code that it changes and what the tests printed."""
PACKAGE = Path("presslens")
SOURCES = ("app", "models", "pipelines", "samples", "seeds", "lab")
COPIED = ("tests", "docs", "requirements", "README.md", "Makefile", "pyproject.toml")
KILLED = ("killed", "timeout")
UNCOUNTED = ("skipped", "not checked")
TARGET = 0.85
SEED = 17

ACCOUNTS = "tests/app/services/accounts"
STATISTICS = "tests/pipelines/statistics"


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """Files that are changed, and the tests that are to notice."""

    changed: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Tests that take too long to run for each change."""

    def configuration(self) -> ConfigParser:
        """Return what mutmut reads of its ``setup.cfg``."""
        quick = [
            "-k",
            "not postgresql",
            "--timeout=60",
            *(f"--deselect={t}" for t in self.left_out),
        ]
        config = ConfigParser()
        config["mutmut"] = {
            "source_paths": _lines([str(PACKAGE / name) for name in SOURCES]),
            "only_mutate": _lines(self.changed),
            "also_copy": _lines([*COPIED, str(PACKAGE / "__init__.py")]),
            "pytest_add_cli_args": _lines(quick),
            "pytest_add_cli_args_test_selection": _lines(self.tests),
            "use_git_change_detection": "false",
        }
        return config


PARTS: Mapping[str, ChangedPart] = {
    "keys": ChangedPart(
        ("presslens/app/services/accounts/keys.py", "presslens/app/services/accounts/passwords.py"),
        (f"{ACCOUNTS}/test_keys.py",),
    ),
    "accounts": ChangedPart(
        tuple(
            f"presslens/app/services/accounts/{name}.py"
            for name in ("accounts", "identity", "logins", "passwords")
        ),
        (f"{ACCOUNTS}/test_accounts.py", f"{ACCOUNTS}/test_logins.py"),
    ),
    "permissions": ChangedPart(
        ("presslens/app/api/access.py", "presslens/app/api/rate_limits.py"),
        ("tests/app/api/test_access.py", "tests/app/api/test_rate_limits.py"),
        ("tests/app/api/test_access.py::test_roles_scopes_and_nobody_may_what_the_table_says",),
    ),
    "geometry": ChangedPart(("presslens/models/geometry.py",), ("tests/models/test_geometry.py",)),
    "intervals": ChangedPart(
        tuple(
            f"presslens/pipelines/statistics/{name}.py"
            for name in ("beta", "coded_shares", "design", "share_estimate")
        ),
        tuple(
            f"{STATISTICS}/test_{name}.py"
            for name in ("beta", "coded_shares", "design", "share_estimate")
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """What became of the changes of one file."""

    statuses: Counter[str]

    @property
    def tried(self) -> int:
        """How many changes the tests have met."""
        return sum(n for status, n in self.statuses.items() if status not in UNCOUNTED)

    @property
    def killed(self) -> int:
        """How many of them a test noticed, or never came to an end."""
        return sum(self.statuses[status] for status in KILLED)


def measure(name: str, *, seconds: float, sample: int | None = None) -> dict[str, ChangeCount]:
    """Change the code of a part and run its tests, anew.

    Args:
        name: One of ``PARTS``.
        seconds: How long it may take; what was not reached by then is not counted.
        sample: How many changes to try, drawn by ``SEED``; None: all.

    Returns:
        The outcome by the file that was changed.
    """
    part, folder = PARTS[name], ROOT / name
    rmtree(folder, ignore_errors=True)
    # Python remembers of a folder in PYTHONPATH that isn't there that it holds nothing, and takes
    # ``tests`` for that of an installed package, ``presslens`` for the checkout.
    (folder / "mutants").mkdir(parents=True)
    (folder / PACKAGE).mkdir()
    parts = (PACKAGE / name for name in ("__init__.py", *SOURCES))
    for copied in (*parts, *map(Path, COPIED)):
        (folder / copied).symlink_to(copied.absolute())
    with (folder / "setup.cfg").open("w") as file:
        part.configuration().write(file)
    changes = _changes(part, folder)
    chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
    drawn = changes if sample is None else chance.sample(changes, min(sample, len(changes)))
    _mutmut(folder, drawn, seconds=seconds)
    statuses = _statuses(folder)
    return _by_file(part, {change: statuses[change] for change in drawn})


def print_outcomes(outcomes: Mapping[str, Mapping[str, ChangeCount]], console: Console) -> bool:
    """Print a table; return whether the tests of each part notice enough."""
    table = Table("part", "file", "drawn", "tried", "killed", "share", f"≥ {TARGET:.0%}")
    is_enough = True
    for name, files in outcomes.items():
        whole = ChangeCount(sum((one.statuses for one in files.values()), Counter()))
        for file, one in [*files.items(), ("all", whole)]:
            share = one.killed / one.tried if one.tried else 0.0
            row = (name, file, one.statuses.total(), one.tried, one.killed, f"{share:.1%}",
                   "yes" if share >= TARGET else "no")  # fmt: skip
            table.add_row(*map(str, row))
        is_enough &= whole.killed >= TARGET * whole.tried > 0
    console.print(table)
    return is_enough


def main(argv: Sequence[str] | None = None) -> int:
    """Measure parts and print what their tests notice; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--minutes", type=float, default=15, help="for each part (default: 15)")
    parser.add_argument("--sample", type=int, help="how many changes of each part (default: all)")
    args = parser.parse_args(argv)
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no part: {', '.join(sorted(unknown))}")
    outcomes = {
        name: measure(name, seconds=60 * args.minutes, sample=args.sample)
        for name in args.parts or PARTS
    }
    return 0 if print_outcomes(outcomes, Console(width=100)) else 1


def _changes(part: ChangedPart, folder: Path) -> list[str]:
    """Return the names of all changes that mutmut makes in the files of a part."""
    with chdir(folder):
        reset_config()
        return [
            get_mutant_name(Path(file), change)
            for file in part.changed
            for change in mutate_file_contents(file, Path(file).read_text()).mutant_names
        ]


def _mutmut(folder: Path, changes: Sequence[str], *, seconds: float) -> None:
    """Run mutmut on changes; what it says goes to a file. It puts down each outcome at once."""
    command = [_program(), "run", "--max-children=1", *changes]
    code = str((folder / "mutants").absolute())
    with (
        (folder / "mutmut.log").open("a") as log,
        subprocess.Popen(  # noqa: S603 - the program of this environment
            command, cwd=folder, env={**os.environ, "PYTHONPATH": code}, stdout=log, stderr=log
        ) as running,
    ):
        try:
            running.wait(max(1, seconds))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
            running.wait()
            return
    if running.returncode != 0:
        raise SystemExit(f"mutmut ended with {running.returncode}: see {log.name}")


def _statuses(folder: Path) -> dict[str, str]:
    """Return what became of each change: ``killed`` of ``….geometry.x_suppress__mutmut_3``."""
    done = subprocess.run(  # noqa: S603 - the program of this environment
        [_program(), "results", "--all=true"],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    lines = (line.strip().rpartition(": ") for line in done.stdout.splitlines() if ": " in line)
    return {name: status for name, _, status in lines}


def _by_file(part: ChangedPart, statuses: Mapping[str, str]) -> dict[str, ChangeCount]:
    files: dict[str, ChangeCount] = {}
    for file in part.changed:
        prefix = file.removesuffix(".py").replace("/", ".") + "."
        files[file] = ChangeCount(
            Counter(status for name, status in statuses.items() if name.startswith(prefix))
        )
    return files


def _program() -> str:
    return str(Path(sys.executable).with_name("mutmut"))


def _lines(values: Sequence[str]) -> str:
    return "\n" + "\n".join(values)


if __name__ == "__main__":
    sys.exit(main())
