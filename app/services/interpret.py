"""Interprets what was seen, again whenever the figures or the recipe have changed: no pixels."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from app.db.rows import interpretation_children, page_observation
from app.db.tables import Interpretation, Outcome, Photo, Reading, SeenFigure
from app.db.upsert import insert
from app.installation import Installation
from app.services.gallery import NamedGallery, gallery_version, load_gallery
from models.faces.gallery import Gallery
from models.vocabulary import PageObservation, PhotoInterpretation


class Interprets(Protocol):
    """What decides; ``pipelines.interpret.Interpreter`` for instance."""

    def interpret(self, page: PageObservation, gallery: Gallery) -> list[PhotoInterpretation]:
        """Return what each photo of a page is taken to mean."""
        ...


def interpret_stale(home: Installation, interpreter: Interprets, *, most: int = 20) -> int:
    """Interpret pages whose photos were not interpreted with this recipe and these figures.

    Args:
        home: The installation.
        interpreter: What decides.
        most: At most so many pages.

    Returns:
        How many pages were interpreted; 0 also while reference photos wait to be embedded.
    """
    with home.database.read() as session:
        gallery = load_gallery(session, home.recipe.observation_id)
        if gallery is None:
            return 0
        stale = _stale_outcomes(session, home, gallery.version, most)
    for outcome_id in stale:
        _interpret_page(home, interpreter, gallery, outcome_id)
    return len(stale)


def _stale_outcomes(session: Session, home: Installation, version: str, most: int) -> list[int]:
    current = (
        (Interpretation.photo_id == Photo.id)
        & (Interpretation.recipe_id == home.recipe.id)
        & (Interpretation.gallery == version)
    )
    query = (
        select(Photo.outcome_id)
        .join(Outcome)
        .outerjoin(Interpretation, current)
        .where(
            Outcome.observation_id == home.recipe.observation_id,
            Interpretation.photo_id.is_(None),
        )
        .distinct()
        .order_by(Photo.outcome_id)
        .limit(most)
    )
    return list(session.scalars(query))


def _interpret_page(
    home: Installation, interpreter: Interprets, gallery: NamedGallery, outcome_id: int
) -> None:
    with home.database.read() as session:
        outcome = session.scalars(
            select(Outcome)
            .filter_by(id=outcome_id)
            .options(
                selectinload(Outcome.photos).options(
                    selectinload(Photo.features),
                    selectinload(Photo.detections),
                    selectinload(Photo.faces),
                )
            )
        ).one()
        photo_ids = [photo.id for photo in outcome.photos]
        meanings = interpreter.interpret(page_observation(outcome), gallery.gallery)
    with home.database.write() as session:
        if gallery_version(session) != gallery.version:
            return  # the figures changed meanwhile: the page is still stale, and comes again
        for photo_id, meaning in zip(photo_ids, meanings, strict=True):
            _write(session, (photo_id, home.recipe.id), meaning, gallery)


def _write(
    session: Session, key: tuple[int, str], meaning: PhotoInterpretation, gallery: NamedGallery
) -> None:
    photo_id, recipe_id = key
    values = {
        "gallery": gallery.version,
        "verdict": meaning.focus.verdict,
        "leader": float(meaning.focus.leader),
        "facility": float(meaning.focus.facility),
        "reasons": [[name, float(value)] for name, value in meaning.focus.reasons],
    }
    session.execute(
        insert(session, Interpretation)
        .values(photo_id=photo_id, recipe_id=recipe_id, **values)
        .on_conflict_do_update(index_elements=["photo_id", "recipe_id"], set_=values)
    )
    for table in (Reading, SeenFigure):
        session.execute(delete(table).filter_by(photo_id=photo_id, recipe_id=recipe_id))
    session.add_all(interpretation_children(meaning, key, gallery.ids))
