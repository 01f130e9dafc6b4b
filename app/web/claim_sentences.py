"""The verdict on a claim in one sentence, in the language of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from presslens.app.platform.language import Language
from presslens.app.web.claim_words import N_, mean_of_days
from presslens.app.web.metric_words import in_percent, metric_name
from presslens.pipelines.statistics.claim.parser import InvalidRule, parse
from presslens.pipelines.statistics.claim.tree import (
    LEAD_FOCUS,
    Comparison,
    FocusIs,
    Measured,
    Negative,
    Node,
    Number,
    OnPage,
    OverEditions,
    Usual,
    UsualPages,
    parts_of,
    written,
)

Document = Mapping[str, Any]

ROUNDED_FROM = 10
"""Numbers with an interval have one digit behind the point from here on, below it two."""


def outcome(verdict: str | None, spoken: Language) -> str:
    """Return a verdict as a word: true, false, undecided; None: nobody has looked yet."""
    words = {
        "true": spoken.text("True"),
        "false": spoken.text("False"),
        "undecided": spoken.text("Undecided"),
        None: spoken.text("Not looked at"),
    }
    return words[verdict]


def verdict_sentence(verdict: Document, spoken: Language) -> str:
    """Return why a verdict is what it is: what was measured, and what is claimed.

    Args:
        verdict: The JSON of a verdict.
    """
    if not verdict["n"]:
        return spoken.text(
            "No edition of %(publication)s of these days is at hand and analysed.",
            publication=verdict["publication"],
        )
    steps = verdict["comparisons"]
    if not steps:
        return spoken.text("There is nothing to compare.")
    telling = [step for step in steps if step["verdict"] == verdict["verdict"]] or steps
    sentences = [step_sentence(max(telling, key=_apart), spoken)]
    if len(steps) + verdict["comparisons_left_out"] > 1:
        counted = [
            sum(one["verdict"] == truth for one in steps)
            for truth in ("true", "false", "undecided")
        ]
        sentences.append(
            spoken.text(
                "Of %(n)s comparisons: %(true)s true, %(false)s false, %(open)s undecided.",
                n=spoken.number(len(steps)),
                true=spoken.number(counted[0]),
                false=spoken.number(counted[1]),
                open=spoken.number(counted[2]),
            )
        )
    return " ".join(sentences)


def _apart(step: Document) -> float:
    """Return how far the sides of a comparison lie apart, towards what it claims."""
    left, right = (step[side]["value"] for side in ("left", "right"))
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return -math.inf
    return right - left if "<" in step["operator"] else left - right


def step_sentence(step: Document, spoken: Language) -> str:
    """Return one comparison: what was measured, when, and what is claimed of it."""
    sides = comparison_sides(step["comparison"])
    left, right = side_words(sides[0], spoken), side_words(sides[1], spoken)
    measured, claimed = step_values(step, spoken)
    if step["right"] and step["right"]["value"] is None and right:
        claimed = spoken.text("%(name)s, which is not known", name=right)
    elif sides[1] is not None and not isinstance(sides[1], Number):
        claimed = spoken.text("%(value)s, %(name)s", value=claimed, name=right)
    of_focus = sides[1] is None and step["operator"] == "="
    values = {
        "day": spoken.day(step["date"]),
        "name": left,
        "value": measured,
        "claimed": claimed if of_focus else _relation(step["operator"], claimed, spoken),
    }
    if step["date"]:
        return spoken.text(
            "Measured on %(day)s, %(name)s: %(value)s. Claimed: %(claimed)s.", **values
        )
    return spoken.text("Measured, %(name)s: %(value)s. Claimed: %(claimed)s.", **values)


def step_values(step: Document, spoken: Language) -> tuple[str, str]:
    """Return what was measured in a comparison, and what is claimed, with their intervals."""
    percents = percent_sides(*comparison_sides(step["comparison"]))
    measured = side_value(step["left"], spoken, percent=percents[0])
    return measured, side_value(step["right"], spoken, percent=percents[1])


def comparison_sides(text: str) -> tuple[Node | None, Node | None]:
    """Return both sides of a comparison as it stands in a rule; None for a focus."""
    try:
        node = parse(text)
    except InvalidRule:
        return None, None
    if isinstance(node, Comparison):
        return node.left, node.right
    return (node, None) if isinstance(node, FocusIs) else (None, None)


def evidence_words(name: str, spoken: Language) -> str:
    """Return for readers what a part of the evidence is about.

    Args:
        name: A metric, one of a page as it is written in a rule, or the focus of the lead photo.
    """
    if name == LEAD_FOCUS:
        return metric_name("front_lead_focus", spoken)
    try:
        return metric_name(name, spoken)
    except ValueError:
        sides = comparison_sides(f"{name} > 0")
        return side_words(sides[0], spoken) or name


def side_words(side: Node | None, spoken: Language) -> str:
    """Return the name of a side of a comparison; the rule's own text, if it has none."""
    match side:
        case None:
            return ""
        case Measured():
            return metric_name(str(side.metric), spoken)
        case OnPage():
            return spoken.text(
                "%(name)s on page %(page)s",
                name=metric_name(str(side.metric), spoken),
                page=side.page,
            )
        case UsualPages():
            return spoken.text("usual pages")
        case Usual():
            return _usual_words(side, spoken)
        case OverEditions() if side.function in _OVER:
            return spoken.text(_OVER[side.function], name=side_words(side.inner, spoken))
        case FocusIs():
            return metric_name("front_lead_focus", spoken)
        case _:
            return written(side)


