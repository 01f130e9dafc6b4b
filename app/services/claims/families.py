"""Verdicts on families of claims, corrected for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.claims.claims import (
    ClaimFilter,
    ClaimState,
    claim_named,
    iterate_claims,
)
from presslens.app.services.claims.contexts import load_context
from presslens.app.services.claims.registrations import ClaimTest, Look, log_look
from presslens.app.services.claims.scheduled_looks import (
    deciding_look,
    question_verdict,
    scheduled_looks,
)
from presslens.app.services.claims.verdicts import judged_rule
from presslens.models.message import Message
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.claim.context import LEVEL, ClaimContext
from presslens.pipelines.statistics.claim.family import (
    MemberVerdict,
    ScheduledVerdict,
    judge_family,
)
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.tree import Node
from presslens.pipelines.statistics.claim.verdict import percent
from presslens.pipelines.statistics.corrections import Correction

MOST_CLAIMS = 500

METHODS = {
    Correction.BONFERRONI: "of all %(n)s claims together one is wrongly true in at most %(level)s,"
    " and one wrongly false in at most %(level)s (Bonferroni, whatever the dependence of their"
    " errors)",
    Correction.HOLM: "of all %(n)s claims together one is wrongly true in at most %(level)s, and"
    " one wrongly false in at most %(level)s (Holm, whatever the dependence of their errors)",
    Correction.BH: "of the claims that are said to be true, and of those said to be false,"
    " %(level)s are wrong on average at most (Benjamini-Hochberg, for errors that are independent"
    " or positively dependent)",
}


@dataclass(frozen=True, slots=True)
class FamilyVerdict(Served):
    """The verdicts on a family of claims."""

    SERVED: ClassVar[str] = """
        recipe=recipe_id level simultaneous correction method claims
    """

    correction: Correction  # how they are corrected
    level: float  # of the family, 0–1
    # Each claim, its number of editions, and its verdict.
    members: tuple[tuple[ClaimState, int, MemberVerdict], ...]
    recipe_id: str  # the recipe of the numbers

    @property
    def method(self) -> str:
        """What the level means, in words."""
        return family_method(self.correction, len(self.members), self.level)

    @property
    def simultaneous(self) -> bool:
        """Whether one wrong verdict among all is as rare as the level."""
        return self.correction is not Correction.BH

    @property
    def claims(self) -> list[dict[str, Any]]:
        """The claims with their verdicts."""
        return [
            {
                "id": claim.id,
                "claim": claim.key,
                "version": claim.version,
                "statement": claim.statement,
                "rule": claim.rule,
                "publication": claim.publication,
                "from": claim.first.isoformat(),
                "to": claim.last.isoformat(),
                "n": n,
                "verdict": member.truth.value,
                "verdict_alone": member.alone.value,
                "p_true": _rounded(member.p_true),
                "p_true_adjusted": _rounded(member.adjusted_true),
                "p_false": _rounded(member.p_false),
                "p_false_adjusted": _rounded(member.adjusted_false),
            }
            for claim, n, member in self.members
        ]


def family_method(correction: Correction, n: int, level: float = LEVEL) -> Message:
    """Return what the level of a family of n claims means, in words."""
    return Message(METHODS[correction], n=n, level=percent(level))


def check_family(
    home: Installation,
    keys: Sequence[str] | None,
    *,
    correction: Correction = Correction.HOLM,
    level: float = LEVEL,
    now: datetime,
) -> FamilyVerdict:
    """Return the verdicts on a family of claims; looks at frozen ones are logged.

    That on a question is ``question_verdict`` alone, and no look.

    Args:
        keys: Keys of the claims; None: all claims.
        correction: How they are corrected.
        level: Largest probability of a wrong verdict, or expected part of wrong ones, 0–1.
        now: The time of the look.

    Raises:
        NotFound: There is no claim with one of the keys.
        InvalidRequest: There are no claims, or too many; or the level is out of its range.
    """
    ClaimTest(level)
    if keys is None:
        claims = list(iterate_claims(home, ClaimFilter()))
    else:
        claims = [claim_named(home, key) for key in dict.fromkeys(keys)]
    if not 0 < len(claims) <= MOST_CLAIMS:
        raise InvalidRequest(f"a family has 1 to {MOST_CLAIMS} claims: name their keys")
    family = judge_claims(home, claims, correction=correction, level=level)
    with home.database.read() as session:
        questions = {claim.id for claim in claims if scheduled_looks(session, claim.id)}
    for claim, n, verdict in family.members:
        if claim.registration is not None and n and claim.id not in questions:
            log_look(home, claim.id, Look(now, home.recipe.id, n, verdict.truth))
    return family


def judge_claims(
    home: Installation,
    claims: Sequence[ClaimState],
    *,
    correction: Correction = Correction.HOLM,
    level: float = LEVEL,
) -> FamilyVerdict:
    """Return the verdicts on a family of claims; no look is logged.

    Args:
        claims: The claims, frozen ones only if what is returned is not shown, or logged.
        correction: How they are corrected.
        level: Largest probability of a wrong verdict, or expected part of wrong ones, 0–1.
    """
    cases, editions = list[tuple[Node, ClaimContext] | ScheduledVerdict](), list[int]()
    for claim in claims:
        rule = parse(claim.rule)
        frozen = claim.registration.test if claim.registration else ClaimTest()
        test = ClaimTest(level, frozen.estimand)
        period = claim.publication, claim.first, claim.last
        case, _ = load_context(home, rule, *period, test=test)
        editions.append(len(case.editions))
        cases.append(_scheduled(home, claim, frozen) or (rule, case))
    verdicts = judge_family(cases, correction, level)
    members = tuple(zip(claims, editions, verdicts, strict=True))
    return FamilyVerdict(correction, level, members, home.recipe.id)


def _scheduled(home: Installation, claim: ClaimState, test: ClaimTest) -> ScheduledVerdict | None:
    """Return the verdict on a question, as it is shown everywhere; None: it is none."""
    with home.database.read() as session:
        looks = scheduled_looks(session, claim.id)
    if not looks:
        return None
    truth = question_verdict(
        claim.rule, looks, lambda: judged_rule(home, claim, test, details=False).checked
    )
    decision = deciding_look(looks)
    made = looks[: looks.index(decision) + 1] if decision else ()
    return ScheduledVerdict(truth, sum(one.risk for one in made))


def _rounded(p: float) -> float:
    return float(f"{p:.3g}")
