"""The frame of a sample: the photos, or the pages, that it is drawn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.queries import EditionScope, RowQuery, in_zone, printed_photos
from presslens.app.db.samples import SampleKind
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, ScanRow
from presslens.app.platform.questions import ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.statistics.probabilities import Probability, probability_of
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import STRATA, Weight, Zone, stratum
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.sampling import Candidate, foreseen_variance

BATCH = 5000
"""Photos that are fetched at a time."""

PROBABILITIES = (
    f"probability below {STRATA[0]}",
    *(f"probability {a} to below {b}" for a, b in pairwise(STRATA)),
    f"probability {STRATA[-1]} and above",
)
"""Definitions of the strata of photos; the probability is that of the first measure."""

PHOTOS_OF_PAGE = (0, 2, 5)
"""Bounds of the strata of pages: no photo, one or two, three to five, more."""

PAGES = ("no photo found", "1 or 2 photos found", "3 to 5 photos found", "6 or more photos found")
"""Definitions of the strata of pages."""


@dataclass(frozen=True, slots=True)
class Question(Served):
    """What a sample estimates: the shares of measures in a zone of editions, or photo counts."""

    SERVED: ClassVar[str] = """
        measure measures page=zone publication=editions.publication
        from=editions.first to=editions.last weight
    """

    # The measures that coders are asked for, the first one makes the strata; none for a sample of
    # pages, on which photos are counted.
    measures: tuple[str, ...] = ()
    editions: EditionScope = field(default_factory=EditionScope)
    zone: Zone = Zone.ALL  # the part of each edition
    weight: Weight = Weight.COUNT  # the weight of each photo

    @property
    def kind(self) -> SampleKind:
        """Whether photos are drawn, or pages."""
        return SampleKind.PHOTOS if self.measures else SampleKind.PAGES

    @property
    def definitions(self) -> tuple[str, ...]:
        """The definitions of the strata."""
        return PROBABILITIES if self.measures else PAGES

    @property
    def measure(self) -> str | None:
        """The first measure."""
        return self.measures[0] if self.measures else None

    @property
    def metric(self) -> Metric:
        """The share of the first measure."""
        return Metric(self.measures[0], self.zone, self.weight)


class FrameQuery(EditionQuery):
    """The photos that a sample is drawn from: of some editions, or of a part of each."""

    page: Zone = ask("The part of each edition.", default=Zone.ALL)
    weight: Weight = ask("How a photo counts.", default=Weight.COUNT)

    def question(self, *measures: str) -> Question:
        """Return the question about the shares of measures in these photos."""
        return Question(measures, self.scope, self.page, self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class SampleFrame:
    """A closed frame."""

    candidates: list[Candidate]  # the photos or pages
    editions: dict[int, list[int]]  # how many of them each stratum has, by id of the edition


class FramedCandidate(NamedTuple):
    """A photo or page that a question is about, and the editions that print it in the zone."""

    candidate: Candidate
    editions: tuple[int, ...]


def read_frame(
    session: Session, recipe: Recipe, question: Question, edition_ids: Collection[int]
) -> SampleFrame:
    """Return the frame of a question in named editions.

    A photo or page that several editions print is in it once.

    Args:
        recipe: The recipe of the photos and of their probabilities.
        question: The question; its scope of editions is not looked at.
    """
    named = frozenset(edition_ids)
    read = (
        framed_photos(session, recipe, question, named)
        if question.measures
        else _framed_pages(session, recipe, question.zone, named)
    )
    sizes: dict[int, list[int]] = {i: [0] * len(question.definitions) for i in sorted(named)}
    candidates = []
    for candidate, editions in read:
        candidates.append(candidate)
        for edition_id in set(editions):
            sizes[edition_id][candidate.stratum] += 1
    return SampleFrame(candidates, sizes)


def framed_photos(
    session: Session, recipe: Recipe, question: Question, edition_ids: Collection[int] | None = None
) -> Iterator[FramedCandidate]:
    """Yield the photos that a question is about; one that is printed twice weighs twice.

    Args:
        recipe: The recipe of the photos and of their probabilities.
        edition_ids: The ids of the only editions; None: all of the question's.
    """
    probability = probability_of(session, question.measures[0], recipe.id)
    query = _photos(recipe, question, probability)
    if edition_ids is not None:
        query = query.where(EditionRow.id.between(*_span(edition_ids)))
    result = session.connection().execute(query)
    rows = (
        row
        for row in chain.from_iterable(result.partitions(BATCH))
        if edition_ids is None or row[1] in edition_ids
    )
    by_area = question.weight is Weight.AREA
    for photo_id, printed in groupby(rows, key=itemgetter(0)):
        places = list(printed)
        _, _, sha256, frame, position, _, *estimated = places[0]
        p = probability.of(*estimated)
        if p is None:
            continue
        weight = sum(place[5] for place in places) if by_area else float(len(places))
        candidate = Candidate(
            photo_id,
            f"{sha256}:{frame}:{position}",
            stratum(p),
            foreseen_variance(p, weight),
            weight,
            p,
        )
        yield FramedCandidate(candidate, tuple(place[1] for place in places))


def _span(edition_ids: Collection[int]) -> tuple[int, int]:
    return min(edition_ids, default=0), max(edition_ids, default=0)


def _photos(recipe: Recipe, question: Question, probability: Probability) -> RowQuery:
    columns = (
        PhotoRow.id,
        EditionRow.id,
        ScanRow.sha256,
        ScanRow.frame,
        PhotoRow.position,
        PhotoRow.area_share,
    )
    return (
        printed_photos(recipe, *columns, *probability.columns)
        .join(ScanRow, ScanRow.id == OutcomeRow.scan_id)
        .where(*question.editions.conditions(), in_zone(question.zone))
        .order_by(PhotoRow.id, EditionRow.id)
    )


def _framed_pages(
    session: Session, recipe: Recipe, zone: Zone, edition_ids: Collection[int]
) -> Iterator[FramedCandidate]:
    """Yield the seen pages of editions, by their scans.

    The foreseen error of a page's count rises with its photos, as each can be missed or split.
    """
    count = select(func.count()).where(PhotoRow.outcome_id == OutcomeRow.id).scalar_subquery()
    query = (
        select(ScanRow.id, ScanRow.sha256, ScanRow.frame, PageRow.edition_id, count)
        .select_from(PageRow)
        .join(ScanRow, ScanRow.id == PageRow.scan_id)
        .join(OutcomeRow, OutcomeRow.scan_id == ScanRow.id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            OutcomeRow.status.in_((Status.DONE, Status.EMPTY)),
            in_zone(zone),
            PageRow.edition_id.between(*_span(edition_ids)),
        )
        .order_by(ScanRow.id, PageRow.edition_id)
    )
    printed: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        if row[3] in edition_ids:
            printed[row[0]].append(row)
    for scan_id, rows in printed.items():
        _, sha256, frame, _, photos = rows[0]
        h = sum(photos > bound for bound in PHOTOS_OF_PAGE)
        candidate = Candidate(scan_id, f"{sha256}:{frame}", h, 0.05 * (photos + 1))
        yield FramedCandidate(candidate, tuple(row[3] for row in rows))
