"""What would tell a difference that is not shown: photos to draw, or editions to wait for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from sqlalchemy.orm import Session

from presslens.app.db.queries import EditionScope
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.samples.samples import sample_row
from presslens.app.services.shares.selection import StatEdition
from presslens.app.services.shares.share_loading import newspaper_editions
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.edition_metrics import MetricTable
from presslens.models.message import Message
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.comparison import CorrectedComparison, Difference
from presslens.pipelines.statistics.estimator import FEWEST_DRAWN
from presslens.pipelines.statistics.measure import Inference, Weight, Zone, in_zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.needed_draws import (
    PhotoFrame,
    Reach,
    needed_draws,
    needed_editions,
)
from presslens.pipelines.statistics.photo_table import Mask

TOO_SMALL = Message("no sample of what is at hand would show so small a difference")


@dataclass(frozen=True, slots=True)
class MoreDraws(Served):
    """Photos to draw by chance, so that a difference is shown."""

    SERVED: ClassVar[str] = """
        photos measure publication=scope.publication from=scope.first to=scope.last page=zone weight
        sample
    """

    photos: int  # number of photos to draw and to review, beside those that are drawn
    measure: str
    scope: EditionScope  # the editions that they are drawn from
    zone: Zone  # the part of each edition
    weight: Weight  # how a photo counts
    sample: str | None = None  # name of the sample that is made larger; None: another one is drawn


@dataclass(frozen=True, slots=True)
class WhatHelps(Served):
    """What would tell a difference, if it is as large as it is estimated."""

    words: str
    draw: MoreDraws | None = None  # None: drawing photos would not tell it


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
        if row.differs or less.value is None or less.interval is None:
            return None
        reach = self._reach(metric, less, sides, interval_level)
        by_draws = self.by_draws(metric, sides, reach) if metric.is_share else None
        if by_draws is not None:
            return by_draws
        if self.table.inference is Inference.THESE:
            return WhatHelps(TOO_SMALL if metric.is_share else Message(
                "pages drawn by chance and looked through by people would make the counts surer"
            ))  # fmt: skip
        editions = needed_editions(min(map(len, sides)), reach)
        if editions is None:
            return WhatHelps(TOO_SMALL)
        if metric.is_share:
            words = Message(
                "about %(n)s editions on each side, and photos drawn from them, would show a "
                "difference of this size",
                n=editions,
            )
        else:
            words = Message(
                "about %(n)s editions on each side would show a difference of this size",
                n=editions,
            )
        return WhatHelps(words)

    def _reach(
        self,
        metric: Metric,
        less: Difference,
        sides: tuple[Sequence[int], Sequence[int]],
        interval_level: float,
    ) -> Reach:
        reach = _towards(less)
        these = reach if self.table.inference is Inference.THESE else 0.0
        if self.table.inference is Inference.PRACTICE and metric.is_share:
            table = replace(self.table.at(interval_level), inference=Inference.THESE)
            these = _towards(table.compared(metric, *sides).difference)
        return Reach(less.value or 0.0, these, reach, interval_level)

    def by_draws(
        self, metric: Metric, sides: tuple[Sequence[int], Sequence[int]], reach: Reach
    ) -> WhatHelps | None:
        """Return the photos to draw until a difference of shares is shown; None: they would not.

        Args:
            metric: The share.
            sides: Places of the editions of both groups; none of the second: a share is compared
                with a number.
            reach: How far the interval reaches.
        """
        photos = self.table.shares[metric]
        side = np.full(len(photos.selected) + 1, -1, np.int64)
        for k, members in enumerate(sides):
            side[list(members)] = k
        of_photo = np.where(photos.counted, side[photos.place], -1)
        drawn = photos.table.drawn & photos.table.framed
        in_use = photos.sample is not None and int(photos.table.sampled.sum()) >= FEWEST_DRAWN
        if in_use and photos.table.framed[of_photo >= 0].all():
            framed, draw, waiting = self._of_sample(metric, photos, int(drawn.sum()))
        else:
            scope, framed = self._between(photos, sides)
            drawn, waiting = np.zeros(len(framed), bool), 0
            draw = MoreDraws(0, metric.name, scope, metric.zone, metric.weight)
        frame = PhotoFrame(
            photos.table.probability[framed],
            photos.weighed.weight[framed],
            of_photo[framed],
            drawn[framed],
        )
        more = needed_draws(frame, reach)
        if more is None:
            return None
        draw = replace(draw, photos=max(0, more - waiting))
        return WhatHelps(_draw_words(draw), draw)

    def _of_sample(
        self, metric: Metric, photos: SharePhotos, drawn: int
    ) -> tuple[Mask, MoreDraws, int]:
        """Return the frame of the sample in use, and how many drawn photos wait for coders."""
        row = sample_row(self.session, photos.sample or "")
        names = {one.publication for one in photos.selected}
        days = [one.date for one in self._editions(names) if one.id in photos.frame]
        scope = EditionScope(row.publication, min(days), max(days))
        waiting = sum(one.drawn for one in row.strata) - drawn - photos.lost
        draw = MoreDraws(0, metric.name, scope, row.zone, row.weight, row.name)
        return photos.table.framed, draw, max(0, waiting)

    def _editions(self, names: Iterable[str]) -> list[StatEdition]:
        """Return all editions of some newspapers."""
        found = (newspaper_editions(self.session, name, self.recipe) for name in names)
        return [edition for editions in found for edition in editions]

    def _between(
        self, photos: SharePhotos, sides: tuple[Sequence[int], Sequence[int]]
    ) -> tuple[EditionScope, Mask]:
        """Return the photos from the first day of both groups to the last."""
        chosen = [photos.selected[i] for members in sides for i in members]
        names = sorted({one.publication for one in chosen})
        first, last = (limit(one.date for one in chosen) for limit in (min, max))
        every = [str(one.id) for one in self._editions(names) if first <= one.date <= last]
        keys = np.array(photos.table.editions)
        inside = np.isin(keys, every)[photos.table.edition]
        scope = EditionScope(names[0] if len(names) == 1 else None, first, last)
        return scope, inside & in_zone(photos.zones, photos.metric.zone)


def _towards(less: Difference) -> float:
    """Return how far an interval reaches towards 0."""
    if less.interval is None or less.value is None:
        return 0.0
    return less.value - less.interval[0] if less.value > 0 else less.interval[1] - less.value


def _draw_words(draw: MoreDraws) -> Message:
    first, last = draw.scope.first, draw.scope.last
    if not draw.photos:
        return Message("answer the photos of the sample %(name)s that wait", name=draw.sample)
    if first == last:
        return Message(
            "draw %(n)s more photos of %(day)s by chance, and review them",
            n=draw.photos,
            day=str(first),
        )
    return Message(
        "draw %(n)s more photos between %(first)s and %(last)s by chance, and review them",
        n=draw.photos,
        first=str(first),
        last=str(last),
    )
