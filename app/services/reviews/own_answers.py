"""What one coder has answered to one question, photo by photo, to look through it again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.photo_address import frame_ids
from presslens.app.services.reviews.agreement import first_pages, reviewed_photo_ids
from presslens.app.services.reviews.coding import measures_of, written_answer
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.recipe_comparison import PrintedPage


@dataclass(frozen=True, slots=True)
class OwnAnswer(Served):
    """What a coder says of a photo."""

    photo: int  # its address
    printed: PrintedPage | None
    answer: str  # yes, no, cant_tell, or one of ``Focus``
    review: int  # the coder's latest review of it


def own_answers(
    home: Installation, coder: str, question: str, *, answer: str | None = None
) -> list[OwnAnswer]:
    """Return what a coder says of each photo, the latest answer first.

    Args:
        question: A measure, or focus.
        answer: The only answer; None: all.
    """
    measures = measures_of(question)
    query = (
        select(ReviewRow)
        .where(
            ReviewRow.coder == coder,
            ReviewRow.withdrawn_at.is_(None),
            ~ReviewRow.adjudicates,
            ReviewRow.id.in_(
                select(ReviewAnswerRow.review_id).where(ReviewAnswerRow.measure.in_(measures))
            ),
        )
        .order_by(ReviewRow.id)
    )
    with home.database.read() as session:
        rows = list(session.scalars(query))
        photos = reviewed_photo_ids(session, home.recipe, rows)
        answers: dict[int, dict[str, bool | None]] = defaultdict(dict)
        latest: dict[int, int] = {}
        for row in rows:
            if row.id in photos:
                answers[photos[row.id]] |= {
                    one.measure: one.shows for one in row.answers if one.measure in measures
                }
                latest[photos[row.id]] = row.id
        words = {photo: written_answer(question, given) for photo, given in answers.items()}
        chosen = [photo for photo, word in words.items() if word and answer in (None, word)]
        chosen.sort(key=lambda photo: -latest[photo])
        printed, addresses = first_pages(session, chosen), frame_ids(session, chosen)
        return [
            OwnAnswer(addresses[photo], printed.get(photo), words[photo] or "", latest[photo])
            for photo in chosen
        ]


def answered_questions(home: Installation, coder: str) -> dict[str, int]:
    """Return the measures that a coder has answered yes to, and for how many reviews."""
    query = (
        select(ReviewAnswerRow.measure, func.count())
        .join(ReviewRow, ReviewRow.id == ReviewAnswerRow.review_id)
        .where(
            ReviewRow.coder == coder,
            ReviewRow.withdrawn_at.is_(None),
            ~ReviewRow.adjudicates,
            ReviewAnswerRow.shows.is_(True),
        )
        .group_by(ReviewAnswerRow.measure)
        .order_by(ReviewAnswerRow.measure)
    )
    with home.database.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}
