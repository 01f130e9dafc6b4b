"""Evaluates claims by the metrics of editions, with the evidence of each verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from app.installation import Installation
from app.services.claims.claims import ClaimState, check_period, find_claim
from app.services.claims.evidence import Evidence, find_evidence
from app.services.figures.gallery import figure_roles
from app.services.labels.labels import label_names
from app.services.statistics.edition_metrics import LoadedEditions, load_editions
from app.services.statistics.selection import EditionCriteria, ExcludedEdition
from app.text import LONGEST_NAME, one_line
from models.faces.gallery import LEADER
from pipelines.statistics.claim.context import ClaimContext
from pipelines.statistics.claim.evaluate import RuleVerdict, baseline_needed, judge
from pipelines.statistics.claim.parser import parse
from pipelines.statistics.claim.tree import (
    LEAD_FOCUS,
    Node,
    baseline_metrics_of,
    metrics_of,
)
from pipelines.statistics.measure import FIGURE, FOCUSES, LABEL, Weight
from pipelines.statistics.metrics import EditionMetrics, Metric
from pipelines.statistics.plain import PLAIN, Enrolment

SHARES_OF_LEADER = ("leader", "leader_and_facility", *FOCUSES)
"""Shares that mean nothing as long as no leader is enrolled: no photo would show one."""

UNUSABLE = {
    "waiting": "it is not analysed yet",
    "incomplete": "too few of its pages could be looked at",
}
PAIR = 2
FRONT_PAGE = 1
PRINTED = Metric("photo_area_share")
NO_LEADER = "no leader is enrolled, so it is not known which photos show him"
NO_PAIR = "fewer than two figures are enrolled"


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
    unmeasured = dict(_unmeasured(home, metrics_of(rule) | baseline_metrics_of(rule)))
    loaded = _load(home, metrics_of(rule), EditionCriteria(publication, first, last), unmeasured)
    case = ClaimContext(
        publication,
        first,
        last,
        editions=loaded.editions,
        baseline=_baseline(home, rule, publication, first, unmeasured),
        usual_pages=_usual_pages(home, publication),
        unusable={
            one.date: UNUSABLE[one.reason] for one in loaded.left_out if one.reason in UNUSABLE
        },
        unmeasured=unmeasured,
        front_seen=_front_seen(home, loaded.editions),
    )
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


def _load(
    home: Installation,
    metrics: set[Metric],
    criteria: EditionCriteria,
    unmeasured: Mapping[str, str],
) -> LoadedEditions:
    measured = [metric for metric in sorted(metrics, key=str) if metric.name not in unmeasured]
    if PRINTED not in measured and any(metric.weight is Weight.AREA for metric in measured):
        measured.append(PRINTED)  # the bounds of partial editions need it
    return load_editions(home, criteria, metrics=measured)


def _front_seen(home: Installation, editions: Sequence[EditionMetrics]) -> dict[int, bool]:
    """Return whether the front page was analysed, of each edition with a page that was not."""
    partial = [edition.id for edition in editions if edition.pages_seen < edition.pages]
    outcome = and_(
        OutcomeRow.scan_id == PageRow.scan_id,
        OutcomeRow.observation_id == home.recipe.observation_id,
        OutcomeRow.width.is_not(None),
    )
    query = select(PageRow.edition_id).join(OutcomeRow, outcome)
    query = query.where(PageRow.edition_id.in_(partial), PageRow.number == FRONT_PAGE)
    with home.database.read() as session:
        seen = set(session.scalars(query))
    return {edition: edition in seen for edition in partial}


def _baseline(
    home: Installation, rule: Node, publication: str, first: date, unmeasured: Mapping[str, str]
) -> Sequence[Any]:
    """Return the metrics of the editions before the first day, as many as the rule needs."""
    needed = baseline_needed(rule)
    days = (
        select(EditionRow.edition_date)
        .join(PublicationRow)
        .where(PublicationRow.name == publication, EditionRow.edition_date < first)
        .distinct()
        .order_by(EditionRow.edition_date.desc())
        .limit(needed)
    )
    with home.database.read() as session:
        dates = list(session.scalars(days))
    if not dates:
        return ()
    criteria = EditionCriteria(publication, dates[-1], first - timedelta(days=1))
    return _load(home, baseline_metrics_of(rule), criteria, unmeasured).editions


def _unmeasured(home: Installation, metrics: set[Metric]) -> Iterator[tuple[str, str]]:
    """Yield each metric whose figure or label is not enrolled, and the reason."""
    with home.database.read() as session:
        roles = figure_roles(session)
    if LEADER not in roles.values():
        plain = _requiring(Enrolment.LEADER)
        yield from ((name, NO_LEADER) for name in (*plain, *SHARES_OF_LEADER, LEAD_FOCUS))
    if len(roles) < PAIR:
        yield from ((name, NO_PAIR) for name in _requiring(Enrolment.TWO_FIGURES))
    labels = set(label_names(home)) if any(m.name.startswith(LABEL) for m in metrics) else set()
    for name in (metric.name for metric in metrics):
        figure, label = name.removeprefix(FIGURE), name.removeprefix(LABEL)
        if figure != name and figure not in roles:
            yield name, f"no figure called {figure!r} is enrolled"
        if label != name and label not in labels:
            yield name, f"photos are not read for a label {label!r}"


def _requiring(enrolment: Enrolment) -> list[str]:
    return [name for name, metric in PLAIN.items() if metric.enrolment is enrolment]


def _usual_pages(home: Installation, publication: str) -> int | None:
    with home.database.read() as session:
        return session.scalar(select(PublicationRow.usual_pages).filter_by(name=publication))


def _by_relevance(verdict: RuleVerdict, editions: Sequence[int]) -> list[int]:
    """Return the editions; those with the verdict of the whole rule come first."""
    same = {one.edition for one in verdict.editions if one.truth is verdict.truth}
    return sorted(editions, key=lambda edition: edition not in same)
