"""The nodes of a rule, and its canonical text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any, TypeAlias

from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import FIGURE, LABEL, Weight, Zone, one_question
from presslens.pipelines.statistics.metrics import Metric

LANGUAGE = 2
"""Version of the language, raised when a rule as it is written comes to mean another thing."""

QUANTIFIERS = ("any", "all")
"""Functions over editions of which the outcome is true or false."""

SUMMED = ("mean", "sum", "per_week")
"""Functions over editions that add their numbers up."""

AGGREGATES = ("mean", "min", "max", "sum", "count", "per_week", *QUANTIFIERS)
"""Functions over the editions of a claim's days."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, 0 or more."""

    value: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric of an edition."""

    metric: Metric


@dataclass(frozen=True, slots=True)
class OnPage:
    """A metric of one page of an edition; ``page`` is its number, from 1."""

    page: int
    metric: Metric


@dataclass(frozen=True, slots=True)
class UsualPages:
    """The usual number of pages of an edition of the newspaper."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A function over earlier editions: mean, median, min, max, rank, or p1 to p99.

    The mean may be that of other days, the first and the last of which are named.
    """

    function: str
    metric: Metric
    days: tuple[date, date] | None = None  # None: the editions before the claim's first day


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with the opposite sign."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers that are added, subtracted, multiplied or divided."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers that are compared."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class LeadFocus:
    """The focus of the front page's lead photo."""


@dataclass(frozen=True, slots=True)
class FocusIs:
    """A comparison of the lead photo's focus with a verdict, by = or !=."""

    operator: str
    verdict: Focus


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of a rule."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Junction:
    """The conjunction ("and") or disjunction ("or") of rules."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OverEditions:
    """A function over all editions of a claim's days."""

    function: str
    inner: Node


Node: TypeAlias = (
    Number
    | Measured
    | OnPage
    | UsualPages
    | Usual
    | Negative
    | Arithmetic
    | Comparison
    | LeadFocus
    | FocusIs
    | Not
    | Junction
    | OverEditions
)

LEAD_FOCUS = "front.lead.focus"

FRONT_PAGE = 1

PAGE_METRICS = ("photos", "photo_area_share", "largest_photo", "leader_photos", "together_photos")
"""Plain metrics that a single page has too."""

LEVELS = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}
NOT_LEVEL, COMPARISON_LEVEL, SIGN_LEVEL, ATOM_LEVEL = 3, 4, 7, 8
"""Precedence of operators; comparisons don't chain."""


def is_rule(node: Node) -> bool:
    """Return whether a node is a rule, true or false, and not a number."""
    if isinstance(node, OverEditions):
        return node.function in QUANTIFIERS
    return isinstance(node, Comparison | FocusIs | Not | Junction)


def is_of_editions(rule: Node) -> bool:
    """Return whether a rule reads single editions, outside of functions over them."""
    if isinstance(rule, OverEditions):
        return False
    if isinstance(rule, Measured | OnPage | FocusIs) or (
        isinstance(rule, Usual) and rule.function == "rank"
    ):
        return True
    return any(map(is_of_editions, parts_of(rule)))


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the direct children of a node."""
    match node:
        case Arithmetic() | Comparison():
            return node.left, node.right
        case Negative() | Not() | OverEditions():
            return (node.inner,)
        case Junction():
            return node.parts
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all its descendants."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def asks_leads_alone(rule: Node) -> bool:
    """Return whether a rule asks what lead photos are composed around, and compares no number."""
    parts = list(walk(rule))
    return any(isinstance(part, FocusIs) for part in parts) and not any(
        isinstance(part, Comparison) for part in parts
    )


def whole_questions(metrics: Iterable[Metric]) -> set[Metric]:
    """Return metrics with the others that one answer settles, where two of these are among them.

    Two of three that add up to 1 are the third.
    """
    named = set(metrics)
    every = {
        metric: {replace(metric, name=name) for name in one_question(metric.name)}
        for metric in named
    }
    return named.union(*(whole for whole in every.values() if len(whole & named) > 1))


def metrics_of(rule: Node) -> set[Metric]:
    """Return the metrics that a rule reads of the editions that it is about.

    The focus of the lead photo is no metric: ``EditionMetrics`` always has it.
    """
    parts = list(walk(rule))
    named = {p.metric for p in parts if isinstance(p, Measured)}
    ranked = {p.metric for p in parts if isinstance(p, Usual) and p.function == "rank"}
    return ranked | whole_questions(named)


def pages_of(rule: Node) -> dict[int, set[Metric]]:
    """Return the metrics that a rule reads of single pages, by the number of the page."""
    metrics: dict[int, set[Metric]] = {}
    for part in walk(rule):
        if isinstance(part, OnPage):
            metrics.setdefault(part.page, set()).add(part.metric)
    return metrics


def photos_showing(node: Node) -> Metric | None:
    """Return the share of which a product with the photos of the edition is the number of photos.

    ``share(children) * photos`` are the photos that show children, as is ``photos *
    share(children)``; None for another number.
    """
    match node:
        case Arithmetic("*", Measured(metric), Measured(Metric("photos"))) | Arithmetic(
            "*", Measured(Metric("photos")), Measured(metric)
        ):
            return metric if metric.is_share and metric == Metric(metric.name) else None
    return None


def shares_of_photos(rule: Node) -> set[Metric]:
    """Return the shares that a rule reads of the photos of all editions together."""
    over = [p.inner for p in walk(rule) if isinstance(p, OverEditions) and p.function in SUMMED]
    return {share for inner in over if (share := photos_showing(inner)) is not None}


def means_of(rule: Node) -> set[Metric]:
    """Return the metrics of which a rule reads the mean or the sum over its editions."""
    over = [p.inner for p in walk(rule) if isinstance(p, OverEditions) and p.function in SUMMED]
    return whole_questions(inner.metric for inner in over if isinstance(inner, Measured))


def usual_means_of(rule: Node) -> set[Metric]:
    """Return the metrics of which a rule reads the mean over earlier editions."""
    return {p.metric for p in walk(rule) if isinstance(p, Usual) and p.function == "mean"}


def baseline_metrics_of(rule: Node) -> set[Metric]:
    """Return the metrics that a rule reads of earlier editions."""
    return {part.metric for part in walk(rule) if isinstance(part, Usual)}


def named_days_of(rule: Node) -> tuple[date, date] | None:
    """Return the days that a rule compares with; None: the editions before, or no others."""
    return next((part.days for part in walk(rule) if isinstance(part, Usual)), None)


def asks_what_a_flag_asks(rule: Node) -> bool:
    """Return whether a rule compares a share of an edition with what is usual."""
    return any(
        isinstance(own, Measured)
        and own.metric.is_share
        and own.metric in baseline_metrics_of(usual)
        for part in walk(rule)
        if isinstance(part, Comparison)
        for own, usual in permutations((part.left, part.right))
    )


def written(node: Node) -> str:
    """Return the canonical text of a rule; rules that differ in spaces or brackets have the same.

    Parsing it gives the rule back.
    """
    return _TEXT[type(node)](node)


def asked_text(rule: Node) -> str:
    """Return a text that rules have in common that ask the same, or whether it is not so."""
    rule = _turned(rule)
    while isinstance(rule, Not):
        rule = rule.inner
    match rule:
        case Comparison(">=", left, right):
            rule = Comparison(">", right, left)
        case Comparison("!=") | FocusIs("!="):
            rule = replace(rule, operator="=")
    return written(rule)


def _turned(node: Node) -> Node:
    """Return a rule in which "less" is said as "more", and what has no order is in order."""
    match node:
        case Comparison("<" | "<=", left, right):
            return Comparison(node.operator.replace("<", ">"), right, left)
        case Comparison("=" | "!=", left, right):
            return Comparison(node.operator, *sorted((left, right), key=written))
        case Junction(word, parts):
            return Junction(word, tuple(sorted(map(_turned, parts), key=written)))
        case Not(inner):
            return Not(_turned(inner))
        case OverEditions(function, inner):
            return OverEditions(function, _turned(inner))
    return node


def version(rule: Node) -> str:
    """Return the sha256 of a rule and the language's version: equal rules have equal ones."""
    return hashlib.sha256(f"{LANGUAGE}\n{written(rule)}".encode()).hexdigest()


