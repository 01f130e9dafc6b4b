"""Evaluation of folios: what is read at the heads of pages, and whom that wrongs.

Composed pages are in Korean and read as the recipe says; real ones in the languages that this
machine has. A page is checked twice: as uploaded with what it prints, where any doubt is a false
one, and with another day, number and newspaper, which are to be noticed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from presslens.lab.evaluation.headed_page import CONDITIONS, NAMES, PrintedFolio, headed_page
from presslens.models.accuracy import Measure, wilson
from presslens.models.folios.reader import folio_reader
from presslens.models.photos.skew import skew
from presslens.models.recipe import FolioRules
from presslens.models.vocabulary import Folio
from presslens.pipelines.statistics.folio_checks import UploadedPage, mismatches

REAL_PAGES = Path(__file__).parent / "real_folios.toml"

KOREAN = ("ko",)
"""The languages of composed pages."""

PAGES, FIRST = 64, 500
"""Composed pages in each condition, and the seed of the first: thresholds saw those of others."""

ALL = "all conditions"
COMPOSED = "composed for measuring; thresholds were chosen on pages of other seeds"
READ_BY_EYE = "real pages, their heads read by eye; how lines are parted was tried on some"

UNSAID = date(1900, 1, 1), 0
"""The day and number of a page that prints none: what is read for them is wrong."""


@dataclass(frozen=True, slots=True)
class FolioTrial:
    """What a page prints, and what was read on it.

    Attributes:
        group: Its condition or language.
        printed: What it prints.
        folio: What was read.
    """

    group: str
    printed: PrintedFolio
    folio: Folio

    def doubts(self, *, days: int = 0, numbers: int = 0, newspaper: str | None = None) -> int:
        """Return how many doubts there are if a page is uploaded with what it prints.

        Args:
            days: The edition is of so many days later.
            numbers: Its number in the edition is so much higher.
            newspaper: The newspaper that is said, if not its own.
        """
        own = self.printed
        day, number = own.day or UNSAID[0], own.number or UNSAID[1]
        name = newspaper or own.name or ""
        others = {other: [other] for other in NAMES if other != name}
        uploaded = UploadedPage(
            number + numbers, day + timedelta(days), [name] if name else [], others
        )
        return len(mismatches(self.folio, uploaded))


def composed_trials(
    rules: FolioRules, *, pages: int = PAGES, progress: Callable[[str], None] = lambda _what: None
) -> Iterator[FolioTrial]:
    """Yield trials on composed pages in every condition; the same pages in each."""
    reader = folio_reader(rules)
    for condition in CONDITIONS:
        progress(f"reading heads of pages: {condition}")
        for seed in range(FIRST, FIRST + pages):
            page = headed_page(seed, condition)
            folio = reader.read(page.pixels, [], KOREAN, skew=skew(page.pixels))
            yield FolioTrial(condition, page.printed, folio)


def real_trials(data: Path, rules: FolioRules) -> Iterator[FolioTrial]:
    """Yield trials on the real pages of a data folder whose language this machine reads."""
    reader = folio_reader(rules)
    for entry in tomllib.loads(REAL_PAGES.read_text(encoding="utf-8"))["page"]:
        path, language = data / entry["file"], entry["language"]
        if not path.is_file() or reader.why_not([language]) is not None:
            continue
        with Pillow.open(path) as opened:
            page = np.asarray(opened.convert("RGB"))
        printed = PrintedFolio(entry.get("day"), entry.get("number"), None)
        folio = reader.read(page, [], [language], skew=skew(page))
        yield FolioTrial(f"real, {language}", printed, folio)


def folio_measures(trials: Iterable[FolioTrial], method: str, *, total: bool) -> list[Measure]:
    """Return how much of what is printed is read, right or wrong, by condition.

    Args:
        trials: Pages that were read.
        method: How they were measured.
        total: A last group holds all of them.
    """
    done = list(trials)
    groups = list(dict.fromkeys(trial.group for trial in done))
    rows: list[Measure] = []
    for group in [*groups, *([ALL] if total else [])]:
        some = [trial for trial in done if group in (ALL, trial.group)]
        rows += _group_measures(group, some, method)
    return rows


def _group_measures(group: str, trials: Sequence[FolioTrial], method: str) -> list[Measure]:
    def share(what: str, data: str, hits: Sequence[bool]) -> Measure:
        n, value = len(hits), sum(hits) / max(1, len(hits))
        return Measure("folios", what, f"{group}: {data}", n, value, wilson(value, n), method)

    rows: list[Measure] = []
    for data, printed in (
        ("day", [t for t in trials if t.printed.day]),
        ("page number", [t for t in trials if t.printed.number]),
        ("newspaper", [t for t in trials if t.printed.name]),
    ):
        if not printed:
            continue
        right = [_is_right(trial, data) for trial in printed]
        unread = [_is_unread(trial, data) for trial in printed]
        wrong = [not (a or b) for a, b in zip(right, unread, strict=True)]
        rows += [
            share("read right", data, right),
            share("read wrong", data, wrong),
            share("not read", data, unread),
            share("another one noticed", data, [_is_noticed(trial, data) for trial in printed]),
        ]
    doubted = [trial.doubts() > 0 for trial in trials]
    return [*rows, share("doubted without a reason", "pages", doubted)]


def _is_right(trial: FolioTrial, what: str) -> bool:
    folio, printed = trial.folio, trial.printed
    if what == "day":
        return folio.day == printed.day
    if what == "page number":
        return folio.number == printed.number
    return (printed.name or "") in "".join((folio.name or "").split())


def _is_unread(trial: FolioTrial, what: str) -> bool:
    folio = trial.folio
    if what == "newspaper":
        read = "".join((folio.name or "").split())
        return not any(name in read for name in NAMES)
    return (folio.day if what == "day" else folio.number) is None


def _is_noticed(trial: FolioTrial, what: str) -> bool:
    before = trial.doubts()
    if what == "day":
        return trial.doubts(days=1) > before
    if what == "page number":
        return trial.doubts(numbers=1) > before
    other = next(name for name in NAMES if name != trial.printed.name)
    return trial.doubts(newspaper=other) > before
