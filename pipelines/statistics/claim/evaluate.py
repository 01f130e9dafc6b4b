"""Evaluates rules: true, false or undecided, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from models.vocabulary import Focus
from pipelines.statistics.claim.context import ClaimContext
from pipelines.statistics.claim.lookup import (
    BASELINE,
    editions_needed,
    over_editions,
    read_metric,
    read_usual,
)
from pipelines.statistics.claim.quantity import (
    Quantity,
    TruthValue,
    all_of,
    any_of,
    combine,
    compare,
    contrary,
    negated,
)
from pipelines.statistics.claim.tree import (
    LEAD_FOCUS,
    QUANTIFIERS,
    Arithmetic,
    Comparison,
    FocusIs,
    Junction,
    Measured,
    Negative,
    Node,
    Not,
    Number,
    OverEditions,
    Usual,
    UsualPages,
    metrics_of,
    parts_of,
    version,
    walk,
    written,
)
from pipelines.statistics.metrics import EditionMetrics, Metric

MOST_STEPS = 200
"""Largest number of comparisons that a verdict lists."""

MOST_REASONS = 30

COUNTED = "counted, no interval"


@dataclass(frozen=True, slots=True)
class Step:
    """A comparison of a rule, with its outcome.

    Attributes:
        edition: Id of the edition that it is about; None: of no single edition.
        day: Day of that edition.
        comparison: Its text in the rule.
        left: The number, or the focus, on the left.
        operator: The operator.
        right: The number, or the focus, on the right.
        truth: The truth value.
    """

    edition: int | None
    day: date | None
    comparison: str
    left: Quantity | Focus | None
    operator: str
    right: Quantity | Focus
    truth: TruthValue

    def sentence(self) -> str:
        """Return the step in words."""
        when = f"on {self.day}: " if self.day else ""
        left = "not known" if self.left is None else str(self.left)
        against = "" if _is_constant(self.right) else f", against {self.right}"
        reasons = _reasons(self.left) + _reasons(self.right)
        because = f" ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""
        outcomes = {
            TruthValue.TRUE: "holds",
            TruthValue.FALSE: "does not hold",
            TruthValue.UNDECIDED: "is undecided",
        }[self.truth]
        return f"{when}{self.comparison} {outcomes}: {left}{against}{because}"

    def to_json(self) -> dict[str, Any]:
        """Return the step as it is served."""
        return {
            "edition": self.edition,
            "date": self.day.isoformat() if self.day else None,
            "comparison": self.comparison,
            "left": _side(self.left),
            "operator": self.operator,
            "right": _side(self.right),
            "verdict": self.truth.value,
            "reasons": list(dict.fromkeys(_reasons(self.left) + _reasons(self.right))),
        }


@dataclass(frozen=True, slots=True)
class EditionVerdict:
    """The truth value of a rule for one edition."""

    edition: int
    day: date
    truth: TruthValue


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """The truth value of a rule, with the reasons.

    Attributes:
        truth: The truth value.
        rule: The rule's canonical text.
        version: Identifies the rule and the language's version: equal rules have equal ones.
        editions: The verdict on each edition; empty for a rule over all editions together.
        steps: The comparisons, ``MOST_STEPS`` at most.
        steps_left_out: Number of further comparisons.
        reasons: In words: missing days, then the outcomes of the comparisons.
        metrics: The metrics that the rule reads.
        n: Number of editions.
        baseline: Number of earlier editions.
    """

    truth: TruthValue
    rule: str
    version: str
    editions: tuple[EditionVerdict, ...]
    steps: tuple[Step, ...]
    steps_left_out: int
    reasons: tuple[str, ...]
    metrics: frozenset[Metric]
    n: int
    baseline: int

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as it is served."""
        return {
            "verdict": self.truth.value,
            "rule": self.rule,
            "rule_version": self.version,
            "reasons": list(self.reasons),
            "n": self.n,
            "baseline_editions": self.baseline,
            "editions": [
                {"edition": one.edition, "date": one.day.isoformat(), "verdict": one.truth.value}
                for one in self.editions
            ],
            "comparisons": [step.to_json() for step in self.steps],
            "comparisons_left_out": self.steps_left_out,
            "metrics": sorted(str(metric) for metric in self.metrics),
        }


