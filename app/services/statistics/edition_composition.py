"""Computes the composition of an edition or a page from its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.statistics import EditionMeasureRow
from presslens.app.installation import Installation
from presslens.app.services.cached import cached_result
from presslens.app.services.catalogue.edition_version import edition_version
from presslens.app.services.catalogue.editions import EditionState, find_edition
from presslens.app.services.catalogue.page_checks import page_checks
from presslens.app.services.catalogue.pages import AnalysedPage, cached_records
from presslens.app.services.catalogue.reprints import count_reprints
from presslens.app.services.figures.looked_for import looked_for
from presslens.app.services.labels.label_set import label_set_version, own_names
from presslens.app.services.shares.decisions import photo_decisions
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.share_loading import load_shares, newspaper_editions
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.shares.validities import load_validities
from presslens.models.labels.vocabulary import shipped_names
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.composition import Composition, ZoneEstimates, compose
from presslens.pipelines.statistics.figure_use import FigureUse, figure_uses
from presslens.pipelines.statistics.measure import BUILT_IN, SUBJECTS
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.page import PageRecord

PAGE_NUMBERS = ("photos", "photo_area_share")
"""The plain numbers that a page shows."""


@dataclass(frozen=True, slots=True, eq=False)
class CompositionReport(Served):
    """The statistics of some pages, and of the figures on them."""

    SERVED: ClassVar[str] = "label_set *composition figures figures_not_known"

    composition: Composition  # the counts and shares of the pages and their photos
    figures: tuple[FigureUse, ...]  # the use of each figure that the photos were looked at for
    # Version of the labels that all photos were read for; None while they differ.
    label_set: str | None

    @property
    def figures_not_known(self) -> dict[str, str]:
        """The enrolled figures that photos were not looked at for, and why."""
        return self.composition.looked_for.unknown_figures()


@dataclass(frozen=True, slots=True, eq=False)
class EditionComposition(Served):
    """The composition of an edition, over the pages that are analysed and interpreted."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id edition *report reprints photos_without_reprints
    """

    edition: EditionState
    report: CompositionReport
    recipe_id: str
    # Photos of it that were printed before, see ``count_reprints``; None where it is not known.
    reprints: int | None = None

    @property
    def photos_without_reprints(self) -> Rounded | None:
        """Its photos less those that were printed before."""
        photos = self.report.composition.plain["photos"]
        return None if photos is None or self.reprints is None else photos - self.reprints


@dataclass(frozen=True, slots=True, eq=False)
class PageComposition(Served):
    """The composition of a page."""

    SERVED: ClassVar[str] = "schema recipe=recipe_id page=page_id number *report"

    page_id: int
    number: int
    report: CompositionReport
    recipe_id: str

    def numbers(self) -> dict[str, Any]:
        """Return its photos, the share of the page that they take, and the shares of subjects."""
        composition = self.report.composition
        intervals = composition.intervals
        return {
            **{name: composition.plain[name] for name in PAGE_NUMBERS},
            **{f"{name}_interval": intervals[name] for name in PAGE_NUMBERS if name in intervals},
            "shares": {name: composition.share(name).to_json() for name in SUBJECTS},
        }


def edition_composition(home: Installation, edition_id: int) -> EditionComposition:
    """Return the composition of an edition, over the pages analysed and interpreted so far.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    records = cached_records(home, edition)
    newspaper = _estimates(home, edition_id, edition.publication)
    with home.database.read() as session:
        report = _report(home, session, edition_id, edition.publication, records, newspaper)
        # What is not counted yet is no reprint yet.
        seen = [page.number for page in records if page.seen]
        reprints = count_reprints(session, edition_id, home.recipe, pages=seen)
        return EditionComposition(edition, report, home.recipe.id, reprints)


def page_composition(home: Installation, page: AnalysedPage) -> PageComposition:
    """Return the composition of a page, by the estimator of its edition."""
    publication = find_edition(home, page.edition_id).publication
    newspaper = _estimates(home, page.edition_id, publication, page.record.photo_ids)
    with home.database.read() as session:
        report = _report(home, session, page.edition_id, publication, [page.record], newspaper)
    return PageComposition(page.id, page.number, report, home.recipe.id)


def edition_composition_document(home: Installation, edition_id: int) -> dict[str, Any]:
    """Return the composition of an edition as in the JSON contract, cached.

    Raises:
        NotFound: There is no such edition.
    """
    key = "edition composition", edition_id, edition_version(home, edition_id)
    return cached_result(home, key, lambda: edition_composition(home, edition_id).to_json())


def page_composition_document(home: Installation, page: AnalysedPage) -> dict[str, Any]:
    """Return the composition of a page as in the JSON contract, cached."""
    key = "page composition", page.id, edition_version(home, page.edition_id)
    return cached_result(home, key, lambda: page_composition(home, page).to_json())


def page_numbers(home: Installation, page: AnalysedPage) -> dict[str, Any]:
    """Return the numbers that a page shows of its composition, cached."""
    key = "page numbers", page.id, edition_version(home, page.edition_id)
    return cached_result(home, key, lambda: page_composition(home, page).numbers())


def _report(
    home: Installation,
    session: Session,
    edition_id: int,
    publication: str,
    records: list[PageRecord],
    newspaper: Mapping[str, ZoneEstimates],
) -> CompositionReport:
    rules, coverage = home.recipe.aggregate, looked_for(session, home.recipe, edition_id)
    checks = page_checks(session, home.recipe.observation_id, [edition_id]).get(edition_id, {})
    numbers = {page.number for page in records}
    meanings = [meaning for page in records for _, meaning in page.photos]
    composition = compose(
        records,
        rules,
        looked_for=coverage,
        labels=(*shipped_names(), *own_names(session)),
        newspaper=newspaper,
        decisions=photo_decisions(session, publication, home.recipe, meanings),
        validities=load_validities(session, publication, home.recipe, tuple(newspaper) or BUILT_IN),
        checks={n: check for n, check in checks.items() if n in numbers},
    )
    sets = {meaning.label_set for meaning in meanings if meaning is not None}
    sets = sets or {label_set_version(session)}
    figures, enrolled = coverage.figures, coverage.enrolled
    uses = figure_uses(records, composition.share, figures=figures, enrolled=enrolled)
    return CompositionReport(composition, uses, sets.pop() if len(sets) == 1 else None)


def _estimates(
    home: Installation, edition_id: int, publication: str, photos: Collection[int] | None = None
) -> dict[str, ZoneEstimates]:
    """Return the estimates of the shares of an edition, or of some of its photos, by measure."""
    with home.database.read() as session:
        shares = _shares(home, session, edition_id, publication)
    # Computed in no transaction: nobody who writes waits for it.
    return {one.metric.name: one.zone_estimates(0, photos) for one in shares}


def _shares(
    home: Installation, session: Session, edition_id: int, publication: str
) -> Sequence[SharePhotos]:
    """Return the photos behind all shares of an edition; none while it is not complete."""
    recipe = home.recipe
    editions = [
        one for one in newspaper_editions(session, publication, recipe) if one.id == edition_id
    ]
    if not editions:  # perhaps another upload of its day counts
        criteria = EditionCriteria(edition=edition_id)
        editions = select_editions(session, criteria, recipe).editions
    if not editions:
        return []
    measured = select(EditionMeasureRow.measure).filter_by(
        edition_id=edition_id, recipe_id=recipe.id
    )
    metrics = [Metric(name) for name in session.scalars(measured)]
    return load_shares(session, metrics, editions, recipe)
