"""The sampling frame of a question: the photos that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.queries import EditionScope, RowQuery, in_zone, printed_photos
from app.db.reviews import SettledAnswerRow
from app.db.tables import OutcomeRow, PhotoRow, ScanRow
from app.services.statistics.probabilities import Probability, probability_of
from models.recipe import Recipe
from pipelines.statistics.measure import Weight
from pipelines.statistics.sampling import Candidate, SamplingScope

BATCH = 5000
"""Photos that are fetched at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """The share whose interval the next reviews make narrower.

    Attributes:
        measure: The measure whose share it is.
        scope: The photos that it is about.
        weight: The weight of each photo.
        seed: Of the order of the photos.
    """

    measure: str
    scope: SamplingScope = field(default_factory=SamplingScope)
    weight: Weight = Weight.COUNT
    seed: int = 0

    @property
    def editions(self) -> EditionScope:
        """The editions of the scope.

        Raises:
            InvalidRequest: The scope's days are in the wrong order.
        """
        return EditionScope(self.scope.publication, self.scope.first_date, self.scope.last_date)

    def to_json(self) -> dict[str, Any]:
        """Return the question as it is served."""
        first, last = self.scope.first_date, self.scope.last_date
        return {
            "measure": self.measure,
            "page": self.scope.zone.value,
            "publication": self.scope.publication,
            "from": first.isoformat() if first else None,
            "to": last.isoformat() if last else None,
            "weight": self.weight.value,
        }


def question_frame(
    session: Session, recipe: Recipe, question: Question, *, coded: Collection[int]
) -> Iterator[Candidate]:
    """Yield the photos that a question is about; one that is printed twice weighs twice.

    Args:
        session: An open transaction.
        recipe: The recipe of the photos and of their probabilities.
        question: The question.
        coded: Ids of the photos that somebody has coded for the measure.
    """
    drawn = set(_drawn(session, question))
    probability = probability_of(session, question.measure, recipe.id)
    result = session.connection().execute(_photos(recipe, question, probability))
    rows = chain.from_iterable(result.partitions(BATCH))
    for photo_id, printed in groupby(rows, key=itemgetter(0)):
        places = list(printed)
        _, sha256, frame, position, _, *estimated = places[0]
        p = probability.of(*estimated)
        if p is None:
            continue
        state = "open" if photo_id not in coded else "drawn" if photo_id in drawn else "closed"
        by_area = question.weight is Weight.AREA
        yield Candidate(
            photo_id,
            f"{sha256}:{frame}:{position}",
            p,
            sum(place[4] for place in places) if by_area else float(len(places)),
            state,
        )


def _drawn(session: Session, question: Question) -> Iterator[int]:
    """Yield the ids of photos that were drawn by chance from the whole scope of a question."""
    query = select(SettledAnswerRow.photo_id, SettledAnswerRow.drawn_from).where(
        SettledAnswerRow.measure == question.measure, SettledAnswerRow.drawn
    )
    covers: dict[str, bool] = {}
    for photo_id, text in session.execute(query):
        scope = text or "{}"
        if scope not in covers:
            covers[scope] = SamplingScope.parse(scope).covers(question.scope)
        if covers[scope]:
            yield photo_id


def _photos(recipe: Recipe, question: Question, probability: Probability) -> RowQuery:
    columns = (PhotoRow.id, ScanRow.sha256, ScanRow.frame, PhotoRow.position, PhotoRow.area_share)
    return (
        printed_photos(recipe, *columns, *probability.columns)
        .join(ScanRow, ScanRow.id == OutcomeRow.scan_id)
        .where(*question.editions.conditions(), in_zone(question.scope.zone))
        .order_by(PhotoRow.id)
    )
