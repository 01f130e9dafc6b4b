"""Labels that people teach by their answers about photos: made, asked to learn, borderline photos.

Examples are the settled answers to ``label:NAME`` and the stored features of those photos, and, of
a label that was learnt from a folder, the stored features of the photos there; so that no pixel is
read again. A worker learns, for the web server has no scikit-learn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.queries import interpretation
from presslens.app.db.reprints import FingerprintRow, ReprintRow
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import (
    InterpretationRow,
    LabelReadingRow,
    LabelRow,
    OutcomeRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.models.labels.vocabulary import name_fault
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.reprints.linkage import linked
from presslens.models.vocabulary import Vector
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import LABEL

PRINTS = 10
"""Photos that are looked at for each borderline one that is shown, as many are the same picture."""

LEAST = 5
"""Smallest number of different photos with a label, and of those without."""

WAITS = Message(
    "it is not learnt yet: answer for %(least)s photos with it and %(least)s without it",
    least=LEAST,
)
_LEARNT = (
    "observation_id", "version", "failure", "intercept", "ap", "f1", "calibration_error", "method",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TaughtPhoto:
    """A photo that a label is learnt from."""

    shows: bool  # whether it shows the label
    features: Vector  # its image features, shape (1280,)
    fingerprint: bytes  # as it is stored; empty where there is none


@dataclass(frozen=True, slots=True)
class BorderlinePhoto(Served):
    """A photo that nobody has answered for, and how likely it shows a label, 0–1."""

    id: int
    probability: float


def make_label(home: Installation, name: str, *, coder: str | None, now: datetime) -> int:
    """Make a label that people can answer about, and return the id of the edit.

    Raises:
        InvalidRequest: The name can't be given.
        Conflict: There is such a label already.
    """
    fault = name_fault(name)
    if fault is not None:
        raise InvalidRequest(fault)
    with home.database.write() as session:
        if session.scalars(select(LabelRow.id).filter_by(name=name)).first() is not None:
            raise Conflict.saying("there is a label %(name)s already; remove it first", name=name)
        observation_id = home.recipe.observation_id
        row = LabelRow(
            name=name, created_at=now, observation_id=observation_id, version="", failure=str(WAITS)
        )
        session.add(row)
        session.flush()
        text = Message("label %(name)s is made", name=name)
        by = Author(coder, home.recipe.codebook, now)
        return add_edit(session, by, Action.CHANGE_LABEL, ("label", row.id), text).id


def requested_observation(recipe: Recipe) -> str:
    """Return the observation of a label that somebody has asked to be learnt under a recipe.

    There is no such observation, so workers learn it; and features of its own are of this recipe.
    """
    return hashlib.sha256(f"asked under {recipe.observation_id}".encode()).hexdigest()


def answers_count() -> ColumnElement[bool]:
    """Return the condition under which a label is learnt of people's answers too.

    Those of a label that was learnt from a folder count once somebody has asked for that.
    """
    requested = exists().where(
        EditRow.action == Action.CHANGE_LABEL,
        EditRow.target_id == LabelRow.id,
        EditRow.created_at >= LabelRow.created_at,  # an id may be given again
        EditRow.undone_at.is_(None),
    )
    return or_(~LabelRow.examples.any(), requested)


def ask_to_learn(home: Installation, name: str, *, coder: str | None, now: datetime) -> int:
    """Ask workers to learn a label of people's answers, and return the id of the edit.

    The examples of a label that was learnt from a folder are kept, and the answers added to them.

    Raises:
        NotFound: There is no such label.
        Conflict: There are too few answers.
    """
    with home.database.write() as session:
        query = select(LabelRow).filter_by(name=name).options(selectinload(LabelRow.examples))
        row = session.scalars(query).one_or_none()
        if row is None:
            raise NotFound.saying("there is no label %(name)s that was made here", name=name)
        shown = [one.shows for _, one in taught_examples(session, home.recipe, name)]
        if row.examples and not shown:
            raise Conflict.saying(
                "nobody has answered about %(name)s yet: answer for photos first", name=name
            )
        if not row.examples and min(shown.count(True), shown.count(False)) < LEAST:
            raise Conflict.saying(
                "%(yes)s photos with it and %(no)s without it are answered for; %(least)s of "
                "each are needed",
                yes=shown.count(True),
                no=shown.count(False),
                least=LEAST,
            )
        weights = None if row.coefficients is None else row.coefficients.tolist()
        before = {"coefficients": weights, **{key: getattr(row, key) for key in _LEARNT}}
        text = Message(
            "label %(name)s is learnt from %(photos)s",
            name=name,
            photos=counted(len(row.examples) + len(shown), "photo"),
        )
        by = Author(coder, home.recipe.codebook, now)
        edit = add_edit(session, by, Action.CHANGE_LABEL, ("label", row.id), text, before)
        if not row.examples or row.observation_id == home.recipe.observation_id:
            # Otherwise it waits to be learnt under the recipe anyway, from the photos themselves.
            row.observation_id = requested_observation(home.recipe)
        return edit.id


def undo_label(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Remove a label that was made, or give one back what it had learnt before.

    Raises:
        Conflict: People have answered about it since, or it was learnt again.
    """
    row = session.get(LabelRow, edit.target_id, with_for_update=True)
    if row is None:
        return ()
    later = session.scalars(
        select(EditRow).where(
            EditRow.action == Action.CHANGE_LABEL,
            EditRow.target_id == row.id,
            EditRow.id > edit.id,
            EditRow.undone_at.is_(None),
        )
    ).first()
    if later is not None:
        raise blocked_by(later)
    if edit.change:
        weights = edit.change["coefficients"]
        row.coefficients = None if weights is None else np.array(weights, np.float32)
        for key in _LEARNT:
            setattr(row, key, edit.change[key])
        return ()
    answered = (
        select(ReviewRow.id)
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(ReviewAnswerRow.measure == f"{LABEL}{row.name}", ReviewRow.withdrawn_at.is_(None))
    )
    if session.scalars(answered).first() is not None:
        raise Conflict.saying(
            "people have answered about %(name)s since: undo that first", name=row.name
        )
    session.delete(row)
    return ()


