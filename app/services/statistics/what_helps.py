"""What would tell a difference, narrow a wide number or bring a withheld one: photos to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.db.queries import EditionScope
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import StatEdition
from presslens.app.services.shares.share_loading import newspaper_editions
from presslens.app.services.shares.validities import load_validities
from presslens.app.services.statistics.edition_metrics import MetricTable
from presslens.app.services.statistics.further_draws import FurtherDraws
from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.claim.verdict import WORDS
from presslens.pipelines.statistics.comparison import CorrectedComparison, Difference
from presslens.pipelines.statistics.measure import Inference, Weight, Zone, in_zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.needed_draws import needed_editions, power_factor
from presslens.pipelines.statistics.power import Study, StudyDesign
from presslens.pipelines.statistics.share_estimate import NOT_OFFERED
from presslens.pipelines.statistics.validity import Validity
from presslens.pipelines.statistics.width import USEFUL, is_wide
from presslens.pipelines.written_numbers import written_level

SURER = Message("pages drawn by chance and looked through by people would make the counts surer")
TOO_SMALL = Message("the difference is too small for any sample from this archive to show it")


@dataclass(frozen=True, slots=True)
class MoreDraws(Served):
    """Photos to draw by chance, or pages to look through."""

    SERVED: ClassVar[str] = """
        photos pages measure measures publication=scope.publication from=scope.first to=scope.last
        page=zone weight sample
    """

    photos: int  # number of photos to draw and to review, beside those that are drawn
    measures: tuple[str, ...]  # what coders are asked; the first makes the strata; none: of pages
    scope: EditionScope  # the editions that they are drawn from
    zone: Zone = Zone.ALL  # the part of each edition
    weight: Weight = Weight.COUNT  # how a photo counts
    # Name of the sample that is made larger, or answered; None: another one is drawn beside it.
    sample: str | None = None
    pages: int = 0  # number of pages to draw and to look through, in place of photos

    @property
    def measure(self) -> str | None:
        """The first measure; None of pages."""
        return self.measures[0] if self.measures else None


@dataclass(frozen=True, slots=True)
class WhatHelps(Served):
    """What would tell a difference, if it is as large as it is estimated, or narrow an interval."""

    words: str
    draw: MoreDraws | None = None  # None: drawing photos would not tell it
    foreseen: str | None = None  # what the draw is foreseen to show, of which question
    within: Rounded | None = None  # half the width of the interval then; None: a difference is told


@dataclass(frozen=True, eq=False)
class HelpFinder:
    """Finds what would tell the differences of metrics of some editions.

    Args:
        session: An open transaction.
        table: The metrics of the editions.
        recipe: The recipe of their summaries.
    """

    session: Session
    table: MetricTable
    recipe: Provenance

    def what_helps(
        self,
        row: CorrectedComparison,
        sides: tuple[Sequence[int], Sequence[int]],
        interval_level: float,
    ) -> WhatHelps | None:
        """Return what would tell a difference; None for one that is shown, or not known.

        Args:
            row: The difference, with its interval.
            sides: Places of the editions of both groups.
            interval_level: Level of the interval, 0–1.
        """
        compared = row.compared
        less, metric = compared.difference, compared.metric
        if less.method == NOT_OFFERED:
            return self.withheld(metric)
        if row.differs or less.value is None or less.interval is None:
            return None
        by_draws, by_editions = None, _towards(less)
        if metric.is_share:
            asked = self._study(metric, sides, interval_level)
            by_draws, by_editions = self._by_draws(asked, less.value), asked.study.by_editions
        if by_draws is not None:
            return by_draws
        if self.table.inference is Inference.THESE:
            if not metric.is_share:
                return WhatHelps(SURER)
            wide = is_wide(metric, less.value, less.interval)
            return (self._narrowed(asked) if wide else None) or WhatHelps(TOO_SMALL)
        editions = needed_editions(
            min(map(len, sides)),
            abs(less.value) / power_factor(interval_level),
            by_editions,
            drawn=metric.is_share,
        )
        if editions is None:
            return WhatHelps(TOO_SMALL)
        if metric.is_share:
            words = Message(
                "at %(level)s %% a difference of this size takes about %(n)s editions on each "
                "side, and photos drawn from them by chance",
                n=editions,
                level=written_level(interval_level),
            )
        else:
            words = Message(
                "at %(level)s %% a difference of this size takes about %(n)s editions on each side",
                n=editions,
                level=written_level(interval_level),
            )
        return WhatHelps(words)

    def by_draws(
        self,
        metric: Metric,
        sides: tuple[Sequence[int], Sequence[int]],
        difference: float,
        farthest: float,
        confidence: float,
    ) -> WhatHelps | None:
        """Return the photos to draw until a difference of shares is shown; None: they would not.

        Where no sample shows it as it is estimated, the photos that show the largest difference
        that is possible are a first draw: their answers tell whether the machine is right.

        Args:
            sides: Places of the editions of both groups; none of the second: a share is compared
                with a number.
            difference: As it is estimated.
            farthest: The largest that is possible, by the ends of the intervals.
            confidence: Level of its interval, 0–1.
        """
        asked = self._study(metric, sides, confidence)
        if helps := self._by_draws(asked, difference):
            return helps
        first = None if asked.study.frame.drawn.any() else self._by_draws(asked, farthest)
        return replace(first, foreseen=None) if first else None

    def narrower(self, metric: Metric, members: Sequence[int], confidence: float) -> WhatHelps:
        """Return the photos to draw until the interval of a share is of use.

        Args:
            members: Places of its editions.
            confidence: Level of its interval, 0–1.
        """
        asked = self._study(metric, (members, ()), confidence)
        return self._narrowed(asked) or WhatHelps(
            Message(
                "only a look at nearly all %(photos)s would make this narrower",
                photos=counted(len(asked.study.table), "photo"),
            )
        )

    def withheld(self, metric: Metric) -> WhatHelps | None:
        """Return what would bring a share that is not offered in a newspaper of the editions."""
        for paper in sorted({edition.publication for edition in self.table.editions}):
            one = load_validities(self.session, paper, self.recipe, (metric.name,))[metric.name]
            if helps := withheld_help(paper, one):
                return helps
        return None

    def _narrowed(self, asked: _Asked) -> WhatHelps | None:
        needed = asked.study.needed(width=2 * USEFUL)
        if needed is None:
            return None
        draw = asked.more_draws(max(needed, 1))
        return WhatHelps(_narrowing_words(draw, len(asked.study.table)), draw, within=USEFUL)

    def _by_draws(self, asked: _Asked, difference: float) -> WhatHelps | None:
        needed = asked.study.needed(change=abs(difference)) if difference else None
        if needed is None:
            return None
        draw = asked.more_draws(max(needed, 1))
        foreseen = Message(
            "four such samples of five show a difference of this size: at %(level)s %%, about"
            " %(about)s",
            level=written_level(asked.study.confidence),
            about=WORDS[asked.study.inference],
        )
        return WhatHelps(_draw_words(draw), draw, foreseen)

    def _study(
        self,
        metric: Metric,
        sides: tuple[Sequence[int], Sequence[int]],
        confidence: float,
    ) -> _Asked:
        """Return the study of all editions from the first of some to the last."""
        photos = self.table.shares[metric]
        side = np.full(len(photos.selected) + 1, -1, np.int64)
        for k, members in enumerate(sides):
            side[list(members)] = k
        of_photo = np.where(photos.counted, side[photos.place], -1)
        used = [one.frame for one in photos.samples]
        chosen = [photos.selected[i] for members in sides for i in members]
        names = {one.publication for one in chosen}.union(*(one.newspapers for one in used))
        every = [one for name in sorted(names) for one in self._editions(name)]
        if used and used[0].recipe_id != self.recipe.id:  # no draw of today adds to that sample
            chosen = [one for one in every if one.id in used[0].editions]
        inside = _Between.of(chosen, every)
        keys = np.array(photos.table.editions, np.int64)
        framed = np.isin(keys, list(inside.ids))[photos.table.edition]
        framed &= in_zone(photos.zones, metric.zone)
        draws = FurtherDraws(photos, inside.ids)
        study = Study(
            photos.weighed.at(framed),
            StudyDesign.DIFFERENCE if len(sides[1]) else StudyDesign.SHARE,
            of_photo[framed].astype(float) + (0 if len(sides[1]) else of_photo[framed] >= 0),
            self.table.inference,
            confidence,
            draws.continues(self.recipe),
            photos.estimated_share,
            draws.sample is not None,
        )
        return _Asked(study, draws, inside.scope)

    def _editions(self, name: str) -> list[StatEdition]:
        """Return all editions of a newspaper."""
        return newspaper_editions(self.session, name, self.recipe)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A study that would tell a difference, and the draws that it takes."""

    study: Study
    draws: FurtherDraws
    scope: EditionScope  # the editions that they are from

    def more_draws(self, needed: int) -> MoreDraws:
        """Return the draw of as many photos as answers are needed of."""
        more, sample = self.draws.more(needed)
        photos, of = self.draws.photos, self.draws.photos.metric
        measures = photos.samples[0].frame.measures if photos.samples else (of.name,)
        return MoreDraws(more, measures, self.scope, of.zone, of.weight, sample)


