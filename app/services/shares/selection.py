"""Selects the editions of a statistic: complete ones; others are excluded, with the reason.

What people say of figures and of the focus is laid over the plain numbers of their summaries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from types import SimpleNamespace
from typing import Any, ClassVar

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view, by_revision
from presslens.app.db.figures import FigureRow
from presslens.app.db.publications import stated_newspaper
from presslens.app.db.queries import EditionScope, in_zone, join_editions
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    SightingRow,
)
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.figures.gallery import figure_roles
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.consensus_photos import OF_FOCUS, photo_consensus
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.consensus import focus_is_settled, focus_of
from presslens.pipelines.statistics.figure_photos import (
    FigureNumbers,
    FigurePhoto,
    SeenFigure,
    figure_numbers,
)
from presslens.pipelines.statistics.measure import FIGURE, Zone
from presslens.pipelines.statistics.page import page_count
from presslens.pipelines.statistics.summary import Summary

MOST_LEFT_OUT = 200
"""Editions that a result names of those that are left out."""

BATCH = 100
"""Editions whose photos are loaded at a time."""


@dataclass(frozen=True, slots=True)
class ReviewedNumbers:
    """The numbers of an edition that people have a say in."""

    figures: FigureNumbers  # those of the figures
    front_lead_focus: Focus | None  # what the front page's largest photo is composed around
    lead_settled: bool  # whether people have settled that


def reviewed_numbers(
    session: Session, versions: Sequence[tuple[int, int]], recipe: Provenance
) -> Mapping[int, ReviewedNumbers]:
    """Return the reviewed numbers of the editions with statements, by edition.

    Args:
        versions: Id of each edition, and version of its summary.
        recipe: The recipe of the summaries.
    """
    view, recipe_id = archive_view(session), recipe.id
    edited = _reviewed_edition_ids(session, recipe)
    current = {id_: (view.answers, version) for id_, version in versions if id_ in edited}
    cached: dict[int, ReviewedNumbers] = {}
    for id_, version in current.items():
        if numbers := view.cache.get(("told numbers", recipe_id, id_), version):
            cached[id_] = numbers
    missing = [id_ for id_ in current if id_ not in cached]
    for start in range(0, len(missing), BATCH):
        loaded = _numbers(session, missing[start : start + BATCH], recipe)
        for id_, numbers in loaded.items():
            view.cache.put(("told numbers", recipe_id, id_), current[id_], numbers)
        cached |= loaded
    return cached


@by_revision
def _reviewed_edition_ids(session: Session, recipe: Provenance) -> frozenset[int]:
    """Return the editions with a photo whose figures or, on the front page, focus are settled."""
    query = join_editions(select(PageRow.edition_id).select_from(PhotoRow)).join(
        SettledAnswerRow, SettledAnswerRow.photo_id == PhotoRow.id
    )
    measure = SettledAnswerRow.measure
    figures = measure == "leader", measure.startswith(FIGURE, autoescape=True)
    lead = measure.startswith(OF_FOCUS, autoescape=True) & in_zone(Zone.FRONT) & in_zone(Zone.LEAD)
    observed = OutcomeRow.observation_id == recipe.observation_id
    return frozenset(session.scalars(query.where(observed, or_(*figures, lead)).distinct()))


def _numbers(
    session: Session, edition_ids: Sequence[int], recipe: Provenance
) -> dict[int, ReviewedNumbers]:
    """Return the numbers of editions over the photos of their summaries."""
    summary = EditionSummaryRow
    columns = summary.edition_id, summary.photo_ids, summary.front_lead_photo_id
    rows = session.execute(
        select(*columns, EditionRow.publication_id)
        .join(EditionRow, EditionRow.id == summary.edition_id)
        .where(summary.recipe_id == recipe.id, summary.edition_id.in_(edition_ids))
    ).all()
    photos = _photos(session, {id_ for _, ids, _, _ in rows for id_ in ids}, recipe)
    leads = [lead for _, _, lead, _ in rows if lead is not None]
    query = select(InterpretationRow.photo_id, InterpretationRow.verdict).where(
        InterpretationRow.recipe_id == recipe.id, InterpretationRow.photo_id.in_(leads)
    )
    verdicts = {row.photo_id: row.verdict for row in session.execute(query)}
    return {
        edition_id: ReviewedNumbers(
            figure_numbers(
                [photos[id_] for id_ in ids if id_ in photos], figure_roles(session, paper)
            ),
            *_focus(photos.get(lead or 0), verdicts.get(lead or 0)),
        )
        for edition_id, ids, lead, paper in rows
    }


def _focus(photo: FigurePhoto | None, verdict: Focus | None) -> tuple[Focus | None, bool]:
    """Return what a photo is composed around, and whether people have settled that."""
    if photo is None:
        return None, False
    return focus_of(photo.consensus, verdict), focus_is_settled(photo.consensus, verdict)


def _photos(
    session: Session, photo_ids: Collection[int], recipe: Provenance
) -> dict[int, FigurePhoto]:
    """Return photos with the figures that the machine and people say are in them."""
    connection = session.connection()
    answers, places = photo_consensus(session, recipe.observation_id, tuple(sorted(photo_ids)))
    seen: dict[int, list[SeenFigure]] = defaultdict(list)
    row = SightingRow
    sightings = (
        select(row.photo_id, FigureRow.name, row.probability, row.answer, row.area_share,
            row.centrality)
        .join(FigureRow, FigureRow.id == row.figure_id)
        .where(row.recipe_id == recipe.id, row.photo_id.in_(photo_ids))
        .order_by(row.probability.desc(), FigureRow.name)
    )  # fmt: skip
    for photo_id, name, probability, answer, area, centrality in connection.execute(sightings):
        seen[photo_id].append(SeenFigure(name, probability, answer, area, centrality))
    boxes = select(PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1).where(
        PhotoRow.id.in_(photo_ids)
    )
    return {
        photo_id: FigurePhoto(
            Box(*corners), seen[photo_id], answers.get(photo_id, {}), places.get(photo_id, {})
        )
        for photo_id, *corners in connection.execute(boxes)
    }


NUMBERS = tuple(field.name for field in fields(Summary) if field.name != "found_pages")
"""The columns of a summary that are loaded with an edition."""


@dataclass(frozen=True, slots=True)
class EditionCriteria(EditionScope):
    """The criteria of the editions of a statistic: their scope, and what they are like.

    Raises:
        InvalidRequest: ``first`` lies after ``last``.
    """

    weekdays: tuple[int, ...] = ()  # days of the week, Monday is 1 and Sunday 7; empty means any
    pages: int | None = None  # number of pages; None means any


@dataclass(frozen=True, slots=True, eq=False)
class StatEdition:
    """A complete edition of a statistic.

    ``row`` has the plain ``NUMBERS`` of its summary, and can be read like a ``Summary``.
    ``version`` is that of its summary; ``issue`` tells the editions of a day apart. ``machine`` is
    the row by the machine alone where what people say has changed it, and ``placed`` in how many
    photos it is then known where the leader stands. ``lead_settled`` says whether people have
    settled the focus of the front page's lead photo.
    """

    id: int
    publication: str
    date: date
    pages: int
    pages_seen: int
    row: Any
    version: int = 0
    issue: int = 1
    machine: Any = None
    placed: int | None = None
    lead_settled: bool = False


@dataclass(frozen=True, slots=True)
class ExcludedEdition(Served):
    """An edition that a statistic excludes.

    ``reason``: "superseded" by another upload of the same day, which counts in its place;
    "waiting" until all its pages are analysed; "incomplete" when too few of them could be
    analysed.
    """

    SERVED: ClassVar[str] = "edition=id publication date pages reason"

    id: int  # id of the edition
    publication: str  # its newspaper
    date: date  # its day
    pages: int  # number of its pages
    reason: str  # superseded, waiting or incomplete


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The editions of a statistic by date, and the excluded ones."""

    editions: list[StatEdition] = field(default_factory=list)
    left_out: list[ExcludedEdition] = field(default_factory=list)

    @property
    def pages_seen(self) -> int:
        """Pages of the editions that were analysed."""
        return sum(edition.pages_seen for edition in self.editions)

    @property
    def pages_expected(self) -> int:
        """Pages of all editions that meet the criteria, superseded uploads aside."""
        missing = sum(one.pages for one in self.left_out if one.reason != "superseded")
        return sum(edition.pages for edition in self.editions) + missing

    @property
    def coverage(self) -> Rounded | None:
        """Share of the pages that were analysed, 0–1."""
        return self.pages_seen / self.pages_expected if self.pages_expected else None

    @property
    def first_left_out(self) -> list[ExcludedEdition]:
        """The first editions that are left out."""
        return self.left_out[:MOST_LEFT_OUT]

    @property
    def left_out_count(self) -> int:
        """Number of editions that are left out."""
        return len(self.left_out)

    def check_one_newspaper(self) -> None:
        """Check that the editions are of one newspaper.

        Raises:
            InvalidRequest: They are of several; the error names them.
        """
        names = sorted({edition.publication for edition in self.editions})
        if len(names) > 1:
            raise InvalidRequest.saying(
                "these are editions of several newspapers: name one as publication, %(names)s",
                names=" / ".join(names),
            )


