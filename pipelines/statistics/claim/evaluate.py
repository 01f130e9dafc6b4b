"""Judges rules: true, false, or undecided, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from models.vocabulary import Verdict as Focus
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
"""Comparisons that a verdict lists."""

MOST_REASONS = 30

COUNTED = "counted, no interval"


@dataclass(frozen=True, slots=True)
class Step:
    """A comparison of a rule, as it came out.

    Attributes:
        edition: Id of the edition that it is about; None: of no single one.
        day: Day of that edition.
        comparison: As it is written in the rule.
        left: The number, or the focus, that it is about.
        operator: How it is compared.
        right: What it is compared with.
        truth: Whether it holds.
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
        said = {
            TruthValue.TRUE: "holds",
            TruthValue.FALSE: "does not hold",
            TruthValue.UNDECIDED: "is undecided",
        }[self.truth]
        return f"{when}{self.comparison} {said}: {left}{against}{because}"

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
    """Whether a rule holds for one edition."""

    edition: int
    day: date
    truth: TruthValue


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """Whether a rule holds, and why.

    Attributes:
        truth: Whether it does.
        rule: As it is written.
        version: Names the rule and the language's version: equal rules have equal ones.
        editions: The verdict on each edition; empty for a rule over all editions together.
        steps: Each comparison, the first ``MOST_STEPS``.
        steps_left_out: How many more there were.
        reasons: In words: what is missing, then how the comparisons came out.
        metrics: What the rule reads.
        n: Editions that it was judged by.
        baseline: Editions before them that it knows.
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


def judge(rule: Node, case: ClaimContext) -> RuleVerdict:
    """Return whether a rule holds.

    A rule that speaks of single editions is judged for each edition of the days, and holds if it
    does for all. A day without its edition leaves open what is not decided without it.
    """
    bench = _Bench(case)
    if is_of_editions(rule):
        judged = tuple(EditionVerdict(e.id, e.date, bench.truth(rule, e)) for e in case.editions)
        open_days = [TruthValue.UNDECIDED] if bench.missing or not judged else []
        truth = all_of([*(one.truth for one in judged), *open_days])
    else:
        judged, truth = (), bench.truth(rule, None)
    sentences = [step.sentence() for step in bench.telling(truth)]
    return RuleVerdict(
        truth=truth,
        rule=written(rule),
        version=version(rule),
        editions=judged,
        steps=tuple(bench.steps[:MOST_STEPS]),
        steps_left_out=max(0, len(bench.steps) - MOST_STEPS),
        reasons=(*bench.gaps, *dict.fromkeys(sentences))[:MOST_REASONS],
        metrics=frozenset(metrics_of(rule)),
        n=len(case.editions),
        baseline=len(case.baseline),
    )


def is_of_editions(rule: Node) -> bool:
    """Tell whether a rule says something of single editions, outside of functions over them."""
    if isinstance(rule, OverEditions):
        return False
    if isinstance(rule, Measured | FocusIs) or (
        isinstance(rule, Usual) and rule.function == "rank"
    ):
        return True
    return any(map(is_of_editions, parts_of(rule)))


def baseline_needed(rule: Node) -> int:
    """Return how many editions before should be loaded for a rule; 0: it looks at none."""
    functions = [part.function for part in walk(rule) if isinstance(part, Usual)]
    return max([BASELINE, *map(editions_needed, functions)]) if functions else 0


class _Bench:
    """Judges the parts of a rule, and keeps how each comparison came out."""

    def __init__(self, case: ClaimContext) -> None:
        self.case = case
        self.steps: list[Step] = []
        self.missing = case.missing()
        self.gaps = case.gaps(self.missing)
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
        self.keep(node, own, left, node.operator, right, truth)
        return truth

    def focus(self, node: FocusIs, edition: EditionMetrics | None) -> TruthValue:
        focus = edition.front_lead_focus if edition else None
        why = self.case.unmeasured.get(LEAD_FOCUS)
        if why is not None:
            self.keep(
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
        self.keep(node, edition, focus, node.operator, node.verdict, truth)
        return truth

    def keep(
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
        truths = [self.truth(node.inner, edition) for edition in self.case.editions]
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
                return read_metric(node.metric, edition, self.case)
            case Usual(function="rank"):
                return read_usual(node, self.case, edition)
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
        """Return a number that is the same whichever edition is looked at."""
        if isinstance(node, Usual):
            return read_usual(node, self.case)
        if isinstance(node, UsualPages):
            usual = self.case.usual_pages
            if usual is None:
                reason = f"the usual number of pages of {self.case.publication} is not known"
                return Quantity.unknown(reason)
            return Quantity.exact(float(usual), method="as it is entered for the newspaper")
        if node.function == "count":
            return self.count(node)
        found = [self.number(node.inner, edition) for edition in self.case.editions]
        return over_editions(
            node.function,
            found,
            missing=len(self.missing),
            case=self.case,
            positive=_is_positive(node.inner),
        )

    def count(self, node: OverEditions) -> Quantity:
        truths = [self.truth(node.inner, edition) for edition in self.case.editions]
        if not truths:
            return Quantity.unknown()
        sure = truths.count(TruthValue.TRUE)
        may_be = truths.count(TruthValue.UNDECIDED) + len(self.missing)
        return Quantity(sure, sure, sure + may_be, n=len(truths), method=COUNTED)

    def telling(self, truth: TruthValue) -> list[Step]:
        """Return the comparisons that explain a verdict: of a false one those that fail, first."""
        order = [truth, TruthValue.UNDECIDED, TruthValue.FALSE, TruthValue.TRUE]
        return sorted(self.steps, key=lambda step: order.index(step.truth))


def _is_positive(node: Node) -> bool:
    """Tell whether a number can't be less than 0: all metrics and numbers are 0 or more."""
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
