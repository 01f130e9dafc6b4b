"""Evaluates claims by the metrics of editions, with the evidence of each verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.installation import Installation
from app.services.claims.claims import ClaimState, check_period, find_claim
from app.services.claims.contexts import load_context
from app.services.claims.evidence import Evidence, find_evidence
from app.services.statistics.selection import ExcludedEdition
from app.text import LONGEST_NAME, one_line
from pipelines.statistics.claim.evaluate import judge
from pipelines.statistics.claim.parser import parse
from pipelines.statistics.claim.verdict import RuleVerdict


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """The verdict on a rule for the editions of some days, with its evidence.

    Attributes:
        publication: Name of the newspaper.
        first: First day.
        last: Last day.
        verdict: The truth value of the rule, and the reasons.
        evidence: Photos and pages, for each metric.
        left_out: Editions of the days that were excluded, and the reasons.
        pages: Pages of the editions.
        pages_seen: Pages of the editions that were analysed.
        recipe_id: The recipe of the numbers.
        claim: The claim whose rule it is; None for a rule without a claim.
    """

    publication: str
    first: date
    last: date
    verdict: RuleVerdict
    evidence: tuple[Evidence, ...]
    left_out: tuple[ExcludedEdition, ...]
    pages: int
    pages_seen: int
    recipe_id: str
    claim: ClaimState | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as it is served."""
        claim = {"claim": self.claim.to_json()} if self.claim else {}
        return {
            **claim,
            "recipe": self.recipe_id,
            "publication": self.publication,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            **self.verdict.to_json(),
            "pages": self.pages,
            "pages_seen": self.pages_seen,
            "coverage": round(self.pages_seen / self.pages, 4) if self.pages else None,
            "left_out": [one.to_json() for one in self.left_out],
            "evidence": [one.to_json() for one in self.evidence],
        }


def claim_verdict(home: Installation, claim_id: int) -> ClaimVerdict:
    """Return the verdict on a claim, with the claim.

    Raises:
        NotFound: There is no such claim.
    """
    claim = find_claim(home, claim_id)
    verdict = judge_rule(home, claim.rule, claim.publication, claim.first, claim.last)
    return replace(verdict, claim=claim)


def judge_rule(
    home: Installation, text: str, publication: str, first: date, last: date
) -> ClaimVerdict:
    """Evaluate a rule by the editions of some days.

    Args:
        home: The installation.
        text: The rule.
        publication: Name of the newspaper; an unknown one has no editions.
        first: First day.
        last: Last day.

    Raises:
        InvalidRule: The rule can't be parsed; the error names the column.
        InvalidRequest: The days are out of order, too many, or the name can't be printed.
    """
    check_period(first, last)
    publication = one_line(publication, "a publication", LONGEST_NAME)
    rule = parse(text)
    case, loaded = load_context(home, rule, publication, first, last)
    verdict = judge(rule, case)
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
    )


def _by_relevance(verdict: RuleVerdict, editions: Sequence[int]) -> list[int]:
    """Return the editions; those with the verdict of the whole rule come first."""
    same = {one.edition for one in verdict.editions if one.truth is verdict.truth}
    return sorted(editions, key=lambda edition: edition not in same)
