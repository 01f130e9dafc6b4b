"""Evaluates rules as tests: true, false or undecided, wrong with a stated probability at most.

A rule is asked two questions: is it shown to be true, and is it shown to be false? Each answer may
be wrong with the probability of the level. A conjunction that is shown to be true, of rules or of
editions, needs no correction: if it is false then one of its parts is, and already that part is
wrongly shown with this probability at most (intersection-union test, Berger 1982, doi
10.1080/00401706.1982.10487790). A disjunction is shown as soon as one of its parts is, so each of m
parts may err with the m-th part of the probability (union-intersection test with Bonferroni's
inequality, which holds however the errors of editions depend on each other). To be shown to be
false is the same with both exchanged. The number of editions that a rule is true for is bounded by
Holm's procedure (1979, "A simple sequentially rejective multiple test procedure").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from presslens.models.message import Message, join_messages
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.identities import certain, reduced
from presslens.pipelines.statistics.claim.lookup import (
    editions_needed,
    is_ordered,
    over_editions,
    read_metric,
    read_page,
    read_usual,
)
from presslens.pipelines.statistics.claim.period import estimated_together, over_period, usual_mean
from presslens.pipelines.statistics.claim.practice import mean_of_practice
from presslens.pipelines.statistics.claim.quantity import (
    Quantity,
    TruthValue,
    combine,
    compare,
    negated,
)
from presslens.pipelines.statistics.claim.steps import Steps
from presslens.pipelines.statistics.claim.tree import (
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
    OnPage,
    OverEditions,
    Usual,
    UsualPages,
    asks_what_a_flag_asks,
    is_of_editions,
    metrics_of,
    pages_of,
    version,
    walk,
    written,
)
from presslens.pipelines.statistics.claim.verdict import EditionVerdict, RuleVerdict, is_constant
from presslens.pipelines.statistics.flags import TWO_QUESTIONS
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import EditionMetrics
from presslens.pipelines.statistics.reference_editions import FEWEST_REFERENCES, MOST_REFERENCES

MOST_STEPS = 200
"""Largest number of comparisons that a verdict lists."""

MOST_REASONS = 30

COUNTED = Message("counted, each edition tested (Holm)")

Edition = EditionMetrics | None


def judge(rule: Node, context: ClaimContext) -> RuleVerdict:
    """Evaluate a rule at the level of its context.

    A rule that reads single editions is evaluated for each edition of the days, and holds if it
    holds for all. A day without its edition leaves open what is not decided without it.
    """
    evaluation = Evaluation(rule, context)
    truth = evaluation.verdict(context.level)
    steps = evaluation.steps.explaining(truth)
    sentences = [step.sentence() for step in steps]
    recorded = evaluation.steps.all()
    if truth is TruthValue.UNDECIDED and asks_what_a_flag_asks(rule):
        sentences.insert(0, TWO_QUESTIONS)
    on_pages = {metric for metrics in pages_of(rule).values() for metric in metrics}
    return RuleVerdict(
        truth=truth,
        rule=written(rule),
        version=version(rule),
        editions=evaluation.edition_verdicts(context.level),
        steps=tuple(recorded[:MOST_STEPS]),
        steps_left_out=max(0, len(recorded) - MOST_STEPS),
        reasons=(*evaluation.gaps, *dict.fromkeys(sentences))[:MOST_REASONS],
        metrics=frozenset(metrics_of(rule) | on_pages),
        n=len(context.editions),
        baseline=len(context.baseline),
        level=context.level,
        tests=max(evaluation.tests.values()),
        simultaneous=max(evaluation.tests.values()) > 1 or evaluation.ordered,
        correction=evaluation.correction(),
        estimand=context.estimand,
    )


def baseline_needed(rule: Node) -> int:
    """Return the number of earlier editions to load for a rule; 0: the rule reads none."""
    functions = [part.function for part in walk(rule) if isinstance(part, Usual)]
    return max([MOST_REFERENCES, *map(editions_needed, functions)]) if functions else 0


class Evaluation:
    """Tests the parts of a rule on a context, and records the outcome of each comparison.

    Attributes:
        steps: The comparisons that were tested.
        missing: Days without a usable edition.
        gaps: The same in words.
        tests: Largest number of tests that a verdict is corrected for, by the verdict.
    """

    def __init__(self, rule: Node, context: ClaimContext) -> None:
        self.rule = rule
        self.context = context
        self.steps = Steps()
        self.missing = context.missing()
        self.gaps = context.gaps(self.missing)
        self.tests = {True: 1, False: 1}
        self._shared: dict[tuple[Node, float], Quantity] = {}
        # Nodes by their identity: the rule keeps them, and hashing a whole tree takes longer.
        self._certain: dict[tuple[int, int | None, bool], bool] = {}
        self._usual: dict[tuple[int, int | None], Quantity] = {}
        self._reduced: dict[int, Comparison] = {}
        self._direction = True
        self._shared_risk: float | None = None
        self._beside = self._uncertain_beside()

    def verdict(self, level: float) -> TruthValue:
        """Return the truth value of the rule, wrong with probability ``level`` at most."""
        if self.shows(True, level):
            return TruthValue.TRUE
        return TruthValue.FALSE if self.shows(False, level) else TruthValue.UNDECIDED

    def shows(self, outcome: bool, level: float) -> bool:
        """Return whether the rule is shown to be true, or false.

        Args:
            outcome: True asks whether it is true, False whether it is false.
            level: Probability that the answer is a wrong yes, at most; 0 asks what is certain.
        """
        self._direction = outcome
        risk = self._start(level)
        if not is_of_editions(self.rule):
            return self.decides(self.rule, None, outcome, risk)
        shown = self._joined(self._parts(self.rule), True, outcome, risk)
        return shown and not (outcome and self.missing)

    def edition_verdicts(self, level: float) -> tuple[EditionVerdict, ...]:
        """Return the verdict on each edition; none for a rule over all editions together."""
        if not is_of_editions(self.rule):
            return ()
        risk, parts = self._start(level), self._parts(self.rule)
        alone = self._corrected(parts, False, risk)
        holm = {outcome: self._step_down(parts, outcome, risk) for outcome in (True, False)}
        return tuple(
            EditionVerdict(
                edition.id,
                edition.date,
                _truth(self.decides(self.rule, edition, True, risk), alone[i]),
                _truth(holm[True][i], holm[False][i]),
            )
            for i, edition in enumerate(self.context.editions)
        )

    @property
    def ordered(self) -> bool:
        """Whether the rule reads a function over editions that depends on their order."""
        parts = walk(self.rule)
        return any(isinstance(p, Usual | OverEditions) and is_ordered(p.function) for p in parts)

    def correction(self) -> str:
        """Return how the verdict is corrected, in words."""
        true, false = self.tests[True], self.tests[False]
        words = Message(
            "if true, %(true)s; if false, %(false)s",
            true=_corrected_for(true),
            false=_corrected_for(false),
        )
        if true == false == 1:
            words = Message("one test, not corrected for other claims")
        elif true == false:
            words = _corrected_for(true)
        if not self.ordered:
            return words
        return join_messages(
            [
                words,
                Message(
                    "a rank, percentile, minimum or maximum is bounded for all the editions at once"
                    " that could move it"
                ),
            ]
        )

    def decides(self, node: Node, edition: Edition, outcome: bool, risk: float) -> bool:
        """Return whether a rule is shown to be true, or false.

        Args:
            node: The rule.
            edition: The edition that it is evaluated for; None: for all together.
            outcome: True asks whether it is true, False whether it is false.
            risk: Probability that the answer is a wrong yes, at most; 0 asks what is certain.
        """
        if risk > 0.0:
            return self._decides(node, edition, outcome, risk)
        key = id(node), edition.id if edition else None, outcome
        if key not in self._certain:
            self._certain[key] = self._decides(node, edition, outcome, 0.0)
        return self._certain[key]

    def _decides(self, node: Node, edition: Edition, outcome: bool, risk: float) -> bool:
        match node:
            case Comparison():
                return self._comparison(node, edition, outcome, risk)
            case FocusIs():
                return self._focus(node, edition, outcome, risk)
            case Not():
                return self.decides(node.inner, edition, not outcome, risk)
            case Junction():
                parts = [(part, edition) for part in node.parts]
                return self._joined(parts, node.word == "and", outcome, risk)
            case OverEditions(function=function) if function in QUANTIFIERS:
                every = function == "all"
                if every is outcome and self.missing:
                    self._joined(self._parts(node.inner), every, outcome, risk)
                    return False
                return self._joined(self._parts(node.inner), every, outcome, risk)
            case _:
                raise TypeError(f"{node} is not a rule")

    def _start(self, level: float) -> float:
        """Return the risk of the editions; half stays with the numbers that all have beside."""
        if not self._beside:
            return level
        self._shared_risk = level / 2 / self._beside
        return level / 2

    def _parts(self, rule: Node) -> list[tuple[Node, Edition]]:
        return [(rule, edition) for edition in self.context.editions]

    def _joined(
        self, parts: Sequence[tuple[Node, Edition]], every: bool, outcome: bool, risk: float
    ) -> bool:
        if not parts:
            return False
        if every is outcome:
            shown = [self.decides(node, edition, outcome, risk) for node, edition in parts]
            return all(shown)  # each of them is a step to be shown
        return any(self._corrected(parts, outcome, risk))

    def _corrected(
        self, parts: Sequence[tuple[Node, Edition]], outcome: bool, risk: float
    ) -> list[bool]:
        """Return whether each part is shown, so that one is wrongly with the risk at most."""
        tests = max(1, len(self._uncertain(parts, outcome))) if risk > 0.0 else 1
        self.tests[self._direction] = max(self.tests[self._direction], tests)
        return [self.decides(node, edition, outcome, risk / tests) for node, edition in parts]

    def _uncertain(self, parts: Sequence[tuple[Node, Edition]], outcome: bool) -> list[int]:
        """Return the parts that can be shown wrongly: those not known for certain."""
        return [
            i
            for i, (node, edition) in enumerate(parts)
            if not self.decides(node, edition, outcome, 0.0)
            and not self.decides(node, edition, not outcome, 0.0)
        ]

    def _step_down(
        self, parts: Sequence[tuple[Node, Edition]], outcome: bool, risk: float
    ) -> list[bool]:
        """Return whether each part is shown, all together at the risk (Holm)."""
        if risk <= 0.0:
            return [self.decides(node, edition, outcome, 0.0) for node, edition in parts]
        left = set(self._uncertain(parts, outcome))
        shown = [
            i not in left and self.decides(*part, outcome, 0.0) for i, part in enumerate(parts)
        ]
        self.tests[self._direction] = max(self.tests[self._direction], len(left))
        while left:
            decided = {i for i in left if self.decides(*parts[i], outcome, risk / len(left))}
            if not decided:
                break
            for i in decided:
                shown[i] = True
            left -= decided
        return shown

    def _comparison(self, node: Comparison, edition: Edition, outcome: bool, risk: float) -> bool:
        own = edition if is_of_editions(node) else None
        shown = [self._at_level(side, own) for side in (node.left, node.right)]
        known = all(side.value is not None for side in shown)
        sides = node.left, node.right
        if known:
            fewer = self._reduced.setdefault(id(node), reduced(node))
            if self._at_level(fewer.left, own).value is not None:
                sides = fewer.left, fewer.right
        apart = own is not None and self._shared_risk is not None
        tested = [
            side
            for side in sides
            if not (apart and not is_of_editions(side)) and not self._at_level(side, own).is_exact
        ]
        each = risk / max(1, len(tested))
        left, right = (self._number(side, own, each, apart=apart) for side in sides)
        truth = certain(node) if known else TruthValue.UNDECIDED
        if truth is TruthValue.UNDECIDED:
            truth = compare(node.operator, left, right)
        if risk > 0.0:
            for one, other in ((0, 1), (1, 0)):
                if shown[one].share and is_constant(shown[other]):
                    shown[other] = replace(shown[other], share=True)
            self.steps.record(node, own, shown, truth, outcome, risk, (left, right))
        return truth is TruthValue.of(outcome)

    def _focus(self, node: FocusIs, edition: Edition, outcome: bool, risk: float) -> bool:
        focus = edition.front_lead_focus if edition else None
        why = self.context.unmeasured.get(LEAD_FOCUS)
        if why is None and edition and focus and edition.front_lead_validity:
            why = edition.front_lead_validity.undecided
        if (
            why is not None
            or focus is None
            or (focus is Focus.UNSURE and node.verdict is not Focus.UNSURE)
        ):
            truth = TruthValue.UNDECIDED
        else:
            truth = TruthValue.of((focus is node.verdict) is (node.operator == "="))
        if risk > 0.0:
            left = focus if why is None else Quantity.unknown(why)
            self.steps.record(node, edition, (left, node.verdict), truth, outcome, None, None)
        return truth is TruthValue.of(outcome)

    def _number(
        self, node: Node, edition: Edition, risk: float, *, apart: bool = False
    ) -> Quantity:
        """Return a number with bounds that miss with probability ``risk`` at most.

        Numbers that are the same for each edition are read at a risk of their own, if ``apart``.
        """
        match node:
            case Number():
                return Quantity.exact(node.value)
            case Measured():
                return read_metric(node.metric, edition, self.context, risk) if edition else _NONE
            case OnPage():
                return read_page(node, edition, self.context, risk) if edition else _NONE
            case Usual(function="rank"):
                return read_usual(node, self.context, edition, risk)
            case Negative():
                return negated(self._number(node.inner, edition, risk, apart=apart))
            case Arithmetic():
                return self._arithmetic(node, edition, risk, apart=apart)
            case Usual() | UsualPages() | OverEditions():
                if apart and risk > 0.0 and self._shared_risk is not None:
                    risk = self._shared_risk
                if (node, risk) not in self._shared:
                    self._shared[node, risk] = self._of_all(node, risk)
                return self._shared[node, risk]
            case _:
                raise TypeError(f"{node} is not a number")

    def _arithmetic(
        self, node: Arithmetic, edition: Edition, risk: float, *, apart: bool
    ) -> Quantity:
        together = estimated_together(node, edition, self.context, risk, len(self.missing))
        if together is not None:
            return together
        sides = node.left, node.right
        exact = [self._at_level(side, edition).is_exact for side in sides]
        each = risk if any(exact) else risk / 2
        left, right = (self._number(side, edition, each, apart=apart) for side in sides)
        return combine(node.operator, left, right)

    def _at_level(self, node: Node, edition: Edition) -> Quantity:
        """Return a number with bounds at the level of the verdict, as it is shown."""
        key = id(node), edition.id if edition else None
        if key not in self._usual:
            self._usual[key] = self._number(node, edition, self.context.level)
        return self._usual[key]

    def _of_all(self, node: Usual | UsualPages | OverEditions, risk: float) -> Quantity:
        """Return a number that is the same for every edition."""
        if isinstance(node, Usual):
            together = node.function == "mean" and usual_mean(node.metric, self.context, risk)
            number = read_usual(node, self.context, risk=risk, together=together or None)
            if together or self.context.estimand is Inference.THESE:
                return number
            before = [read_metric(node.metric, e, self.context) for e in self.context.baseline]
            return mean_of_practice(number, before, risk)
        if isinstance(node, UsualPages):
            return _usual_pages(self.context)
        if node.function == "count":
            return self._count(node.inner, risk)
        inner, lost = node.inner, len(self.missing)
        together = over_period(node, self.context, risk, lost)
        if together is not None:
            return together
        practice = self.context.estimand is Inference.PRACTICE

        def read(part: float) -> list[Quantity]:
            return [self._number(inner, e, risk * part) for e in self.context.editions]

        number = over_editions(
            node.function,
            read,
            missing=0 if practice else lost,
            context=self.context,
            positive=_is_positive(inner),
        )
        return mean_of_practice(number, read(1.0), risk) if practice else number

    def _count(self, rule: Node, risk: float) -> Quantity:
        parts = self._parts(rule)
        if not parts:
            return Quantity.unknown()
        sure = sum(self._step_down(parts, True, risk))
        not_so = sum(self._step_down(parts, False, risk))
        high = len(parts) - not_so + len(self.missing)
        return Quantity(sure, sure, high, n=len(parts), method=COUNTED)

    def _uncertain_beside(self) -> int:
        """Return how many uncertain numbers stand beside numbers of single editions."""
        nodes = {
            part
            for node in walk(self.rule)
            if isinstance(node, Comparison) and is_of_editions(node)
            for part in walk(node)
            if isinstance(part, OverEditions)
            or (isinstance(part, Usual) and part.function != "rank")
        }
        return sum(not self._number(node, None, self.context.level).is_exact for node in nodes)


_NONE = Quantity.unknown()


def _usual_pages(context: ClaimContext) -> Quantity:
    if context.usual_pages is None:
        reason = Message(
            "the usual number of pages of %(publication)s is not known: nobody has entered it, and"
            " it takes %(n)s editions before %(day)s to know it",
            publication=context.publication,
            n=FEWEST_REFERENCES,
            day=str(context.first),
        )
        return Quantity.unknown(reason)
    method = Message("the median of the editions before %(day)s", day=str(context.first))
    if context.usual_pages_entered:
        method = Message("as it is entered for the newspaper")
    return Quantity.exact(context.usual_pages, method=method)


def _truth(true: bool, false: bool) -> TruthValue:
    if true:
        return TruthValue.TRUE
    return TruthValue.FALSE if false else TruthValue.UNDECIDED


def _corrected_for(tests: int) -> Message:
    if tests == 1:
        return Message("no correction, since each part must hold (intersection-union test)")
    return Message("corrected for %(n)s tests (Bonferroni, whatever their dependence)", n=tests)


def _is_positive(node: Node) -> bool:
    """Return whether a number can't be negative: all metrics and numbers are 0 or more."""
    parts = list(walk(node))
    return not any(
        isinstance(part, Negative) or (isinstance(part, Arithmetic) and part.operator == "-")
        for part in parts
    )
