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
from presslens.app.services.statistics.by_group import count_of
from presslens.app.services.statistics.edition_metrics import (
    METRICS,
    MOST_METRICS,
    LoadedEditions,
    load_editions,
)
from presslens.app.services.statistics.machine_shares import share_readings
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Interval, Rounded, Served, rounded
from presslens.pipelines.statistics.baseline import Baseline, Standing, compare_to_baseline
from presslens.pipelines.statistics.explanations import (
    DAYS_A_MONTH,
    lead_in_words,
    standing_in_words,
)
from presslens.pipelines.statistics.flags import POWER, TWO_QUESTIONS, BaselineRules
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric, ShareCount
from presslens.pipelines.statistics.reference_editions import (
    Excluded,
    MatchCriterion,
    choose_reference_editions,
    same_day_editions,
)
from presslens.pipelines.statistics.unusual import Unusual, unusual_in

MOST_YEARS = 20
"""Largest number of earlier years whose edition of the same day is compared."""

MOST_LISTED = 400
"""Largest number of days, and of editions not used, that are listed; all are counted."""

PAGES = Metric("pages")


@dataclass(frozen=True, slots=True)
class StandingTrend(Served):
    """The trend of a metric that was taken out."""

    slope_a_month: Rounded  # change of the metric in a month
    p: float  # of no trend, 0–1


@dataclass(frozen=True, slots=True)
class FalseFlags(Served):
    """How often editions of the baseline would be flagged against the others."""

    flagged: int  # number of editions that would be flagged
    of: int  # number of editions of the baseline with the metric


@dataclass(frozen=True, slots=True)
class DetectableValues(Served):
    """From which values on an edition would be flagged."""

    SERVED: ClassVar[str] = "power below above"

    below: Rounded | None  # lower values would be flagged; None: none would
    above: Rounded | None  # higher values would be flagged; None: none would
    power: float = POWER  # with which they would be flagged, 0–1


@dataclass(frozen=True, slots=True)
class YearlyValues(Served):
    """The values of a metric on the same day of other years."""

    n: int  # number of other years' editions
    median: Rounded  # in the metric's unit, like its ends
    lowest: Rounded  # the lowest of them
    highest: Rounded  # the highest of them


@dataclass(frozen=True, slots=True)
class MetricStanding(Served):
    """A metric of an edition beside what is usual."""

    SERVED: ClassVar[str] = """
        metric value=standing.estimate.value interval=standing.estimate.interval
        n=standing.estimate.n method=standing.estimate.method refused=standing.estimate.refused
        provisional=standing.estimate.provisional validity=standing.estimate.validity count
        usual q1? q3? p10? p90? lowest? highest? baseline_n z_method?=standing.usual.method
        rank=standing.rank ties as_high z flag=standing.flag undecided=standing.undecided
        last_editions_ago=standing.last words basis=standing.basis
        compared_value=standing.compared.value deciding_interval trend false_flags detectable
        anniversary
    """

    standing: Standing
    baseline: Baseline

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return str(self.standing.metric)

    @property
    def count(self) -> ShareCount | None:
        """The numerator of a share with its interval and unit; None for plain metrics."""
        return count_of(self.standing.estimate, self.standing.metric.weight)

    @property
    def usual(self) -> Rounded | None:
        """The median of the baseline, without its trend; None if no edition has the metric."""
        return self._quantile("median")

    @property
    def q1(self) -> Rounded | None:
        """The lower quartile of the baseline."""
        return self._quantile("q1")

    @property
    def q3(self) -> Rounded | None:
        """The upper quartile of the baseline."""
        return self._quantile("q3")

    @property
    def p10(self) -> Rounded | None:
        """The lowest tenth of the baseline ends here."""
        return self._quantile("p10")

    @property
    def p90(self) -> Rounded | None:
        """The highest tenth of the baseline begins here."""
        return self._quantile("p90")

    @property
    def lowest(self) -> Rounded | None:
        """The lowest value of the baseline."""
        return self._quantile("lowest")

    @property
    def highest(self) -> Rounded | None:
        """The highest value of the baseline."""
        return self._quantile("highest")

    @property
    def baseline_n(self) -> int:
        """Number of editions of the baseline that have the metric."""
        return self.standing.usual.n if self.standing.usual else 0

    @property
    def ties(self) -> int | None:
        """Number of editions of the baseline with the same value."""
        return self.standing.equal if self.standing.rank is not None else None

    @property
    def as_high(self) -> Rounded | None:
        """Share of the baseline that is as high or higher, 0–1."""
        return self.standing.as_high

    @property
    def z(self) -> Rounded | None:
        """Robust z; None when all of the baseline is the same."""
        return self.standing.z

    @property
    def words(self) -> str:
        """The standing in words."""
        return standing_in_words(self.standing, self.baseline)

    @property
    def deciding_interval(self) -> Interval | None:
        """The interval that decides on a flag, where another one is served."""
        return self.standing.deciding_interval

    @property
    def trend(self) -> StandingTrend | None:
        """The trend that was taken out; None where there is none to speak of."""
        trend = self.standing.trend
        if trend is None:
            return None
        return StandingTrend(DAYS_A_MONTH * trend.slope, float(f"{trend.p_value:.3g}"))

    @property
    def false_flags(self) -> FalseFlags:
        """How often editions of the baseline would be flagged against the others."""
        flagged = self.standing.false_flags
        return FalseFlags(
            sum(own is True for own in flagged), sum(own is not None for own in flagged)
        )

    @property
    def detectable(self) -> DetectableValues | None:
        """From which values on an edition would be flagged; None where nothing would."""
        values = self.standing.detectable
        return DetectableValues(values.below, values.above) if values else None

    @property
    def anniversary(self) -> YearlyValues | None:
        """The values on the same day of other years; None without any."""
        usual = self.standing.anniversary
        if usual is None:
            return None
        return YearlyValues(usual.n, usual.median, usual.lowest, usual.highest)

    def _quantile(self, name: str) -> float | None:
        value: float | None = getattr(self.standing.usual, name, None)
        return value