@dataclass(frozen=True, slots=True)
class _Between:
    """All editions of some newspapers from a day to another."""

    scope: EditionScope
    ids: frozenset[int]

    @classmethod
    def of(cls, chosen: Sequence[StatEdition], every: Sequence[StatEdition]) -> _Between:
        """Return the editions from the first day of some to the last."""
        names = {one.publication for one in chosen}
        first, last = (limit(one.date for one in chosen) for limit in (min, max))
        one_of = next(iter(names)) if len(names) == 1 else None
        ids = frozenset(
            one.id for one in every if first <= one.date <= last and one.publication in names
        )
        return cls(EditionScope(one_of, first, last), ids)


def _towards(less: Difference) -> float:
    """Return how far an interval reaches towards 0."""
    if less.interval is None or less.value is None:
        return 0.0
    return less.value - less.interval[0] if less.value > 0 else less.interval[1] - less.value


def withheld_help(publication: str, validity: Validity) -> WhatHelps | None:
    """Return what would bring a number that is not offered in a newspaper; None where it is."""
    if validity.offered or not validity.wanted:
        return None
    words = Message(
        "a look at %(photos)s of %(paper)s would show whether the machine can be trusted with it",
        photos=counted(validity.wanted, "photo"),
        paper=publication,
    )
    return WhatHelps(
        words, MoreDraws(validity.wanted, (validity.measure,), EditionScope(publication))
    )


