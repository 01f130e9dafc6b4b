"""Which photos were printed before: the prints of one picture, as they stand in counting editions.

A reprint is the print of a picture of which an earlier print is stored. The order of prints is that
of days, then issues of a day, page numbers and photos.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from presslens.app.db.queries import ANY_EDITION, EditionScope, printed_photos
from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
)
from presslens.models.recipe import Recipe
from presslens.models.reprints.decision import PrintAgreement
from presslens.pipelines.result import Rounded, Served

# Names of their own, so that the query stays whole within one that selects photos.
_Print = aliased(PhotoRow, name="other_print")
_Outcome = aliased(OutcomeRow, name="other_outcome")
_Page = aliased(PageRow, name="other_page")
_Edition = aliased(EditionRow, name="other_edition")
_Meaning = aliased(InterpretationRow, name="other_interpretation")


@dataclass(frozen=True, slots=True)
class OtherPrint(Served):
    """Another print of a photo's picture."""

    SERVED: ClassVar[str] = """
        id publication date=day edition page page_number probability
        places=agreement.places likeness earlier
    """

    id: int  # the photo
    page: int  # id of the page
    page_number: int
    edition: int  # id of the edition
    publication: str  # the newspaper
    day: date  # the day of the edition
    agreement: PrintAgreement  # how far the two prints agree
    earlier: bool  # whether it was printed before

    @property
    def probability(self) -> Rounded:
        """The probability that they are prints of one picture, 0–1."""
        return self.agreement.probability

    @property
    def likeness(self) -> Rounded:
        """Correlation of the two as small pictures, laid on each other, -1 to 1."""
        return self.agreement.likeness


def other_prints(
    session: Session,
    photo_ids: Collection[int],
    recipe: Recipe,
    *,
    only: Container[int] | None = None,
) -> dict[int, list[OtherPrint]]:
    """Return the other prints of the picture of each photo, by its id, the earliest first.

    A photo that is printed on two pages is there for the first of them, and so is the photo that is
    asked about: for the first in an edition that counts, if there is one. Prints in superseded
    uploads are left out, and those in other uploads of the photo's own issue.

    Args:
        recipe: Names the observation.
        only: Ids of the pages that are told; None: all.
    """
    order = _order(EditionRow, PageRow, PhotoRow)
    places = (
        printed_photos(recipe, PhotoRow.id, EditionRow.publication_id, EditionRow.id, *order)
        .where(PhotoRow.id.in_(photo_ids))
        .order_by(_is_superseded(EditionRow, recipe), *order)
    )
    own: dict[int, tuple[Any, ...]] = {}
    for photo_id, *place in session.execute(places):
        own.setdefault(photo_id, tuple(place))
    query = (
        _prints(
            recipe, ReprintRow.photo_id, _Print.frame_id, _Page.id, _Page.number, _Edition.id,
            PublicationRow.name, _Edition.edition_date, ReprintRow.places, ReprintRow.likeness,
            _Edition.publication_id, *_order(_Edition, _Page, _Print),
        )
        .join(ReprintRow, ReprintRow.other_id == _Print.id)
        .join(PublicationRow, PublicationRow.id == _Edition.publication_id)
        .where(ReprintRow.photo_id.in_(list(own)))
        .order_by(*_order(_Edition, _Page, _Print))
    )  # fmt: skip
    prints: dict[int, dict[int, OtherPrint]] = {photo_id: {} for photo_id in photo_ids}
    for row in session.execute(query) if own else ():
        photo_id, print_id, page, number, edition_id, paper, day, *agreement = row[:9]
        publication_id, own_edition, *own_place = own[photo_id]
        same_issue = (row[9], *row[10:12]) == (publication_id, *own_place[:2])
        if (only is None or page in only) and (edition_id == own_edition or not same_issue):
            other = OtherPrint(
                print_id, page, number, edition_id, paper, day, PrintAgreement(*agreement),
                tuple(row[10:]) < tuple(own_place),
            )  # fmt: skip
            prints[photo_id].setdefault(print_id, other)
    return {photo_id: list(others.values()) for photo_id, others in prints.items()}


