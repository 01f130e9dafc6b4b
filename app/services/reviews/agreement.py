"""All that coders say of the photos of the archive, and how far they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.db.reviews import ReviewRow
from app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, PublicationRow
from app.errors import InvalidRequest
from app.installation import Installation
from app.services.catalogue.page_records import settled_answers
from app.services.catalogue.scores import read_scores
from app.services.figures.gallery import figure_roles
from app.services.reviews.consensus import (
    ActiveReview,
    coder_answers,
    match_reviews,
    photo_boxes,
    reviews_by_scan,
)
from models.geometry import Box
from models.recipe import Recipe
from pipelines.statistics.agreement import Agreement, Confusion, agreement, confusion
from pipelines.statistics.consensus import (
    DERIVED,
    CoderAnswer,
    derived_answer,
    disputed_measures,
    latest_answers,
)
from pipelines.statistics.measure import BUILT_IN, decided, is_measure, probabilities
from pipelines.statistics.sampling import SamplingScope

SOME = 500
"""Rows that are asked for at a time."""


@dataclass(frozen=True, slots=True)
class PhotoLocation:
    """Where a photo is printed first."""

    photo_id: int
    publication: str
    edition_date: date
    edition_id: int
    page_id: int
    page_number: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A measure of a photo on which coders disagree: who says yes, and who says no."""

    place: PhotoLocation
    measure: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far coders agree with each other, and the machine with what is settled, by measure.

    Attributes:
        agreements: One for each measure that somebody was asked.
        confusions: One for each measure that something is settled of.
        pending: Settled photos that are not interpreted yet, and so not in ``confusions``.
    """

    agreements: tuple[Agreement, ...]
    confusions: tuple[Confusion, ...]
    pending: int


def reliability(
    home: Installation, scope: SamplingScope, *, measure: str | None = None, seed: int = 0
) -> Reliability:
    """Return how far coders agree, and how often the machine is right, in some editions.

    Args:
        home: The installation.
        scope: Which editions; its zone is not looked at.
        measure: Only this one; None for all.
        seed: Of the bootstrap.

    Raises:
        InvalidRequest: There is no such measure.
    """
    _check(measure)
    with home.database.read() as session:
        photos = coded_photos(session, home.recipe, scope)
        confusions, pending = _confusions(session, home.recipe, list(photos), measure)
    said: dict[str, list[dict[str, bool | None]]] = defaultdict(list)
    for answers in photos.values():
        for name, by_coder in _by_coder(answers).items():
            said[name].append(by_coder)
    names = sorted(set(said) if measure is None else {measure} & set(said), key=_rank)
    found = [agreement(name, said[name], seed=seed) for name in names]
    return Reliability(tuple(found), tuple(confusions), pending)


def disagreements(
    home: Installation, scope: SamplingScope, *, measure: str | None = None
) -> list[Disagreement]:
    """Return what coders disagree on and nobody has adjudicated, the earliest edition first.

    Raises:
        InvalidRequest: There is no such measure.
    """
    _check(measure)
    with home.database.read() as session:
        photos = coded_photos(session, home.recipe, scope)
        open_ = {
            photo_id: names
            for photo_id, said in photos.items()
            if (names := [n for n in disputed_measures(said) if measure in (None, n)])
        }
        printed = photo_places(session, list(open_))
    rows = [
        _disagreement(printed[photo_id], name, photos[photo_id])
        for photo_id, names in open_.items()
        for name in names
    ]
    return sorted(
        rows, key=lambda r: (r.place.edition_date, r.place.page_number, r.place.photo_id, r.measure)
    )


def coded_photos(
    session: Session, recipe: Recipe, scope: SamplingScope
) -> dict[int, list[CoderAnswer]]:
    """Return what was said of each reviewed photo, by its id under a recipe.

    Args:
        session: A transaction.
        recipe: Today's.
        scope: Which editions; its zone is not looked at.
    """
    found: dict[int, list[CoderAnswer]] = {}
    for reviews, photos in _reviewed_pages(session, recipe, scope):
        for photo_id, of_photo in match_reviews(reviews, photos).items():
            found[photo_id] = coder_answers(of_photo)
    return found


def located(session: Session, recipe: Recipe, reviews: list[ReviewRow]) -> dict[int, int]:
    """Return the id of the photo that each review is of today, by the id of the review."""
    found: dict[int, int] = {}
    pages = photo_boxes(session, recipe.observation_id, {review.scan_id for review in reviews})
    for scan_id, photos in pages.items():
        of_scan = [review for review in reviews if review.scan_id == scan_id]
        for photo_id, of_photo in match_reviews(of_scan, photos).items():
            found |= {review.id: photo_id for review in of_photo}
    return found


def photo_places(session: Session, photo_ids: list[int]) -> dict[int, PhotoLocation]:
    """Return where photos are printed first, by their id."""
    found: dict[int, PhotoLocation] = {}
    for i in range(0, len(photo_ids), SOME):
        query = (
            select(
                PhotoRow.id,
                PublicationRow.name,
                EditionRow.edition_date,
                EditionRow.id,
                PageRow.id,
                PageRow.number,
            )
            .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .join(EditionRow, EditionRow.id == PageRow.edition_id)
            .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
            .where(PhotoRow.id.in_(photo_ids[i : i + SOME]))
            .order_by(PageRow.id)
        )
        for row in session.execute(query):
            found.setdefault(row[0], PhotoLocation(*row))
    return found


def in_scope(scope: SamplingScope) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold for an edition of a scope and its publication."""
    if scope.publication is not None:
        yield PublicationRow.name == scope.publication
    if scope.first_date is not None:
        yield EditionRow.edition_date >= scope.first_date
    if scope.last_date is not None:
        yield EditionRow.edition_date <= scope.last_date


