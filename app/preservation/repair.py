"""Repairs what can be repaired without losing anything; the rest is a person's to decide.

Pictures of pages are made again from their scans, and files that no row names are moved out of the
store, into ``strays/`` beside it. Scans that are missing or altered come back by uploading the same
files again, or from a backup; rows are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from presslens.app.installation import Installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.preservation.check import ArchiveFault, CheckReport, Finding
from presslens.app.preservation.manifest import hash_file
from presslens.app.services.figures.erasure import GRACE
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanRejected

LOST = (ArchiveFault.MISSING, ArchiveFault.ALTERED)


def repair_archive(settings: Settings, report: CheckReport) -> list[str]:
    """Repair what a check has found, as far as it is safe, and return the repaired paths.

    Files of less than an hour stay where they are: an upload may be under way.

    Raises:
        PresslensError: The installation can't be opened.
    """
    with open_installation(settings) as home:
        strays = [one.what for one in report.findings if one.fault is ArchiveFault.STRAY]
        return [*_move_aside(home, strays), *_make_views(home, report.findings)]


def _move_aside(home: Installation, paths: Iterable[str]) -> list[str]:
    before = (clock.now() - GRACE).timestamp()
    return [path for path in paths if home.storage.set_aside(path, unless_put_after=before)]


def _make_views(home: Installation, findings: Iterable[Finding]) -> list[str]:
    """Make pictures of pages again from their scans, under today's recipe."""
    missing = [
        Path(one.what)
        for one in findings
        if one.fault in (ArchiveFault.MISSING, ArchiveFault.ALTERED)
        and one.what.startswith("views/")
    ]
    made: list[str] = []
    if not missing:
        return made
    with Sandbox(home.settings.limits) as sandbox:
        for view in missing:
            rest, frame, observation = view.stem.split("-")
            sha256 = view.parent.name + rest
            if not home.recipe.observation_id.startswith(observation):
                continue
            dpi = home.recipe.observe.pdf_dpi
            try:
                with home.storage.open_scan(sha256) as scan:
                    if hash_file(scan).sha256 != sha256:
                        continue
                    page = sandbox.decode(scan, int(frame), view.name, pdf_dpi=dpi)
            except (ScanRejected, FileNotFoundError):
                continue
            home.storage.write_view(page, view.as_posix())
            made.append(str(view))
    return made
