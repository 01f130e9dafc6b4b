"""Evaluates claims by the metrics of editions, and finds the photos and pages of each verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from presslens.app.db.claims import ClaimRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import DatabaseLocked, InvalidRequest, NoDatabase
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.cached import cached
from presslens.app.services.catalogue.scope import unknown_newspaper
from presslens.app.services.claims.claims import ClaimState, check_period, find_claim
from presslens.app.services.claims.contexts import load_context, rule_validities
from presslens.app.services.claims.evidence import Evidence, find_evidence
from presslens.app.services.claims.registrations import (
    ClaimTest,
    Look,
    Registration,
    log_look,
    looks_of,
    scans_of,
)
from presslens.app.services.claims.scheduled_looks import (
    question_verdict,
    scheduled_looks,
    why_it_stands,
)
from presslens.app.services.claims.settling_draws import settling_draws
from presslens.app.services.shares.selection import EditionCriteria, ExcludedEdition
from presslens.app.services.statistics.counts import missed_at_most
from presslens.app.services.statistics.what_helps import WhatHelps
from presslens.models.message import Message
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tipping import verdict_tipping
from presslens.pipelines.statistics.claim.tree import Node
from presslens.pipelines.statistics.claim.verdict import WORDS, RuleVerdict
from presslens.pipelines.statistics.tipping import TippingPoint
from presslens.pipelines.statistics.validity import Validity

MOST_TIPPED = 200
"""Largest number of editions of a verdict whose tipping points are looked for: it is evaluated some
sixty times for them."""

USUAL = ClaimTest()
"""How a rule is tested unless another test is asked for."""


@dataclass(frozen=True, slots=True)
class ClaimVerdict(Served):
    """The verdict on a rule for the editions of some days, with its evidence."""

    SERVED: ClassVar[str] = """
        claim? registered?=timing looks?=logged_looks looks_count?=logged_count recipe=recipe_id
        publication from=first to=last *verdict help=helps tipping pages pages_seen coverage
        left_out validity unchecked stands? evidence
    """

    publication: str  # name of the newspaper
    first: date  # first day
    last: date  # last day
    verdict: RuleVerdict  # the truth value of the rule, and the reasons
    evidence: tuple[Evidence, ...]  # photos and pages, for each metric
    # Editions of the days that were excluded, and the reasons.
    left_out: tuple[ExcludedEdition, ...]
    pages: int  # pages of the editions
    pages_seen: int  # pages of the editions that were analysed
    recipe_id: str  # the recipe of the numbers
    # How far assumptions must be off until the verdict falls; empty for one that is undecided, that
    # rests on no photo, or on more editions than ``MOST_TIPPED``.
    tipping: tuple[TippingPoint, ...] = ()
    # Whether the machine is worth anything in the newspaper, for each share of the rule.
    validity: tuple[Validity, ...] = ()
    unchecked: str | None = None  # what readings it rests on that nobody has checked
    # What would decide it; empty for a verdict that is not undecided, or where nothing is foreseen.
    helps: tuple[WhatHelps, ...] = ()
    claim: ClaimState | None = None  # the claim whose rule it is; None for a rule without a claim
    # Whether the claim was frozen before the scans; None: it is not frozen.
    timing: Mapping[str, Any] | None = None
    looks: tuple[Look, ...] = ()  # the latest looks at the frozen claim, this one among them
    looks_count: int = 0  # number of all looks at it
    is_question: bool = False  # its scheduled looks, or people's answers, decide it
    stands: str | None = None  # that a look decided it, and what is known now would not

    @property
    def checked(self) -> TruthValue:
        """The truth value; undecided where it rests on readings that nobody has checked."""
        return self.verdict.truth if self.unchecked is None else TruthValue.UNDECIDED

    @property
    def repeats_last_look(self) -> bool:
        """Whether it tells nothing that was not known: of a frozen claim, what the last look was.

        A verdict that rests on no edition is no look, and that on a question is known.
        """
        if self.timing is None or not self.verdict.n or self.is_question:
            return True
        last = self.looks[-1] if self.looks else None
        return last is not None and (last.recipe_id, last.editions, last.verdict) == (
            self.recipe_id,
            self.verdict.n,
            self.verdict.truth,
        )

    @property
    def logged_looks(self) -> Sequence[Look] | None:
        """The latest looks at a frozen claim."""
        return None if self.timing is None else list(self.looks)

    @property
    def logged_count(self) -> int | None:
        """Number of all looks at a frozen claim."""
        return None if self.timing is None else self.looks_count

    @property
    def coverage(self) -> Rounded | None:
        """Share of the pages that were analysed, 0–1."""
        return self.pages_seen / self.pages if self.pages else None


def claim_verdict(
    home: Installation,
    claim_id: int,
    *,
    test: ClaimTest | None = None,
    now: datetime,
    log: bool = True,
    details: bool = True,
) -> ClaimVerdict:
    """Return the verdict on a claim, with the claim; a look at a frozen one is logged.

    That on a question is ``question_verdict``, whatever the test, and no look.

    Args:
        claim_id: Id of the version.
        test: How it is tested; None: as it is frozen, or as usual.
        now: The time of the look.
        log: Log a look at a frozen claim. Who doesn't must not show the verdict, unless it is
            ``repeats_last_look``.
        details: Look for the evidence and the tipping points too.

    Raises:
        NotFound: There is no such claim.
        InvalidRequest: It is frozen, and not to be tested in this way; or no rule for this test.
    """
    claim = find_claim(home, claim_id)
    frozen = claim.registration
    if frozen is not None and test not in (None, frozen.test):
        raise InvalidRequest(
            f"{claim.key} is frozen to be tested at a level of {frozen.test.level:g}, about"
            f" {WORDS[frozen.test.estimand]}: ask without a level and an estimand, or check its"
            " rule as one of your own"
        )
    test = frozen.test if frozen is not None else test or ClaimTest()
    judged = replace(judged_rule(home, claim, test, details=details), claim=claim)
    with home.database.read() as session:
        looks = scheduled_looks(session, claim_id)
    if looks:
        truth = question_verdict(claim.rule, looks, lambda: judged.checked)
        judged = _of_question(judged, truth)
    if frozen is None:
        return judged
    return _registered(home, judged, claim_id, frozen, now if log and not looks else None)


def judged_rule(
    home: Installation, claim: ClaimState, test: ClaimTest, *, details: bool = True
) -> ClaimVerdict:
    """Return the verdict on the rule of a claim by what is known now; see ``judge_rule``."""
    period = claim.publication, claim.first, claim.last
    return judge_rule(home, claim.rule, *period, test=test, details=details)


def _of_question(judged: ClaimVerdict, truth: TruthValue) -> ClaimVerdict:
    if truth is judged.verdict.truth:
        return replace(judged, is_question=True)
    verdict = replace(judged.verdict, truth=truth)
    stands = why_it_stands(truth, judged.verdict.truth)
    if judged.unchecked is None and stands is None:
        verdict = verdict.with_reason(
            Message("its scheduled looks decide a question, not what its interval is now")
        )
    return replace(judged, is_question=True, verdict=verdict, tipping=(), stands=stands)


def _registered(
    home: Installation,
    judged: ClaimVerdict,
    claim_id: int,
    frozen: Registration,
    now: datetime | None,
) -> ClaimVerdict:
    """Return a verdict with what is known of its registration; log the look, if it is one."""
    verdict = judged.verdict
    if verdict.n and now is not None:
        look = Look(now, judged.recipe_id, verdict.n, verdict.truth)
        try:
            log_look(home, claim_id, look)
        except DatabaseLocked:
            raise
        except NoDatabase:
            verdict = verdict.with_reason(
                Message("this look is not logged, since the database can only be read")
            )
    with home.database.read() as session:
        timing = frozen.timing(scans_of(session, session.get_one(ClaimRow, claim_id))[1])
        looks, count = looks_of(session, claim_id)
    meant = frozen.content["recipe"]
    if meant not in (None, judged.recipe_id):
        verdict = verdict.with_reason(
            Message(
                "it was frozen for recipe %(recipe)s, and this verdict is under another one",
                recipe=meant[:12],
            )
        )
    if frozen.content["rule_version"] != verdict.version:
        verdict = verdict.with_reason(
            Message("it was frozen under another version of the language")
        )
    return replace(judged, verdict=verdict, timing=timing, looks=tuple(looks), looks_count=count)


def check_rule(text: str, publication: str, first: date, last: date, *, test: ClaimTest) -> Node:
    """Return the rule that a text is, if it can be evaluated by the editions of some days.

    Raises:
        InvalidRule: The rule can't be parsed; the error names the column.
        InvalidRequest: The days are out of order, too many, or the name can't be printed; or the
            rule can't be about practice.
    """
    one_line(publication, "a publication", LONGEST_NAME)
    rule = parse(text)
    check_period(first, last, rule)
    test.check(rule)
    return rule


@cached
def judge_rule(
    home: Installation,
    text: str,
    publication: str,
    first: date,
    last: date,
    *,
    test: ClaimTest = USUAL,
    details: bool = True,
) -> ClaimVerdict:
    """Evaluate a rule by the editions of some days.

    Args:
        text: The rule.
        publication: Name of the newspaper; an unknown one has no editions.
        test: The level, and the editions that the verdict is about.
        details: Look for the evidence and the tipping points too.

    Raises:
        InvalidRule: The rule can't be parsed; the error names the column.
        InvalidRequest: The days are out of order, too many, or the name can't be printed; or the
            rule can't be about practice.
    """
    rule = check_rule(text, publication, first, last, test=test)
    publication = one_line(publication, "a publication", LONGEST_NAME)
    case, loaded = load_context(home, rule, publication, first, last, test=test)
    verdict = judge(rule, case)
    unknown = None if case.editions else unknown_newspaper(home, publication)
    if unknown is not None:
        verdict = verdict.with_reason(unknown)
    validities, unchecked = rule_validities(home, rule, case)
    verdict = verdict if unchecked is None else verdict.with_reason(unchecked)
    tipped = details and len(case.editions) + len(case.baseline) <= MOST_TIPPED
    evidence: Sequence[Evidence] = ()
    missed = None
    if details:
        with home.database.read() as session:
            if tipped and verdict.truth is not TruthValue.UNDECIDED:
                days = EditionCriteria(publication, first, last)
                missed = missed_at_most(session, [days], home.recipe)
            order = _by_relevance(verdict, [facts.id for facts in loaded.editions])
            evidence = find_evidence(session, home.recipe, rule, order, verdict.truth)
    return ClaimVerdict(
        publication,
        first,
        last,
        verdict,
        tuple(evidence),
        tuple(loaded.left_out),
        pages=sum(facts.pages for facts in loaded.editions),
        pages_seen=sum(facts.pages_seen for facts in loaded.editions),
        recipe_id=home.recipe.id,
        tipping=verdict_tipping(rule, case, missed) if tipped else (),
        validity=validities,
        unchecked=unchecked,
        helps=settling_draws(home, rule, verdict, case) if details else (),
    )


def _by_relevance(verdict: RuleVerdict, editions: Sequence[int]) -> list[int]:
    """Return the editions; those with the verdict of the whole rule come first."""
    same = {one.edition for one in verdict.editions if one.truth is verdict.truth}
    return sorted(editions, key=lambda edition: edition not in same)
