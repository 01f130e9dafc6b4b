"""Finds the photos and pages of the evidence of a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, ClassVar

from sqlalchemy import Row, exists, select, true
from sqlalchemy.orm import Session

from presslens.app.db.queries import RowQuery, in_zone, interpretation, printed_photos
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow, InterpretationRow, PageRow, PhotoRow, PublicationRow
from presslens.app.services.shares.decisions import load_decisions
from presslens.app.services.statistics.probabilities import probability_of
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served, digits
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import (
    LEAD_FOCUS,
    FocusIs,
    Node,
    OnPage,
    metrics_of,
    pages_of,
    walk,
    written,
)
from presslens.pipelines.statistics.measure import FOCUSES, STRATA
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN, EvidenceKind

MOST = 12
"""Largest number of photos of each kind, for each metric."""

MOST_PAGES = 24
MOST_EDITIONS = 100
"""Largest number of editions whose photos are searched."""


@dataclass(frozen=True, slots=True)
class ShownPhoto(Served):
    """A photo of the evidence."""

    SERVED: ClassVar[str] = """
        id edition date=day page page_number why probability settled area_share address? image?
    """

    id: int
    edition: int  # id of its edition
    day: date  # day of the edition
    page: int  # id of its page
    page_number: int  # number of the page, from 1
    why: str  # "highest", "borderline", "largest" or "front lead"
    # Of the metric's measure, 0–1; None for a metric without one.
    probability: Annotated[float | None, digits(4)]
    # The consensus of the coders on that measure; None: there is none. Of a lead photo, True where
    # they have one on its focus.
    settled: bool | None
    area_share: Annotated[float, digits(5)]  # share of its page area, 0–1
    address: str | None = None  # its address, which the API fills in
    image: str | None = None  # the address of its picture


@dataclass(frozen=True, slots=True)
class ShownPage(Served):
    """A page of the evidence."""

    SERVED: ClassVar[str] = "id edition date=day number address? image?"

    id: int
    edition: int
    day: date
    number: int
    address: str | None = None  # its address, which the API fills in
    image: str | None = None  # the address of its picture


@dataclass(frozen=True, slots=True)
class Evidence(Served):
    """The evidence of one metric, or of the focus of the front page's lead photo."""

    metric: str
    photos: tuple[ShownPhoto, ...] = ()
    pages: tuple[ShownPage, ...] = ()


def find_evidence(
    session: Session, recipe: Recipe, rule: Node, editions: Sequence[int], truth: TruthValue
) -> list[Evidence]:
    """Return the evidence of a verdict, for each metric that the rule reads.

    Unless the verdict is true, photos near the decision are included: they could have turned it.

    Args:
        recipe: The recipe of the readings.
        rule: The rule that was evaluated.
        editions: Ids of the editions, the most informative first.
        truth: The verdict.
    """
    editions = editions[:MOST_EDITIONS]
    evidence = []
    if any(isinstance(part, FocusIs) for part in walk(rule)):
        evidence.append(Evidence(LEAD_FOCUS, lead_photos(session, recipe, editions)))
    terms: list[tuple[str, Metric, int | None]]
    terms = [(str(metric), metric, None) for metric in sorted(metrics_of(rule), key=str)]
    for number, metrics in sorted(pages_of(rule).items()):
        terms += [(written(OnPage(number, m)), m, number) for m in sorted(metrics, key=str)]
    for name, metric, page in terms:
        kind = None if metric.is_share else PLAIN[metric.name].evidence
        if kind is None or kind is EvidenceKind.LEADER_PHOTOS:
            measured = metric if kind is None else Metric("leader")
            photos = _by_probability(session, recipe, measured, editions, truth, page)
            evidence.append(Evidence(name, photos))
        elif kind is EvidenceKind.LARGEST_PHOTOS:
            evidence.append(Evidence(name, _largest(session, recipe, editions, page)))
        else:
            evidence.append(Evidence(name, pages=_pages(session, editions, page)))
    return evidence


