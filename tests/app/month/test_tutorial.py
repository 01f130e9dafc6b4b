"""The tutorial does what it says: its commands run on the month, and print what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "tutorial" / "month.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
NOT_RUN = ("presslens demo month", "presslens serve", "export ")
"""What the fixture has done, and what never ends."""


def plain(text: str) -> str:
    """Return a text without the frames of tables, its blanks as one."""
    return " ".join(text.replace("│", " ").split())


def run(script: str, folder: Path) -> str:
    program = folder / "bin"
    if not program.is_dir():
        program.mkdir()
        command = f'#!/bin/sh\nexec {sys.executable} -P -m app "$@"\n'
        (program / "presslens").write_text(command)
        (program / "presslens").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PRESSLENS_DATA_DIR": "var/month/data",
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["sh", "-euc", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return plain(done.stdout + done.stderr)


@pytest.mark.timeout(1800)
def test_the_tutorial_runs_and_prints_what_it_says(own_month: Path) -> None:
    folder = own_month.parent
    (folder / "var").mkdir()
    shutil.move(str(own_month), folder / "var" / "month")
    said, checked = "", 0
    for kind, body in BLOCKS:
        if kind == "sh":
            commands = [line for line in body.splitlines() if not line.startswith(NOT_RUN)]
            said = run("\n".join(commands), folder) if commands else ""
        else:
            for line in body.splitlines():
                assert plain(line) in said, f"{line!r} is not in:\n{said}"
                checked += 1
    assert checked >= 10
    assert sum(kind == "sh" for kind, _ in BLOCKS) >= 10
