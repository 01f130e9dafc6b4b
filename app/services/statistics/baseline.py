"""Compares an edition with the previous editions of its newspaper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from presslens.app.db.publications import stated_newspaper
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.recipes.recipes import Provenance, provenance
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.statistics.anniversaries import anniversaries
from presslens.app.services.statistics.by_group import count_document
from presslens.app.services.statistics.edition_metrics import (
    METRICS,
    MOST_METRICS,
    LoadedEditions,
    load_editions,
)
from presslens.app.services.statistics.machine_shares import share_readings
from presslens.pipelines.result import Served, rounded, rounded_interval
from presslens.pipelines.statistics.baseline import Baseline, Standing, compare_to_baseline
from presslens.pipelines.statistics.explanations import (
    DAYS_A_MONTH,
    lead_in_words,
    standing_in_words,
)
from presslens.pipelines.statistics.flags import POWER, TWO_QUESTIONS, BaselineRules
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.reference_editions import (
    Excluded,
    choose_reference_editions,
    same_day_editions,
)
from presslens.pipelines.statistics.robust import RobustSummary
from presslens.pipelines.statistics.unusual import Unusual, unusual_in

MOST_YEARS = 20
"""Largest number of earlier years whose edition of the same day is compared."""

MOST_LISTED = 400
"""Largest number of days, and of editions not used, that are listed; all are counted."""

PAGES = Metric("pages")


@dataclass(frozen=True, slots=True)
class EditionBaseline(Served):
    """The baseline of an edition, the recipe of its numbers, and what its day is known for."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id edition=baseline.edition.id
        publication=baseline.edition.publication date=baseline.edition.date
        pages=baseline.edition.pages pages_seen=baseline.edition.pages_seen coverage flags
        note extremes_by_chance=baseline.extremes_by_chance
        false_flag_share=baseline.false_flag_share anniversary metrics front_lead
        baseline=previous
    """

    baseline: Baseline
    recipe_id: str
    anniversaries: tuple[str, ...] = ()

    @property
    def coverage(self) -> float | None:
        """Share of the pages that were analysed, 0–1."""
        return rounded(
            self.baseline.edition.pages_seen / self.baseline.edition.pages
            if self.baseline.edition.pages
            else None
        )

    @property
    def flags(self) -> Sequence[Unusual]:
        """What is unusual about the edition."""
        return unusual_in(self.baseline)

    @property
    def note(self) -> str | None:
        """Why a claim may say less than a flag; None where no flag leaves an error out."""
        standings = self.baseline.standings
        return TWO_QUESTIONS if any(one.deciding_interval for one in standings) else None

    @property
    def anniversary(self) -> dict[str, Any]:
        """Events of the same day of other years, and the editions then."""
        return {
            "titles": list(self.anniversaries),
            "editions": [
                {"edition": one.id, "date": one.date.isoformat()}
                for one in self.baseline.anniversaries
            ],
        }

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics, each beside what is usual."""
        return [_standing(standing, self.baseline) for standing in self.baseline.standings]

    @property
    def front_lead(self) -> dict[str, Any]:
        """The focus of the lead of the front page, and what is usual."""
        lead = self.baseline.front_lead
        return {
            "verdict": lead.verdict,
            "usual": lead.usual,
            "counts": {verdict.value: count for verdict, count in lead.counts.items()},
            "flag": lead.flagged,
            "last_editions_ago": lead.last,
            "words": lead_in_words(lead),
        }

    @property
    def previous(self) -> dict[str, Any]:
        """The editions that it is compared with."""
        return self._previous()

    def params(self) -> dict[str, Any]:
        """Return the query parameters that ask for the result again, under its recipe."""
        rules = self.baseline.rules
        return {
            "edition": self.baseline.edition.id,
            "n": rules.n,
            "least": rules.least,
            "match": sorted(rules.match),
            "metric": [str(metric) for metric in self.baseline.edition.metrics],
            "recipe": self.recipe_id,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each metric, for tables."""
        for row in self.flat_rows("metrics", "edition", "publication", "date", "recipe"):
            flagged, trend = row["false_flags_flagged"], row.get("trend_slope_a_month")
            yield {**row, "false_flags": flagged, "trend_a_month": trend}

    def _previous(self) -> dict[str, Any]:
        rules, previous = self.baseline.rules, self.baseline.previous
        return {
            "n": len(previous.used),
            "asked": rules.n,
            "match": sorted(rules.match),
            "least": rules.least,
            "enough": self.baseline.enough,
            "rules": {"level": rules.level, "rare": rules.rare},
            "editions": [{"edition": e.id, "date": e.date.isoformat()} for e in previous.used],
            "excluded": [
                {"edition": one.id, "date": one.date.isoformat(), "reason": one.reason}
                for one in previous.excluded[:MOST_LISTED]
            ],
            "excluded_count": len(previous.excluded),
            "missing": [day.isoformat() for day in previous.missing[:MOST_LISTED]],
            "missing_count": len(previous.missing),
            "weekdays": list(previous.rhythm),
        }


def edition_baseline(
    home: Installation,
    edition_id: int,
    *,
    metrics: Sequence[Metric] = METRICS,
    rules: BaselineRules | None = None,
    recipe: str | None = None,
) -> EditionBaseline:
    """Compare an edition with the previous editions of its newspaper.

    Args:
        metrics: The metrics that are compared.
        rules: Number and kind of the previous editions, and the limits of flags.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such edition, or no such recipe.
        InvalidRequest: The edition is not analysed yet, or too few of its pages were analysed.
    """
    rules = rules or BaselineRules()
    unique = tuple(dict.fromkeys(metrics))
    if len(unique) > MOST_METRICS:
        raise InvalidRequest(f"at most {MOST_METRICS} metrics at once")
    own_recipe = provenance(home, recipe)
    edition = _edition(home, edition_id, own_recipe)
    history = _history(home, edition, own_recipe)
    used = choose_reference_editions(edition, history.editions, n=rules.n, match=rules.match).used
    # The numbers of the baseline alone are loaded, not those of all editions that ever were.
    span = EditionCriteria(
        edition.publication, used[-1].date if used else edition.date, edition.date
    )
    recent = load_editions(home, span, metrics=unique, recipe=own_recipe).editions
    recent_by_id = {one.id: one for one in recent}
    if edition_id not in recent_by_id:  # another upload of its day is in its place
        edition = _edition(home, edition_id, own_recipe, unique)
    same_day = [
        _edition(home, one.id, own_recipe, unique)
        for one in same_day_editions(edition, history.editions)[:MOST_YEARS]
    ]
    compared = [*recent_by_id, edition_id, *(one.id for one in same_day)]
    with home.database.read() as session:
        readings = share_readings(session, own_recipe, unique, compared)
        titles = anniversaries(session, edition.publication, edition.date)
        weekdays = stated_newspaper(session, edition.publication).weekdays
    baseline = compare_to_baseline(
        recent_by_id.get(edition_id, edition),
        [recent_by_id.get(one.id, one) for one in history.editions],
        rules,
        left_out=[Excluded(one.id, one.date, one.reason) for one in history.left_out],
        readings=readings,
        anniversaries=same_day,
        weekdays=weekdays,
    )
    return EditionBaseline(baseline, own_recipe.id, titles)


@cached
def baseline_document(home: Installation, edition_id: int) -> dict[str, Any]:
    """Return the usual baseline of an edition as it is served; see ``edition_baseline``."""
    return edition_baseline(home, edition_id).to_json()


def _edition(
    home: Installation, edition_id: int, recipe: Provenance, metrics: Sequence[Metric] = ()
) -> EditionMetrics:
    loaded = load_editions(
        home, EditionCriteria(edition=edition_id), metrics=metrics, recipe=recipe
    )
    if loaded.editions:
        return loaded.editions[0]
    find_edition(home, edition_id)
    if any(one.reason == "incomplete" for one in loaded.left_out):
        raise InvalidRequest("too few pages of this edition were uploaded or could be looked at")
    raise InvalidRequest("this edition is not analysed yet")


def _history(home: Installation, edition: EditionMetrics, recipe: Provenance) -> LoadedEditions:
    """Return all previous editions of the newspaper, with their pages and no other metric."""
    with home.database.read() as session:
        selection = select_editions(
            session,
            EditionCriteria(edition.publication, last=_day_before(edition)),
            recipe,
            numbers=True,
        )
    previous = [
        EditionMetrics(
            id=one.id,
            publication=one.publication,
            date=one.date,
            pages=one.pages,
            pages_seen=one.pages_seen,
            front_lead_focus=one.row.front_lead_focus,
            metrics={PAGES: Estimate(float(one.pages))},
            issue=one.issue,
        )
        for one in selection.editions
    ]
    return LoadedEditions(previous, selection.left_out)


def _day_before(edition: EditionMetrics) -> date:
    return edition.date - timedelta(days=1) if edition.date > date.min else edition.date


def _standing(standing: Standing, baseline: Baseline) -> dict[str, Any]:
    estimate, usual = standing.estimate, standing.usual
    spread: dict[str, Any] = {"usual": None, "baseline_n": 0}
    if usual is not None:
        quantiles = ("q1", "q3", "p10", "p90", "lowest", "highest")
        spread = {
            "usual": rounded(usual.median),
            **{name: rounded(getattr(usual, name)) for name in quantiles},
            "baseline_n": usual.n,
            "z_method": usual.method,
        }
    return {
        "metric": str(standing.metric),
        "value": rounded(estimate.value),
        "interval": rounded_interval(estimate.interval),
        "n": estimate.n,
        "method": estimate.method,
        "refused": estimate.refused,
        "provisional": estimate.provisional,
        "validity": estimate.validity,
        "count": count_document(estimate, standing.metric.weight),
        **spread,
        "rank": standing.rank,
        "ties": standing.equal if standing.rank is not None else None,
        "as_high": rounded(standing.as_high),
        "z": rounded(standing.z),
        "flag": standing.flag,
        "undecided": standing.undecided,
        "last_editions_ago": standing.last,
        "words": standing_in_words(standing, baseline),
        "basis": standing.basis.value,
        "compared_value": rounded(standing.compared.value),
        "deciding_interval": rounded_interval(standing.deciding_interval),
        **_power(standing),
        "anniversary": _yearly(standing.anniversary),
    }


def _power(standing: Standing) -> dict[str, Any]:
    """Return what the flags of a metric can tell, and how often they err."""
    trend, detectable, flagged = standing.trend, standing.detectable, standing.false_flags
    return {
        "trend": {
            "slope_a_month": rounded(DAYS_A_MONTH * trend.slope),
            "p": float(f"{trend.p_value:.3g}"),
        }
        if trend
        else None,
        "false_flags": {
            "flagged": sum(own is True for own in flagged),
            "of": sum(own is not None for own in flagged),
        },
        "detectable": {
            "power": POWER,
            "below": rounded(detectable.below),
            "above": rounded(detectable.above),
        }
        if detectable
        else None,
    }


def _yearly(usual: RobustSummary | None) -> dict[str, Any] | None:
    if usual is None:
        return None
    return {
        "n": usual.n,
        "median": rounded(usual.median),
        "lowest": rounded(usual.lowest),
        "highest": rounded(usual.highest),
    }
