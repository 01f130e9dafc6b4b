"""Lists the changes that people have made, names what they are about, and who has made them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from presslens.app.db.claims import ClaimRow
from presslens.app.db.edits import Action, EditRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.publications import PublicationRow
from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampledPhotoRow, SampleItemRow, SampleRow
from presslens.app.db.tables import EditionRow, LabelRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.platform.questions import MOST, BaseQuery, Name, ask
from presslens.models.message import load_message
from presslens.pipelines.result import Moment, Served, named


@dataclass(frozen=True, slots=True)
class EditState(Served):
    """A change that a person has made; ``text`` says it in a sentence, a ``Message``."""

    id: int
    created_at: Moment
    coder: str
    action: Action
    target: str
    target_id: int
    edition_id: Annotated[int | None, named("edition")]
    text: str
    codebook: str
    undone_at: Moment | None
    undone_by: str | None


class EditFilter(BaseQuery):
    """A selection of edits; None means any."""

    coder: Name | None = ask(description="who made them")
    action: Action | None = ask(description="what they did")
    # Or the edition that prints the photo that they are about.
    edition: int | None = ask(ge=1, le=MOST, description="id of the edition that they belong to")
    target: Name | None = ask(description="what they are about: photo, page, edition, …")
    target_id: int | None = ask(ge=1, le=MOST, description="the id of that")
    undone: bool | None = ask(description="those that were undone, or not")


def list_edits(
    home: Installation, criteria: EditFilter, *, limit: int, start: str | None = None
) -> Listing[EditState]:
    """Return edits, the latest first.

    Args:
        limit: Largest number of edits.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    query = select(EditRow).where(*matching(criteria))
    with home.database.read() as session:
        page = paginate(
            session, query, [Key(EditRow.id, int)], limit=limit, start=start, descending=True
        )
        return Listing([edit_state(row.EditRow) for row in page.items], page.next_cursor)


