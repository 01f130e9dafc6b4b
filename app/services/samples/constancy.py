"""How constant coders are: what each says of photos that the same coder was shown again."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.coding import RepeatedAnswerRow
from presslens.app.db.samples import SampleItemRow
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.agreement import AnswerAccuracy


@dataclass(frozen=True, slots=True)
class Constancy(Served):
    """How often a coder has answered a question about a photo as before."""

    SERVED: ClassVar[str] = """
        measure coder n=same.n right=same.right share=same.share interval=same.interval
    """

    measure: str
    coder: str
    same: AnswerAccuracy  # photos that were shown again, and those answered as before


def list_constancy(session: Session, *, sample: int | None = None) -> list[Constancy]:
    """Return how constant coders are, by measure; in a sample on request.

    Where a coder could not tell, the first or the second time, there is nothing to compare.
    """
    row = RepeatedAnswerRow
    query = select(row.measure, row.coder, row.first, row.again).where(
        row.first.is_not(None), row.again.is_not(None)
    )
    if sample is not None:
        query = query.join(SampleItemRow, SampleItemRow.id == row.item_id).where(
            SampleItemRow.sample_id == sample
        )
    counts: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for measure, coder, first, again in session.execute(query):
        counts[measure, coder][first == again] += 1
    return [
        Constancy(measure, coder, AnswerAccuracy(same.total(), same[True]))
        for (measure, coder), same in sorted(counts.items())
    ]
