"""Recomputes in a loaded snapshot whatever follows from other rows, without pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select, update

from presslens.app.db.placement import placements
from presslens.app.db.reviews import ReviewRow, SettledAnswerRow
from presslens.app.db.samples import SampleItemRow
from presslens.app.db.statistics import EditionSummaryRow, mark_outdated
from presslens.app.db.tables import InterpretationRow, OutcomeRow, PhotoRow, SightingRow
from presslens.app.deposit.differences import ChangedCell
from presslens.app.installation import Installation
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.models.geometry import Box
from presslens.models.vocabulary import Answer, Focus, SightingEvidence

OnPiece = Callable[[int, int], None]
"""Called with the number of pieces that are done, and of all."""

ROUNDING = 1e-6
"""Scores that are nearer to a threshold decide nothing: they were rounded when stored."""


def recompute(home: Installation, progress: OnPiece) -> None:
    """Recompute placements, consensus, drawn photos and summaries of a loaded snapshot."""
    _recompute_placements(home)
    with home.database.write() as session:
        reviewed = session.scalars(select(ReviewRow.scan_id).distinct()).all()
        drawn = session.scalars(select(SampleItemRow.scan_id).distinct()).all()
        settled = session.scalars(
            select(OutcomeRow.scan_id)
            .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            .join(SettledAnswerRow, SettledAnswerRow.photo_id == PhotoRow.id)
            .distinct()
        ).all()
        update_scans_consensus(session, sorted({*reviewed, *drawn, *settled} - {None}))
        mark_outdated(session, select(EditionSummaryRow.edition_id))
        editions = list(session.scalars(select(EditionSummaryRow.edition_id).distinct()))
    for number, edition in enumerate(sorted(editions)):
        progress(number, len(editions))
        summarise_edition(home, edition)
    progress(len(editions), len(editions))


def _recompute_placements(home: Installation) -> None:
    photos = (
        select(
            PhotoRow.outcome_id, PhotoRow.id, PhotoRow.x0, PhotoRow.y0, PhotoRow.x1, PhotoRow.y1,
            OutcomeRow.width, OutcomeRow.height,
        )
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .order_by(PhotoRow.outcome_id, PhotoRow.position)
    )  # fmt: skip
    pages: dict[int | None, list[tuple[int, Box, tuple[int, int]]]] = {}
    with home.database.write() as session:
        for page, photo, x0, y0, x1, y1, width, height in session.execute(photos):
            size = (width or 0, height or 0)
            pages.setdefault(page, []).append((photo, Box(x0, y0, x1, y1), size))
        for of_page in pages.values():
            places = placements([box for _, box, _ in of_page], of_page[0][2])
            for (photo, _, _), place in zip(of_page, places, strict=True):
                session.execute(update(PhotoRow).where(PhotoRow.id == photo).values(**place))


def changed_decisions(home: Installation) -> Iterator[ChangedCell]:
    """Yield the stored decisions of a loaded snapshot that don't follow from its scores.

    The thresholds are those of the recipe of ``home``; scores are taken as they are stored.
    """
    rules, recipe_id = home.recipe.interpret, home.recipe.id
    with home.database.read() as session:
        verdicts = session.execute(
            select(
                InterpretationRow.photo_id, InterpretationRow.verdict, InterpretationRow.leader,
                InterpretationRow.facility,
            )
            .where(InterpretationRow.recipe_id == recipe_id)
            .order_by(InterpretationRow.photo_id)
        ).all()  # fmt: skip
        sightings = session.execute(
            select(
                SightingRow.photo_id, SightingRow.figure_id, SightingRow.probability,
                SightingRow.answer, SightingRow.told_by,
            )
            .where(SightingRow.recipe_id == recipe_id)
            .order_by(SightingRow.photo_id, SightingRow.figure_id)
        ).all()  # fmt: skip
    for photo, verdict, leader, facility in verdicts:
        decided = decided_focus(leader, facility, rules.focus_margin)
        if decided is not None and decided is not verdict:
            yield ChangedCell(
                "snapshot/photos.csv", f"photo {photo}", "focus", verdict.value, decided.value
            )
    for photo, figure, probability, answer, told_by in sightings:
        if told_by is SightingEvidence.CONTEXT or abs(probability - rules.sure) < ROUNDING:
            continue
        sure = Answer.YES if probability >= rules.sure else Answer.UNSURE
        if sure is not answer:
            yield ChangedCell(
                "snapshot/sightings.csv", f"photo {photo}", f"sighting of figure {figure}",
                answer.value, sure.value,
            )  # fmt: skip


def decided_focus(leader: float, facility: float, margin: float) -> Focus | None:
    """Return the focus that scores decide on; None where rounding could tip it."""
    scores = {
        Focus.LEADER: leader, Focus.FACILITY: facility, Focus.NEITHER: 1.0 - leader - facility
    }  # fmt: skip
    best, second, _ = sorted(scores, key=lambda focus: -scores[focus])
    lead = scores[best] - scores[second]
    if abs(lead - margin) < ROUNDING or lead < ROUNDING:
        return None
    return best if lead >= margin else Focus.UNSURE
