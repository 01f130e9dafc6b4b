"""The scheduled looks at a question, and the verdict on it, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimLookRow
from presslens.models.message import Message
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import asks_leads_alone


@dataclass(frozen=True, slots=True)
class ScheduledLook(Served):
    """A look at a question that may decide it."""

    SERVED: ClassVar[str] = """
        looked_at recipe=recipe_id editions verdict stage number answered risk value low high
        against against_low against_high
    """

    looked_at: Moment
    recipe_id: str  # the recipe of the numbers
    editions: int  # editions that the verdict rested on
    verdict: TruthValue
    stage: int  # 0 before any draw
    number: int  # which look of its stage, from 1
    answered: int  # photos of all plans that were answered by then
    risk: float  # largest probability that its verdict is wrong
    value: float | None  # what was measured; None: nothing with an interval
    low: float | None  # lower end of its interval, as pages show it
    high: float | None  # upper end
    against: float | None  # what it was compared with
    against_low: float | None  # lower end of its interval; None: it has none
    against_high: float | None  # upper end

    @property
    def seen(self) -> tuple[object, ...]:
        """What was seen, whenever and at whatever risk."""
        return self.recipe_id, self.editions, self.value, self.low, self.high, self.against


def scheduled_looks(session: Session, claim_id: int) -> tuple[ScheduledLook, ...]:
    """Return the scheduled looks at a question, in order; none at a claim that was no question."""
    looks = select(ClaimLookRow).filter_by(claim_id=claim_id).order_by(ClaimLookRow.id)
    rows = session.scalars(looks.where(ClaimLookRow.stage.is_not(None)))
    return tuple(ScheduledLook.from_attributes(row) for row in rows)


def deciding_look(looks: Sequence[ScheduledLook]) -> ScheduledLook | None:
    """Return the first look that was not undecided; None: there is none."""
    return next((one for one in looks if one.verdict is not TruthValue.UNDECIDED), None)


def why_it_stands(truth: TruthValue, known: TruthValue) -> Message | None:
    """Return that a decision stands, where what is known now would not make it; else None.

    Args:
        truth: The verdict on a question.
        known: What its rule is by what is known now.
    """
    if truth in (TruthValue.UNDECIDED, known):
        return None
    return Message(
        "answers or editions have changed since the look that decided it, and by what is known now"
        " it would be %(verdict)s; the decision stands as it was made",
        verdict=Message(known.value),
    )


def question_verdict(
    rule: str, looks: Sequence[ScheduledLook], known: Callable[[], TruthValue]
) -> TruthValue:
    """Return the verdict on a question, which is that of its claim.

    The look that decides it stands, whatever is known later. Of the lead photo nothing is drawn, so
    no looks are scheduled: what is known of it decides.

    Args:
        looks: Its scheduled looks, in order.
        known: What its rule is by what is known now; undecided where nobody has checked that.
    """
    if asks_leads_alone(parse(rule)):
        return known()
    decision = deciding_look(looks)
    return decision.verdict if decision else TruthValue.UNDECIDED
