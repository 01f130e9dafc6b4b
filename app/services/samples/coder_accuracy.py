"""How often the settled labels of a measure are right, from drawn photos that two have coded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.samples import SampleItemRow, SampleMeasureRow, SampleRow
from presslens.models.geometry import Box
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.coders import CodedPhoto, coder_accuracy
from presslens.pipelines.statistics.consensus import CoderAnswer, latest_answers
from presslens.pipelines.statistics.measure import one_question
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_matching import nearest_photo

FEWEST_TWICE = 20
"""Fewest photos coded twice that correct an estimate: of fewer, the prior would say more."""

LEAST_AGREED = 0.67
"""Share of photos coded twice, 0–1, below which an estimate that takes coding as right warns."""

BATCH = 500
"""Scans that are queried at a time."""


@by_answers
def label_accuracy(session: Session, measure: str) -> CoderAccuracy:
    """Return the accuracy of settled labels: of one coder's, two who agree, and adjudicated ones.

    Of the photos that samples drew, those that chance gave to two coders tell how often one errs;
    how many of all drawn and answered photos two have coded, and how many disagreements were
    adjudicated, tells how often a settled label does. Answers under the codebook of the latest one
    count alone.

    Args:
        measure: The measure; one that follows from answers to others has no coders of its own.
    """
    photos = _coded(session).get(measure, [])
    twice = [one for one in photos if one.yes + one.no > 1]
    apart = [one for one in twice if one.yes and one.no]
    if len(twice) < FEWEST_TWICE:
        why = f"{counted(len(twice), 'photo')} coded twice, and it takes {FEWEST_TWICE} to tell"
        agreed = 1 - len(apart) / max(len(twice), 1)
        if agreed < LEAST_AGREED:
            why += f"; coders agree on {agreed:.0%} of these only: have more photos coded twice"
        return CoderAccuracy.without_error(why if twice else None)
    ruled = sum(one.truth is not None for one in apart)
    return coder_accuracy(photos).of_consensus(
        twice=len(twice) / len(photos), adjudicated=ruled / len(apart) if apart else 1.0
    )


@by_answers
def _coded(session: Session) -> dict[str, list[CodedPhoto]]:
    """Return the drawn photos that coders answered for, with how many said what, by measure."""
    boxes: dict[str, dict[int, list[Box]]] = defaultdict(lambda: defaultdict(list))
    query = (
        select(
            SampleMeasureRow.measure,
            SampleItemRow.scan_id,
            SampleItemRow.x0,
            SampleItemRow.y0,
            SampleItemRow.x1,
            SampleItemRow.y1,
        )
        .join(SampleRow, SampleRow.id == SampleItemRow.sample_id)
        .join(SampleMeasureRow, SampleMeasureRow.sample_id == SampleRow.id)
        .distinct()
    )
    for measure, scan_id, *corners in session.execute(query):
        for name in one_question(measure):
            boxes[name][scan_id].append(Box(*corners))
    answers = _answers(
        session, sorted({scan_id for places in boxes.values() for scan_id in places})
    )
    return {
        measure: list(_coded_photos(answers.get(measure, ()), places))
        for measure, places in boxes.items()
    }


def _coded_photos(
    answers: Sequence[tuple[int, Box, CoderAnswer]], boxes: Mapping[int, Sequence[Box]]
) -> Iterator[CodedPhoto]:
    """Yield the drawn photos of one measure, from its answers and the boxes of its samples."""
    answers = [one for one in answers if one[0] in boxes]
    latest = max((answer.review for _, _, answer in answers), default=0)
    codebook = next((one.codebook for *_, one in answers if one.review == latest), "")
    given: dict[tuple[int, int], list[CoderAnswer]] = defaultdict(list)
    for scan_id, box, answer in answers:
        at = nearest_photo(box, boxes[scan_id]) if answer.codebook == codebook else None
        if at is not None:
            given[scan_id, at].append(answer)
    for of_photo in given.values():
        decided = sorted(
            (one for one in latest_answers(of_photo) if one.shows is not None),
            key=lambda one: one.review,
        )
        votes = [one.shows for one in decided if not one.adjudicates]
        rulings = [one.shows for one in decided if one.adjudicates]
        if votes:
            truth = rulings[-1] if rulings else None
            yield CodedPhoto(votes.count(True), votes.count(False), truth)


def _answers(
    session: Session, scan_ids: Sequence[int]
) -> dict[str, list[tuple[int, Box, CoderAnswer]]]:
    """Return the answers on scans by measure, each with its scan and its box on the page."""
    query = (
        select(
            ReviewRow.scan_id, ReviewRow.x0, ReviewRow.y0, ReviewRow.x1, ReviewRow.y1, ReviewRow.id,
            ReviewRow.coder, ReviewAnswerRow.measure, ReviewAnswerRow.shows,
            ReviewRow.adjudicates, ReviewRow.codebook,
        )
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(ReviewRow.withdrawn_at.is_(None))
        .order_by(ReviewRow.id)
    )  # fmt: skip
    by_measure: dict[str, list[tuple[int, Box, CoderAnswer]]] = defaultdict(list)
    for i in range(0, len(scan_ids), BATCH):
        batch = query.where(ReviewRow.scan_id.in_(scan_ids[i : i + BATCH]))
        for scan_id, x0, y0, x1, y1, number, coder, measure, *rest in session.execute(batch):
            answer = CoderAnswer(number, coder, measure, *rest)
            by_measure[measure].append((scan_id, Box(x0, y0, x1, y1), answer))
    return by_measure
