"""The photos that each release of the finder found on each page, and what a new release loses."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from presslens.lab.training.photos.evaluate import EvaluatedPage
from presslens.lab.training.photos.pages import REAL
from presslens.lab.training.photos.score import PageScore, SetScore

RELEASES = Path(__file__).with_name("photo_releases.csv")
"""The pages of each release: the last release is what the next is held against."""

LOSS, MISTAKES = 0.005, 1
"""A release is held back that loses more F1 than the one and makes more new mistakes (missed photos
and false ones) than the other on the pages of any condition."""


@dataclass(frozen=True, slots=True)
class FoundOnPage:
    """What a release found on a page."""

    release: str  # how the id of its observation begins; of the first, that of its recipe
    condition: str  # as the page was composed; the name of its set for a real page
    page: str
    labelled: int
    detected: int
    matched: int

    @property
    def score(self) -> PageScore:
        """Its score at an intersection over union of 0.5."""
        return PageScore(self.labelled, self.detected, self.matched)


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A condition in two releases, on the pages that both looked at with the same labels."""

    condition: str
    pages: int
    photos: int
    before: float  # F1, 0–1
    after: float
    mistakes: int  # missed and false photos, beyond those of the release before

    @property
    def holds_back(self) -> bool:
        """Whether the condition loses too much."""
        return self.before - self.after > LOSS and self.mistakes > MISTAKES


def found_on(evaluated: Iterable[EvaluatedPage], release: str) -> list[FoundOnPage]:
    """Return what a release found on evaluated pages."""
    rows = []
    for one in evaluated:
        real = one.page.condition == REAL
        condition = one.page.group if real else one.page.condition
        name = one.page.path.stem if real else f"{one.page.path.parent.name}/{one.page.path.stem}"
        score = one.score
        rows.append(
            FoundOnPage(release, condition, name, score.labelled, score.detected, score.matched)
        )
    return rows


def changes(before: Sequence[FoundOnPage], after: Sequence[FoundOnPage]) -> list[ConditionChange]:
    """Return each condition that two releases share, paired by page."""
    earlier = {(row.condition, row.page, row.labelled): row for row in before}
    pairs = [
        (earlier[key], row)
        for row in after
        if (key := (row.condition, row.page, row.labelled)) in earlier
    ]
    return [
        _change(condition, [pair for pair in pairs if pair[1].condition == condition])
        for condition in dict.fromkeys(row.condition for _, row in pairs)
    ]


def _change(condition: str, pairs: Sequence[tuple[FoundOnPage, FoundOnPage]]) -> ConditionChange:
    old, new = (SetScore(tuple(pair[side].score for pair in pairs)) for side in (0, 1))
    mistakes = [sum(p.labelled + p.detected - 2 * p.matched for p in s.pages) for s in (old, new)]
    return ConditionChange(
        condition, len(pairs), new.photos, old.f1, new.f1, mistakes[1] - mistakes[0]
    )


def load_releases(path: Path = RELEASES) -> dict[str, list[FoundOnPage]]:
    """Return the pages of each release, the oldest release first."""
    releases: dict[str, list[FoundOnPage]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts = (int(row[name]) for name in ("labelled", "detected", "matched"))
            found = FoundOnPage(row["release"], row["condition"], row["page"], *counts)
            releases.setdefault(found.release, []).append(found)
    return releases


def store_releases(releases: Iterable[Sequence[FoundOnPage]], path: Path = RELEASES) -> None:
    """Write the pages of releases."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [f.name for f in fields(FoundOnPage)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for release in releases for row in release)
