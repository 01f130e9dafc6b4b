"""A question about editions: what, when, compared with what; and the rule that it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import product, starmap

from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.tree import (
    FRONT_PAGE,
    PAGE_METRICS,
    Arithmetic,
    Comparison,
    FocusIs,
    Junction,
    Measured,
    Node,
    Number,
    OnPage,
    OverEditions,
    Usual,
    UsualPages,
    walk,
)
from presslens.pipelines.statistics.measure import Zone, is_measure
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.unusual import FRONT_LEAD

PHOTOS = Metric("photos")
PAGES = Metric("pages")


class Relation(StrEnum):
    """What is asked of a number, or of the focus of the front page's lead photo."""

    MORE = "more"
    LESS = "less"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    DIFFERS = "differs"
    APPEARS = "appears"
    UNUSUAL = "unusual"
    LEADER = "leader"
    FACILITY = "facility"
    NEITHER = "neither"

    @property
    def is_focus(self) -> bool:
        """Whether it is asked of the focus of the front page's lead photo."""
        return self in (Relation.LEADER, Relation.FACILITY, Relation.NEITHER)

    @property
    def compares(self) -> bool:
        """Whether it compares with a number, or with what is usual."""
        return self in OPERATORS


OPERATORS = {
    Relation.MORE: ">",
    Relation.LESS: "<",
    Relation.AT_LEAST: ">=",
    Relation.AT_MOST: "<=",
    Relation.EXACTLY: "=",
    Relation.DIFFERS: "!=",
}

USUALLY = {
    Relation.MORE: "p90",
    Relation.AT_LEAST: "p90",
    Relation.LESS: "p10",
    Relation.AT_MOST: "p10",
    Relation.EXACTLY: "median",
    Relation.DIFFERS: "median",
}
"""What is usual: nine in ten of the editions before have no more, or no less."""


class Against(StrEnum):
    """What a number is compared with."""

    NUMBER = "number"
    USUAL = "usual"  # what nine in ten of the editions before have
    MEAN = "mean"  # the mean of the editions before the first day
    RECORD = "record"  # every edition before
    DAYS = "days"  # the mean of the editions of other days