def select_editions(
    session: Session, criteria: EditionCriteria, recipe: Provenance, *, numbers: bool = False
) -> Selection:
    """Return the editions that meet criteria, by date.

    Of several uploads of one issue of a day the latest counts of which enough pages were analysed.

    Args:
        criteria: What is asked for.
        recipe: The recipe of their summaries.
        numbers: The plain numbers of their rows follow what people say.
    """
    least = recipe.aggregate.min_coverage
    rows = _uploads_in(session, criteria, recipe)
    usable = {
        (row.name, row.edition_date, row.issue): row.id
        for row in rows
        if row.pages is not None and row.pages_seen and row.pages_seen >= least * row.pages
    }
    waiting = _waiting_pages(session, recipe) if any(row.pages is None for row in rows) else {}
    selection = Selection()
    for row in rows:
        pages = waiting.get(row.id, 0) if row.pages is None else row.pages
        if criteria.weekdays and row.edition_date.isoweekday() not in criteria.weekdays:
            continue
        if criteria.pages not in (None, pages):
            continue
        counts = usable.get((row.name, row.edition_date, row.issue))
        if counts == row.id:
            selection.editions.append(_edition(row))
        else:
            reason = "waiting" if row.pages is None else "incomplete"
            reason = reason if counts is None else "superseded"
            excluded = ExcludedEdition(row.id, row.name, row.edition_date, pages, reason)
            selection.left_out.append(excluded)
    if not numbers:
        return selection
    return replace(selection, editions=_reviewed(session, selection.editions, recipe))


