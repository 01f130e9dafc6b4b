"""What a study will show before anybody codes, of the archive's scores or of a share foreseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.statistics.availability import availability_of
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.edition_metrics import select_for
from presslens.app.services.statistics.further_draws import FurtherDraws
from presslens.app.services.statistics.queries import PowerQuery
from presslens.models.message import Message, join_messages
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.known_share import KnownShare
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import Metric, NamedMetric
from presslens.pipelines.statistics.needed_draws import FEWEST
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.power import Foresight, Study, StudyDesign, foreseen_newspaper

LEAST = 1e-6
"""Difference from which on an interval is narrower: the digits that are served."""

METHOD = Message(
    "foreseen by the machine's probabilities, of photos drawn in strata of them, all answered; a"
    " difference is shown in four samples of five"
)

ABOUT = {
    Inference.THESE: Message("about these editions, as a comparison is unless asked otherwise"),
    Inference.PRACTICE: Message("about the newspaper's practice, as a comparison with `practice`"),
}
"""Which question it is of: that of the comparison or the share with the same ``inference``."""

FLOOR = Message(
    "fewer would be foreseen to do, but %(n)s drawn photos are the least that a share, or each of"
    " two periods, stands on",
    n=FEWEST,
)


@dataclass(frozen=True, slots=True, eq=False)
class StudyPower(Served):
    """What a study will show."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id metric of=study.design inference=study.inference
        confidence=study.confidence now advice editions photos sizes drawn needed sample refused
        method
    """

    metric: NamedMetric | None  # None: of no archive
    study: Study
    drawn: Foresight | None  # what to expect of the number of photos in question
    # Photos to draw for the width or the difference in question, beside those that wait; None: all
    # would not do, none is in question, or what is known does.
    needed: int | None
    refused: str | None  # why no sample of these photos does; None where one does
    recipe_id: str | None  # the recipe's id
    now: KnownShare | None = None  # what is known of the share; None: of no archive, or no share
    wished: float | None = None  # the width in question, 0–1; None: none is
    # Name of the sample that is made larger, or, where none is needed, answered; None: another one
    # is drawn beside it.
    sample: str | None = None

    @property
    def advice(self) -> str | None:
        """Which numbers of answers make the interval no narrower than it is now."""
        if self.now is None or self.now.width is None:
            return None
        foreseen = [*self.sizes, *((self.drawn,) if self.drawn else ())]
        enough = self.study.needed(width=self.now.width - LEAST)
        asked = self.drawn.photos if self.drawn else None
        widths = {one.photos: one.width for one in foreseen}
        return self.now.advice(widths, enough, asked=asked, wished=self.wished)

    @property
    def editions(self) -> int:
        """Number of editions."""
        return len(np.unique(self.study.table.edition))

    @property
    def photos(self) -> int:
        """Number of photos that may be drawn."""
        return len(self.study.table)

    @property
    def sizes(self) -> list[Foresight]:
        """What to expect of samples of several sizes, and of all photos; none where refused."""
        return [] if self.study.refused else self.study.sizes()

    @property
    def method(self) -> str:
        """How it was foreseen, of which question, and whether fewer photos would do."""
        frame, needed = self.study.frame, self.needed
        at_least = needed is not None and frame.after(max(0, needed - 1)).sum() < frame.least - 0.5
        return join_messages([METHOD, ABOUT[self.study.inference], *([FLOOR] if at_least else [])])

    @classmethod
    def of(
        cls,
        study: Study,
        query: PowerQuery,
        metric: Metric | None,
        recipe: str | None,
        now: KnownShare | None = None,
    ) -> StudyPower:
        """Return what a study will show, and what is needed."""
        drawn, needed, refused = None, None, study.refused
        if refused is None and query.drawn is not None:
            drawn = study.foresee(query.drawn)
        asks = query.width is not None or query.change is not None
        if refused is None and asks and not (now and now.reached(query.width)):
            needed = study.needed(width=query.width, change=query.change)
            if needed is None:
                refused = _too_small(study)
        return cls(metric, study, drawn, needed, refused, recipe, now, query.width)


def archive_power(home: Installation, metric: Metric, query: PowerQuery) -> StudyPower:
    """Return what a study of the editions of a question will show.

    Raises:
        NotFound: There is no such recipe.
        InvalidRequest: It is no share, it is known in no edition, there are no photos, or all
            editions lie on one side of the day.
    """
    if not metric.is_share:
        raise InvalidRequest.saying(
            "%(metric)s is counted and no share: nothing is drawn for it", metric=str(metric)
        )
    rules = provenance(home, query.recipe)
    with home.database.read() as session:
        editions = select_for(session, query.criteria, rules, [metric]).editions
        known = availability_of(session, home.recipe, [metric], editions, rules, checked=False)
        if why := known[metric].refused():
            raise InvalidRequest(why)
        (photos,) = load_shares(session, [metric], editions, rules)
    at = photos.counted
    if not at.any():
        raise InvalidRequest.saying("no analysed edition fits the request")
    days = np.array([edition.date.toordinal() for edition in editions], np.int64)[photos.place[at]]
    confidence = rules.aggregate.confidence
    draws = FurtherDraws(photos, frozenset(edition.id for edition in editions))
    study = _study(
        photos.weighed.at(at),
        days,
        query,
        confidence,
        continues=draws.continues(rules),
        share=photos.estimated_share,
        extends=query.of is StudyDesign.DIFFERENCE and draws.sample is not None,
    )
    now = None
    if query.of is StudyDesign.SHARE:
        now = known_share(home, metric, query.criteria, query.inference, query.recipe)
    found = StudyPower.of(study, query, metric, rules.id, now)
    if found.needed is None or query.of is not StudyDesign.DIFFERENCE:
        return found
    needed, sample = draws.more(found.needed)
    return replace(found, needed=needed, sample=sample)


def known_share(
    home: Installation,
    metric: Metric,
    scope: EditionScope,
    inference: Inference = Inference.THESE,
    recipe: str | None = None,
) -> KnownShare:
    """Return what is known of a share now, as ``stats show`` says it."""
    criteria = EditionCriteria(scope.publication, scope.first, scope.last, scope.edition)
    found = statistic(home, metric, criteria, inference=inference, recipe=recipe)
    return KnownShare.of(found.groups[0].estimate)


def foreseen_power(share: float, query: PowerQuery) -> StudyPower:
    """Return what a study of a newspaper that is not printed yet will show, of its share."""
    table, days = foreseen_newspaper(share, query.auc, editions=query.editions, photos=query.photos)
    return StudyPower.of(_study(table, days, query, 0.95), query, None, None)


def _study(
    table: PhotoTable,
    days: NDArray[np.int64],
    query: PowerQuery,
    confidence: float,
    **more: Any,
) -> Study:
    try:
        return Study.of(
            table,
            query.of,
            days,
            first_after=query.day.toordinal() if query.day else None,
            inference=query.inference,
            confidence=confidence,
            **more,
        )
    except ValueError as error:
        raise InvalidRequest(*error.args) from error


def _too_small(study: Study) -> Message:
    every = study.foresee(len(study.table))
    values = {"width": f"{100 * every.width:.1f}", "change": f"{100 * every.detectable:.1f}"}
    if study.inference is Inference.THESE:
        return Message("hardly less than all photos would do: code all of them")
    return Message(
        "no sample of these photos does, as editions differ: with all photos coded the interval is"
        " foreseen to be %(width)s points wide, and a difference of %(change)s points is shown; add"
        " editions",
        **values,
    )
