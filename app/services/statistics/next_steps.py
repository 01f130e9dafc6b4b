"""The next step beside each number of an edition, or of days, that is wide or withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.services.cached import cached, cached_result
from presslens.app.services.catalogue.edition_version import edition_version
from presslens.app.services.catalogue.editions import EditionState, find_edition
from presslens.app.services.catalogue.page_checks import page_checks
from presslens.app.services.shares.selection import EditionCriteria, StatEdition
from presslens.app.services.shares.share_loading import newspaper_editions
from presslens.app.services.shares.validities import load_validities
from presslens.app.services.statistics.edition_composition import edition_composition_document
from presslens.app.services.statistics.edition_metrics import metric_table, select_for
from presslens.app.services.statistics.what_helps import (
    HelpFinder,
    WhatHelps,
    counting_help,
    withheld_help,
)
from presslens.pipelines.statistics.count_estimates import COUNTED_METRICS
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.share_estimate import NOT_OFFERED
from presslens.pipelines.statistics.width import is_wide


def edition_steps(home: Installation, edition_id: int) -> Mapping[str, Mapping[str, Any]]:
    """Return the next steps of an edition's numbers in the JSON contract, by metric, cached.

    Raises:
        NotFound: There is no such edition.
    """
    key = "next steps", edition_id, edition_version(home, edition_id)
    return cached_result(
        home,
        key,
        lambda: {
            name: step.to_json()
            for name, step in _steps(home, find_edition(home, edition_id)).items()
        },
    )


def _steps(home: Installation, edition: EditionState) -> dict[str, WhatHelps]:
    composition = edition_composition_document(home, edition.id)
    with home.database.read() as session:
        every = newspaper_editions(session, edition.publication, home.recipe)
        own = [one for one in every if one.id == edition.id]
        if not own:  # the numbers of others are in no statistic
            return {}
        shares = _wide_shares(home, session, own, composition["shares"])
        return dict(shares) | dict(_wide_counts(home, session, edition, composition))


def _wide_shares(
    home: Installation, session: Session, own: Sequence[StatEdition], shares: Mapping[str, Any]
) -> Iterator[tuple[str, WhatHelps]]:
    withheld = [name for name, one in shares.items() if one["method"] == NOT_OFFERED]
    paper = own[0].publication
    for name, validity in load_validities(session, paper, home.recipe, withheld).items():
        if helps := withheld_help(paper, validity):
            yield name, helps
    wide = [
        Metric(name)
        for name, one in shares.items()
        if _is_wide(name, one["share"], one["interval"])
    ]
    finder = _finder(home, session, wide, own)
    for metric in wide:
        yield metric.name, finder.narrower(metric, [0], home.recipe.aggregate.confidence)


def _wide_counts(
    home: Installation, session: Session, edition: EditionState, composition: Mapping[str, Any]
) -> Iterator[tuple[str, WhatHelps]]:
    wide = [
        name
        for name in COUNTED_METRICS
        if _is_wide(name, composition[name], composition.get(f"{name}_interval"))
    ]
    if not wide:
        return
    checks = page_checks(session, home.recipe.observation_id, [edition.id]).get(edition.id, {})
    left = composition["pages_seen"] - sum(one.whole for one in checks.values())
    day = edition.edition_date
    helps = counting_help(EditionScope(edition.publication, day, day), left)
    if helps:
        yield from ((name, helps) for name in wide)


def _is_wide(name: str, value: float | None, interval: Sequence[float] | None) -> bool:
    return is_wide(Metric(name), value, (interval[0], interval[1]) if interval else None)


def _finder(
    home: Installation, session: Session, metrics: Sequence[Metric], editions: Sequence[StatEdition]
) -> HelpFinder:
    table = metric_table(
        session, metrics, editions, home.recipe, Estimand.SHARE_OF_PHOTOS, Inference.THESE
    )
    return HelpFinder(session, table, home.recipe)


def withheld_step(home: Installation, publication: str, measure: str) -> WhatHelps | None:
    """Return what would bring the readings of a measure in a newspaper; None: they are offered."""
    with home.database.read() as session:
        validity = load_validities(session, publication, home.recipe, (measure,))[measure]
        return withheld_help(publication, validity)


@dataclass(frozen=True, slots=True)
class DaysStep:
    """The next step of a share of several editions together."""

    helps: WhatHelps
    estimate: Estimate | None = None  # the share, where it is wide; None: it is withheld


@cached
def days_step(home: Installation, metric: Metric, criteria: EditionCriteria) -> DaysStep | None:
    """Return the next step of a share of several editions together; None where it needs none.

    It is that of today's recipe.

    Args:
        metric: A share; other metrics need none.
    """
    if not metric.is_share:
        return None
    with home.database.read() as session:
        editions = select_for(session, criteria, home.recipe, [metric]).editions
        if not editions:
            return None
        finder = _finder(home, session, [metric], editions)
        if helps := finder.withheld(metric):
            return DaysStep(helps)
        members = range(len(editions))
        estimate = finder.table.estimate(metric, members)
        if not is_wide(metric, estimate.value, estimate.interval):
            return None
        level = home.recipe.aggregate.confidence
        return DaysStep(finder.narrower(metric, members, level), estimate)
