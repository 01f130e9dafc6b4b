"""A month of two composed newspapers, with exact truth, for learning the program.

A daily of six pages, on four days of eight, and an evening paper of four pages on Mondays and
Thursdays that never prints the leader. From CHANGE on the daily prints more photos of works and
fewer of people. One day is missing, one page is damaged, and one edition was uploaded in part
before it was uploaded whole: archives are like that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from presslens.samples.compose import write_edition
from presslens.samples.desk import ANY, PictureDesk
from presslens.samples.press import Press
from presslens.samples.scan import ScannedPage, reduced
from presslens.samples.sources import Sources
from presslens.samples.template import pages

DAILY = "Sample Daily"
EVENING = "Sample Evening"
PROFILE = {"languages": ["ko"], "kind": "state"}
"""The profile of both newspapers."""

MASTHEADS = {DAILY: "견본일보", EVENING: "견본석간"}
"""The newspapers, and their names as they are printed."""

FIRST, LAST = date(2025, 11, 24), date(2025, 12, 31)
SPECIAL = (date(2025, 12, 16), date(2025, 12, 19), date(2025, 12, 25), date(2025, 12, 31))
MISSING = date(2025, 12, 8)
CHANGE = date(2025, 12, 17)
"""The first day on which the daily prints more works."""
EVENING_DAYS = (0, 3)
"""Weekdays of the evening paper; Monday is 0."""
DAMAGED = (EVENING, date(2025, 12, 11), 3)
"""The newspaper, day and number of the page whose file is cut off."""
IN_PART = (date(2025, 12, 5), 2)
"""The day of the daily that was uploaded in part first, and with how many pages."""

WORKS = ("person", "building", "building", "street", "facility", "facility", "facility", "facility",
    "facility", "scenery")  # fmt: skip
"""The roles of slots that may show anything, from CHANGE on."""
SIZE = 1200, 1725
"""Width and height of a scan in pixels: about 80 dpi."""
QUALITY = 72
"""JPEG quality of a scan."""
SEED = 2025


@dataclass(frozen=True, slots=True)
class MonthIssue:
    """One edition of the month: its newspaper, its day, and its kind of ``samples.template``."""

    publication: str
    day: date
    kind: str

    @property
    def name(self) -> str:
        """The name of the folder of its scans, as an inbox has it."""
        return f"{self.publication.replace(' ', '_')}_{self.day}"

    @property
    def roles(self) -> Sequence[str]:
        """The roles, by frequency, of a slot that may show anything."""
        changed = self.publication == DAILY and self.day >= CHANGE and self.kind == "ordinary"
        return WORKS if changed else ANY


def calendar() -> list[MonthIssue]:
    """Return all editions of the month, by day, the daily first."""
    issues = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        if day != MISSING:
            issues.append(MonthIssue(DAILY, day, "special" if day in SPECIAL else "ordinary"))
        if day.weekday() in EVENING_DAYS:
            issues.append(MonthIssue(EVENING, day, "evening"))
    return issues


def compose_issue(issue: MonthIssue, sources: Path, out: Path) -> dict[str, Any]:
    """Write the scans of an edition and truth.json into a folder, and return the truth.

    The same edition is always the same, whichever others are composed.

    Args:
        issue: Which edition.
        sources: The folder with the files of samples/sources.toml.
        out: The folder; made if missing.

    Raises:
        MissingSource: A photograph or font isn't in ``sources``.
    """
    rng = np.random.default_rng(
        [SEED, list(MASTHEADS).index(issue.publication), issue.day.toordinal()]
    )
    desk = PictureDesk(Sources(sources), rng, issue.roles)
    day = issue.day.isoformat()
    press = Press(desk, day, MASTHEADS[issue.publication])
    edition = {"publication": issue.publication, "date": day, "kind": issue.kind}
    truth = write_edition(press, pages(issue.kind, rng), _scanned, out, edition)
    for page in truth["pages"]:
        if (issue.publication, issue.day, page["number"]) == DAMAGED:
            _cut_off(out / page["file"])
    return truth


def _scanned(sheet: Image.Image, _reverse: Image.Image) -> ScannedPage:
    return reduced(sheet, SIZE, quality=QUALITY)


def _cut_off(scan: Path) -> None:
    """Keep the first kilobyte of a file, as of an upload that broke off."""
    scan.write_bytes(scan.read_bytes()[:1024])
