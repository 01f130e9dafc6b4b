"""Compares photos with those that are stored: finds the prints of one picture.

A photo is filed under its words before it is compared: of two prints that two workers compare at
the same time, one at least finds the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from presslens.app.db.among import among
from presslens.app.db.reprints import FingerprintRow, FingerprintWordRow, ReprintRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.models.reprints.comparison import compare
from presslens.models.reprints.stored import (
    SHARED,
    Fingerprint,
    filed_words,
    find_each_other,
    lookup_words,
)

MOST_CANDIDATES = 200
"""Photos that one is compared with at most: those that share most words with it."""


def compare_photos(home: Installation, photo_ids: Sequence[int]) -> int:
    """File photos under their words, find the prints of their pictures, and store both.

    Returns:
        The number of pairs that were found.
    """
    photos = _file(home, photo_ids)
    with home.database.read() as session:
        pairs = {
            (min(photo_id, other_id), max(photo_id, other_id)): agreement
            for photo_id, photo in photos.items()
            for other_id, other in _candidates(session, photo_id, photo, home)
            if find_each_other(photo, other) and (agreement := compare(photo, other)).is_reprint
        }
    with home.database.write() as session:
        there = _existing(session, {photo_id for pair in pairs for photo_id in pair})
        rows = [
            {"photo_id": one, "other_id": other, **asdict(agreement)}
            for pair, agreement in sorted(pairs.items())
            if there.issuperset(pair)
            for one, other in (pair, pair[::-1])
        ]
        if rows:  # in one order, so that no two workers wait for each other's pairs
            session.execute(insert(session, ReprintRow).on_conflict_do_nothing(), rows)
        compared = FingerprintRow.photo_id.in_(photos)
        session.execute(update(FingerprintRow).where(compared).values(compared=True))
    return len(rows) // 2


def _file(home: Installation, photo_ids: Sequence[int]) -> dict[int, Fingerprint]:
    """File photos under their words, and return their fingerprints by id."""
    query = select(FingerprintRow.photo_id, FingerprintRow.content)
    with home.database.write() as session:
        there = _existing(session, set(photo_ids))
        read = session.execute(query.where(FingerprintRow.photo_id.in_(there)))
        photos = {photo_id: Fingerprint.from_bytes(content) for photo_id, content in read}
        words = [
            {"photo_id": photo_id, "word": word}
            for photo_id, photo in photos.items()
            for word in filed_words(photo)
        ]
        if words:
            statement = insert(session, FingerprintWordRow).on_conflict_do_nothing()
            session.execute(statement, words)
    return photos


def _candidates(
    session: Session, photo_id: int, photo: Fingerprint, home: Installation
) -> list[tuple[int, Fingerprint]]:
    """Return the photos that share most words with a photo, with their fingerprints."""
    # One that a person has removed may be put back, and is not compared again then.
    page = func.coalesce(PhotoRow.outcome_id, PhotoRow.removed_from_id)
    observed = (
        select(FingerprintRow.photo_id, FingerprintRow.content)
        .join(PhotoRow, PhotoRow.id == FingerprintRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == page)
        .where(OutcomeRow.observation_id == home.recipe.observation_id)
    )
    sharing = sharing_photos(session, photo_id, photo)
    candidates: list[tuple[int, Fingerprint]] = []
    # Those of other recipes' observations take no places.
    for start in range(0, len(sharing), MOST_CANDIDATES):
        some = sharing[start : start + MOST_CANDIDATES]
        stored = dict(session.execute(observed.where(FingerprintRow.photo_id.in_(some))).all())
        candidates += [(i, Fingerprint.from_bytes(stored[i])) for i in some if i in stored]
        if len(candidates) >= MOST_CANDIDATES:
            break
    return candidates[:MOST_CANDIDATES]


def sharing_photos(session: Session, photo_id: int, photo: Fingerprint) -> list[int]:
    """Return the photos that share enough words with a photo, those that share most first."""
    row, shared = FingerprintWordRow, func.count()
    query = (
        select(row.photo_id)
        .where(among(session, row.word, lookup_words(photo)), row.photo_id != photo_id)
        .group_by(row.photo_id)
        .having(shared >= SHARED)
        .order_by(shared.desc(), row.photo_id)
    )
    return list(session.scalars(query))


def _existing(session: Session, photo_ids: set[int]) -> set[int]:
    """Return the photos that are there still, and stay until the transaction ends."""
    query = select(PhotoRow.id).where(PhotoRow.id.in_(photo_ids)).order_by(PhotoRow.id)
    return set(session.scalars(query.with_for_update(read=True, key_share=True)))
