"""Own constancy: some items are shown to the same coder again; what is said then stands apart.

It is no second answer: it settles no photo, and is in no share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presslens.app.db.coding import RepeatedAnswerRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.services.catalogue.photo_address import photo_there
from presslens.app.services.reviews.coding import SOON, CodableItem, CodedSample
from presslens.app.services.reviews.consensus import answers_by, coder_answers
from presslens.app.services.reviews.reviews import (
    NewReview,
    check_review,
    earlier_answers,
    reviews_on_scan,
)
from presslens.app.services.samples.samples import SampleItem
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.sampling import chance

LATER = 20
"""Items of a coder between the first and the second showing of an item, at least."""


def with_repeats(
    sample: CodedSample, coder: str | None, queue: Sequence[CodableItem]
) -> list[CodableItem]:
    """Return a coder's queue with the items that the coder is shown again, under negative ids.

    Chance decides which, by the sample's share of them. Those that are still to come for the first
    time are in it too: they come again behind the others.
    """
    share = sample.row.repeat_share
    if coder is None or not share or not sample.measures:
        return list(queue)
    said = select(RepeatedAnswerRow.item_id).where(RepeatedAnswerRow.coder == coder)
    done = set(sample.session.scalars(said))
    latest = {
        item_id: max((one.review for one in given if one.coder == coder), default=0)
        for item_id, given in sample.answers.items()
    }
    coded = [item for item in sample.items if coder in sample.coders.get(item.id, ())]
    coded.sort(key=lambda item: latest[item.id])
    order = [*coded, *(item for item, _ in queue)]
    salt = f"repeated\0{sample.row.id}\0{coder}"
    before: dict[int, list[SampleItem]] = defaultdict(list)
    for place, item in enumerate(order):
        if item.id in done or item.photo_id is None or item.printed is None:
            continue
        if chance(str(item.id), salt) < share and place + LATER < len(order):
            due = place + LATER - len(coded)
            soon = int(chance(str(item.id), f"place\0{salt}") * min(SOON, len(queue) + 1))
            before[min(max(due, 0) + soon, len(queue))].append(replace(item, id=-item.id))
    mixed: list[CodableItem] = []
    for place in range(len(queue) + 1):
        mixed += [(item, ()) for item in before[place]]
        mixed += queue[place : place + 1]
    return mixed


def keep_repeat(
    session: Session, recipe: Recipe, item_id: int, review: NewReview, *, now: datetime
) -> bool:
    """Store what a coder says of an item that is shown again, beside what the coder had said.

    Returns:
        Whether the coder had answered before; else there is nothing to compare, and to store.

    Raises:
        InvalidRequest: The answers contradict each other, or are none.
    """
    check_review(session, review)
    photo = session.get_one(PhotoRow, photo_there(session, recipe, review.photo_id).photo_id)
    outcome = session.get_one(OutcomeRow, photo.outcome_id)
    of_photo = coder_answers(reviews_on_scan(session, outcome).get(photo.id, []))
    codebook = review.codebook or recipe.codebook
    first = earlier_answers(answers_by(codebook, of_photo), review)
    rows = [
        RepeatedAnswerRow(
            item_id=item_id,
            coder=review.coder,
            measure=measure,
            first=first[measure],
            again=shows,
            codebook=codebook,
            created_at=now,
            client_id=review.client_id,
        )
        for measure, shows in review.all_answers.items()
        if measure in first
    ]
    for row in rows:
        session.merge(row)
    return bool(rows)


def forget_repeat(session: Session, coder: str, client_id: str) -> bool:
    """Delete what was said of an item that was shown again; return whether there was any."""
    own = RepeatedAnswerRow.coder == coder, RepeatedAnswerRow.client_id == client_id
    is_there = session.scalar(select(RepeatedAnswerRow.item_id).where(*own).limit(1)) is not None
    session.execute(delete(RepeatedAnswerRow).where(*own))
    return is_there
