"""Loads what a rule is evaluated on: the editions, those before them, and their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import and_, select

from presslens.app.db.publications import is_named
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.claims.page_metrics import page_metrics
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.claims.share_intervals import (
    mean_estimates,
    shares_in_means,
    strict_estimates,
)
from presslens.app.services.figures.looked_for import looked_for_anywhere
from presslens.app.services.labels.labels import label_names
from presslens.app.services.statistics.edition_metrics import LoadedEditions, load_editions
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.models.message import Message
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.evaluate import baseline_needed
from presslens.pipelines.statistics.claim.tree import (
    FRONT_PAGE,
    LEAD_FOCUS,
    Node,
    baseline_metrics_of,
    metrics_of,
    pages_of,
)
from presslens.pipelines.statistics.known import LEAD_FOCUS as FRONT_LEAD_FOCUS
from presslens.pipelines.statistics.measure import LABEL, Weight
from presslens.pipelines.statistics.metrics import EditionMetrics, Metric

UNUSABLE = {
    "waiting": Message("it is not analysed yet"),
    "incomplete": Message("too few of its pages could be looked at"),
}
PRINTED = Metric("photo_area_share")

FEWEST_TESTS = 20
MOST_STRICT = 0.9999
"""Level of the stricter intervals: that of a test of each edition, of twenty of them at least."""


def load_context(
    home: Installation, rule: Node, publication: str, first: date, last: date, *, test: ClaimTest
) -> tuple[ClaimContext, LoadedEditions]:
    """Return what a rule is evaluated on, and the editions of its days.

    Args:
        home: The installation.
        rule: The rule.
        publication: Name of the newspaper.
        first: First day.
        last: Last day.
        test: The level, and the editions that the verdict is about.
    """
    on_pages = pages_of(rule)
    named = set().union(*on_pages.values()) | metrics_of(rule) | baseline_metrics_of(rule)
    unmeasured = dict(_unmeasured(home, named))
    criteria = EditionCriteria(publication, first, last)
    loaded = _load(home, metrics_of(rule), criteria, unmeasured)
    before = _before(home, rule, publication, first)
    usual = baseline_metrics_of(rule)
    baseline = _load(home, usual, before, unmeasured).editions if before else ()
    shares = [
        (criteria, _shares(metrics_of(rule), unmeasured)),
        *([(before, _shares(usual, unmeasured))] if before else []),
    ]
    strictest = min(MOST_STRICT, 1.0 - test.level / max(FEWEST_TESTS, len(loaded.editions)))
    with home.database.read() as session:
        ids = [edition.id for edition in loaded.editions]
        pages = page_metrics(session, home.recipe, ids, on_pages)
        strict = strict_estimates(session, home.recipe, shares, strictest)
        means = mean_estimates(
            session,
            home.recipe,
            criteria,
            _shares(shares_in_means(rule), unmeasured),
            test.estimand,
        )
    case = ClaimContext(
        publication,
        first,
        last,
        editions=loaded.editions,
        baseline=baseline,
        usual_pages=_usual_pages(home, publication),
        unusable={
            one.date: UNUSABLE[one.reason] for one in loaded.left_out if one.reason in UNUSABLE
        },
        unmeasured=unmeasured,
        front_seen=_front_seen(home, [*loaded.editions, *baseline]),
        on_pages=pages,
        level=test.level,
        confidence=home.recipe.aggregate.confidence,
        estimand=test.estimand,
        strict=strict if strictest > home.recipe.aggregate.confidence else None,
        means=means,
    )
    return case, loaded


def _shares(metrics: set[Metric], unmeasured: Mapping[str, str]) -> set[Metric]:
    return {one for one in metrics if one.is_share and one.name not in unmeasured}


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


def _before(
    home: Installation, rule: Node, publication: str, first: date
) -> EditionCriteria | None:
    """Return the criteria of the editions before the first day, as many as the rule needs."""
    needed = baseline_needed(rule)
    days = (
        select(EditionRow.edition_date)
        .join(PublicationRow)
        .where(is_named(publication), EditionRow.edition_date < first)
        .distinct()
        .order_by(EditionRow.edition_date.desc())
        .limit(needed)
    )
    with home.database.read() as session:
        dates = list(session.scalars(days))
    return EditionCriteria(publication, dates[-1], first - timedelta(days=1)) if dates else None


def _unmeasured(home: Installation, metrics: set[Metric]) -> Iterator[tuple[str, str]]:
    """Yield each metric that photos are not looked at for, and why."""
    with home.database.read() as session:
        known = looked_for_anywhere(session, home.recipe)
    if any(metric.name.startswith(LABEL) for metric in metrics):
        known = replace(known, labels=frozenset(label_names(home)))
    for name in {metric.name for metric in metrics}:
        why = known.why_not(name)
        if why is not None:
            yield name, why
    focus = known.why_not(FRONT_LEAD_FOCUS)
    if focus is not None:
        yield LEAD_FOCUS, focus


def _usual_pages(home: Installation, publication: str) -> int | None:
    with home.database.read() as session:
        return session.scalar(select(PublicationRow.usual_pages).where(is_named(publication)))