def judge(rule: Node, context: ClaimContext) -> RuleVerdict:
    """Evaluate a rule.

    A rule that reads single editions is evaluated for each edition of the days, and holds if it
    holds for all. A day without its edition leaves open what is not decided without it.
    """
    evaluation = _Evaluation(context)
    if is_of_editions(rule):
        judged = tuple(
            EditionVerdict(e.id, e.date, evaluation.truth(rule, e)) for e in context.editions
        )
        open_days = [TruthValue.UNDECIDED] if evaluation.missing or not judged else []
        truth = all_of([*(one.truth for one in judged), *open_days])
    else:
        judged, truth = (), evaluation.truth(rule, None)
    sentences = [step.sentence() for step in evaluation.explaining(truth)]
    return RuleVerdict(
        truth=truth,
        rule=written(rule),
        version=version(rule),
        editions=judged,
        steps=tuple(evaluation.steps[:MOST_STEPS]),
        steps_left_out=max(0, len(evaluation.steps) - MOST_STEPS),
        reasons=(*evaluation.gaps, *dict.fromkeys(sentences))[:MOST_REASONS],
        metrics=frozenset(metrics_of(rule)),
        n=len(context.editions),
        baseline=len(context.baseline),
    )


def is_of_editions(rule: Node) -> bool:
    """Return whether a rule reads single editions, outside of functions over them."""
    if isinstance(rule, OverEditions):
        return False
    if isinstance(rule, Measured | FocusIs) or (
        isinstance(rule, Usual) and rule.function == "rank"
    ):
        return True
    return any(map(is_of_editions, parts_of(rule)))


def baseline_needed(rule: Node) -> int:
    """Return the number of earlier editions to load for a rule; 0: the rule reads none."""
    functions = [part.function for part in walk(rule) if isinstance(part, Usual)]
    return max([BASELINE, *map(editions_needed, functions)]) if functions else 0