def matching(criteria: EditFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that selected edits fulfil."""
    equal = (
        (EditRow.coder, criteria.coder),
        (EditRow.action, criteria.action),
        (EditRow.target, criteria.target),
        (EditRow.target_id, criteria.target_id),
    )
    conditions = [column == value for column, value in equal if value is not None]
    if criteria.edition is not None:
        conditions.append(_of_edition(criteria.edition))
    if criteria.undone is not None:
        undone = EditRow.undone_at.is_not(None)
        conditions.append(undone if criteria.undone else ~undone)
    return conditions


def _of_edition(edition_id: int) -> ColumnElement[bool]:
    """Return the condition of edits of an edition, and of photos that are or were on its pages."""
    # Not by coalesce(): no index knows that, and all photos of the archive would be looked at.
    of_page = (PhotoRow.outcome_id == OutcomeRow.id) | (PhotoRow.removed_from_id == OutcomeRow.id)
    photos = (
        select(PhotoRow.id)
        .join(OutcomeRow, of_page)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(PageRow.edition_id == edition_id)
    )
    # Reviews move to the scan that replaces theirs; the edit names the photo of the old one.
    moved = (
        select(ReviewRow.edit_id)
        .join(PageRow, PageRow.scan_id == ReviewRow.scan_id)
        .where(PageRow.edition_id == edition_id, ReviewRow.edit_id.is_not(None))
    )
    about_them = (EditRow.target == "photo") & (
        EditRow.target_id.in_(photos) | EditRow.id.in_(moved)
    )
    return (EditRow.edition_id == edition_id) | about_them | _annotated(edition_id)


def _annotated(edition_id: int) -> ColumnElement[bool]:
    """Return the condition of imported annotations that change or answer about an edition."""
    reviews = (
        select(table.edit_id)
        .join(PageRow, PageRow.scan_id == table.scan_id)
        .where(PageRow.edition_id == edition_id, table.edit_id.is_not(None))
        for table in (ReviewRow, PageReviewRow)
    )
    return (EditRow.action == Action.ANNOTATE) & or_(*(EditRow.id.in_(of) for of in reviews))


def iterate_edits(home: Installation, criteria: EditFilter) -> Iterator[EditState]:
    """Yield all selected edits, the latest first."""
    return every(lambda start: list_edits(home, criteria, limit=BATCH, start=start))


def find_edit(home: Installation, edit_id: int) -> EditState:
    """Return an edit.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.get(EditRow, edit_id)
        if row is None:
            raise NotFound.saying("there is no such edit")
        return edit_state(row)


def edit_state(row: EditRow) -> EditState:
    """Return an edit as a result."""
    return EditState.from_attributes(row, text=load_message(row.text))


def actions_of(home: Installation, ids: Sequence[int]) -> set[Action]:
    """Return what edits did; those that are not there are left out."""
    with home.database.read() as session:
        return set(session.scalars(select(EditRow.action).where(EditRow.id.in_(ids))))


Target = tuple[str, int]
"""The kind of a row that an edit is about, and its id."""

NAMES: Mapping[str, Select[*tuple[Any, ...]]] = {
    "page": select(PageRow.id, PageRow.number),
    "publication": select(PublicationRow.id, PublicationRow.name),
    "figure": select(FigureRow.id, FigureRow.name),
    "label": select(LabelRow.id, LabelRow.name),
    "sample": select(SampleRow.id, SampleRow.name),
    "claim": select(ClaimRow.id, ClaimRow.statement),
}
"""For each kind of row with a page of its own, the query of ids and names; two kinds apart."""


def target_names(home: Installation, targets: Iterable[Target]) -> dict[Target, Any]:
    """Return the names of rows that edits are about: a number, a name, or a place.

    An edition has the name of its newspaper and its day.

    What is no longer there, or has no page of its own, has none.

    Args:
        targets: Few enough to be listed on a page.
    """
    by_kind: defaultdict[str, set[int]] = defaultdict(set)
    for kind, id_ in targets:
        by_kind[kind].add(id_)
    with home.database.read() as session:
        named: dict[Target, Any] = {
            (kind, id_): name
            for kind, ids in by_kind.items()
            if kind in NAMES
            for id_, name in session.execute(
                NAMES[kind].where(NAMES[kind].selected_columns[0].in_(sorted(ids)))
            )
        }
        places = photo_places(session, by_kind["photo"])
        editions = session.scalars(select(EditionRow).where(EditionRow.id.in_(by_kind["edition"])))
        for one in editions:
            named["edition", one.id] = (one.publication.name, one.edition_date)
    return named | {("photo", id_): place for id_, place in places.items()}


def count_edits(home: Installation, criteria: EditFilter) -> int:
    """Return how many edits are selected."""
    with home.database.read() as session:
        query = select(func.count()).select_from(EditRow).where(*matching(criteria))
        return session.scalar(query) or 0


def list_coders(home: Installation) -> list[str]:
    """Return the names of all who have made edits, in order."""
    with home.database.read() as session:
        return list(session.scalars(select(EditRow.coder).distinct().order_by(EditRow.coder)))


@dataclass(frozen=True, slots=True)
class NumberedPhoto:
    """Where a photo stands, as its own page says it."""

    publication: str  # the newspaper
    day: date  # the day of the edition
    page: int  # the number of the page
    number: int  # the number of the photo on the page, from 1


def photo_places(session: Session, photo_ids: Collection[int]) -> dict[int, NumberedPhoto]:
    """Return where photos stand, on the first upload that prints them; removed ones nowhere.

    Args:
        photo_ids: Their addresses.
    """
    before = aliased(PhotoRow)
    number = (
        select(func.count())
        .where(before.outcome_id == PhotoRow.outcome_id, before.position <= PhotoRow.position)
        .correlate(PhotoRow)
        .scalar_subquery()
    )
    query = (
        select(PhotoRow.frame_id, EditionRow, PageRow.number, number)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .where(or_(PhotoRow.id.in_(photo_ids), PhotoRow.earlier_id.in_(photo_ids)))
        .order_by(EditionRow.id.desc(), PageRow.id.desc(), PhotoRow.id)
    )
    return {
        photo_id: NumberedPhoto(edition.publication.name, edition.edition_date, page, on_page)
        for photo_id, edition, page, on_page in session.execute(query)
    }


def photo_samples(home: Installation, photo_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the ids of the samples that have photos, by the address of the photo."""
    query = (
        select(PhotoRow.frame_id, SampleItemRow.sample_id)
        .join(SampledPhotoRow, SampledPhotoRow.photo_id == PhotoRow.id)
        .join(SampleItemRow, SampleItemRow.id == SampledPhotoRow.item_id)
        .where(or_(PhotoRow.id.in_(photo_ids), PhotoRow.earlier_id.in_(photo_ids)))
    )
    samples: defaultdict[int, set[int]] = defaultdict(set)
    with home.database.read() as session:
        for frame_id, sample in session.execute(query):
            samples[frame_id].add(sample)
    return samples
