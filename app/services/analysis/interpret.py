"""Interprets stored photos, again whenever figures, labels or recipe have changed: no pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Select, delete, select
from sqlalchemy import insert as insert_rows
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.columns import JobKind, Table
from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import current_interpretation
from presslens.app.db.rows import focus_reasons, interpretation_values, page_observation
from presslens.app.db.statistics import mark_outdated
from presslens.app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PageRow,
    PhotoFeaturesRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.app.services.analysis.encode import stored_encodings, unencoded_photos
from presslens.app.services.analysis.lease import finish
from presslens.app.services.figures.gallery import (
    NamedGallery,
    enrolment,
    load_gallery,
    newspaper_of_scan,
    newspapers_of_outcomes,
    version_by_newspaper,
)
from presslens.app.services.figures.references import unembedded
from presslens.app.services.labels.label_set import label_set_version, load_label_set, outdated
from presslens.models.faces.gallery import Gallery
from presslens.models.labels.classifier import LabelSet
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Encoding, PageObservation, PhotoInterpretation
from presslens.pipelines.failpoints import Failpoint, around


class Interprets(Protocol):
    """Interprets photos; ``pipelines.interpret.Interpreter`` does."""

    def interpret(
        self, page: PageObservation, gallery: Gallery, labels: LabelSet
    ) -> list[PhotoInterpretation]:
        """Return the interpretation of each photo of a page, in their order."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _StoredPage:
    """A page as it was observed, and the ids of its photos."""

    outcome_id: int
    photo_ids: list[int]
    observation: PageObservation


@dataclass(frozen=True, slots=True, eq=False)
class _Enrolment:
    """The enrolled figures and the researchers' labels that photos are interpreted with."""

    gallery: NamedGallery
    labels: LabelSet
    version: str
    papers: Mapping[int, int]  # the newspaper whose leaders count on each page, by its outcome

    def gallery_of(self, page: _StoredPage) -> Gallery:
        """Return the figures with their roles in the newspaper of a page."""
        return self.gallery.of(self.papers.get(page.outcome_id))

    def version_of(self, page: _StoredPage) -> str:
        """Return the version of the gallery for the newspaper of a page."""
        return self.gallery.state.version(self.papers.get(page.outcome_id))


def interpretation_version(session: Session, recipe: Recipe) -> str:
    """Return a hash of all that interpretations depend on: recipe, figures and labels."""
    versions = (enrolment(session, recipe).whole, label_set_version(session))
    return hashlib.sha256("\n".join((recipe.id, *versions)).encode()).hexdigest()


def is_enrolling(session: Session, recipe: Recipe) -> bool:
    """Return whether references wait to be embedded, or labels to be learnt again."""
    waiting = unembedded(session, recipe.observation_id), outdated(session, recipe.observation_id)
    return any(waiting)


