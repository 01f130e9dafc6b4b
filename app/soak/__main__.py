"""Runs the checks that take long: ``python -m app.soak [NAME...] [--minutes 55] [--json FILE]``.

The table names each promise, what was measured, and its target. It ends with 1 if a figure falls
short; what can't be measured on this machine is named, and does not.
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

from app.soak.checks import all_checks, run_checks
from app.soak.proof import Proof

MINUTES = 55.0
WORDS = {True: "yes", False: "NO", None: "not measured"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named checks, or all, and return the exit code."""
    known = {check.name: check for check in all_checks()}
    parser = argparse.ArgumentParser(prog="python -m app.soak", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for all checks together")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - set(known)):
        parser.error(f"no check is named {', '.join(unknown)}")
    checks = [known[name] for name in asked.names or known]
    proofs = []
    for proof in run_checks(checks, 60 * asked.minutes, say):
        say(f"{proof.promise} {proof.what}: {proof.value} ({WORDS[proof.passed]})")
        proofs.append(proof)
    Console().print(table(proofs))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(proof) for proof in proofs], indent=2))
    return int(any(proof.passed is False for proof in proofs))


def say(line: str) -> None:
    """Write a line with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def table(proofs: Sequence[Proof]) -> Table:
    """Return what was proven as a table."""
    shown = Table("promise", "what", "figure", "target", "passed")
    for proof in proofs:
        shown.add_row(proof.promise, proof.what, proof.value, proof.target, WORDS[proof.passed])
    return shown


if __name__ == "__main__":
    sys.exit(main())