def _reviewed_pages(
    session: Session, recipe: Recipe, scope: SamplingScope
) -> Iterator[tuple[list[ActiveReview], list[tuple[int, Box]]]]:
    """Yield the reviews of each page that has some, with its photos, some pages at a time."""
    printed = (
        select(PageRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*in_scope(scope))
    )
    standing = ReviewRow.withdrawn_at.is_(None)
    query = select(ReviewRow.scan_id).where(standing, ReviewRow.scan_id.in_(printed)).distinct()
    scans = list(session.scalars(query.order_by(ReviewRow.scan_id)))
    for i in range(0, len(scans), SOME):
        some = scans[i : i + SOME]
        reviews = reviews_by_scan(session, some)
        pages = photo_boxes(session, recipe.observation_id, some)
        yield from ((reviews[scan_id], photos) for scan_id, photos in pages.items())


def _by_coder(said: list[CoderAnswer]) -> dict[str, dict[str, bool | None]]:
    """Return what each coder last said of a photo, by measure, what follows from it too."""
    found: dict[str, dict[str, bool | None]] = defaultdict(dict)
    own: dict[str, dict[str, bool | None]] = defaultdict(dict)
    for answer in latest_answers(said):
        if not answer.adjudicates and answer.measure != DERIVED:
            found[answer.measure][answer.coder] = answer.shows
            own[answer.coder][answer.measure] = answer.shows
    derived = {coder: derived_answer(answers) for coder, answers in own.items()}
    if any(shows is not None for shows in derived.values()):
        found[DERIVED] = derived
    return found


def _confusions(
    session: Session, recipe: Recipe, photo_ids: list[int], measure: str | None
) -> tuple[list[Confusion], int]:
    pairs: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    roles, pending = figure_roles(session), 0
    for i in range(0, len(photo_ids), SOME):
        some = photo_ids[i : i + SOME]
        settled = settled_answers(session, some)
        scores = read_scores(session, list(settled), recipe.id)
        pending += len(settled) - len(scores)
        for photo_id, score in scores.items():
            found = probabilities(score.meaning, roles)
            says = decided(score.meaning, found, recipe.aggregate.decision)
            for name, shows in settled[photo_id].items():
                if name in found and measure in (None, name):
                    pairs[name].append((name in says, shows))
    return [confusion(name, pairs[name]) for name in sorted(pairs, key=_rank)], pending


def _disagreement(place: PhotoLocation, measure: str, said: list[CoderAnswer]) -> Disagreement:
    sides: dict[bool | None, set[str]] = defaultdict(set)
    for answer in latest_answers(said):
        if answer.measure == measure and not answer.adjudicates:
            sides[answer.shows].add(answer.coder)
    return Disagreement(place, measure, tuple(sorted(sides[True])), tuple(sorted(sides[False])))


def _check(measure: str | None) -> None:
    if measure is not None and not is_measure(measure):
        raise InvalidRequest(f"there is no measure {measure!r}")


def _rank(measure: str) -> tuple[int, str]:
    """Sort measures as they are shown: built-in ones first."""
    return (BUILT_IN.index(measure) if measure in BUILT_IN else len(BUILT_IN), measure)
