"""Flags: photos that a coder wants to talk about, what others say to it, and who settled it.

A flag changes no answer: who has talked answers again, or decides as an adjudicator.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from presslens.app.db.coding import FlagAnswerRow, FlagRow
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampledPhotoRow, SampleItemRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound, NotPermitted
from presslens.app.services.catalogue.photo_address import frame_ids, photo_there
from presslens.app.services.reviews.agreement import first_pages
from presslens.app.services.reviews.consensus import photos_of
from presslens.app.services.reviews.reviews import check_measure, check_person
from presslens.app.services.samples.questions import FOCUS
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.recipe_comparison import PrintedPage

LONGEST = 4000
"""Characters of a note or an answer."""


@dataclass(frozen=True, slots=True)
class FlagAnswer(Served):
    """What somebody says to a flag."""

    id: int
    coder: str
    text: str
    created_at: Moment


@dataclass(frozen=True, slots=True)
class PhotoFlag(Served):
    """A photo that a coder wants to talk about."""

    id: int
    photo: int | None  # address of the photo; None: today's recipe finds none there
    printed: PrintedPage | None  # the first page that prints it
    question: str | None  # what it is about; None: the photo as such
    coder: str
    note: str
    created_at: Moment
    answers: tuple[FlagAnswer, ...]
    settled_at: Moment | None
    settled_by: str | None


def add_flag(
    home: Installation,
    photo_id: int,
    coder: str,
    note: str,
    *,
    question: str | None = None,
    now: datetime,
) -> PhotoFlag:
    """Flag a photo to talk about.

    Args:
        photo_id: Its address.
        note: What is unclear.
        question: The question that it is about; None: the photo as such.

    Raises:
        NotFound: There is no such photo.
        InvalidRequest: There is no such question, or the note says nothing.
    """
    with home.database.write() as session:
        check_person(coder)
        if question not in (None, FOCUS):
            check_measure(session, str(question), as_question=True)
        photo = session.get_one(PhotoRow, photo_there(session, home.recipe, photo_id).photo_id)
        outcome = session.get_one(OutcomeRow, photo.outcome_id)
        row = FlagRow(
            scan_id=outcome.scan_id,
            **asdict(photo.box.in_shares(outcome.size)),
            question=question,
            coder=coder,
            note=_text(note),
            created_at=now,
        )
        session.add(row)
        session.flush()
        return _states(home, session, [row])[0]


def answer_flag(
    home: Installation, flag_id: int, coder: str, text: str, *, now: datetime
) -> PhotoFlag:
    """Say something to a flag.

    Raises:
        NotFound: There is no such flag.
        Conflict: It is settled.
        InvalidRequest: The text says nothing.
    """
    with home.database.write() as session:
        check_person(coder)
        row = _open(session, flag_id)
        row.answers.append(FlagAnswerRow(coder=coder, text=_text(text), created_at=now))
        session.flush()
        return _states(home, session, [row])[0]


def settle_flag(
    home: Installation, flag_id: int, coder: str, *, leads: bool = False, now: datetime
) -> PhotoFlag:
    """Settle a flag: by who has asked, by an adjudicator, or by who leads.

    Args:
        leads: Who settles it may do so with every flag.

    Raises:
        NotFound: There is no such flag.
        Conflict: It is settled.
        NotPermitted: Somebody else has asked, and who settles it has never adjudicated.
    """
    with home.database.write() as session:
        row = _open(session, flag_id)
        decided = select(ReviewRow.id).filter_by(coder=coder, adjudicates=True).limit(1)
        if not leads and coder != row.coder and session.scalar(decided) is None:
            raise NotPermitted.saying(
                "a flag is settled by who has asked, %(name)s, or by an adjudicator",
                name=row.coder,
            )
        row.settled_at, row.settled_by = now, coder
        session.flush()
        return _states(home, session, [row])[0]


def list_flags(
    home: Installation,
    *,
    is_open: bool | None = None,
    photo: int | None = None,
    sample: int | None = None,
) -> list[PhotoFlag]:
    """Return flags: the open ones first, of each the latest.

    Args:
        is_open: Open ones, or settled ones; None: all.
        photo: Id of the row of the only photo; None: all.
        sample: Id of the only sample, whose photos they are about; None: all.
    """
    query = select(FlagRow).order_by(FlagRow.settled_at.is_not(None), FlagRow.id.desc())
    if is_open is not None:
        settled = FlagRow.settled_at.is_not(None)
        query = query.where(~settled if is_open else settled)
    with home.database.read() as session:
        if photo is not None:
            scan = select(OutcomeRow.scan_id).join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            query = query.where(FlagRow.scan_id.in_(scan.where(PhotoRow.id == photo)))
        drawn: set[int | None] = set()
        if sample is not None:
            items = select(SampledPhotoRow.photo_id).join(
                SampleItemRow, SampleItemRow.id == SampledPhotoRow.item_id
            )
            ids = session.scalars(items.where(SampleItemRow.sample_id == sample).distinct())
            drawn = set(frame_ids(session, list(ids)).values())
        rows = session.scalars(query).all()
        if not rows:
            return []
        if photo is not None:
            photo = frame_ids(session, [photo])[photo]
        flags = _states(home, session, rows)
    return [
        one
        for one in flags
        if (photo is None or one.photo == photo) and (sample is None or one.photo in drawn)
    ]


def count_open_flags(home: Installation) -> int:
    """Return how many flags nobody has settled."""
    with home.database.read() as session:
        query = select(func.count()).select_from(FlagRow).where(FlagRow.settled_at.is_(None))
        return session.scalar(query) or 0


def _text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise InvalidRequest.saying(
            "say what is unclear, in at most %(most)s characters", most=LONGEST
        )
    return text


def _open(session: Session, flag_id: int) -> FlagRow:
    row = session.scalar(select(FlagRow).filter_by(id=flag_id).with_for_update())
    if row is None:
        raise NotFound.saying("there is no such flag")
    if row.settled_at is not None:
        raise Conflict.saying("%(name)s has settled it already", name=row.settled_by)
    return row


def _states(home: Installation, session: Session, rows: Collection[FlagRow]) -> list[PhotoFlag]:
    photos = photos_of(session, home.recipe.observation_id, rows)
    printed = first_pages(session, sorted(set(photos.values())))
    addresses = frame_ids(session, set(photos.values()))
    return [
        PhotoFlag(
            row.id,
            addresses[photos[row.id]] if row.id in photos else None,
            printed.get(photos.get(row.id, 0)),
            row.question,
            row.coder,
            row.note,
            row.created_at,
            tuple(FlagAnswer.from_attributes(one) for one in row.answers),
            row.settled_at,
            row.settled_by,
        )
        for row in rows
    ]
