"""How far coders have come with a sample, how fast, and how far they agree."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleRow
from presslens.app.services.reviews.agreement import agreements_of
from presslens.app.services.reviews.coding import item_coders
from presslens.app.services.reviews.questions import disputed_questions, measures_of, questions
from presslens.app.services.samples.documents import SampleItem
from presslens.app.services.samples.sampled_photos import recoding_weights
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.agreement import Agreement
from presslens.pipelines.statistics.consensus import CoderAnswer
from presslens.pipelines.statistics.rounding import rounded


@dataclass(frozen=True, slots=True)
class CoderProgress:
    """How many items a coder has coded, and the median time of a decision in seconds."""

    items: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class SampleProgress:
    """How far coders have come with a sample."""

    items: int  # number of items that today's recipe finds
    coded: int  # items that somebody has coded
    second: int  # items that are for a second coder, too
    second_done: int  # of these, those that the second coder has coded
    # Questions that coders disagree on, each about one item, and nobody has adjudicated.
    disputed: int
    coders: Mapping[str, CoderProgress]  # by name
    adjudicators: Mapping[str, int]  # how many questions each has decided, by name
    # The coders' agreement on each measure, from items that two have coded.
    agreements: tuple[Agreement, ...]

    def to_json(self, coder: str | None = None) -> dict[str, Any]:
        """Return the progress as it is served, with that of one coder by itself."""
        mine = self.coders.get(coder or "", CoderProgress(0, None))
        return {
            "items": self.items,
            "coded": self.coded,
            "mine": mine.items,
            "seconds": rounded(mine.seconds),
            "second": {"items": self.second, "coded": self.second_done},
            "disputed": self.disputed,
            "coders": {
                name: {"items": one.items, "seconds": rounded(one.seconds)}
                for name, one in sorted(self.coders.items())
            },
            "adjudicators": dict(sorted(self.adjudicators.items())),
        }

    def agreement_json(self) -> list[dict[str, Any]]:
        """Return the agreement on each measure as it is served."""
        return [{"measure": one.measure, **one.to_json()} for one in self.agreements]


def sample_progress(
    session: Session,
    recipe: Recipe,
    sample: SampleRow,
    items: Sequence[SampleItem],
    answers: Mapping[int, Sequence[CoderAnswer]],
    *,
    agreed: bool = False,
) -> SampleProgress:
    """Return how far coders have come.

    Args:
        answers: All answers for the photo of each item, by the item's id.
        agreed: Tell how far coders agree, too.
    """
    measures = [one.measure for one in sample.measures]
    found = [item for item in items if item.photo_id is not None or not measures]
    coders_of = item_coders(session, recipe, sample, items, answers)
    done = {item.id: coders_of.get(item.id, set()) for item in found}
    counts: dict[str, int] = defaultdict(int)
    for coders in done.values():
        for coder in coders:
            counts[coder] += 1
    wanted = questions(measures)
    asked = {m for question in wanted for m in measures_of(question)}
    times = _seconds(session, answers, asked)
    second = [item for item in found if item.second]
    return SampleProgress(
        len(found),
        sum(bool(coders) for coders in done.values()),
        len(second),
        sum(_has_second(item, done[item.id]) for item in second),
        sum(len(disputed_questions(of_item, wanted)) for of_item in answers.values()),
        {
            coder: CoderProgress(counts[coder], times.get(coder))
            for coder in {*counts, *times}
        },
        _adjudicators(answers, wanted),
        tuple(_agreements(session, recipe, measures, found, answers)) if agreed else (),
    )  # fmt: skip


def _has_second(item: SampleItem, coders: Collection[str]) -> bool:
    """Return whether the second coder of an item has coded it."""
    return item.second_coder in coders if item.second_coder is not None else len(coders) > 1


def _adjudicators(
    answers: Mapping[int, Sequence[CoderAnswer]], asked: Collection[str]
) -> dict[str, int]:
    """Return how many questions about items each adjudicator has decided, by name."""
    decided = {
        (one.coder, item_id, question)
        for item_id, of_item in answers.items()
        for one in of_item
        for question in asked
        if one.adjudicates and one.measure in measures_of(question)
    }
    return Counter(coder for coder, *_ in decided)


def _seconds(
    session: Session, answers: Mapping[int, Sequence[CoderAnswer]], asked: Collection[str]
) -> dict[str, float]:
    """Return the median time of a decision on what is asked, by coder, in seconds."""
    ids = {
        one.review
        for of_item in answers.values()
        for one in of_item
        if not one.adjudicates and one.measure in asked
    }
    query = select(ReviewRow.id, ReviewRow.coder, ReviewRow.seconds).where(
        ReviewRow.seconds.is_not(None),
        ReviewRow.id.between(min(ids, default=0), max(ids, default=0)),
    )
    times: dict[str, list[float]] = defaultdict(list)
    for review_id, coder, seconds in session.execute(query):
        if review_id in ids and seconds is not None:
            times[coder].append(seconds)
    return {coder: statistics.median(taken) for coder, taken in times.items()}


def _agreements(
    session: Session,
    recipe: Recipe,
    measures: Sequence[str],
    items: Sequence[SampleItem],
    answers: Mapping[int, Sequence[CoderAnswer]],
) -> list[Agreement]:
    photos = {
        item.photo_id: list(answers[item.id])
        for item in items
        if item.photo_id is not None and item.id in answers
    }
    weights = recoding_weights(session, recipe)
    today = {
        one.measure: one
        for one in agreements_of(photos, weights, recipe)
        if one.codebook == recipe.codebook
    }
    return [today[measure] for measure in measures if measure in today]