class _Evaluation:
    """Evaluates the parts of a rule, and records the outcome of each comparison."""

    def __init__(self, context: ClaimContext) -> None:
        self.context = context
        self.steps: list[Step] = []
        self.missing = context.missing()
        self.gaps = context.gaps(self.missing)
        self.shared: dict[Node, Quantity] = {}
        self.quantified: dict[Node, TruthValue] = {}

    def truth(self, node: Node, edition: EditionMetrics | None) -> TruthValue:
        match node:
            case Comparison():
                return self.comparison(node, edition)
            case FocusIs():
                return self.focus(node, edition)
            case Not():
                return contrary(self.truth(node.inner, edition))
            case Junction():
                truths = [self.truth(part, edition) for part in node.parts]
                return all_of(truths) if node.word == "and" else any_of(truths)
            case OverEditions(function=function) if function in QUANTIFIERS:
                if node not in self.quantified:
                    self.quantified[node] = self.quantifier(node)
                return self.quantified[node]
            case _:
                raise TypeError(f"{node} is not a rule")

    def comparison(self, node: Comparison, edition: EditionMetrics | None) -> TruthValue:
        left, right = self.number(node.left, edition), self.number(node.right, edition)
        truth = compare(node.operator, left, right)
        own = edition if is_of_editions(node) else None
        if left.share and _is_constant(right):
            right = replace(right, share=True)
        self.record(node, own, left, node.operator, right, truth)
        return truth

    def focus(self, node: FocusIs, edition: EditionMetrics | None) -> TruthValue:
        focus = edition.front_lead_focus if edition else None
        why = self.context.unmeasured.get(LEAD_FOCUS)
        if why is not None:
            self.record(
                node,
                edition,
                Quantity.unknown(why),
                node.operator,
                node.verdict,
                TruthValue.UNDECIDED,
            )
            return TruthValue.UNDECIDED
        if focus is None or (focus is Focus.UNSURE and node.verdict is not Focus.UNSURE):
            truth = TruthValue.UNDECIDED
        else:
            truth = TruthValue.of((focus is node.verdict) is (node.operator == "="))
        self.record(node, edition, focus, node.operator, node.verdict, truth)
        return truth

    def record(
        self,
        node: Node,
        edition: EditionMetrics | None,
        left: Quantity | Focus | None,
        operator: str,
        right: Quantity | Focus,
        truth: TruthValue,
    ) -> None:
        step = Step(
            edition.id if edition else None,
            edition.date if edition else None,
            written(node),
            left,
            operator,
            right,
            truth,
        )
        if edition is not None or step not in self.steps:
            self.steps.append(step)

    def quantifier(self, node: OverEditions) -> TruthValue:
        truths = [self.truth(node.inner, edition) for edition in self.context.editions]
        if self.missing or not truths:
            truths.append(TruthValue.UNDECIDED)
        return all_of(truths) if node.function == "all" else any_of(truths)

    def number(self, node: Node, edition: EditionMetrics | None) -> Quantity:
        match node:
            case Number():
                return Quantity.exact(node.value)
            case Measured():
                if edition is None:
                    return Quantity.unknown()
                return read_metric(node.metric, edition, self.context)
            case Usual(function="rank"):
                return read_usual(node, self.context, edition)
            case Negative():
                return negated(self.number(node.inner, edition))
            case Arithmetic():
                left, right = self.number(node.left, edition), self.number(node.right, edition)
                return combine(node.operator, left, right)
            case Usual() | UsualPages() | OverEditions():
                if node not in self.shared:
                    self.shared[node] = self.of_all(node)
                return self.shared[node]
            case _:
                raise TypeError(f"{node} is not a number")

    def of_all(self, node: Usual | UsualPages | OverEditions) -> Quantity:
        """Return a number that is the same for every edition."""
        if isinstance(node, Usual):
            return read_usual(node, self.context)
        if isinstance(node, UsualPages):
            usual = self.context.usual_pages
            if usual is None:
                reason = f"the usual number of pages of {self.context.publication} is not known"
                return Quantity.unknown(reason)
            return Quantity.exact(float(usual), method="as it is entered for the newspaper")
        if node.function == "count":
            return self.count(node)
        found = [self.number(node.inner, edition) for edition in self.context.editions]
        return over_editions(
            node.function,
            found,
            missing=len(self.missing),
            context=self.context,
            positive=_is_positive(node.inner),
        )

    def count(self, node: OverEditions) -> Quantity:
        truths = [self.truth(node.inner, edition) for edition in self.context.editions]
        if not truths:
            return Quantity.unknown()
        sure = truths.count(TruthValue.TRUE)
        may_be = truths.count(TruthValue.UNDECIDED) + len(self.missing)
        return Quantity(sure, sure, sure + may_be, n=len(truths), method=COUNTED)

    def explaining(self, truth: TruthValue) -> list[Step]:
        """Return the comparisons in the order in which they explain a verdict."""
        order = [truth, TruthValue.UNDECIDED, TruthValue.FALSE, TruthValue.TRUE]
        return sorted(self.steps, key=lambda step: order.index(step.truth))


def _is_positive(node: Node) -> bool:
    """Return whether a number can't be negative: all metrics and numbers are 0 or more."""
    parts = list(walk(node))
    return not any(
        isinstance(part, Negative) or (isinstance(part, Arithmetic) and part.operator == "-")
        for part in parts
    )


def _is_constant(side: Quantity | Focus) -> bool:
    return not isinstance(side, Quantity) or (side.is_exact and not side.method)


def _reasons(side: Quantity | Focus | None) -> tuple[str, ...]:
    if isinstance(side, Quantity):
        return side.reasons
    if side is None:
        return ("the front page has no photo, or was not looked at",)
    return ("the machine is unsure",) if side is Focus.UNSURE else ()


def _side(side: Quantity | Focus | None) -> Any:
    if isinstance(side, Quantity):
        return side.to_json()
    return {"value": side.value if side else None}
