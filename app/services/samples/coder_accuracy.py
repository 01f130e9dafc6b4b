"""How often labels and coders of a measure are right, from drawn photos that two have coded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow
from presslens.app.db.samples import IN_STRATUM, SampleItemRow, SampleMeasureRow, SampleStratumRow
from presslens.app.installation import Installation
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.coders import (
    CodedPhoto,
    NamedAnswers,
    accuracy_by_coder,
    coder_accuracy,
    label_accuracy,
)
from presslens.pipelines.statistics.consensus import CoderAnswer, votes_in_order
from presslens.pipelines.statistics.measure import one_question
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_matching import nearest_photo

FEWEST_KNOWN = 5
"""Fewest photos coded twice, or known before they were coded, that correct an estimate: as many as
the prior of coders is worth. Few make an interval wide, and move a share little."""

BATCH = 500
"""Scans that are queried at a time."""


@dataclass(frozen=True, slots=True)
class DrawnAnswers:
    """A drawn photo that coders answered for, with one of the items that it is."""

    items: tuple[int, ...]  # ids of the items of samples that it is
    codebook: str  # the version of the codebook's entry of its answers
    coded: CodedPhoto
    named: NamedAnswers


@by_answers
def measured_labels(session: Session, measure: str) -> CoderAccuracy:
    """Return the accuracy of the labels of a measure, by how each came to be.

    Photos that samples drew and two coders coded, or that were known before one coded them, tell
    how often one errs; which of them are coded twice, and how many disagreements were adjudicated,
    tells how often a label does. Answers under the codebook of the latest one count alone.

    Args:
        measure: The measure; one that follows from answers to others has no coders of its own.
    """
    photos = _drawn(session).get(measure, ())
    telling = sum(one.coded.tells for one in photos)
    if telling < FEWEST_KNOWN:
        why = Message(
            "%(photos)s coded by two people, and it takes %(least)s to know how often coders err",
            photos=counted(telling, "photo"),
            least=FEWEST_KNOWN,
        )
        return CoderAccuracy.without_error(why if telling else None)
    return label_accuracy([one.coded for one in photos])


@by_answers
def one_coder(session: Session, measure: str, codebook: str) -> CoderAccuracy:
    """Return the accuracy of one coder of a measure, all taken as alike, under one entry of it."""
    photos = [one.coded for one in _drawn(session).get(measure, ()) if one.codebook == codebook]
    return coder_accuracy(photos)


@dataclass(frozen=True, slots=True)
class CoderRecord(Served):
    """How often a coder is right about a measure, by photos that others know."""

    SERVED: ClassVar[str] = "measure coder *accuracy"

    measure: str
    coder: str
    accuracy: CoderAccuracy


@by_answers
def coder_records(session: Session) -> list[CoderRecord]:
    """Return how often each coder is right, of measures that were answered for drawn photos."""
    return [
        CoderRecord(measure, coder, accuracy)
        for measure, photos in _drawn(session).items()
        for coder, accuracy in accuracy_by_coder(one.named for one in photos).items()
        if accuracy.measured
    ]


def list_coders(home: Installation) -> list[CoderRecord]:
    """Return how often each coder is right; see ``coder_records``."""
    with home.database.read() as session:
        return coder_records(session)


def standing_answers(session: Session, measure: str, codebook: str) -> dict[int, bool]:
    """Return the answer that counts for drawn photos that coders disagree on, by the item's id.

    That of the coder who came first, until somebody decides: which photos are coded twice depends
    on answers, so that to leave out where coders disagree would leave out many of few yeses.

    Args:
        codebook: The version of the codebook's entry.
    """
    return {
        item: one.coded.label
        for one in _drawn(session).get(measure, ())
        if one.codebook == codebook and one.coded.yes and one.coded.no and one.coded.truth is None
        for item in one.items
    }


@by_answers
def _drawn(session: Session) -> dict[str, list[DrawnAnswers]]:
    """Return the drawn photos that coders answered for, by measure."""
    places: dict[str, dict[int, dict[Box, list[_ItemPlace]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    query = (
        select(
            SampleMeasureRow.measure,
            SampleItemRow.id,
            SampleItemRow.sample_id,
            SampleItemRow.stratum,
            SampleStratumRow.size,
            SampleStratumRow.drawn,
            SampleItemRow.scan_id,
            SampleItemRow.x0,
            SampleItemRow.y0,
            SampleItemRow.x1,
            SampleItemRow.y1,
        )
        .join(SampleMeasureRow, SampleMeasureRow.sample_id == SampleItemRow.sample_id)
        .join(SampleStratumRow, IN_STRATUM)
        .order_by(SampleItemRow.id)
    )
    for measure, item, sample, stratum, size, drawn, scan_id, *corners in session.execute(query):
        place = _ItemPlace(item, (sample, stratum), size / max(drawn, 1))
        for name in one_question(measure):
            places[name][scan_id][Box(*corners)].append(place)
    answers = _answers(session, sorted({scan_id for of in places.values() for scan_id in of}))
    return {
        measure: list(_drawn_photos(answers.get(measure, ()), of)) for measure, of in places.items()
    }


class _ItemPlace(NamedTuple):
    """An item of a sample: its stratum, and the photos of the frame that it stands for."""

    item: int
    stratum: tuple[int, int]
    weight: float


def _drawn_photos(
    answers: Sequence[tuple[int, Box, CoderAnswer]],
    places: Mapping[int, Mapping[Box, Sequence[_ItemPlace]]],
) -> Iterator[DrawnAnswers]:
    """Yield the drawn photos of one measure, from its answers and the items of its samples."""
    answers = [one for one in answers if one[0] in places]
    latest = max((answer.review for _, _, answer in answers), default=0)
    codebook = next((one.codebook for *_, one in answers if one.review == latest), "")
    given: dict[tuple[int, Box], list[CoderAnswer]] = defaultdict(list)
    for scan_id, box, answer in answers:
        boxes = list(places[scan_id])
        at = nearest_photo(box, boxes) if answer.codebook == codebook else None
        if at is not None:
            given[scan_id, boxes[at]].append(answer)
    for (scan_id, box), of_photo in given.items():
        own = places[scan_id][box]
        votes = votes_in_order(of_photo)
        rulings = [one for one in of_photo if one.adjudicates and one.shows is not None]
        others = [one for one in rulings if one.coder not in votes]
        # Who settles what nobody disagrees with says the own answer again.
        settling = rulings if len({*votes.values()}) > 1 else others
        truth = max(settling, key=lambda one: one.review).shows if settling else None
        if votes:
            said = list(votes.values())
            came = {one.coder: one.review for one in reversed(of_photo) if not one.adjudicates}
            known = any(one.review < came[next(iter(votes))] for one in others)
            coded = CodedPhoto(
                yes=said.count(True),
                no=said.count(False),
                truth=truth,
                first=said[0],
                stratum=own[0].stratum,
                weight=own[0].weight,
                tells=len(said) > 1 or known,
            )
            named = NamedAnswers(votes, coded.reference, coded.stratum)
            yield DrawnAnswers(tuple(one.item for one in own), codebook, coded, named)


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
            shows, adjudicates, codebook = rest
            entry = entry_version(codebook, measure)
            answer = CoderAnswer(number, coder, measure, shows, adjudicates, entry)
            by_measure[measure].append((scan_id, Box(x0, y0, x1, y1), answer))
    return by_measure