_OVER = {
    "mean": N_("mean of %(name)s"),
    "min": N_("smallest %(name)s"),
    "max": N_("largest %(name)s"),
    "sum": N_("%(name)s of all editions together"),
    "per_week": N_("%(name)s a week"),
}


def _usual_words(side: Usual, spoken: Language) -> str:
    if side.days is not None:
        return mean_of_days(side.days, spoken)
    words = {
        "mean": spoken.text("the mean of the editions before"),
        "median": spoken.text("the median of the editions before"),
        "min": spoken.text("the smallest of the editions before"),
        "max": spoken.text("the largest of the editions before"),
        "rank": spoken.text("its place among the editions before"),
        "p90": spoken.text("the most that nine in ten editions before had"),
        "p10": spoken.text("the least that nine in ten editions before had"),
    }
    return words.get(side.function) or spoken.text(
        "what %(percent)s %% of the editions before do not exceed",
        percent=side.function.removeprefix("p"),
    )


def side_value(value: Document | None, spoken: Language, *, percent: bool) -> str:
    """Return the value of a side with its interval.

    Args:
        value: The JSON of the side: a value, and an interval of two bounds that may be open.
        percent: Readers see it in percent.
    """
    bounds = bounds_in_words((value or {}).get("interval"), spoken, percent=percent)
    number = value["value"] if value else None
    if number is None:
        shown = spoken.text("not known")
    elif isinstance(number, str):
        shown = spoken.text(number)
    else:
        shown = number_in_words(number, spoken, percent=percent, rounded=bool(bounds))
    return f"{shown} ({bounds})" if bounds else shown


def number_in_words(value: float, spoken: Language, *, percent: bool, rounded: bool = True) -> str:
    """Return a number; one that has an interval with fewer digits, where these say nothing."""
    if percent:
        return spoken.percent(value)
    return spoken.number(value, 1 if rounded and abs(value) >= ROUNDED_FROM else 2)


def bounds_in_words(
    interval: Sequence[float | None] | None, spoken: Language, *, percent: bool
) -> str:
    """Return an interval; "at least 5" where its upper end is open, "" where both are."""
    low, high = interval or (None, None)

    def one(bound: float) -> str:
        return number_in_words(bound, spoken, percent=percent)

    if low is not None and high is not None and (low, high) == (0, 1):
        return ""
    if low is not None and high is not None:
        # No line ends within it.
        ends = spoken.interval([low, high]) if percent else f"{one(low)}{spoken.dash}{one(high)}"
        return ends.replace("–", "–\N{WORD JOINER}")
    if low is not None:
        return spoken.text("at least %(low)s", low=one(low))
    return spoken.text("at most %(high)s", high=one(high)) if high is not None else ""


def percent_sides(left: Node | None, right: Node | None) -> tuple[bool, bool]:
    """Return whether readers see each side of a comparison in percent."""
    sides = is_percent(left), is_percent(right)
    return (
        sides[0] or (sides[1] and isinstance(left, Number)),
        sides[1] or (sides[0] and isinstance(right, Number)),
    )


def is_percent(side: Node | None) -> bool:
    """Return whether readers see the values of a side in percent."""
    match side:
        case Measured() | OnPage():
            return in_percent(str(side.metric))
        case Usual():
            return side.function != "rank" and in_percent(str(side.metric))
        case OverEditions():
            return side.function in ("mean", "min", "max") and is_percent(side.inner)
        case Negative():
            return is_percent(side.inner)
        case None | Number():
            return False
        case _:
            return bool(parts_of(side)) and all(
                is_percent(part) for part in parts_of(side) if not isinstance(part, Number)
            )


def _relation(operator: str, claimed: str, spoken: Language) -> str:
    words = {
        ">": spoken.text("more than %(claimed)s", claimed=claimed),
        ">=": spoken.text("at least %(claimed)s", claimed=claimed),
        "<": spoken.text("less than %(claimed)s", claimed=claimed),
        "<=": spoken.text("at most %(claimed)s", claimed=claimed),
        "=": spoken.text("exactly %(claimed)s", claimed=claimed),
        "!=": spoken.text("other than %(claimed)s", claimed=claimed),
    }
    return words[operator]
