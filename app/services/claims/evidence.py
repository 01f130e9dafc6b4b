"""Finds what a verdict rests on: photos and pages that a reader can look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.db.queries import in_zone
from app.db.reviews import SettledAnswerRow
from app.db.statistics import EditionSummaryRow
from app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from app.services.statistics.probabilities import probability_of
from models.recipe import Recipe
from pipelines.statistics.claim.quantity import TruthValue
from pipelines.statistics.claim.tree import LEAD_FOCUS, FocusIs, Node, metrics_of, walk
from pipelines.statistics.measure import STRATA
from pipelines.statistics.metrics import Metric

MOST = 12
"""Photos of each kind, for each metric."""

MOST_PAGES = 24
MOST_EDITIONS = 100
"""Editions of a long period that photos are looked for in."""

LEADER = ("leader_photos", "leader_area", "leader_centrality")
AREA = ("largest_photo", "full_page_photo_pages", "photo_pages", "photo_area_share")
"""Plain metrics that are seen in the photos that show a leader, or in the largest photos."""


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo that a verdict rests on.

    Attributes:
        id: Its id.
        edition: Id of its edition.
        day: Day of the edition.
        page: Id of its page.
        page_number: Number of the page, from 1.
        why: "highest", "borderline", "largest" or "front lead".
        probability: That it shows what the metric is about, 0–1; None where none is asked for.
        settled: What people have settled of that; None: nothing.
        area_share: Share of its page that it takes, 0–1.
    """

    id: int
    edition: int
    day: date
    page: int
    page_number: int
    why: str
    probability: float | None
    settled: bool | None
    area_share: float

    def to_json(self) -> dict[str, Any]:
        """Return the photo as it is served."""
        return {
            "id": self.id,
            "edition": self.edition,
            "date": self.day.isoformat(),
            "page": self.page,
            "page_number": self.page_number,
            "why": self.why,
            "probability": None if self.probability is None else round(self.probability, 4),
            "settled": self.settled,
            "area_share": round(self.area_share, 5),
        }


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page that a verdict rests on."""

    id: int
    edition: int
    day: date
    number: int

    def to_json(self) -> dict[str, Any]:
        """Return the page as it is served."""
        return {
            "id": self.id,
            "edition": self.edition,
            "date": self.day.isoformat(),
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a metric, or the focus of the front page's lead photo."""

    metric: str
    photos: tuple[ShownPhoto, ...] = ()
    pages: tuple[ShownPage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as it is served."""
        return {
            "metric": self.metric,
            "photos": [photo.to_json() for photo in self.photos],
            "pages": [page.to_json() for page in self.pages],
        }


def find_evidence(
    session: Session, recipe: Recipe, rule: Node, editions: Sequence[int], truth: TruthValue
) -> list[Evidence]:
    """Return what a verdict rests on, for each metric that the rule reads.

    Where it is not true, photos near the decision are among it: they could have turned it.

    Args:
        session: An open transaction.
        recipe: Under which photos were read.
        rule: It was judged.
        editions: Ids of the editions, those that tell most first.
        truth: How it was judged.
    """
    editions = editions[:MOST_EDITIONS]
    found = []
    if any(isinstance(part, FocusIs) for part in walk(rule)):
        found.append(Evidence(LEAD_FOCUS, _leads(session, recipe, editions)))
    for metric in sorted(metrics_of(rule), key=str):
        if metric.is_share or metric.name in LEADER:
            measured = metric if metric.is_share else Metric("leader")
            photos = _by_probability(session, recipe, measured, editions, truth)
            found.append(Evidence(str(metric), photos))
        elif metric.name in AREA:
            found.append(Evidence(str(metric), _largest(session, recipe, editions)))
        else:
            found.append(Evidence(str(metric), pages=_pages(session, editions)))
    return found


def _photos(recipe: Recipe, editions: Sequence[int]) -> Select[*tuple[Any, ...]]:
    read = (InterpretationRow.photo_id == PhotoRow.id) & (InterpretationRow.recipe_id == recipe.id)
    return (
        select(
            PhotoRow.id,
            PageRow.id.label("page"),
            PageRow.number,
            PageRow.edition_id,
            EditionRow.edition_date,
            PhotoRow.area_share.label("area_share"),
        )
        .join(OutcomeRow, PhotoRow.outcome_id == OutcomeRow.id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(InterpretationRow, read)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            PageRow.edition_id.in_(list(editions)),
        )
        .order_by(EditionRow.edition_date, PageRow.number, PhotoRow.position)
    )


def _by_probability(
    session: Session, recipe: Recipe, metric: Metric, editions: Sequence[int], truth: TruthValue
) -> tuple[ShownPhoto, ...]:
    settled = (SettledAnswerRow.photo_id == PhotoRow.id) & (SettledAnswerRow.measure == metric.name)
    probability = probability_of(session, metric.name, recipe.id)
    query = (
        _photos(recipe, editions)
        .add_columns(SettledAnswerRow.shows, *probability.columns)
        .outerjoin(SettledAnswerRow, settled)
        .where(in_zone(metric.zone))
    )
    told = [(row, probability.of(*row[-3:])) for row in session.execute(query)]
    found = [(row, p) for row, p in told if p is not None]
    highest = _first(found, lambda pair: (pair[0].shows is not True, -_told(*pair)))
    shown = [_shown(row, "highest", p) for row, p in highest]
    if truth is not TruthValue.TRUE:
        decision = recipe.aggregate.decision
        left = [
            (row, p)
            for row, p in found
            if (row, p) not in highest and row.shows is None and STRATA[0] <= p < STRATA[-1]
        ]
        near = _first(left, lambda pair: abs(pair[1] - decision))
        shown += [_shown(row, "borderline", p) for row, p in near]
    return tuple(shown)


def _told(row: Row[Any], probability: float) -> float:
    """Return the probability, or what people have settled in its place."""
    return probability if row.shows is None else float(row.shows)


def _first(
    found: Sequence[tuple[Row[Any], float]], key: Callable[[tuple[Row[Any], float]], Any]
) -> list[tuple[Row[Any], float]]:
    return sorted(found, key=key)[:MOST]


def _largest(session: Session, recipe: Recipe, editions: Sequence[int]) -> tuple[ShownPhoto, ...]:
    query = (
        _photos(recipe, editions).order_by(None).order_by(PhotoRow.area_share.desc(), PhotoRow.id)
    )
    return tuple(_shown(row, "largest") for row in session.execute(query.limit(MOST)))


def _leads(session: Session, recipe: Recipe, editions: Sequence[int]) -> tuple[ShownPhoto, ...]:
    lead = (
        (EditionSummaryRow.edition_id == PageRow.edition_id)
        & (EditionSummaryRow.recipe_id == recipe.id)
        & (EditionSummaryRow.front_lead_photo_id == PhotoRow.id)
    )
    query = _photos(recipe, editions[:MOST]).join(EditionSummaryRow, lead).where(PageRow.is_front)
    return tuple(_shown(row, "front lead") for row in session.execute(query))


def _pages(session: Session, editions: Sequence[int]) -> tuple[ShownPage, ...]:
    query = (
        select(PageRow.id, PageRow.edition_id, EditionRow.edition_date, PageRow.number)
        .join(EditionRow)
        .where(PageRow.edition_id.in_(list(editions[:MOST])))
        .order_by(PageRow.number)
    )
    pages = [ShownPage(*row) for row in session.execute(query)]
    return tuple(sorted(pages, key=lambda page: editions.index(page.edition))[:MOST_PAGES])


def _shown(row: Row[Any], why: str, probability: float | None = None) -> ShownPhoto:
    return ShownPhoto(
        id=row.id,
        edition=row.edition_id,
        day=row.edition_date,
        page=row.page,
        page_number=row.number,
        why=why,
        probability=probability,
        settled=None if probability is None else row.shows,
        area_share=row.area_share,
    )
