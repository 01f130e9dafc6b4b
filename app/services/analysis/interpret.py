"""Interprets what was seen, again whenever figures, labels or recipe have changed: no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, selectinload

from app.db.figures import FigureRow
from app.db.queries import current_interpretation
from app.db.rows import focus_reasons, interpretation_children, page_observation
from app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PhotoFeaturesRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from app.db.upsert import insert
from app.installation import Installation
from app.services.figures.gallery import NamedGallery, gallery_version, load_gallery
from app.services.labels.label_set import label_set_version, load_label_set
from models.faces.gallery import Gallery
from models.labels.classifier import LabelSet
from models.vocabulary import PageObservation, PhotoInterpretation


class Interprets(Protocol):
    """What decides; ``pipelines.interpret.Interpreter`` for instance."""

    def interpret(
        self, page: PageObservation, gallery: Gallery, labels: LabelSet
    ) -> list[PhotoInterpretation]:
        """Return what each photo of a page is taken to mean."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What researchers have told: the figures, and their own labels."""

    gallery: NamedGallery
    labels: LabelSet

    @property
    def versions(self) -> tuple[str, str]:
        return self.gallery.version, self.labels.version


def interpret_stale(home: Installation, interpreter: Interprets, *, most: int = 20) -> int:
    """Interpret pages whose photos were not interpreted with this recipe, figures and labels.

    Args:
        home: The installation.
        interpreter: What decides.
        most: At most so many pages.

    Returns:
        How many pages were interpreted; 0 also while reference photos wait to be embedded, or
        labels to be learnt again.
    """
    with home.database.read() as session:
        gallery = load_gallery(session, home.recipe)
        labels = load_label_set(session, home.recipe.observation_id)
        if gallery is None or labels is None:
            return 0
        known = _Known(gallery, labels)
        stale = _stale_outcomes(session, home, known, most)
    for outcome_id in stale:
        _interpret_page(home, interpreter, known, outcome_id)
    return len(stale)


def count_stale(home: Installation) -> int:
    """Return how many pages have photos that were not interpreted as of today."""
    with home.database.read() as session:
        versions = _versions(session, home)
        query = _stale(home, versions).subquery()
        return session.scalar(select(func.count()).select_from(query)) or 0


def _stale_outcomes(session: Session, home: Installation, known: _Known, most: int) -> list[int]:
    query = _stale(home, known.versions).order_by(PhotoRow.outcome_id).limit(most)
    return list(session.scalars(query))


def _stale(home: Installation, versions: tuple[str, str]) -> Select[int]:
    gallery, label_set = versions
    current = current_interpretation(home.recipe.id, gallery=gallery, label_set=label_set)
    return (
        select(PhotoRow.outcome_id)
        .join(OutcomeRow)
        .join(
            PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id
        )  # else nothing tells anything new
        .outerjoin(InterpretationRow, current)
        .where(
            OutcomeRow.observation_id == home.recipe.observation_id,
            InterpretationRow.photo_id.is_(None),
        )
        .distinct()
    )


def _interpret_page(
    home: Installation, interpreter: Interprets, known: _Known, outcome_id: int
) -> None:
    with home.database.read() as session:
        outcome = session.scalars(
            select(OutcomeRow)
            .filter_by(id=outcome_id)
            .options(
                selectinload(OutcomeRow.photos).options(
                    selectinload(PhotoRow.features),
                    selectinload(PhotoRow.detections),
                    selectinload(PhotoRow.faces),
                )
            )
        ).one()
        photo_ids = [photo.id for photo in outcome.photos]
        seen = page_observation(outcome)
        meanings = interpreter.interpret(seen, known.gallery.gallery, known.labels)
    with home.database.write() as session:
        # No figure may go while its sightings are written.
        session.execute(select(FigureRow.id).with_for_update(read=True, key_share=True))
        if _versions(session, home) != known.versions:
            return  # they changed meanwhile: the page is still stale, and comes again
        for photo_id, meaning in zip(photo_ids, meanings, strict=True):
            _write(session, (photo_id, home.recipe.id), meaning, known)


def _versions(session: Session, home: Installation) -> tuple[str, str]:
    return gallery_version(session, home.recipe.observation_id), label_set_version(session)


def _write(
    session: Session, key: tuple[int, str], meaning: PhotoInterpretation, known: _Known
) -> None:
    photo_id, recipe_id = key
    values = {
        "gallery": known.gallery.version,
        "label_set": known.labels.version,
        "verdict": meaning.focus.verdict,
        "leader": float(meaning.focus.leader),
        "facility": float(meaning.focus.facility),
        "reasons": focus_reasons(meaning.focus),
        "doubts": [[name, float(probability)] for name, probability in meaning.doubts],
    }
    session.execute(
        insert(session, InterpretationRow)
        .values(photo_id=photo_id, recipe_id=recipe_id, **values)
        .on_conflict_do_update(index_elements=["photo_id", "recipe_id"], set_=values)
    )
    for table in (SubjectReadingRow, LabelReadingRow, SightingRow):
        session.execute(delete(table).filter_by(photo_id=photo_id, recipe_id=recipe_id))
    session.add_all(interpretation_children(meaning, key, known.gallery.ids))
