"""A question in a sentence, in the language of the page, which reads it as the same question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from presslens.app.platform.language import SCRIPTS, WORDED, Language
from presslens.app.services.claims.claims import ASKED
from presslens.app.services.claims.sentences.question import (
    Against,
    Amount,
    ClaimQuestion,
    Over,
    Relation,
    question_of,
)
from presslens.app.web.claim_words import N_, mean_of_days
from presslens.app.web.metric_words import metric_name
from presslens.pipelines.statistics.claim.parser import parse

WHEN = {
    Over.EACH: N_("In every edition from %(first)s to %(last)s"),
    Over.ANY: N_("In at least one edition from %(first)s to %(last)s"),
    Over.MEAN: N_("On average from %(first)s to %(last)s"),
    Over.SUM: N_("In total from %(first)s to %(last)s"),
}

OF_SHARE = {
    Relation.MORE: N_("%(when)s the share of photos with %(name)s was higher than %(other)s."),
    Relation.LESS: N_("%(when)s the share of photos with %(name)s was lower than %(other)s."),
    Relation.AT_LEAST: N_("%(when)s the share of photos with %(name)s was at least %(other)s."),
    Relation.AT_MOST: N_("%(when)s the share of photos with %(name)s was at most %(other)s."),
    Relation.EXACTLY: N_("%(when)s the share of photos with %(name)s was exactly %(other)s."),
    Relation.DIFFERS: N_("%(when)s the share of photos with %(name)s differed from %(other)s."),
    Relation.APPEARS: N_("%(when)s photos with %(name)s appeared."),
    Relation.UNUSUAL: N_("%(when)s the share of photos with %(name)s was unusual."),
}

OF_PHOTOS = {
    Relation.MORE: N_("%(when)s there were more than %(other)s photos with %(name)s."),
    Relation.LESS: N_("%(when)s there were fewer than %(other)s photos with %(name)s."),
    Relation.AT_LEAST: N_("%(when)s there were at least %(other)s photos with %(name)s."),
    Relation.AT_MOST: N_("%(when)s there were at most %(other)s photos with %(name)s."),
    Relation.EXACTLY: N_("%(when)s there were exactly %(other)s photos with %(name)s."),
    Relation.DIFFERS: N_("%(when)s there were other than %(other)s photos with %(name)s."),
}

OF_NONE = N_("%(when)s there were no photos with %(name)s.")

OF_NUMBER = {
    Relation.MORE: N_("%(when)s %(name)s was higher than %(other)s."),
    Relation.LESS: N_("%(when)s %(name)s was lower than %(other)s."),
    Relation.AT_LEAST: N_("%(when)s %(name)s was at least %(other)s."),
    Relation.AT_MOST: N_("%(when)s %(name)s was at most %(other)s."),
    Relation.EXACTLY: N_("%(when)s %(name)s was exactly %(other)s."),
    Relation.DIFFERS: N_("%(when)s %(name)s differed from %(other)s."),
    Relation.APPEARS: N_("%(when)s %(name)s was higher than %(other)s."),
    Relation.UNUSUAL: N_("%(when)s %(name)s was unusual."),
}

NONE = Amount(0.0, percent=True)
"""A share of which a sentence says that there were no photos."""

OF_LEAD = {
    Relation.LEADER: N_("%(when)s the lead photo of the front page was about the leader."),
    Relation.FACILITY: N_("%(when)s the lead photo of the front page was about a facility."),
    Relation.NEITHER: N_(
        "%(when)s the lead photo of the front page was about neither the leader nor a facility."
    ),
}

USUAL = {
    Relation.MORE: N_("in nine of ten editions before"),
    Relation.AT_LEAST: N_("what nine in ten editions before have"),
    Relation.LESS: N_("in nine of ten editions before"),
    Relation.AT_MOST: N_("what nine in ten editions before exceed"),
    Relation.EXACTLY: N_("the median of the editions before"),
    Relation.DIFFERS: N_("the median of the editions before"),
}

NAMES = {
    "leader": N_("the leader"),
    "crowd": N_("a crowd"),
    "photo_area_share": N_("the photo area"),
    "largest_photo": N_("the size of the largest photo"),
    "leader_area": N_("the size of the leader in his photos"),
    "leader_centrality": N_("the closeness of the leader to the middle"),
}
"""What is named otherwise in a sentence than in a table."""


def question_sentence(question: ClaimQuestion, spoken: Language) -> str:
    """Return a question as what it asserts; one that asks for what is unusual as a question."""
    if question.lists:
        if question.one_day:
            return spoken.text("Was %(day)s unusual?", day=spoken.day(question.first))
        days = _days(question, spoken)
        return spoken.text("What was unusual from %(first)s to %(last)s?", **days)
    values = {
        "when": _when(question, spoken),
        "name": _name(question, spoken),
        "other": _other(question, spoken),
    }
    sentence = spoken.text(_template(question), **values)
    if question.instead is None:
        return sentence
    claim = sentence.rstrip(".")
    usual = spoken.number(question.instead, 2)
    return spoken.text("%(claim)s, where %(usual)s is usual.", claim=claim, usual=usual)


def asked_title(claim: Mapping[str, Any], spoken: Language, *, typed: bool = False) -> str:
    """Return what a claim says: of a question that was typed, what it asserts.

    Args:
        claim: The JSON of a claim.
        typed: A question in the language of the page stands as it was typed.
    """
    statement = str(claim["statement"])
    if not claim["key"].startswith(ASKED):
        return statement
    if SCRIPTS[spoken.code].fullmatch(statement) and (typed or statement.endswith(".")):
        return statement
    question = _question_of(claim["rule"], claim["publication"], claim["from"], claim["to"])
    return question_sentence(question, spoken) if question else statement


@lru_cache(WORDED)
def _question_of(rule: str, publication: str, first: str, last: str) -> ClaimQuestion | None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return question_of(parse(rule), publication, *days)


def _template(question: ClaimQuestion) -> str:
    metric = question.metric
    if metric is None:
        return OF_LEAD[question.relation]
    if metric.is_share and question.relation is Relation.EXACTLY and question.amount == NONE:
        return OF_NONE
    if question.counts_photos:
        return OF_PHOTOS[question.relation]
    return (OF_SHARE if metric.is_share else OF_NUMBER)[question.relation]


def _when(question: ClaimQuestion, spoken: Language) -> str:
    if question.one_day:
        return spoken.text("On %(day)s", day=spoken.day(question.first))
    return spoken.text(WHEN[question.taken], **_days(question, spoken))


def _days(question: ClaimQuestion, spoken: Language) -> dict[str, str]:
    return {"first": spoken.day(question.first), "last": spoken.day(question.last)}


def _name(question: ClaimQuestion, spoken: Language) -> str:
    metric = question.metric
    if metric is None:
        return ""
    named = metric.name in NAMES
    name = spoken.text(NAMES[metric.name]) if named else metric_name(metric.name, spoken)
    if question.front:
        name = spoken.text("%(name)s on the front page", name=name)
    return name if named or metric.is_share else spoken.text("the number of %(name)s", name=name)


def _other(question: ClaimQuestion, spoken: Language) -> str:
    if not question.relation.compares:
        return spoken.number(0)
    match question.compared_with:
        case Against.NUMBER:
            return amount_words(question.amount, spoken)
        case Against.MEAN:
            return spoken.text("the mean of the editions before")
        case Against.RECORD:
            return spoken.text("in any edition before")
        case Against.DAYS:
            return mean_of_days(question.other_days, spoken) if question.other_days else ""
        case Against.USUAL:
            return spoken.text(USUAL[question.relation])


MOST_DIGITS = 9
"""Digits behind the point of a number that is claimed."""


def amount_words(amount: Amount | None, spoken: Language) -> str:
    """Return a number that is claimed, as it is written in a form; "" for None."""
    if amount is None:
        return ""
    # All its digits: what the form writes is asked.
    number = spoken.number(amount.value * (100 if amount.percent else 1), MOST_DIGITS)
    return f"{number}%" if amount.percent else number
