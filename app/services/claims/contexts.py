"""Loads the context of a rule: the editions, those before them, and their pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from presslens.app.db.publications import is_named, stated_newspaper
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.page_checks import page_checks
from presslens.app.services.catalogue.page_records import page_records
from presslens.app.services.catalogue.publications import rhythm_of, usual_pages_of
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.figures.gallery import figure_roles
from presslens.app.services.figures.looked_for import looked_for_anywhere
from presslens.app.services.labels.labels import label_names
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.validities import load_validities
from presslens.app.services.statistics.edition_metrics import (
    LoadedEditions,
    load_editions,
    metric_table,
    select_for,
)
from presslens.app.services.statistics.estimates import share_estimates
from presslens.models.faces.gallery import Role
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import LEAD_FOCUS as FRONT_LEAD_FOCUS
from presslens.pipelines.statistics.claim.context import (
    ClaimContext,
    PeriodEstimates,
    StrictEstimates,
)
from presslens.pipelines.statistics.claim.evaluate import baseline_needed
from presslens.pipelines.statistics.claim.tree import (
    FRONT_PAGE,
    LEAD_FOCUS,
    FocusIs,
    Node,
    baseline_metrics_of,
    means_of,
    metrics_of,
    named_days_of,
    pages_of,
    shares_of_photos,
    usual_means_of,
    walk,
)
from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.composition import ZoneEstimates
from presslens.pipelines.statistics.count_estimates import (
    COUNTED_METRICS,
    PageCheck,
    edition_counts,
)
from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.measure import LABEL, Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.page import CountedPhoto, PageRecord, counted_photos
from presslens.pipelines.statistics.plain import PLAIN, Enrolment, plain_metrics
from presslens.pipelines.statistics.summary import summarise
from presslens.pipelines.statistics.validity import FACILITY_FOCUS, Validity, ValidityState


def strict_estimates(
    session: Session,
    recipe: Provenance,
    selections: Sequence[tuple[EditionCriteria, Collection[Metric]]],
    confidence: float,
) -> StrictEstimates:
    """Return shares of editions with intervals of a stricter level.

    Args:
        recipe: The recipe of their summaries.
        selections: Criteria of editions, and the shares of each.
        confidence: The level, 0.999 for instance.
    """
    by_edition: dict[int, dict[Metric, Estimate]] = defaultdict(dict)
    for criteria, metrics in selections:
        shares = sorted(metrics, key=str)
        editions = select_for(session, criteria, recipe, shares).editions
        for photos in load_shares(session, shares, editions, recipe):
            estimates = share_estimates(photos.at(confidence))
            for edition, estimate in zip(editions, estimates, strict=True):
                by_edition[edition.id][photos.metric] = estimate
    return StrictEstimates(confidence, by_edition)


def period_estimates(
    session: Session,
    recipe: Provenance,
    criteria: EditionCriteria,
    means: Collection[Metric],
    of_photos: Collection[Metric],
    inference: Inference,
) -> PeriodEstimates:
    """Return metrics of the editions that meet criteria together, as statistics print them.

    Args:
        recipe: The recipe of their summaries.
        means: Metrics of which the mean over the editions is asked for.
        of_photos: Shares that are asked for of all their photos.
    """
    named = sorted({*means, *of_photos}, key=str)
    editions = select_for(session, criteria, recipe, named).editions
    if not editions:
        return PeriodEstimates()
    table = metric_table(session, named, editions, recipe, Estimand.MEAN_EDITION_SHARE, inference)
    everything = range(len(editions))
    pooled = replace(table, estimand=Estimand.SHARE_OF_PHOTOS)
    return PeriodEstimates(
        {metric: table.estimate(metric, everything) for metric in means},
        {metric: pooled.estimate(metric, everything) for metric in of_photos},
    )


def difference_estimates(
    session: Session,
    recipe: Provenance,
    groups: tuple[EditionCriteria, EditionCriteria],
    metrics: Collection[Metric],
    inference: Inference,
) -> dict[Metric, Difference]:
    """Return means over editions less those over others, as statistics compare them."""
    named = sorted(metrics, key=str)
    sides = [select_for(session, one, recipe, named).editions for one in groups]
    if not named or not all(sides):
        return {}
    editions = [*sides[0], *sides[1]]
    table = metric_table(session, named, editions, recipe, Estimand.MEAN_EDITION_SHARE, inference)
    own = len(sides[0])
    places = range(own), range(own, len(editions))
    return {metric: table.compared(metric, *places).difference for metric in named}


BATCH = 200
"""Pages whose photos are loaded at a time."""

COUNTED = "counted, no interval"

OnPages = dict[int, dict[int, Mapping[Metric, Estimate] | None]]


def page_metrics(
    session: Session,
    recipe: Recipe,
    editions: Sequence[int],
    metrics_by_page: Mapping[int, set[Metric]],
) -> OnPages:
    """Return metrics of pages, by edition and number of the page.

    A page that was not analysed has None; a number that no page of the edition has is left out.

    Args:
        recipe: The recipe of the readings.
        editions: Ids of the editions.
    """
    of_edition = select(EditionRow.id, EditionRow.publication_id)
    papers = dict(session.execute(of_edition.where(EditionRow.id.in_(editions))).all())
    checks = page_checks(session, recipe.observation_id, list(editions)) if metrics_by_page else {}
    on_pages: OnPages = defaultdict(dict)
    query = select(PageRow).where(
        PageRow.edition_id.in_(list(editions)), PageRow.number.in_(list(metrics_by_page))
    )
    pages = session.scalars(query.order_by(PageRow.id)).all() if metrics_by_page else []
    for start in range(0, len(pages), BATCH):
        batch = pages[start : start + BATCH]
        for page, record in zip(batch, page_records(session, batch, recipe), strict=True):
            metrics = metrics_by_page[page.number]
            figures = figure_roles(session, papers[page.edition_id])
            on_pages[page.edition_id][page.number] = (
                dict(_metrics(record, metrics, recipe, figures, checks.get(page.edition_id, {})))
                if record.seen
                else None
            )
    return dict(on_pages)


def _metrics(
    record: PageRecord,
    metrics: set[Metric],
    recipe: Recipe,
    figures: Mapping[str, Role],
    checks: Mapping[int, PageCheck],
) -> Iterator[tuple[Metric, Estimate]]:
    photos = counted_photos([record], recipe.aggregate, figures=figures)
    summary = summarise([record], photos, figures=figures)
    plain = plain_metrics(summary)
    of_page = {number: check for number, check in checks.items() if number == record.number}
    counts = edition_counts(summary, of_page, confidence=recipe.aggregate.confidence)
    for metric in metrics:
        if metric.is_share:
            yield metric, _share(metric, photos, recipe)
        elif (count := counts.get(metric.name)) is not None:
            yield metric, Estimate(count.value, count.interval, method=count.method)
        else:
            yield metric, Estimate(plain[metric.name], method=COUNTED)


def _share(metric: Metric, photos: Sequence[CountedPhoto], recipe: Recipe) -> Estimate:
    arrays = EditionPhotos.of(photos)
    table, areas, zones = arrays.table(metric.name)
    if not len(table):
        return Estimate(None, None, 0, "no photos")
    rules = recipe.aggregate
    estimates = ZoneEstimates(
        table,
        areas,
        zones,
        np.ones(len(table), bool),
        arrays.verdicts(metric.name),
        rules.calibration_of(metric.name),
        rules.confidence,
    )
    return Estimate.of_group(estimates.estimate(Zone.ALL, metric.weight))


UNUSABLE = {
    "waiting": Message("it is not analysed yet"),
    "incomplete": Message("too few of its pages could be looked at"),
}
PRINTED = Metric("photo_area_share")

NEVER_CHECKED = Message("whom the machine recognises, nobody has checked in this newspaper")
UNCHECKED = Message(
    "whom the machine recognises, people have not checked on enough photos of this newspaper"
)

FEWEST_TESTS = 20
MOST_STRICT = 0.9999
"""Level of the stricter intervals: that of a test of each edition, of twenty of them at least."""


def load_context(
    home: Installation, rule: Node, publication: str, first: date, last: date, *, test: ClaimTest
) -> tuple[ClaimContext, LoadedEditions]:
    """Return what a rule is evaluated on, and the editions of its days.

    Args:
        test: The level, and the editions that the verdict is about.
    """
    on_pages = pages_of(rule)
    named = set().union(*on_pages.values()) | metrics_of(rule) | baseline_metrics_of(rule)
    unmeasured = dict(_unmeasured(home, publication, named))
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
        weekdays, _ = rhythm_of(session, publication)
        pages_usually, entered = usual_pages_of(session, home.recipe, publication, before=first)
        strict = strict_estimates(session, home.recipe, shares, strictest)
        period, usual_period = (
            PeriodEstimates()
            if days is None
            else period_estimates(
                session,
                home.recipe,
                days,
                _together(means, unmeasured, test.estimand),
                _shares(of_photos, unmeasured),
                test.estimand,
            )
            for days, means, of_photos in (
                (criteria, means_of(rule), shares_of_photos(rule)),
                (before, usual_means_of(rule), set()),
            )
        )
        differences = (
            {}
            if before is None
            else difference_estimates(
                session,
                home.recipe,
                (criteria, before),
                period.means.keys() & usual_period.means.keys(),
                test.estimand,
            )
        )
    case = ClaimContext(
        publication,
        first,
        last,
        editions=loaded.editions,
        baseline=baseline,
        usual_pages=pages_usually,
        usual_pages_entered=entered,
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
        period=period,
        before=usual_period,
        differences=differences,
        weekdays=weekdays,
    )
    return case, loaded


def _shares(metrics: set[Metric], unmeasured: Mapping[str, str]) -> set[Metric]:
    return {one for one in metrics if one.is_share and one.name not in unmeasured}


def _together(
    metrics: set[Metric], unmeasured: Mapping[str, str], inference: Inference
) -> set[Metric]:
    """Return the metrics that are estimated of editions together: of these, counts add up."""
    plain = PLAIN if inference is Inference.PRACTICE else COUNTED_METRICS
    return {
        one for one in metrics if (one.is_share or one.name in plain) and one.name not in unmeasured
    }


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
    """Return whether the front page was analysed, of each edition with a page that was not.

    An edition that lacks no page, though none is its front page, is left out.
    """
    partial = {edition.id: edition for edition in editions if edition.pages_seen < edition.pages}
    outcome = and_(
        OutcomeRow.scan_id == PageRow.scan_id,
        OutcomeRow.observation_id == home.recipe.observation_id,
        OutcomeRow.width.is_not(None),
    )
    query = select(PageRow.edition_id).join(OutcomeRow, outcome)
    query = query.where(PageRow.edition_id.in_(partial), PageRow.number == FRONT_PAGE)
    pages = select(PageRow.edition_id, func.min(PageRow.number), func.count())
    pages = pages.where(PageRow.edition_id.in_(partial)).group_by(PageRow.edition_id)
    with home.database.read() as session:
        seen = set(session.scalars(query))
        first = {id_: (number, count) for id_, number, count in session.execute(pages)}
    return {
        id_: id_ in seen
        for id_, edition in partial.items()
        if first[id_][0] == FRONT_PAGE or first[id_][1] < edition.pages
    }


def _before(
    home: Installation, rule: Node, publication: str, first: date
) -> EditionCriteria | None:
    """Return the criteria of the editions that a rule compares with.

    They are those before the first day, as many as the rule needs, or those of the days it names.
    """
    if (named := named_days_of(rule)) is not None:
        return EditionCriteria(publication, *named)
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


def rule_validities(
    home: Installation, rule: Node, case: ClaimContext
) -> tuple[tuple[Validity, ...], Message | None]:
    """Return the validity of each share that a rule reads, and what nobody has checked of it.

    That is the focus of lead photos, or who is recognised in the photos that it counts.
    """
    on_pages = set[Metric]().union(*pages_of(rule).values())
    metrics = metrics_of(rule) | baseline_metrics_of(rule) | on_pages
    leads = any(isinstance(part, FocusIs) for part in walk(rule))
    if leads and LEAD_FOCUS not in case.unmeasured:
        metrics.add(Metric(FACILITY_FOCUS))
    plain = (one.name for one in metrics if one.name in PLAIN and one.name not in case.unmeasured)
    recognised = [name for name in plain if PLAIN[name].enrolment is not Enrolment.NONE]
    if recognised:
        metrics.add(Metric("leader"))
    with home.database.read() as session:
        paper = stated_newspaper(session, case.publication).name
        found = _validities(session, home.recipe, paper, metrics)
    if recognised and (leader := found.get("leader")) and leader.state is not ValidityState.VALID:
        return tuple(found.values()), UNCHECKED if leader.answers else NEVER_CHECKED
    if not leads or LEAD_FOCUS in case.unmeasured:
        return tuple(found.values()), None
    note = next(filter(None, (edition.front_lead_note for edition in case.editions)), None)
    said = note and Message("focus of the front page's lead photo: %(note)s", note=note)
    return tuple(found.values()), said


def _validities(
    session: Session, recipe: Recipe, publication: str | None, metrics: Collection[Metric]
) -> Mapping[str, Validity]:
    shares = sorted({metric.name for metric in metrics if metric.is_share})
    if publication is None or not shares:
        return {}
    return load_validities(session, publication, recipe, shares)


def _unmeasured(
    home: Installation, publication: str, metrics: set[Metric]
) -> Iterator[tuple[str, str]]:
    """Yield each metric that photos are not looked at for, and why."""
    with home.database.read() as session:
        paper = stated_newspaper(session, publication)
        looked_for = looked_for_anywhere(session, home.recipe, paper.id)
        validities = _validities(session, home.recipe, paper.name, metrics)
    if any(metric.name.startswith(LABEL) for metric in metrics):
        looked_for = replace(looked_for, labels=frozenset(label_names(home)))
    for name in {metric.name for metric in metrics}:
        why = looked_for.why_not(name)
        if why is None and name in validities:
            why = validities[name].why_not
        if why is not None:
            yield name, why
    focus = looked_for.why_not(FRONT_LEAD_FOCUS)
    if focus is not None:
        yield LEAD_FOCUS, focus