def was_compared(session: Session, photo_id: int) -> bool:
    """Return whether a photo was compared with the others, so that none is known to be none."""
    compared = select(FingerprintRow.compared).where(FingerprintRow.photo_id == photo_id)
    return session.scalar(compared) or False


def earliest_print(
    recipe: Recipe, scope: EditionScope = ANY_EDITION, *, listed: bool = False
) -> ColumnElement[int | None]:
    """Return the earliest photo that a photo is a reprint of, as a column; NULL of a first print.

    Of a file that was uploaded for two pages, the photo on the later one is a reprint of itself.

    The query joins the photo's page and edition; see ``printed_photos``.

    Args:
        recipe: Names the observation.
        scope: The editions of which prints are told.
        listed: Tell of photos that lists have alone; see ``is_listed``.
    """
    editions = select(EditionRow.id).join(PublicationRow).where(*scope.conditions()).correlate(None)
    within: list[ColumnElement[bool]] = [] if scope.whole else [_Edition.id.in_(editions)]
    if listed:
        read = select(_Meaning.photo_id).filter_by(photo_id=_Print.id, recipe_id=recipe.id)
        within.append(or_(read.correlate(_Print).exists(), _Print.by_hand))
    same_issue = and_(
        _Edition.publication_id == EditionRow.publication_id,
        _Edition.edition_date == EditionRow.edition_date,
        _Edition.issue == EditionRow.issue,
    )
    earlier = tuple_(*_order(_Edition, _Page, _Print)) < tuple_(
        *_order(EditionRow, PageRow, PhotoRow)
    )
    of_its_picture = union_all(
        select(PhotoRow.id).correlate(PhotoRow),
        select(ReprintRow.other_id).where(ReprintRow.photo_id == PhotoRow.id).correlate(PhotoRow),
    )
    return (
        _prints(recipe, _Print.id)
        .where(
            _Print.id.in_(of_its_picture),
            earlier,
            or_(_Edition.id == EditionRow.id, ~same_issue),
            *within,
        )
        .order_by(*_order(_Edition, _Page, _Print))
        .limit(1)
        .correlate(PhotoRow, PageRow, EditionRow)
        .scalar_subquery()
    )


def count_reprints(
    session: Session, edition_id: int, recipe: Recipe, *, pages: Collection[int]
) -> int | None:
    """Return how many photos of an edition are reprints; None where not all were compared.

    Args:
        recipe: Names the observation.
        pages: Numbers of the pages whose photos are counted.
    """
    counted = EditionRow.id == edition_id, PageRow.number.in_(pages)
    not_compared = (
        printed_photos(recipe, PhotoRow.id)
        .outerjoin(FingerprintRow, FingerprintRow.photo_id == PhotoRow.id)
        .where(*counted, FingerprintRow.compared.is_not(True))
        .limit(1)
    )
    if session.scalar(not_compared) is not None:
        return None
    photos = (
        printed_photos(recipe, earliest_print(recipe).label("earliest")).where(*counted).subquery()
    )
    query = select(func.count()).select_from(photos).where(photos.c.earliest.is_not(None))
    return session.scalar(query) or 0


def _prints(recipe: Recipe, *columns: Any) -> Select[Any]:
    """Return the query of the prints in editions that count."""
    return (
        select(*columns)
        .select_from(_Print)
        .join(_Outcome, _Outcome.id == _Print.outcome_id)
        .join(_Page, _Page.scan_id == _Outcome.scan_id)
        .join(_Edition, _Edition.id == _Page.edition_id)
        .where(_Outcome.observation_id == recipe.observation_id, ~_is_superseded(_Edition, recipe))
    )


def _is_superseded(edition: Any, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition that another upload stands in for an edition of a query."""
    superseded = superseded_editions(recipe)
    named = superseded.where(superseded.selected_columns[0] == edition.id)
    return named.correlate(edition).exists()


def _order(edition: Any, page: Any, photo: Any) -> tuple[Any, ...]:
    """Return the columns by which prints come one after the other."""
    return edition.edition_date, edition.issue, page.number, photo.id
