"""Runs the tutorial on the month, and records the figures that the documents cite.

Run ``python -m presslens.lab.month_figures [FOLDER]``. A FOLDER that holds ``var/month`` spares
making the month; the tutorial writes its answers there.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = ROOT / "docs" / "tutorial" / "month.md"
FIGURES = TUTORIAL.with_suffix(".json")
DAILY = '--publication "Sample Daily"'
CITED = "focus_facility"
MEASURES = ("people", "crowd", "children", "fireworks", "buildings", "leader", CITED)
COUNTED = ("2025-12-16", "2025-12-19")
"""Days of the daily whose number of photos the documents cite."""
NOT_RUN = ("presslens demo month", "presslens serve", "export ")
"""What is done before, and what never ends."""


@dataclass(frozen=True, slots=True)
class TutorialRun:
    """What the tutorial's commands printed on the month.

    Attributes:
        printed: What each block of commands printed, with what the tutorial says that it prints.
        figures: What the documents cite: how many editions, pages and photos the month has; photos
            of single days; shares by the machine alone, with the truth; the share after the
            reviews; the methods paragraph.
    """

    printed: tuple[tuple[str, str], ...]
    figures: Mapping[str, Any]


def plain(text: str) -> str:
    """Return a text without the frames of tables, its blanks as one."""
    return " ".join(text.replace("│", " ").split())


def run_tutorial(folder: Path) -> TutorialRun:
    """Run the tutorial's commands in a folder that holds ``var/month``."""
    blocks = re.findall(
        r"^```(sh|text)\n(.*?)^```", TUTORIAL.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    printed, output, alone = [], "", {}
    for kind, body in blocks:
        if kind == "text":
            printed.append((body, output))
            continue
        if "samples draw" in body:
            alone = {name: _share(name, folder) | _truth(name, folder) for name in MEASURES}
        commands = [line for line in body.splitlines() if not line.startswith(NOT_RUN)]
        output = _run("\n".join(commands), folder) if commands else ""
    figures = {
        "month": _month(folder),
        "counted": {day: _share("photos", folder, f"--from {day} --to {day}") for day in COUNTED},
        "alone": alone,
        "reviewed": _share(CITED, folder),
        "methods": undated(_run(f"presslens stats methods {CITED} {DAILY}", folder)),
    }
    return TutorialRun(tuple(printed), figures)


def undated(methods: str) -> str:
    """Return a methods paragraph without its version, and without the day of its answers."""
    paragraph = plain(methods)
    paragraph = re.sub(r"had answered by \d+ \w+ \d{4}", "had answered by X", paragraph)
    return re.sub(r"Presslens [\d.]*\d", "Presslens X", paragraph)


def _month(folder: Path) -> dict[str, int]:
    every = json.loads(_run("presslens editions --json", folder))["editions"]
    editions = [one for one in every if not one["superseded"]]
    totals = {name: sum(one[name] for one in editions) for name in ("pages", "photos")}
    return {"editions": len(editions), **totals}


def _share(measure: str, folder: Path, days: str = "") -> dict[str, float | None]:
    shown = json.loads(_run(f"presslens stats show {measure} {DAILY} {days} --json", folder))
    (group,) = shown["groups"]
    low, high = group["interval"] or (None, None)
    return {"value": group["value"], "low": low, "high": high}


def _truth(measure: str, folder: Path) -> dict[str, float | None]:
    truth = json.loads(_run(f"presslens demo truth {measure} {DAILY} --json", folder))
    return {"truth": round(truth["share"], 4)}


def _run(script: str, folder: Path) -> str:
    program = folder / "bin" / "presslens"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m presslens "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PRESSLENS_DATA_DIR": "var/month/data",
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "COLUMNS": "200",
    }
    done = subprocess.run(  # noqa: S603
        ["sh", "-euc", script],  # noqa: S607
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{script}\n{done.stdout}{done.stderr}")
    return done.stdout if "--json" in script else done.stdout + done.stderr


def main() -> None:
    """Write the figures that the documents cite."""
    with TemporaryDirectory() as made:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else made)
        if not (folder / "var" / "month").is_dir():
            _run("presslens demo month", folder)
        figures = run_tutorial(folder).figures
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