@dataclass(frozen=True, slots=True)
class LeadStanding(Served):
    """The focus of the lead of the front page, and what is usual."""

    verdict: Focus | None  # None without a photo on the front page
    usual: Focus | None  # the commonest verdict of the baseline; None if it has none
    counts: dict[Focus, int]  # editions of the baseline by verdict
    flag: bool  # the verdict is rare
    last_editions_ago: int | None  # editions since the same verdict; None: never before
    words: str


@dataclass(frozen=True, slots=True)
class DatedEdition(Served):
    """An edition, and its day."""

    edition: int  # its id
    date: date


@dataclass(frozen=True, slots=True)
class UnusedEdition(DatedEdition):
    """A previous edition that nothing is compared with, and the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class AnniversaryEditions(Served):
    """Events of the same day of other years, and the editions then."""

    titles: Sequence[str]
    editions: Sequence[DatedEdition]


@dataclass(frozen=True, slots=True)
class FlagLevels(Served):
    """From where on something is flagged."""

    level: float  # error rate of a flag, 0–1
    rare: float  # share of a rare verdict, 0–1


@dataclass(frozen=True, slots=True)
class BaselineEditions(Served):
    """The editions that an edition is compared with."""

    n: int  # number of them
    asked: int  # how many were asked for
    match: Sequence[MatchCriterion]  # in what they are like it
    least: int  # with fewer nothing is flagged
    enough: bool
    rules: FlagLevels
    editions: Sequence[DatedEdition]
    excluded: Sequence[UnusedEdition]  # the first that are not used
    excluded_count: int
    missing: Sequence[date]  # the first days without an edition
    missing_count: int
    weekdays: Sequence[int]  # on which the newspaper appears, 1 is Monday


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
    def anniversary(self) -> AnniversaryEditions:
        """Events of the same day of other years, and the editions then."""
        editions = [DatedEdition(one.id, one.date) for one in self.baseline.anniversaries]
        return AnniversaryEditions(self.anniversaries, editions)

    @property
    def metrics(self) -> list[MetricStanding]:
        """The metrics, each beside what is usual."""
        return [MetricStanding(standing, self.baseline) for standing in self.baseline.standings]

    @property
    def front_lead(self) -> LeadStanding:
        """The focus of the lead of the front page, and what is usual."""
        lead = self.baseline.front_lead
        return LeadStanding(
            lead.verdict, lead.usual, lead.counts, lead.flagged, lead.last, lead_in_words(lead)
        )

    @property
    def previous(self) -> BaselineEditions:
        """The editions that it is compared with."""
        rules, previous = self.baseline.rules, self.baseline.previous
        return BaselineEditions(
            n=len(previous.used),
            asked=rules.n,
            match=sorted(rules.match),
            least=rules.least,
            enough=self.baseline.enough,
            rules=FlagLevels(rules.level, rules.rare),
            editions=[DatedEdition(one.id, one.date) for one in previous.used],
            excluded=[
                UnusedEdition(one.id, one.date, one.reason)
                for one in previous.excluded[:MOST_LISTED]
            ],
            excluded_count=len(previous.excluded),
            missing=list(previous.missing[:MOST_LISTED]),
            missing_count=len(previous.missing),
            weekdays=list(previous.rhythm),
        )

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


@cached
def edition_standing(home: Installation, edition_id: int, metric: Metric | None) -> Message | None:
    """Return a number of an edition beside those before, in words; None: there are none before.

    Args:
        metric: One of ``METRICS``; another has no standing. None: what the front page leads with.
    """
    baseline = edition_baseline(home, edition_id).baseline
    if metric is None:
        return lead_in_words(baseline.front_lead) if baseline.front_lead.usual else None
    standing = next((one for one in baseline.standings if one.metric == metric), None)
    return standing_in_words(standing, baseline) if standing and standing.usual else None


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