def stale_pages(session: Session, recipe: Recipe) -> Select[int]:
    """Return the query of the outcomes with photos whose interpretation is missing or stale.

    Pages whose photos wait to be encoded are not stale yet. Photos of a snapshot have no features,
    and are never interpreted again; those of scans that no page prints any more, in deleted
    editions for instance, are not either.
    """
    paper = newspaper_of_scan(OutcomeRow.scan_id.expression)
    current = current_interpretation(
        recipe.id,
        gallery=version_by_newspaper(session, recipe, paper),
        label_set=label_set_version(session),
    )
    stale = (
        select(PhotoRow.id)
        .join(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
        .outerjoin(InterpretationRow, current)
        .where(PhotoRow.outcome_id == OutcomeRow.id, InterpretationRow.photo_id.is_(None))
    )
    printed = select(PageRow.id).where(PageRow.scan_id == OutcomeRow.scan_id)
    return select(OutcomeRow.id).where(
        OutcomeRow.observation_id == recipe.observation_id,
        stale.correlate(OutcomeRow).exists(),
        *(~one.correlate(OutcomeRow).exists() for one in unencoded_photos(recipe)),
        printed.correlate(OutcomeRow).exists(),
    )


def interpret_pages(
    home: Installation,
    interpreter: Interprets,
    outcome_ids: Sequence[int],
    version: str,
    owner: str,
) -> None:
    """Interpret the photos of pages, and end their leases; models run outside of transactions.

    Nothing is stored if figures, labels or the newspapers of the pages change meanwhile: the pages
    are stale still.

    Args:
        interpreter: Decides what the photos show.
        outcome_ids: The pages.
        version: From ``interpretation_version``; the leases have it.
        owner: The worker whose leases they are.
    """
    with home.database.read() as session:
        known = _load_enrolment(session, home.recipe, outcome_ids)
        if known is None or known.version != version:
            return
        pages = _load_pages(session, outcome_ids, home.recipe.encoding_id)
    with around(Failpoint.INTERPRET_READ):
        meanings = {
            photo_id: meaning
            for page in pages
            for photo_id, meaning in zip(
                page.photo_ids,
                interpreter.interpret(page.observation, known.gallery_of(page), known.labels),
                strict=True,
            )
        }
        versions = {
            photo_id: known.version_of(page) for page in pages for photo_id in page.photo_ids
        }
    with around(Failpoint.INTERPRET_STORE), home.database.write() as session:
        # No figure may go while its sightings are written.
        session.execute(select(FigureRow.id).with_for_update(read=True, key_share=True))
        unmoved = newspapers_of_outcomes(session, outcome_ids) == known.papers
        if unmoved and interpretation_version(session, home.recipe) == version:
            _write(session, home.recipe.id, meanings, versions, known)
            _outdate_corrected(session, home.recipe.id, meanings)
        finish(session, JobKind.INTERPRET, version, outcome_ids, owner)


def _outdate_corrected(session: Session, recipe_id: str, photo_ids: Collection[int]) -> None:
    """Have editions summarised again that print drawn photos: they were counted as not read."""
    editions = (
        select(PageRow.edition_id)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(PhotoRow.id.in_(photo_ids), PhotoRow.by_hand)
    )
    if ids := session.scalars(editions.distinct()).all():
        mark_outdated(session, ids, recipe_id)


def _load_enrolment(
    session: Session, recipe: Recipe, outcome_ids: Sequence[int]
) -> _Enrolment | None:
    gallery = load_gallery(session, recipe)
    labels = load_label_set(session, recipe.observation_id)
    if gallery is None or labels is None:
        return None
    papers = newspapers_of_outcomes(session, outcome_ids)
    return _Enrolment(gallery, labels, interpretation_version(session, recipe), papers)


def _load_pages(
    session: Session, outcome_ids: Sequence[int], encoder: str | None
) -> list[_StoredPage]:
    outcomes = session.scalars(
        select(OutcomeRow)
        .where(OutcomeRow.id.in_(outcome_ids))
        .options(
            selectinload(OutcomeRow.photos).options(
                selectinload(PhotoRow.features),
                selectinload(PhotoRow.detections),
                selectinload(PhotoRow.faces),
            )
        )
    )
    pages = [_stored_page(outcome) for outcome in outcomes]
    if encoder is not None:
        encodings = stored_encodings(session, encoder, [i for p in pages for i in p.photo_ids])
        pages = [_with_encodings(page, encodings) for page in pages]
    return pages


def _with_encodings(page: _StoredPage, encodings: Mapping[int, Encoding]) -> _StoredPage:
    photos = zip(page.photo_ids, page.observation.photos, strict=True)
    encoded = tuple(replace(photo, encoding=encodings.get(i)) for i, photo in photos)
    return replace(page, observation=replace(page.observation, photos=encoded))


def _stored_page(outcome: OutcomeRow) -> _StoredPage:
    """Return a page without the photos that have no features.

    Those of a snapshot have none, and drawn ones have none until a worker has looked at them.
    """
    page = page_observation(outcome)
    seen = [
        (row.id, photo)
        for row, photo in zip(outcome.photos, page.photos, strict=True)
        if row.features is not None
    ]
    photos = tuple(photo for _, photo in seen)
    photo_ids = [photo_id for photo_id, _ in seen]
    return _StoredPage(outcome.id, photo_ids, replace(page, photos=photos))


def _write(
    session: Session,
    recipe_id: str,
    meanings: Mapping[int, PhotoInterpretation],
    versions: Mapping[int, str],
    enrolment: _Enrolment,
) -> None:
    """Write the interpretations of photos, by their ids, in place of the earlier ones."""
    rows = [
        {
            "photo_id": photo_id,
            "recipe_id": recipe_id,
            "gallery": versions[photo_id],
            "label_set": enrolment.labels.version,
            "verdict": meaning.focus.verdict,
            "leader": float(meaning.focus.leader),
            "facility": float(meaning.focus.facility),
            "reasons": focus_reasons(meaning.focus),
            "doubts": [[name, float(probability)] for name, probability in meaning.doubts],
        }
        for photo_id, meaning in meanings.items()
    ]
    if not rows:
        return
    upsert = insert(session, InterpretationRow)
    values = {name: upsert.excluded[name] for name in rows[0].keys() - {"photo_id", "recipe_id"}}
    connection = session.connection()
    connection.execute(
        upsert.on_conflict_do_update(index_elements=["photo_id", "recipe_id"], set_=values), rows
    )
    children: dict[type[Table], list[dict[str, Any]]] = {
        table: [] for table in (SubjectReadingRow, LabelReadingRow, SightingRow)
    }
    for photo_id, meaning in meanings.items():
        key = photo_id, recipe_id
        values_by_table = interpretation_values(meaning, key, enrolment.gallery.ids)
        for table, table_rows in values_by_table.items():
            children[table] += table_rows
    for table, table_rows in children.items():
        columns = table.__table__.columns
        of_photos = columns.photo_id.in_(list(meanings)), columns.recipe_id == recipe_id
        connection.execute(delete(table).where(*of_photos))
        if table_rows:
            connection.execute(insert_rows(table), table_rows)
