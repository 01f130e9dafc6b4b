"""The photos that a question is about: what is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db.queries import in_zone
from app.db.reviews import SettledAnswerRow
from app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow, ScanRow
from app.services.reviews.agreement import in_scope
from app.services.statistics.probabilities import Probability, probability_of
from models.recipe import Recipe
from pipelines.statistics.measure import Weight
from pipelines.statistics.sampling import Candidate, SamplingScope

SOME = 5000
"""Photos that are fetched at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """The share whose interval is to become narrow.

    Attributes:
        measure: What it is a share of.
        scope: The photos that it is about.
        weight: How each counts.
        seed: Another one gives another order of photos.
    """

    measure: str
    scope: SamplingScope = field(default_factory=SamplingScope)
    weight: Weight = Weight.COUNT
    seed: int = 0


def question_frame(
    session: Session, recipe: Recipe, question: Question, *, coded: Collection[int]
) -> Iterator[Candidate]:
    """Yield the photos that a question is about; one that is printed twice weighs twice.

    Args:
        session: A transaction.
        recipe: Today's.
        question: What is to be known.
        coded: Ids of the photos that somebody has coded for the measure.
    """
    drawn = set(_drawn(session, question))
    found = probability_of(session, question.measure, recipe.id)
    result = session.connection().execute(_photos(recipe, question, found))
    rows = chain.from_iterable(result.partitions(SOME))
    for photo_id, printed in groupby(rows, key=itemgetter(0)):
        places = list(printed)
        _, sha256, frame, position, _, *told = places[0]
        probability = found.of(*told)
        if probability is None:
            continue
        state = "open" if photo_id not in coded else "drawn" if photo_id in drawn else "closed"
        by_area = question.weight is Weight.AREA
        yield Candidate(
            photo_id,
            f"{sha256}:{frame}:{position}",
            probability,
            sum(place[4] for place in places) if by_area else float(len(places)),
            state,
        )


def _drawn(session: Session, question: Question) -> Iterator[int]:
    """Yield the photos that were drawn by chance from all that the question is about."""
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


def _photos(recipe: Recipe, question: Question, found: Probability) -> Select[*tuple[Any, ...]]:
    return (
        select(
            PhotoRow.id,
            ScanRow.sha256,
            ScanRow.frame,
            PhotoRow.position,
            PhotoRow.area_share,
            *found.columns,
        )
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(ScanRow, ScanRow.id == OutcomeRow.scan_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(OutcomeRow.observation_id == recipe.observation_id)
        .where(*in_scope(question.scope), in_zone(question.scope.zone))
        .order_by(PhotoRow.id)
    )
