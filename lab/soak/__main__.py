"""Runs the checks that take long.

Run ``python -m presslens.lab.soak [NAME...] [--minutes M] [--table]``.

Each check's result is stored as soon as it is there, and a check that has one of this commit, over
as long a time, is not run again: what was broken off goes on. Without ``--minutes`` checks run to
their end, the longest, of two hours, last. The table names each promise, what was measured, and
its target. It ends with 1 if a figure falls short; what can't be measured on this machine is named,
and does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from presslens.lab.soak.checks import all_checks, run_check, times
from presslens.lab.soak.results import Result, ResultFolder, present_commit

MINUTES = 60.0
"""What checks without a time of their own take together when all run to their end."""

WORDS = {True: "yes", False: "NO", None: "not measured"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named checks, or all, and return the exit code."""
    checks_by_name = {check.name: check for check in all_checks()}
    args = _parser(list(checks_by_name)).parse_args(arguments)
    if unknown := sorted(set(args.names) - set(checks_by_name)):
        sys.stderr.write(f"no check is named {', '.join(unknown)}\n")
        return 2
    names = [name for name in checks_by_name if name in args.names or not args.names]
    folder = ResultFolder(args.folder)
    if not args.table:
        checks = [checks_by_name[name] for name in names]
        whole = args.minutes is None
        each = times(checks, 60 * (MINUTES if whole else args.minutes), to_the_end=whole)
        for check, seconds in zip(checks, each, strict=True):
            before = None if args.again else folder.find(check.name)
            if before is not None and before.answers(present_commit(), seconds):
                say(f"{check.name}: measured {before.ended}")
                continue
            say(f"{check.name}: {seconds:.0f} s at most")
            folder.store(run_check(check, seconds, say))
    results = folder.all(names)
    if not results:
        say(f"nothing is measured in {args.folder} yet: run `make soak`")
    Console().print(table(results))
    if args.json:
        args.json.write_text(json.dumps([asdict(result) for result in results], indent=2))
    return int(any(proof.passed is False for result in results for proof in result.proofs))


def _parser(checks_by_name: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m presslens.lab.soak", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(checks_by_name)}")
    parser.add_argument("--minutes", type=float, help="a short run: for all checks together")
    parser.add_argument("--folder", type=Path, default=Path("var/soak"), help="of the results")
    parser.add_argument("--again", action="store_true", help="run what has a result, too")
    parser.add_argument("--table", action="store_true", help="run nothing, show the results")
    parser.add_argument("--json", type=Path, help="a file for the results")
    return parser


def say(line: str) -> None:
    """Write a line with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def table(results: Sequence[Result]) -> Table:
    """Return what was proven as a table."""
    shown = Table("check", "promise", "what", "figure", "target", "passed", "when, commit, load")
    for result in results:
        before, after = result.load
        condition = (
            f"{result.ended[:16]}, {result.commit}, {before} to {after}"
            f" on {result.processors} processors"
        )
        for proof in result.proofs:
            figures = (proof.promise, proof.what, proof.value, proof.target, WORDS[proof.passed])
            shown.add_row(result.name, *figures, condition)
            condition = ""
    return shown


if __name__ == "__main__":
    sys.exit(main())