def summarised_edition(session: Session, edition_id: int, recipe: Provenance) -> StatEdition | None:
    """Return an edition with the numbers of its summary, however few of its pages were analysed.

    Returns:
        None until it has a summary.
    """
    rows = [row for row in uploads(session, recipe) if row.id == edition_id]
    editions = [_edition(row) for row in rows if row.pages is not None]
    return _reviewed(session, editions, recipe)[0] if editions else None


@by_revision
def uploads(session: Session, recipe: Provenance) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all uploads with the numbers of their summaries, the earlier ones of a day first."""
    of_recipe = (EditionSummaryRow.edition_id == EditionRow.id) & (
        EditionSummaryRow.recipe_id == recipe.id
    )
    query = (
        select(
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            EditionRow.issue,
            EditionSummaryRow.version,
            *(getattr(EditionSummaryRow, name) for name in NUMBERS),
        )
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(EditionSummaryRow, of_recipe)
        .order_by(EditionRow.edition_date, EditionRow.created_at, EditionRow.id)
    )
    # Rows of the connection: the session would make each of thousands twice.
    return session.connection().execute(query).all()


@by_revision
def _waiting_pages(session: Session, recipe: Provenance) -> dict[int, int]:
    """Return the number of pages of each edition that is not summarised."""
    summarised = select(EditionSummaryRow.edition_id).filter_by(recipe_id=recipe.id)
    query = (
        select(EditionRow.id, func.count(), func.max(PageRow.number), EditionRow.pages_expected)
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .where(EditionRow.id.not_in(summarised))
        .group_by(EditionRow.id, EditionRow.pages_expected)
    )
    return {id_: page_count(n, last, said) for id_, n, last, said in session.execute(query)}


def _uploads_in(
    session: Session, scope: EditionScope, recipe: Provenance
) -> list[Row[*tuple[Any, ...]]]:
    name = scope.publication and stated_newspaper(session, scope.publication).name
    return [
        row
        for row in uploads(session, recipe)
        if (scope.publication is None or row.name == name)
        and scope.edition in (None, row.id)
        and (scope.first is None or row.edition_date >= scope.first)
        and (scope.last is None or row.edition_date <= scope.last)
    ]


def _edition(row: Row[*tuple[Any, ...]]) -> StatEdition:
    return StatEdition(
        row.id,
        row.name,
        row.edition_date,
        row.pages,
        row.pages_seen,
        row,
        row.version,
        row.issue,
    )


def _reviewed(
    session: Session, editions: Sequence[StatEdition], recipe: Provenance
) -> list[StatEdition]:
    """Return editions whose numbers follow what people say."""
    numbers: dict[int, ReviewedNumbers] = {}
    for name in {edition.publication for edition in editions}:
        numbers |= _reviews(session, recipe, name)
    return [_with_numbers(one, numbers[one.id]) if one.id in numbers else one for one in editions]


@by_revision
def _reviews(session: Session, recipe: Provenance, name: str) -> Mapping[int, ReviewedNumbers]:
    """Return what people say of the numbers of the editions of a newspaper, by edition."""
    versions = [
        (row.id, row.version)
        for row in uploads(session, recipe)
        if row.name == name and row.pages is not None
    ]
    return reviewed_numbers(session, versions, recipe)


def _with_numbers(edition: StatEdition, numbers: ReviewedNumbers) -> StatEdition:
    """Return an edition with numbers in the stead of the machine's, as far as these are known."""
    machine = edition.row._asdict()
    own = {
        **{field.name: getattr(numbers.figures, field.name) for field in fields(FigureNumbers)},
        "front_lead_focus": numbers.front_lead_focus,
    }
    leader = machine.get("leader_photos", 0) is not None
    row = SimpleNamespace(
        **{
            name: own[name]
            if name in own and _is_available(name, machine, leader=leader)
            else value
            for name, value in machine.items()
        }
    )
    return replace(
        edition,
        row=row,
        machine=edition.row,
        placed=numbers.figures.leader_placed,
        lead_settled=numbers.lead_settled,
    )


def _is_available(name: str, machine: Mapping[str, Any], *, leader: bool) -> bool:
    """Return whether the photos were looked at for what a number is of."""
    return machine[name] is not None if name == "together_photos" else leader