def _photos(recipe: Recipe, editions: Sequence[int], page: int | None = None) -> RowQuery:
    columns = (
        PhotoRow.frame_id.label("id"),
        PageRow.id.label("page"),
        PageRow.number,
        PageRow.edition_id,
        EditionRow.edition_date,
        PhotoRow.area_share.label("area_share"),
        PublicationRow.name.label("publication"),
    )
    of_page = true() if page is None else PageRow.number == page
    return (
        printed_photos(recipe, *columns)
        .join(InterpretationRow, interpretation(recipe.id))
        .where(PageRow.edition_id.in_(list(editions)), of_page)
        .order_by(EditionRow.edition_date, PageRow.number, PhotoRow.position)
    )


def _by_probability(
    session: Session,
    recipe: Recipe,
    metric: Metric,
    editions: Sequence[int],
    truth: TruthValue,
    page: int | None,
) -> tuple[ShownPhoto, ...]:
    consensus = (SettledAnswerRow.photo_id == PhotoRow.id) & (
        SettledAnswerRow.measure == metric.name
    )
    probability = probability_of(session, metric.name, recipe.id)
    query = (
        _photos(recipe, editions, page)
        .add_columns(SettledAnswerRow.shows, *probability.columns)
        .outerjoin(SettledAnswerRow, consensus)
        .where(in_zone(metric.zone))
    )
    estimated = [(row, probability.of(*row[-4:])) for row in session.execute(query)]
    scored = [(row, p) for row, p in estimated if p is not None]
    probable = [pair for pair in scored if _with_consensus(*pair) >= STRATA[0]]
    highest = _first(
        probable or scored, lambda pair: (pair[0].shows is not True, -_with_consensus(*pair))
    )
    shown = [_shown(row, "highest", p) for row, p in highest]
    if truth is not TruthValue.TRUE:
        left = [
            (row, p)
            for row, p in scored
            if (row, p) not in highest and row.shows is None and STRATA[0] <= p < STRATA[-1]
        ]
        points = {
            name: load_decisions(session, name, recipe, (metric.name,)).point(metric.name)
            for name in {row.publication for row, _ in left}
        }
        near = _first(left, lambda pair: abs(pair[1] - points[pair[0].publication]))
        shown += [_shown(row, "borderline", p) for row, p in near]
    return tuple(shown)


def _with_consensus(row: Row[Any], probability: float) -> float:
    """Return the consensus of the coders as a probability, else the machine's probability."""
    return probability if row.shows is None else float(row.shows)


def _first(
    scored: Sequence[tuple[Row[Any], float]], key: Callable[[tuple[Row[Any], float]], Any]
) -> list[tuple[Row[Any], float]]:
    return sorted(scored, key=key)[:MOST]


def _largest(
    session: Session, recipe: Recipe, editions: Sequence[int], page: int | None
) -> tuple[ShownPhoto, ...]:
    query = _photos(recipe, editions, page).order_by(None)
    query = query.order_by(PhotoRow.area_share.desc(), PhotoRow.id)
    return tuple(_shown(row, "largest") for row in session.execute(query.limit(MOST)))


def lead_photos(
    session: Session, recipe: Recipe, editions: Sequence[int]
) -> tuple[ShownPhoto, ...]:
    """Return the front pages' lead photos of editions, ``MOST`` at most, unsettled ones first."""
    lead = (
        (EditionSummaryRow.edition_id == PageRow.edition_id)
        & (EditionSummaryRow.recipe_id == recipe.id)
        & (EditionSummaryRow.front_lead_photo_id == PhotoRow.id)
    )
    is_focus = SettledAnswerRow.measure.in_(FOCUSES) & SettledAnswerRow.shows
    settled = exists().where(SettledAnswerRow.photo_id == PhotoRow.id, is_focus)
    query = _photos(recipe, editions).join(EditionSummaryRow, lead).where(PageRow.is_front)
    query = query.add_columns(settled.label("settled"))
    # Those that nobody has settled come first: people are asked about them.
    rows = sorted(session.execute(query), key=lambda row: row.settled)[:MOST]
    return tuple(replace(_shown(row, "front lead"), settled=row.settled or None) for row in rows)


def _pages(session: Session, editions: Sequence[int], page: int | None) -> tuple[ShownPage, ...]:
    of_page = true() if page is None else PageRow.number == page
    query = (
        select(PageRow.id, PageRow.edition_id, EditionRow.edition_date, PageRow.number)
        .join(EditionRow)
        .where(PageRow.edition_id.in_(list(editions[:MOST])), of_page)
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
