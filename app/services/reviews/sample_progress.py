"""How far coders have come with samples, how far they agree, and the shares that follow."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, ClassVar

from sqlalchemy import select

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.services.reviews.agreement import agreements_of
from presslens.app.services.reviews.coding import CodedSample, disputed_questions, measures_of
from presslens.app.services.reviews.draws import question_of
from presslens.app.services.samples.constancy import list_constancy, together
from presslens.app.services.samples.questions import questions
from presslens.app.services.samples.sampled_photos import recoding_weights
from presslens.app.services.samples.samples import SampleItem, SampleState, sample_row, sample_state
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import Group, statistic
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.result import Served, rounded
from presslens.pipelines.statistics.agreement import Agreement, AnswerAccuracy
from presslens.pipelines.statistics.consensus import CoderAnswer
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.sample_item import ANSWERS

WEEK = timedelta(days=7)
"""What the pace of a coder is measured over: the days up to the coder's latest answer."""


@dataclass(frozen=True, slots=True)
class CoderProgress(Served):
    """How far a coder has come with a sample."""

    SERVED: ClassVar[str] = "items assigned open seconds:3 pace:1 days_left constancy"

    items: int  # number of items that the coder has coded
    assigned: int  # number of items that are the coder's, first or second
    open: int  # of these, those that wait for the coder
    seconds: float | None  # median time of a decision
    pace: float | None  # items coded on a day of work, in the last week of the coder's work
    # Answers about photos that the coder was shown again, and those as before; None: no answers.
    constancy: AnswerAccuracy | None = None

    @property
    def days_left(self) -> int | None:
        """Days of work that what is open takes; None: no pace is known."""
        return ceil(self.open / self.pace) if self.pace else None


@dataclass(frozen=True, slots=True)
class SampleProgress:
    """How far coders have come with a sample."""

    items: int  # number of items that today's recipe finds
    coded: int  # items that somebody has coded
    second: int  # items that are for a second coder, too, by chance or for a rare answer
    rare: int  # of these, those that a rare answer has sent there by itself
    second_done: int  # of all of these, those that the second coder has coded
    # Questions that coders disagree on, each about one item, and nobody has adjudicated.
    disputed: int
    coders: Mapping[str, CoderProgress]  # by name
    adjudicators: Mapping[str, int]  # how many questions each has decided, by name
    # The coders' agreement on each measure, from items that two have coded.
    agreements: tuple[Agreement, ...]

    def to_json(self, coder: str | None = None) -> dict[str, Any]:
        """Return the progress as it is served, with that of one coder by itself."""
        mine = self.coders.get(coder or "", NO_PROGRESS)
        return {
            "items": self.items,
            "coded": self.coded,
            "mine": mine.items,
            "seconds": rounded(mine.seconds),
            "second": {"items": self.second, "coded": self.second_done},
            "rare": self.rare,
            "disputed": self.disputed,
            "coders": {name: one.to_json() for name, one in sorted(self.coders.items())},
            "adjudicators": dict(sorted(self.adjudicators.items())),
        }

    def agreement_json(self) -> list[dict[str, Any]]:
        """Return the agreement on each measure as it is served."""
        return [{"measure": one.measure, **one.to_json()} for one in self.agreements]


NO_PROGRESS = CoderProgress(0, 0, 0, None, None)


def sample_progress(sample: CodedSample, *, agreed: bool = False) -> SampleProgress:
    """Return how far coders have come.

    Args:
        agreed: Say how far coders agree, too.
    """
    measures, answers = sample.measures, sample.answers
    items = [item for item in sample.items if item.photo_id is not None or not measures]
    done = {item.id: sample.coders.get(item.id, set()) for item in items}
    sample_questions = questions(measures)
    coded_measures = {m for question in sample_questions for m in measures_of(question)}
    second = [item for item in items if item.second or item.id in sample.rare]
    return SampleProgress(
        len(items),
        sum(bool(coders) for coders in done.values()),
        len(second),
        sum(not item.second for item in second),
        sum(_has_second(item, done[item.id]) for item in second),
        sum(len(disputed_questions(of_item, sample_questions)) for of_item in answers.values()),
        _coders(sample, items, done, coded_measures),
        _adjudicators(answers, sample_questions),
        tuple(_agreements(sample, items)) if agreed else (),
    )  # fmt: skip


def _has_second(item: SampleItem, coders: Collection[str]) -> bool:
    """Return whether a second coder has coded an item, the one whom chance has chosen if so."""
    return item.second_coder in coders if item.second_coder is not None else len(coders) > 1


def _adjudicators(
    answers: Mapping[int, Sequence[CoderAnswer]], coded_measures: Collection[str]
) -> dict[str, int]:
    """Return how many questions about items each adjudicator has decided, by name."""
    decided = {
        (one.coder, item_id, question)
        for item_id, of_item in answers.items()
        for one in of_item
        for question in coded_measures
        if one.adjudicates and one.measure in measures_of(question)
    }
    return Counter(coder for coder, *_ in decided)


