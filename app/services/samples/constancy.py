"""How constant coders are: what each says of photos that the same coder was shown again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.coding import RepeatedAnswerRow
from presslens.app.db.queries import EditionScope, scans_in
from presslens.app.db.samples import SampleItemRow
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.agreement import AnswerAccuracy


@dataclass(frozen=True, slots=True)
class Constancy(Served):
    """How often a coder has answered a question about a photo as before."""

    SERVED: ClassVar[str] = """
        measure codebook coder n=same.n right=same.right share=same.share interval=same.interval
    """

    measure: str
    codebook: str  # the entry that was followed both times
    coder: str
    same: AnswerAccuracy  # photos that were shown again, and those answered as before


def list_constancy(
    session: Session, *, sample: int | None = None, scope: EditionScope | None = None
) -> list[Constancy]:
    """Return how constant coders are, by measure and codebook; in a sample or editions on request.

    Where a coder could not tell, the first or the second time, there is nothing to compare.
    """
    row = RepeatedAnswerRow
    query = (
        select(row.measure, row.codebook, row.coder, row.first, row.again)
        .join(SampleItemRow, SampleItemRow.id == row.item_id)
        .where(row.first.is_not(None), row.again.is_not(None))
    )
    if sample is not None:
        query = query.where(SampleItemRow.sample_id == sample)
    if scope is not None:
        query = query.where(SampleItemRow.scan_id.in_(scans_in(scope)))
    counts: dict[tuple[str, str, str], Counter[bool]] = defaultdict(Counter)
    for measure, codebook, coder, first, again in session.execute(query):
        counts[measure, entry_version(codebook, measure), coder][first == again] += 1
    return [
        Constancy(*key, AnswerAccuracy(same.total(), same[True]))
        for key, same in sorted(counts.items())
    ]


def together(constancy: Iterable[Constancy]) -> AnswerAccuracy | None:
    """Return how often coders have answered as before, of all that they were shown again."""
    parts = [one.same for one in constancy]
    if not parts:
        return None
    return AnswerAccuracy(sum(one.n for one in parts), sum(one.right for one in parts))
