"""The operations of the API on an archive."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from presslens.connection import Client, Items
from presslens.results_analysis import Answer, Facing
from presslens.results_baselines import Baseline, MatchCriterion
from presslens.results_claims import ClaimState
from presslens.results_comparisons import Changes, Comparison, Correction, PeriodUnit
from presslens.results_compositions import EditionComposition, Focus, ShotSize
from presslens.results_editions import EditionDetails, LibraryEdition, ServedNewspaper
from presslens.results_photos import Photo, ReviewedPhoto, ServedFigure
from presslens.results_statistics import (
    Estimand,
    GroupBy,
    Inference,
    MetricNames,
    Statistic,
    Trend,
    Weight,
    Zone,
)

PhotoSort = Literal[
    "date", "-date", "size", "-size", "score", "-score", "probability", "-probability"
]
"""What a list of photos is sorted by; a minus puts the largest or latest first."""

SizeClass = Literal["small", "medium", "large", "full_page"]
"""How much of its page a photo takes, in four classes."""

Subject = Literal["people", "crowd", "children", "fireworks", "buildings"]
"""A subject of the codebook."""


class Operations(Client):
    """Operations on an archive; days are dates, or texts: 2025-12-16."""

    def editions(
        self,
        *,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
    ) -> Items[LibraryEdition]:
        """List editions, the latest date first.

        Args:
            publication: Name of the newspaper, or an alias of it.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
        """
        return self._list(LibraryEdition, "editions", "/editions", locals(), is_paged=True)

    def edition(self, edition_id: int) -> EditionDetails:
        """Return an edition, its progress, and the addresses of its pages.

        Args:
            edition_id: Id of the edition.
        """
        return self._answer(EditionDetails, "/editions/{edition_id}", locals())

    def composition(self, edition_id: int) -> EditionComposition:
        """Return an edition's composition over the pages that are analysed so far.

        Args:
            edition_id: Id of the edition.
        """
        return self._answer(EditionComposition, "/editions/{edition_id}/composition", locals())

    def photos(
        self,
        *,
        sort: PhotoSort | None = None,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        edition: int | None = None,
        page: int | None = None,
        zone: Zone | None = None,
        subject: Subject | Sequence[Subject] | None = None,
        min_probability: float | None = None,
        figure: str | Sequence[str] | None = None,
        focus: Focus | Sequence[Focus] | None = None,
        min_size: float | None = None,
        size: SizeClass | None = None,
        text: str | None = None,
        label: str | Sequence[str] | None = None,
        shot_size: ShotSize | None = None,
        facing: Facing | None = None,
        alone: bool | None = None,
        answer: Answer | None = None,
        reviewed: bool | None = None,
        superseded: bool | None = None,
    ) -> Items[Photo]:
        """List photos that are interpreted.

        Args:
            sort: Probability: of the first subject, else label, else figure asked for.
            publication: The newspaper.
            first: Earliest edition.
            last: Latest edition.
            edition: Id of the only edition.
            page: Number of the page.
            zone: The part of the edition.
            subject: Shown, by people's settled answer or else the machine; several:
                together.
            min_probability: Of each subject and figure by the machine, at least.
            figure: Seen, by people's settled answer or else the machine; several: together.
            focus: One of these, by people's settled answer or else the machine.
            min_size: Share of the page.
            size: Below 5 % of the page, below 15 %, more, or the whole page.
            text: In the caption or the headline.
            label: Shown, by people's settled answer or else the recipe; several: together.
            shot_size: Of the figure, or of any.
            facing: As the figure, or any, does.
            alone: The figure, or any, is by himself.
            answer: Whether it surely is the figure.
            reviewed: Whether coders have settled it.
            superseded: Also photos of uploads that a later one has superseded.
        """
        return self._list(Photo, "photos", "/photos", locals(), is_paged=True)

    def photo(self, photo_id: int) -> ReviewedPhoto:
        """Return a photo with its detections and interpretation, and the pages that print it.

        Args:
            photo_id: Id of the photo.
        """
        return self._answer(ReviewedPhoto, "/photos/{photo_id}", locals())

    def figures(self) -> Items[ServedFigure]:
        """List the enrolled figures, and which of their references can be used."""
        return self._list(ServedFigure, "figures", "/figures", {})

    def newspapers(
        self,
        *,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
    ) -> Items[ServedNewspaper]:
        """List newspapers with their names, and what there is of each in a period.

        Args:
            publication: The newspaper with this name or alias.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
        """
        return self._list(ServedNewspaper, "publications", "/publications", locals())

    def metrics(self) -> MetricNames:
        """Return the available plain metrics, and the measures whose share is taken."""
        return self._answer(MetricNames, "/stats/metrics", {})

    def share(
        self,
        metric: str,
        *,
        by: GroupBy | None = None,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        page: Zone | None = None,
        weight: Weight | None = None,
        recipe: str | None = None,
        estimand: Estimand | None = None,
        weekday: int | Sequence[int] | None = None,
        pages: int | None = None,
        inference: Inference | None = None,
    ) -> Statistic:
        """Return a metric of editions, in groups.

        Args:
            metric: `children`, `photos`, `pages`, ….
            by: The groups: none, edition, week (ISO 8601), month, year, weekday,
                publication or pages.
            publication: Name of the newspaper, or an alias of it.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
            page: The part of each edition: all, front, inside, above_fold or lead.
            weight: How a photo weighs: count, each as one, or area, by the printed area.
            recipe: Id of a recipe, or its first digits; without it, that of today.
            estimand: The share that is meant of several editions: of all photos, or the
                editions' mean.
            weekday: 1 is Monday, 7 Sunday; may be repeated.
            pages: Editions with this number of pages alone.
            inference: Whether these editions are described, or the newspaper's practice is
                inferred.
        """
        return self._answer(Statistic, "/stats", locals())

    def compare(
        self,
        *,
        metric: str | Sequence[str] | None = None,
        a_publication: str | None = None,
        a_first: dt.date | str | None = None,
        a_last: dt.date | str | None = None,
        b_publication: str | None = None,
        b_first: dt.date | str | None = None,
        b_last: dt.date | str | None = None,
        page: Zone | None = None,
        weight: Weight | None = None,
        estimand: Estimand | None = None,
        inference: Inference | None = None,
        correction: Correction | None = None,
        searched: int | None = None,
        recipe: str | None = None,
    ) -> Comparison:
        """Compare two groups of editions, a less b, with intervals that hold for all metrics
        together.

        Args:
            metric: `children`, `photos`, `pages`, …; with zone and weight
                `children@front/area`.
            a_publication: The newspaper of the first group.
            a_first: Earliest edition of the first group, YYYY-MM-DD.
            a_last: Latest edition of the first group, YYYY-MM-DD.
            b_publication: The newspaper of the second group.
            b_first: Earliest edition of the second group, YYYY-MM-DD.
            b_last: Latest edition of the second group, YYYY-MM-DD.
            page: The part of each edition: all, front, inside, above_fold or lead.
            weight: How a photo weighs: count, each as one, or area, by the printed area.
            estimand: The share that is meant of several editions: of all photos, or the
                editions' mean.
            inference: Whether these editions are described, or the newspaper's practice is
                inferred.
            correction: How the intervals of several comparisons hold together: bonferroni
                or bh.
            searched: Pairs of groups that this one was chosen from, as a change is; usually
                1.
            recipe: Id of a recipe, or its first digits; without it, that of today.
        """
        return self._answer(Comparison, "/stats/compare", locals())

    def changes(
        self,
        metric: str,
        *,
        by: PeriodUnit | None = None,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        page: Zone | None = None,
        weight: Weight | None = None,
        recipe: str | None = None,
        estimand: Estimand | None = None,
    ) -> Changes:
        """Detect the change points of a metric. CSV holds the changes, JSON the periods too.

        Args:
            metric: `children`, `photos`, `pages`, ….
            by: The groups: none, edition, week (ISO 8601), month, year, weekday,
                publication or pages.
            publication: Name of the newspaper, or an alias of it.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
            page: The part of each edition: all, front, inside, above_fold or lead.
            weight: How a photo weighs: count, each as one, or area, by the printed area.
            recipe: Id of a recipe, or its first digits; without it, that of today.
            estimand: The share that is meant of several editions: of all photos, or the
                editions' mean.
        """
        return self._answer(Changes, "/stats/changes", locals())

    def trend(
        self,
        metric: str,
        *,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        page: Zone | None = None,
        weight: Weight | None = None,
        recipe: str | None = None,
        day: dt.date | str | None = None,
    ) -> Trend:
        """Estimate the trend of a newspaper's practice in a year, and its change on a day,
        `break`.

        Args:
            metric: `children`, `photos`, `pages`, ….
            publication: Name of the newspaper, or an alias of it.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
            page: The part of each edition: all, front, inside, above_fold or lead.
            weight: How a photo weighs: count, each as one, or area, by the printed area.
            recipe: Id of a recipe, or its first digits; without it, that of today.
            day: The day on which level and slope change, YYYY-MM-DD.
        """
        return self._answer(Trend, "/stats/trend", locals())

    def baseline(
        self,
        edition: int,
        *,
        n: int | None = None,
        match: MatchCriterion | Sequence[MatchCriterion] | None = None,
        least: int | None = None,
        metric: str | Sequence[str] | None = None,
        recipe: str | None = None,
    ) -> Baseline:
        """Compare an edition with the previous ones of its newspaper, metric by metric.

        Args:
            edition: Id of the only edition.
            n: Previous editions.
            match: In what they are alike.
            least: With fewer nothing is flagged.
            metric: `children`, `photos`, `pages`, …; with zone and weight
                `children@front/area`.
            recipe: Id of a recipe, or its first digits; without it, that of today.
        """
        return self._answer(Baseline, "/baseline", locals())

    def claims(
        self,
        *,
        publication: str | None = None,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        key: str | None = None,
        versions: bool | None = None,
        drafts: bool | None = None,
    ) -> Items[ClaimState]:
        """List claims by the first day that they are about.

        Args:
            publication: Name of the newspaper, or an alias of it.
            first: Earliest edition, YYYY-MM-DD.
            last: Latest edition, YYYY-MM-DD.
            key: The key.
            versions: Old versions too.
            drafts: Questions in work too.
        """
        return self._list(ClaimState, "claims", "/claims", locals(), is_paged=True)