class Over(StrEnum):
    """How the editions of several days are taken together."""

    MEAN = "mean"
    EACH = "each"
    ANY = "any"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that is claimed; one in percent lies between 0 and 1."""

    value: float
    percent: bool = False


@dataclass(frozen=True, slots=True)
class ClaimQuestion:
    """A question about the editions of some days.

    ``about`` is the text of a metric, or ``FRONT_LEAD``; None: whatever is unusual is asked for.
    """

    about: str | None
    relation: Relation
    publication: str
    first: date
    last: date
    front: bool = False  # on the front page alone
    against: Against | None = None  # None: as is usual for the relation and the days
    amount: Amount | None = None
    instead: float | None = None  # the number that is said to be usual
    over: Over | None = None  # None: as is usual for the relation
    other_days: tuple[date, date] | None = None  # those that it compares with

    @property
    def one_day(self) -> bool:
        """Whether it is about a single day."""
        return self.first == self.last

    @property
    def lists(self) -> bool:
        """Whether it asks for whatever is unusual, which no rule says."""
        return self.about is None and self.relation is Relation.UNUSUAL

    @property
    def metric(self) -> Metric | None:
        """The metric that it is about; None of the lead photo, and of whatever is unusual."""
        if self.about in (None, FRONT_LEAD):
            return None
        metric = Metric.parse(self.about or "")
        return Metric(metric.name, Zone.FRONT) if self.front and metric.is_share else metric

    @property
    def compared_with(self) -> Against:
        """What it compares with: other days or a number, if given, else the editions before.

        A single edition is compared with what nine in ten of them have, several with their mean.
        """
        if self.other_days is not None:
            return Against.DAYS
        together = not self.one_day and self.taken in (Over.MEAN, Over.SUM)
        if self.against is Against.USUAL and together:
            return Against.MEAN  # what single editions have tells nothing of a mean
        if self.against is not None:
            return self.against
        if self.amount is not None:
            return Against.NUMBER
        return Against.MEAN if together else Against.USUAL

    @property
    def taken(self) -> Over:
        """How its editions are taken together, where there are several days."""
        if self.relation.is_focus or self.relation in (Relation.APPEARS, Relation.UNUSUAL):
            # Said of each edition by itself: there is no mean of it.
            return self.over if self.over is Over.EACH else Over.ANY
        if self.over is not None:
            return self.over
        if self.against is Against.RECORD:
            return Over.ANY
        metric = self.metric
        counted = metric is not None and (not metric.is_share or not self._in_percent)
        return Over.EACH if self.amount is not None and counted else Over.MEAN

    @property
    def _in_percent(self) -> bool:
        return self.amount is None or self.amount.percent

    @property
    def counts_photos(self) -> bool:
        """Whether the amount is a number of photos that show a measure, and not a share."""
        metric = self.metric
        return (
            metric is not None
            and metric.is_share
            and self.relation.compares
            and self.compared_with is Against.NUMBER
            and not self._in_percent
        )


NOTHING_ASKED = Message("say what is asked: more than 100, unusual")
NO_SUBJECT = Message(
    "say what the question is about: the leader, children, crowds, people, buildings, fireworks,"
    " photos or pages"
)
FOCUS_OF_LEAD = Message(
    "of the lead photo ask whether it is about the leader, a facility or neither"
)

WHOLE_EDITIONS = Message(
    "what is unusual is looked for in whole editions: leave the front page out, or ask what its"
    " lead photo was about"
)

NUMBER_OR_USUAL = Message("compare with a number, or with what is usual")

Problem = tuple[str, Message]
"""The field of the form that a problem belongs to, and what is wrong there."""


def problems_of(question: ClaimQuestion) -> Iterator[Problem]:
    """Yield what keeps a question from being a rule."""
    if question.first > question.last:
        yield "to", Message("the last day lies before the first")
    about, relation = question.about, question.relation
    if about is None:
        if not question.lists:
            yield "about", NO_SUBJECT
        elif question.front:
            yield "about", WHOLE_EDITIONS
        return
    if (about == FRONT_LEAD) != relation.is_focus:
        yield (
            "is",
            (
                FOCUS_OF_LEAD
                if about == FRONT_LEAD
                else Message("what it is about is asked of the front page's lead photo alone")
            ),
        )
        return
    if about == FRONT_LEAD:
        return
    if about not in PLAIN and not is_measure(about):
        yield "about", Message("nothing is measured by this name")
        return
    yield from _number_problems(question)


def _number_problems(question: ClaimQuestion) -> Iterator[Problem]:
    metric = question.metric
    if metric is None:
        return
    compared = question.relation.compares and question.compared_with
    if compared is Against.DAYS:
        yield from _other_days_problems(question)
    if question.against is Against.RECORD and question.relation.compares:
        yield from _record_problems(question)
    if compared is Against.NUMBER and (problem := _amount_problem(question.amount, metric)):
        yield "number", problem
    if question.taken is Over.SUM and metric.is_part and not question.counts_photos:
        yield "over", Message("shares are not added up: take their mean")
    if question.front and question.counts_photos:
        yield "number", Message("on the front page alone give a share: 12 %")
    if not question.front or metric.is_share:
        return
    if metric.name not in PAGE_METRICS or question.relation is Relation.UNUSUAL:
        yield "page", Message("the front page alone has no such number: ask of the whole edition")
    elif compared is not Against.NUMBER:
        yield "than", Message("a count of the front page is compared with a number")


def _record_problems(question: ClaimQuestion) -> Iterator[Problem]:
    if question.relation not in (Relation.MORE, Relation.LESS) or question.other_days is not None:
        yield "than", Message("of every edition before ask whether there was more, or less")
    elif question.taken not in (Over.ANY, Over.EACH) and not question.one_day:
        yield "over", Message("every edition before is compared with single editions")


def _other_days_problems(question: ClaimQuestion) -> Iterator[Problem]:
    if question.other_days is None:
        yield "than_from", Message("name the days to compare with")
        return
    first, last = question.other_days
    if first > last:
        yield "than_to", Message("the last day lies before the first")
    elif first <= question.last and question.first <= last:
        yield "than_from", Message("the days to compare with lie apart from those asked about")
    if question.amount is not None:
        yield "than", NUMBER_OR_USUAL


def _amount_problem(amount: Amount | None, metric: Metric) -> Message | None:
    if amount is None:
        return Message("give the number: 100, or 12 %")
    if amount.percent and not metric.is_part:
        return Message("this is a count: give a number without %")
    if amount.value and not amount.percent and metric.is_part and not metric.is_share:
        return Message("this is a part of a whole: give it in percent, 12 %")
    return None


def rule_of(question: ClaimQuestion) -> Node | None:
    """Return the rule that a question is; None of one that asks for whatever is unusual.

    Args:
        question: One without ``problems_of``.
    """
    metric = question.metric
    if question.relation.is_focus:
        return _of_days(question, FocusIs("=", Focus(question.relation.value)))
    if metric is None:
        return None
    number: Node = Measured(metric)
    if question.front and not metric.is_share:
        number = OnPage(FRONT_PAGE, metric)
    if question.counts_photos:
        number = Arithmetic("*", Measured(metric), Measured(PHOTOS))
    if question.relation is Relation.APPEARS:
        return _of_days(question, Comparison(">", number, Number(0.0)))
    if question.relation is Relation.UNUSUAL:
        beyond = Comparison(">", number, Usual("p90", metric))
        below = Comparison("<", number, Usual("p10", metric))
        return _of_days(question, Junction("or", (beyond, below)))
    if not question.one_day and question.taken in (Over.MEAN, Over.SUM):
        number = OverEditions(question.taken.value, number)
    compared = partial(Comparison, OPERATORS[question.relation], number)
    return _of_days(question, _compared(question, metric, compared(_other(question, metric))))


def _other(question: ClaimQuestion, metric: Metric) -> Node:
    match question.compared_with:
        case Against.NUMBER:
            return Number(question.amount.value if question.amount else 0.0)
        case Against.MEAN:
            return Usual("mean", metric)
        case Against.DAYS:
            return Usual("mean", metric, question.other_days)
        case Against.RECORD:
            return Usual("max" if question.relation is Relation.MORE else "min", metric)
        case Against.USUAL:
            return Usual(USUALLY[question.relation], metric)


def _compared(question: ClaimQuestion, metric: Metric, rule: Node) -> Node:
    """Return a comparison, with what is said to be usual."""
    if question.instead is None:
        return rule
    usual: Node = UsualPages() if metric == PAGES else Usual("median", metric)
    return Junction("and", (rule, Comparison("=", usual, Number(question.instead))))


def _of_days(question: ClaimQuestion, rule: Node) -> Node:
    """Return a rule of one edition for those of the days: a rule holds for each unless it says."""
    anyone = question.taken is Over.ANY and not question.one_day
    return OverEditions("any", rule) if anyone else rule


def question_of(rule: Node, publication: str, first: date, last: date) -> ClaimQuestion | None:
    """Return the question that becomes a rule; None: no question of the forms does."""
    parts = [*walk(rule)]
    metrics = {one.metric for one in parts if isinstance(one, Measured | OnPage)} - {PHOTOS}
    metric = next(iter(metrics or {PHOTOS}))
    numbers = [one.value for one in parts if isinstance(one, Number)]
    amounts = [None, *starmap(Amount, product(numbers, (False, True)))]
    days = next((one.days for one in parts if isinstance(one, Usual)), None)
    relations = (Relation.APPEARS, *Relation)  # what appears is above 0, too
    for choices in product(relations, (None, *Over), (None, *Against), amounts, [None, *numbers]):
        relation, over, than, amount, instead = choices
        question = ClaimQuestion(
            FRONT_LEAD if relation.is_focus else str(Metric(metric.name)),
            relation,
            publication,
            first,
            last,
            metric.zone is Zone.FRONT or any(isinstance(one, OnPage) for one in parts),
            than,
            amount,
            instead,
            over,
            days,
        )
        if not [*problems_of(question)] and rule_of(question) == rule:
            return question
    return None