def metric_text(metric: Metric, *, bare: bool = False) -> str:
    """Return the text of a metric in rules.

    Args:
        bare: Without ``share()`` where that is understood, as in ``baseline.p90(children)``.
    """
    if not metric.is_share:
        return metric.name
    name = metric.name
    for prefix in (FIGURE, LABEL):
        if name.startswith(prefix):
            quoted = name.removeprefix(prefix).replace("\\", "\\\\").replace('"', '\\"')
            name = f'{prefix[:-1]} "{quoted}"'
    if bare and metric.zone is Zone.ALL and metric.weight is Weight.COUNT:
        return name
    zone = "" if metric.zone is Zone.ALL else f"{metric.zone.value}."
    return f"{zone}share({name}{', area' if metric.weight is Weight.AREA else ''})"


def _level(node: Node) -> int:
    match node:
        case Junction():
            return LEVELS[node.word]
        case Arithmetic():
            return LEVELS[node.operator]
        case Not():
            return NOT_LEVEL
        case Comparison() | FocusIs():
            return COMPARISON_LEVEL
        case Negative():
            return SIGN_LEVEL
        case _:
            return ATOM_LEVEL


def _wrapped(node: Node, least: int) -> str:
    return written(node) if _level(node) >= least else f"({written(node)})"


def _pair(node: Arithmetic | Comparison) -> str:
    level = _level(node)
    left = level if isinstance(node, Arithmetic) else level + 1
    return f"{_wrapped(node.left, left)} {node.operator} {_wrapped(node.right, level + 1)}"


def _page(number: int) -> str:
    return "front" if number == FRONT_PAGE else f"page({number})"


def _usual(node: Usual) -> str:
    days = "".join(f', "{day}"' for day in node.days or ())
    return f"baseline.{node.function}({metric_text(node.metric, bare=True)}{days})"


def _number(node: Number) -> str:
    text = format(Decimal(repr(node.value)), "f")
    return text.removesuffix(".0")


def _junction(node: Junction) -> str:
    return f" {node.word} ".join(_wrapped(part, _level(node) + 1) for part in node.parts)


_TEXT: Mapping[type, Callable[[Any], str]] = {
    Number: _number,
    Measured: lambda node: metric_text(node.metric),
    OnPage: lambda node: f"{_page(node.page)}.{metric_text(node.metric)}",
    UsualPages: lambda _: "usual_pages",
    Usual: _usual,
    Negative: lambda node: f"-{_wrapped(node.inner, SIGN_LEVEL)}",
    Arithmetic: _pair,
    Comparison: _pair,
    LeadFocus: lambda _: LEAD_FOCUS,
    FocusIs: lambda node: f"{LEAD_FOCUS} {node.operator} {node.verdict.value}",
    Not: lambda node: f"not {_wrapped(node.inner, NOT_LEVEL)}",
    Junction: _junction,
    OverEditions: lambda node: f"{node.function}({written(node.inner)})",
}