def _coders(
    sample: CodedSample,
    items: Sequence[SampleItem],
    done: Mapping[int, Collection[str]],
    coded_measures: Collection[str],
) -> dict[str, CoderProgress]:
    """Return how far each coder has come, those who have answered and those who are assigned."""
    reviews = {
        one.review: item_id
        for item_id, of_item in sample.answers.items()
        for one in of_item
        if not one.adjudicates and one.measure in coded_measures
    }
    seconds: dict[str, list[float]] = defaultdict(list)
    coded_at: dict[str, dict[int, datetime]] = defaultdict(dict)
    query = select(ReviewRow.id, ReviewRow.coder, ReviewRow.seconds, ReviewRow.created_at).where(
        ReviewRow.id.between(min(reviews, default=0), max(reviews, default=0))
    )
    for review_id, coder, taken, at in sample.session.execute(query.order_by(ReviewRow.id)):
        if review_id not in reviews:
            continue
        if taken is not None:
            seconds[coder].append(taken)
        if coder in done.get(reviews[review_id], ()):
            coded_at[coder][reviews[review_id]] = at
    coded = Counter(coder for coders in done.values() for coder in coders)
    assigned = Counter(name for item in items for name in {item.coder, item.second_coder} if name)
    there = [item for item in items if item.printed is not None]
    constancy = list_constancy(sample.session, sample=sample.row.id)
    return {
        coder: CoderProgress(
            coded[coder],
            assigned[coder],
            sum(
                coder in (item.coder, item.second_coder) and coder not in done[item.id]
                for item in there
            ),
            statistics.median(seconds[coder]) if coder in seconds else None,
            _pace(list(coded_at[coder].values())),
            together(one for one in constancy if one.coder == coder),
        )
        for coder in {*coded, *seconds, *assigned}
    }


def _pace(times: Sequence[datetime]) -> float | None:
    """Return how many items were coded on each day of work, in the last week of work."""
    last = max(times, default=None)
    if last is None:
        return None
    recent = [at for at in times if at > last - WEEK]
    return len(recent) / len({at.date() for at in recent})


def _agreements(sample: CodedSample, items: Sequence[SampleItem]) -> list[Agreement]:
    answers, recipe = sample.answers, sample.recipe
    photos = {
        item.photo_id: answers[item.id]
        for item in items
        if item.photo_id is not None and item.id in answers
    }
    weights = recoding_weights(sample.session, recipe)
    today = {
        one.measure: one
        for one in agreements_of(sample.session, photos, weights, recipe)
        if one.codebook == entry_version(recipe.codebook, one.measure)
    }
    return [today[measure] for measure in sample.measures if measure in today]


@dataclass(frozen=True, slots=True)
class SampleEstimate(Served):
    """The share of one measure."""

    SERVED: ClassVar[str] = """
        measure answered value=group.estimate.value interval=group.estimate.interval
        method=group.estimate.method n=group.estimate.n drawn=group.estimate.drawn
        picked=group.estimate.picked machine=group.machine refused=group.estimate.refused
        note=group.estimate.note provisional=group.estimate.provisional
    """

    measure: str
    answered: int  # items of the sample with a settled answer to it
    group: Group | None  # the share; None if no edition is left that it is about


@dataclass(frozen=True, slots=True)
class SampleEstimates(Served):
    """The shares that a sample estimates."""

    sample: int  # id of the sample
    recipe: str  # id of the recipe
    estimates: Sequence[SampleEstimate]


def sample_estimates(home: Installation, key: int | str) -> SampleEstimates:
    """Return the shares that a sample estimates, in the editions that it was asked for.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        row = sample_row(session, key)
        question, sample_id = question_of(row), row.id
        progress = sample_state(session, home.recipe, row).progress
    scope = question.editions
    criteria = EditionCriteria(scope.publication, scope.first, scope.last)
    estimates = []
    for measure in question.measures:
        metric = Metric(measure, question.zone, question.weight)
        groups = statistic(home, metric, criteria).groups
        answered = sum(progress[measure].get(status, 0) for status in ANSWERS)
        estimates.append(SampleEstimate(measure, answered, groups[0] if groups else None))
    return SampleEstimates(sample_id, home.recipe.id, estimates)


@dataclass(frozen=True, slots=True)
class SampleOverview:
    """A sample at a glance.

    ``open`` is how many items one coder is still to code, ``unprinted`` how many lie on no page at
    hand, as their edition is in the trash, ``asked_again`` how many are answered by an earlier
    entry of the codebook alone, by measure.
    """

    sample: SampleState
    progress: SampleProgress
    open: int
    unprinted: int
    asked_again: Mapping[str, int]

    def to_json(self, coder: str | None = None) -> dict[str, Any]:
        """Return the overview as it is served, with the progress of one coder by itself."""
        return {
            **self.sample.to_json(),
            "coded": self.progress.to_json(coder),
            "agreement": self.progress.agreement_json(),
            "open": self.open,
            "unprinted": self.unprinted,
            "asked_again": dict(self.asked_again),
        }


def sample_overviews(
    home: Installation, coder: str | None = None, *, sample_id: int | None = None
) -> list[SampleOverview]:
    """Return the samples at a glance, the latest first.

    Args:
        coder: Whose open items are counted; None: anybody's.
        sample_id: The only sample; None: all.

    Raises:
        NotFound: There is no such sample.
    """
    overviews = []
    with home.database.read() as session:
        every = select(SampleRow).order_by(SampleRow.id.desc())
        rows = session.scalars(every) if sample_id is None else [sample_row(session, sample_id)]
        for row in rows:
            sample = CodedSample(session, home.recipe, row)
            overview = SampleOverview(
                sample.state,
                sample_progress(sample, agreed=True),
                len(sample.queue(coder, home.settings.known_share)),
                sum(item.printed is None for item in sample.items),
                sample.asked_again,
            )
            overviews.append(overview)
    return overviews
