"""Counts the analysed pages and interpreted photos of editions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.queries import current_interpretation, interpretation
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.services.figures.gallery import newspaper_of_scan, version_by_newspaper
from presslens.app.services.labels.label_set import label_set_version
from presslens.models.recipe import Recipe

QUEUED = "queued"
"""The outcome of a page that is not analysed yet."""


class EditionStatus(StrEnum):
    """The progress of an edition in one word; failed: no page could be analysed."""

    QUEUED = "queued"
    ANALYSING = "analysing"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether no page waits to be analysed any more."""
        return self in (EditionStatus.DONE, EditionStatus.FAILED)


@dataclass(frozen=True, slots=True)
class EditionProgress:
    """The progress of the analysis of an edition."""

    unpacked: bool  # whether its upload is split into pages
    # Number of pages by outcome, and of those that are queued.
    outcomes: Mapping[str, int] = field(default_factory=dict)
    photos: int = 0  # number of photos: found ones, as people have corrected them
    # Number of those that are interpreted with today's recipe, figures and labels, or drawn by
    # hand.
    interpreted: int = 0

    @property
    def pages(self) -> int:
        """Number of pages, 0 until the upload is unpacked."""
        return sum(self.outcomes.values())

    @property
    def pages_finished(self) -> int:
        """Number of pages that have an outcome."""
        return self.pages - self.outcomes.get(QUEUED, 0)

    @property
    def readable_pages(self) -> int:
        """Number of pages that were looked at, with photos or without."""
        return self.outcomes.get(Status.DONE, 0) + self.outcomes.get(Status.EMPTY, 0)

    @property
    def status(self) -> EditionStatus:
        """The progress in one word."""
        waiting = self.outcomes.get(QUEUED, 0)
        if not self.unpacked or (waiting and waiting == self.pages):
            return EditionStatus.QUEUED
        if waiting or self.interpreted < self.photos:
            return EditionStatus.ANALYSING
        return EditionStatus.DONE if self.readable_pages else EditionStatus.FAILED


def progress_of(
    session: Session, editions: Sequence[EditionRow], recipe: Recipe
) -> dict[int, EditionProgress]:
    """Return the progress of editions by their id."""
    ids = [edition.id for edition in editions]
    outcomes = _outcomes(session, ids, recipe)
    photos = _photos(session, ids, recipe)
    return {
        edition.id: EditionProgress(
            edition.unpacked_at is not None, outcomes[edition.id], *photos.get(edition.id, (0, 0))
        )
        for edition in editions
    }


def _outcomes(session: Session, ids: Sequence[int], recipe: Recipe) -> dict[int, Counter[str]]:
    query = (
        select(
            PageRow.edition_id,
            func.coalesce(PageRow.status, OutcomeRow.status),
            func.count(),
        )
        .outerjoin(
            OutcomeRow,
            (OutcomeRow.scan_id == PageRow.scan_id)
            & (OutcomeRow.observation_id == recipe.observation_id),
        )
        .where(PageRow.edition_id.in_(ids))
        .group_by(PageRow.edition_id, func.coalesce(PageRow.status, OutcomeRow.status))
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for edition_id, status, count in session.execute(query):
        counts[edition_id][QUEUED if status is None else Status(status).value] += count
    return counts


def _photos(session: Session, ids: Sequence[int], recipe: Recipe) -> dict[int, tuple[int, int]]:
    current = current_interpretation(
        recipe.id,
        gallery=version_by_newspaper(
            session, recipe, newspaper_of_scan(OutcomeRow.scan_id.expression)
        ),
        label_set=label_set_version(session),
    )
    # Photos of a snapshot have no features and can't be interpreted again: they stay as they are.
    frozen = interpretation(recipe.id) & ~exists().where(PhotoFeaturesRow.photo_id == PhotoRow.id)
    # What a person has drawn is looked at later: the edition is done all the while.
    done = InterpretationRow.photo_id.is_not(None) | PhotoRow.by_hand
    query = (
        select(PageRow.edition_id, func.count(PhotoRow.id), func.count(case((done, 1))))
        .join(
            OutcomeRow,
            (OutcomeRow.scan_id == PageRow.scan_id)
            & (OutcomeRow.observation_id == recipe.observation_id),
        )
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .outerjoin(InterpretationRow, current | frozen)
        .where(PageRow.edition_id.in_(ids))
        .group_by(PageRow.edition_id)
    )
    return {edition: (photos, done) for edition, photos, done in session.execute(query)}