def taught_examples(session: Session, recipe: Recipe, name: str) -> list[tuple[int, TaughtPhoto]]:
    """Return the photos with a settled answer to a label, each with its id."""
    query = (
        select(PhotoRow.id, SettledAnswerRow.shows, PhotoFeaturesRow.vector, FingerprintRow.content)
        .join(PhotoRow, PhotoRow.id == SettledAnswerRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
        .outerjoin(FingerprintRow, FingerprintRow.photo_id == PhotoRow.id)
        .where(
            SettledAnswerRow.measure == f"{LABEL}{name}",
            OutcomeRow.observation_id == recipe.observation_id,
        )
        .order_by(PhotoRow.id)
    )
    return [
        (photo_id, TaughtPhoto(shows, features, fingerprint or b""))
        for photo_id, shows, features, fingerprint in session.execute(query)
    ]


def answered_photos(session: Session, recipe: Recipe) -> dict[str, tuple[int, int]]:
    """Return for how many photos each label is settled, and how many show it, by its name."""
    row = SettledAnswerRow
    query = (
        select(row.measure, row.shows, func.count())
        .join(PhotoRow, PhotoRow.id == row.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(row.measure.startswith(LABEL), OutcomeRow.observation_id == recipe.observation_id)
        .group_by(row.measure, row.shows)
    )
    counts: dict[str, tuple[int, int]] = {}
    for measure, shows, number in session.execute(query):
        photos, positive = counts.get(measure.removeprefix(LABEL), (0, 0))
        positive += number if shows else 0
        counts[measure.removeprefix(LABEL)] = photos + number, positive
    return counts


def borderline_photos(home: Installation, name: str, *, limit: int) -> list[BorderlinePhoto]:
    """Return the photos nearest to the decision about a label, one of each picture.

    Pictures that somebody has answered about in another print are left out: to answer about them
    once more teaches nothing.
    """
    decision = home.recipe.aggregate.decision
    answered = select(SettledAnswerRow.photo_id).filter_by(measure=f"{LABEL}{name}")
    query = (
        select(LabelReadingRow.photo_id, PhotoRow.frame_id, LabelReadingRow.probability)
        .join(PhotoRow, PhotoRow.id == LabelReadingRow.photo_id)
        .join(InterpretationRow, interpretation(home.recipe.id))
        .where(
            LabelReadingRow.recipe_id == home.recipe.id,
            LabelReadingRow.label == name,
            PhotoRow.outcome_id.is_not(None),
            PhotoRow.id.not_in(answered),
        )
        .order_by(func.abs(LabelReadingRow.probability - decision), PhotoRow.id)
        .limit(limit * PRINTS)
    )
    with home.database.read() as session:
        nearest = session.execute(query).all()
        taught = [photo_id for photo_id, _ in taught_examples(session, home.recipe, name)]
        pictures = pictures_of_photos(session, [*taught, *(row.photo_id for row in nearest)])
    seen = set(pictures[: len(taught)])
    shown = []
    for (_, address, p), picture in zip(nearest, pictures[len(taught) :], strict=True):
        if picture not in seen:
            seen.add(picture)
            shown.append(BorderlinePhoto(address, round(p, 4)))
    return shown[:limit]


def pictures_of_photos(session: Session, photo_ids: Sequence[int]) -> list[int]:
    """Return the picture of each of some photos, as they were compared when they came in."""
    place = {photo_id: i for i, photo_id in enumerate(photo_ids)}
    pairs = select(ReprintRow.photo_id, ReprintRow.other_id).where(
        ReprintRow.photo_id.in_(photo_ids), ReprintRow.other_id.in_(photo_ids)
    )
    links = [(place[one], place[other]) for one, other in session.execute(pairs)]
    pictures: list[int] = linked(len(photo_ids), links).tolist()
    return pictures
