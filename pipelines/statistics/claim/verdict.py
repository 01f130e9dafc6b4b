"""The verdict on a rule: its truth value, the comparisons that led to it, and its level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from presslens.models.message import Message, join_messages
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.claim.quantity import Quantity, TruthValue
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import Metric

WORDS = {
    Inference.THESE: Message("these editions"),
    Inference.PRACTICE: Message("the newspaper's practice"),
}
"""What a verdict is about, in a sentence."""


@dataclass(frozen=True, slots=True)
class Step(Served):
    """A comparison of a rule, with its outcome."""

    SERVED: ClassVar[str] = """
        edition date=day comparison left=left_side operator right=right_side
        verdict=truth risk=rounded_risk tested=tested_intervals reasons
    """

    edition: int | None  # id of the edition that it is about; None: of no single edition
    day: date | None  # day of that edition
    comparison: str  # its text in the rule
    # The number, or the focus, on the left, with its bounds at the level of the verdict.
    left: Quantity | Focus | None
    operator: str
    right: Quantity | Focus  # the number, or the focus, on the right
    truth: TruthValue
    # Probability that the comparison comes out wrong, 0–1: the level, divided by the number of
    # tests that the verdict is corrected for.
    risk: float | None = None
    # Both numbers with the bounds at that risk; None: they are as they are shown.
    tested: tuple[Quantity, Quantity] | None = None

    def sentence(self) -> Message:
        """Return the step in words."""
        reasons = list(dict.fromkeys(reasons_of(self.left) + reasons_of(self.right)))
        left = Message("not known") if self.left is None else str(self.left)
        values = {"comparison": self.comparison, "left": left}
        sentence = {
            TruthValue.TRUE: Message("%(comparison)s holds: %(left)s", **values),
            TruthValue.FALSE: Message("%(comparison)s does not hold: %(left)s", **values),
            TruthValue.UNDECIDED: Message("%(comparison)s is undecided: %(left)s", **values),
        }[self.truth]
        if self.day:
            sentence = Message("on %(day)s: %(sentence)s", day=str(self.day), sentence=sentence)
        if not is_constant(self.right):
            sentence = Message(
                "%(sentence)s, against %(right)s", sentence=sentence, right=str(self.right)
            )
        sentence = self._corrected(sentence)
        if reasons:
            why = join_messages(reasons)
            sentence = Message("%(sentence)s (%(reasons)s)", sentence=sentence, reasons=why)
        return sentence

    def _corrected(self, sentence: Message) -> Message:
        """Return a sentence with the bounds that were tested, where these are stricter."""
        if self.tested is None or self.risk is None:
            return sentence
        ends = [
            one.ends()
            for one, shown in zip(self.tested, (self.left, self.right), strict=True)
            if not one.is_exact and one.value is not None and one != shown
        ]
        if not ends:
            return sentence
        tested: Message = ends[0]
        if self.tested[1].is_exact and isinstance(self.right, Quantity) and not self.right.is_exact:
            tested = Message("a difference of %(ends)s", ends=tested)
        if len(ends) > 1:
            tested = Message("%(left)s against %(right)s", left=ends[0], right=ends[1])
        return Message(
            "%(sentence)s; %(tested)s as tested, at %(risk)s",
            sentence=sentence,
            tested=tested,
            risk=percent(self.risk),
        )

    @property
    def left_side(self) -> Any:
        """The number on the left."""
        return _side(self.left)

    @property
    def right_side(self) -> Any:
        """The number on the right."""
        return _side(self.right)

    @property
    def rounded_risk(self) -> float | None:
        """The probability that the verdict is wrong."""
        return None if self.risk is None else float(f"{self.risk:.4g}")

    @property
    def tested_intervals(self) -> list[Any] | None:
        """The intervals at the level of the test."""
        return [_side(one)["interval"] for one in self.tested] if self.tested else None

    @property
    def reasons(self) -> list[str]:
        """Why it is not known."""
        return list(dict.fromkeys(reasons_of(self.left) + reasons_of(self.right)))


@dataclass(frozen=True, slots=True)
class EditionVerdict(Served):
    """The truth value of a rule for one edition."""

    SERVED: ClassVar[str] = """
        edition date=day verdict=truth simultaneous_verdict=simultaneous
    """

    edition: int  # id of the edition
    day: date
    # The part that it has in the verdict on all editions: *false* is corrected for the number of
    # editions, *true* needs no correction there.
    truth: TruthValue
    # The verdict that may be read beside those on the other editions: of all of these together one
    # is wrong with the probability of the level at most (Holm).
    simultaneous: TruthValue


@dataclass(frozen=True, slots=True)
class RuleVerdict(Served):
    """The truth value of a rule, with the reasons."""

    SERVED: ClassVar[str] = """
        verdict=truth rule rule_version=version level simultaneous tests correction
        estimand=estimand_words reasons n baseline_editions=baseline editions
        comparisons=steps comparisons_left_out=steps_left_out metrics=metric_names
    """

    truth: TruthValue
    rule: str  # the rule's canonical text
    version: str  # identifies the rule and the language's version: equal rules have equal ones
    # The verdict on each edition; empty for a rule over all editions together.
    editions: tuple[EditionVerdict, ...]
    steps: tuple[Step, ...]  # the comparisons, ``MOST_STEPS`` at most
    steps_left_out: int  # number of further comparisons
    reasons: tuple[str, ...]  # in words: missing days, then the outcomes of the comparisons
    metrics: frozenset[Metric]  # the metrics that the rule reads
    n: int  # number of editions
    baseline: int  # number of earlier editions
    level: float  # largest probability that the verdict is wrong, 0–1
    tests: int  # largest number of tests that one of its comparisons is corrected for; 1: none is
    simultaneous: bool  # several tests, of editions or of a function over them, hold together
    correction: str  # how it is corrected, in words
    estimand: Inference  # the editions that it is about

    def with_reason(self, reason: str) -> RuleVerdict:
        """Return the verdict with a further reason, which comes first."""
        return replace(self, reasons=(reason, *self.reasons))

    def test_sentence(self) -> str:
        """Return the level, the correction and the estimand in words."""
        return (
            f"about {WORDS[self.estimand]}; wrong in at most {percent(self.level)}:"
            f" {self.correction}"
        )

    @property
    def estimand_words(self) -> str:
        """What the verdict is about, in words: these editions, or practice."""
        return WORDS[self.estimand]

    @property
    def metric_names(self) -> list[str]:
        """The metrics of the rule."""
        return sorted(str(metric) for metric in self.metrics)


def percent(part: float) -> str:
    """Return a probability in percent, with three digits that count."""
    return f"{100 * part:.3g} %"


def is_constant(side: Quantity | Focus) -> bool:
    """Return whether a side of a comparison is a number that the rule gives."""
    return not isinstance(side, Quantity) or (side.is_exact and not side.method)


def reasons_of(side: Quantity | Focus | None) -> tuple[str, ...]:
    """Return the reasons why a side of a comparison is doubtful."""
    if isinstance(side, Quantity):
        return side.reasons
    if side is None:
        return (Message("the front page has no photo, or was not looked at"),)
    return (Message("the machine is unsure"),) if side is Focus.UNSURE else ()


def _side(side: Quantity | Focus | None) -> Any:
    if isinstance(side, Quantity):
        return side.to_json()
    return {"value": side.value if side else None}