def counting_help(scope: EditionScope, pages: int) -> WhatHelps | None:
    """Return what would make the counts of editions exact; None where people counted every page."""
    if not pages:
        return None
    words = Message("a look through %(pages)s would make this exact", pages=counted(pages, "page"))
    return WhatHelps(words, MoreDraws(0, (), scope, pages=pages), within=0.0)


def _narrowing_words(draw: MoreDraws, photos: int) -> Message:
    """Return in words what a draw makes of an interval; ``photos`` are those it is from."""
    if not draw.photos:
        return Message(
            "answers to the photos of the sample %(name)s that wait would make this about"
            " ± %(points)s points",
            name=draw.sample,
            points=f"{100 * USEFUL:g}",
        )
    if draw.photos >= photos:
        return Message(
            "a look at all %(photos)s would make this exact", photos=counted(photos, "photo")
        )
    return Message(
        "a look at %(photos)s would make this about ± %(points)s points",
        photos=counted(draw.photos, "photo"),
        points=f"{100 * USEFUL:g}",
    )


def _draw_words(draw: MoreDraws) -> Message:
    first, last = draw.scope.first, draw.scope.last
    paper = draw.scope.publication or Message("all newspapers")
    if not draw.photos:
        return Message("answer the photos of the sample %(name)s that wait", name=draw.sample)
    if first == last:
        return Message(
            "draw %(n)s more photos of %(paper)s of %(day)s by chance, and review them",
            n=draw.photos,
            paper=paper,
            day=str(first),
        )
    return Message(
        "draw %(n)s more photos of %(paper)s between %(first)s and %(last)s by chance, and review"
        " them",
        n=draw.photos,
        paper=paper,
        first=str(first),
        last=str(last),
    )
