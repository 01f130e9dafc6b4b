"""Evaluates claims by the metrics of editions, with the evidence of each verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from presslens.app.db.claims import ClaimRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import DatabaseLocked, InvalidRequest, NoDatabase
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.claims.claims import ClaimState, check_period, find_claim
from presslens.app.services.claims.contexts import load_context
from presslens.app.services.claims.evidence import Evidence, find_evidence
from presslens.app.services.claims.registrations import (
    ClaimTest,
    Look,
    Registration,
    log_look,
    looks_of,
    scans_of,
)
from presslens.app.services.statistics.selection import ExcludedEdition
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.evaluate import judge
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.tipping import verdict_tipping
from presslens.pipelines.statistics.claim.tree import Node
from presslens.pipelines.statistics.claim.verdict import WORDS, RuleVerdict
from presslens.pipelines.statistics.tipping import TippingPoint

MOST_TIPPED = 200
"""Largest number of editions of a verdict whose tipping points are looked for: it is evaluated some
sixty times for them."""

USUAL = ClaimTest()
"""How a rule is tested unless another test is asked for."""


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """The verdict on a rule for the editions of some days, with its evidence."""

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
    claim: ClaimState | None = None  # the claim whose rule it is; None for a rule without a claim
    # Whether the claim was frozen before the scans; None: it is not frozen.
    timing: Mapping[str, Any] | None = None
    looks: tuple[Look, ...] = ()  # the latest looks at the frozen claim, this one among them
    looks_count: int = 0  # number of all looks at it

    @property
    def repeats_last_look(self) -> bool:
        """Whether it tells nothing that was not known: of a frozen claim, what the last look was.

        A verdict that rests on no edition is no look.
        """
        if self.timing is None or not self.verdict.n:
            return True
        last = self.looks[-1] if self.looks else None
        return last is not None and (last.recipe_id, last.editions, last.verdict) == (
            self.recipe_id,
            self.verdict.n,
            self.verdict.truth,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as it is served."""
        claim: dict[str, Any] = {"claim": self.claim.to_json()} if self.claim else {}
        if self.timing is not None:
            claim["registered"] = dict(self.timing)
            claim["looks"] = [look.to_json() for look in self.looks]
            claim["looks_count"] = self.looks_count
        return {
            **claim,
            "recipe": self.recipe_id,
            "publication": self.publication,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            **self.verdict.to_json(),
            "tipping": [point.to_json() for point in self.tipping],
            "pages": self.pages,
            "pages_seen": self.pages_seen,
            "coverage": round(self.pages_seen / self.pages, 4) if self.pages else None,
            "left_out": [one.to_json() for one in self.left_out],
            "evidence": [one.to_json() for one in self.evidence],
        }


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
    period = claim.publication, claim.first, claim.last
    found = replace(judge_rule(home, claim.rule, *period, test=test, details=details), claim=claim)
    if frozen is None:
        return found
    return _registered(home, found, claim_id, frozen, now if log else None)


def _registered(
    home: Installation,
    found: ClaimVerdict,
    claim_id: int,
    frozen: Registration,
    now: datetime | None,
) -> ClaimVerdict:
    """Return a verdict with what is known of its registration; log the look, if it is one."""
    verdict = found.verdict
    if verdict.n and now is not None:
        look = Look(now, found.recipe_id, verdict.n, verdict.truth)
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
    if meant not in (None, found.recipe_id):
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
    return replace(found, verdict=verdict, timing=timing, looks=tuple(looks), looks_count=count)


def check_rule(text: str, publication: str, first: date, last: date, *, test: ClaimTest) -> Node:
    """Return the rule that a text is, if it can be evaluated by the editions of some days.

    Raises:
        InvalidRule: The rule can't be parsed; the error names the column.
        InvalidRequest: The days are out of order, too many, or the name can't be printed; or the
            rule can't be about practice.
    """
    check_period(first, last)
    one_line(publication, "a publication", LONGEST_NAME)
    rule = parse(text)
    test.check(rule)
    return rule


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
        first: First day.
        last: Last day.
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
    tipped = details and len(case.editions) + len(case.baseline) <= MOST_TIPPED
    evidence: Sequence[Evidence] = ()
    if details:
        with home.database.read() as session:
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
        tipping=verdict_tipping(rule, case) if tipped else (),
    )


def _by_relevance(verdict: RuleVerdict, editions: Sequence[int]) -> list[int]:
    """Return the editions; those with the verdict of the whole rule come first."""
    same = {one.edition for one in verdict.editions if one.truth is verdict.truth}
    return sorted(editions, key=lambda edition: edition not in same)
