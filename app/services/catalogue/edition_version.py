"""Distinguishes the states of an edition while workers analyse it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from presslens.app.db.queries import current_interpretation, join_editions
from presslens.app.db.tables import (
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.installation import Installation
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.figures.gallery import (
    enrolment,
    newspaper_of_scan,
    version_by_newspaper,
)
from presslens.app.services.labels.label_set import label_set_version


def edition_version(home: Installation, edition_id: int) -> str:
    """Return what changes with each page and photo of an edition that a worker is done with.

    Together with the revision, which moves with what people say and with what is added up, it
    names all that the pages of the edition and their numbers are made of.

    Raises:
        NotFound: There is no such edition.
        Gone: It is in the trash.
    """
    question = "edition version", edition_id
    return home.database.views.in_request(question, lambda: _version(home, edition_id))


def _version(home: Installation, edition_id: int) -> str:
    edition, recipe = find_edition(home, edition_id), home.recipe
    with home.database.read() as session:
        gallery, label_set = enrolment(session, recipe).whole, label_set_version(session)
        of_scan = version_by_newspaper(
            session, recipe, newspaper_of_scan(OutcomeRow.scan_id.expression)
        )
        current = current_interpretation(recipe.id, gallery=of_scan, label_set=label_set)
        observed = (
            select(func.max(OutcomeRow.seen_at))
            .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
            .where(PageRow.edition_id == edition_id)
        )
        columns: list[Any] = [
            func.count(InterpretationRow.photo_id),
            func.count(PhotoFeaturesRow.photo_id),
            observed.scalar_subquery(),
        ]
        query = (
            join_editions(select(*columns).select_from(PhotoRow))
            .outerjoin(InterpretationRow, current)
            .outerjoin(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
            .where(
                PageRow.edition_id == edition_id, OutcomeRow.observation_id == recipe.observation_id
            )
        )
        return repr((edition, gallery, label_set, *session.execute(query).one()))
