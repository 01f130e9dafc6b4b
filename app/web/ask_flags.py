"""What is unusual in an edition, each as a question, with what comes of asking it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.services.claims.sentences.question import (
    Against,
    ClaimQuestion,
    Relation,
    rule_of,
)
from presslens.app.services.questions.plans import ForeseenAnswer, foreseen_answers
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.unusual import EditionFlags, FlagState, unusual_editions
from presslens.app.web.edition_numbers import flags_in_order
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.tree import Node
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.unusual import FRONT_LEAD, Unusual


@dataclass(frozen=True, slots=True)
class Flagged:
    """What is unusual in an edition, with the question that asks it."""

    flag: Mapping[str, Any]
    question: ClaimQuestion | None  # None: the claims language can't say it
    answer: ForeseenAnswer | None = None  # what comes of asking it; None: not foreseen

    @property
    def rule(self) -> Node | None:
        """The rule that asks it."""
        return rule_of(self.question) if self.question else None

    @property
    def distance(self) -> float:
        """How many times it is what is usual, or what is usual is it, as a logarithm."""
        value, usual = self.flag["value"], self.flag["usual"]
        return abs(math.log(value / usual)) if value and usual else math.inf


def asked_flags(home: Installation, question: ClaimQuestion) -> Sequence[EditionFlags]:
    """Return the editions of a question, with what is unusual in each as far as workers have found.

    In a single one it is what is unusual now, as are the numbers that a page shows beside.
    """
    scope = EditionScope(question.publication, question.first, question.last)
    editions = unusual_editions(home, scope).editions
    return [_of_now(home, one) for one in editions] if question.one_day else editions


def _of_now(home: Installation, edition: EditionFlags) -> EditionFlags:
    if edition.state is FlagState.CURRENT:
        return edition
    flags = tuple(edition_baseline(home, edition.id).flags)
    return replace(edition, flags=flags, state=FlagState.CURRENT)


def flagged_in(edition: EditionFlags) -> list[Flagged]:
    """Return what is unusual in an edition, the important flags first."""
    by_metric = {flag.metric: flag for flag in edition.flags}
    flags = flags_in_order([one.to_json() for one in edition.flags])
    return [Flagged(one, flag_question(edition, by_metric[one["metric"]])) for one in flags]


def foreseen_flags(
    home: Installation, edition: EditionFlags, flags: Sequence[Flagged], coder: str | None
) -> list[Flagged]:
    """Return the flags of an edition, the farthest first, with what comes of asking each."""
    rules = {i: rule for i, one in enumerate(flags) if (rule := one.rule)}
    where = edition.publication, edition.date, coder
    answers = foreseen_answers(home, [*rules.values()], *where)
    by_place = dict(zip(rules, answers, strict=True))
    foreseen = [replace(one, answer=by_place.get(i)) for i, one in enumerate(flags)]
    return sorted(foreseen, key=lambda one: -one.distance)


def flag_question(edition: EditionFlags, flag: Unusual) -> ClaimQuestion | None:
    """Return the question that asks for what is flagged in an edition; None: none can."""
    where = edition.publication, edition.date, edition.date
    if flag.metric == FRONT_LEAD:
        focus = _focus_in(flag.reason)
        return ClaimQuestion(FRONT_LEAD, Relation(focus), *where) if focus else None
    metric = Metric.parse(flag.metric)
    front, value = asked_front(metric), flag.value if flag.compared is None else flag.compared
    if front is None or value is None or flag.usual is None:
        return None
    relation = Relation.MORE if value > flag.usual else Relation.LESS
    return ClaimQuestion(metric.name, relation, *where, front=front, against=Against.USUAL)


def asked_front(metric: Metric) -> bool | None:
    """Return whether a question asks a metric of front pages alone; None: no question asks it."""
    if metric.zone not in (Zone.ALL, Zone.FRONT) or metric.weight is not Weight.COUNT:
        return None
    return metric.zone is Zone.FRONT


def _focus_in(reason: str) -> str | None:
    """Return what the lead photo is about, as the reason of a flag tells it."""
    values = reason.values if isinstance(reason, Message) else {}
    known = {Focus.LEADER, Focus.FACILITY, Focus.NEITHER}
    if values.get("focus") in known:
        return str(values["focus"])
    first = values.get("part0")
    return _focus_in(first) if isinstance(first, Message) else None
