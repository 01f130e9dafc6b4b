"""What is asked of statistics: which editions, which of their photos, and in which way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field

from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.questions import LIST_OF_METRICS, BaseQuery, Day, Name, ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.scope import check_measure, existing_newspaper
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.edition_metrics import FAMILY, MOST_METRICS
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.power import StudyDesign

ESTIMAND = "Which share of several editions is meant."
INFERENCE = "Infer the newspaper's practice, or describe these very editions."
RECIPE = "Id of a recipe, or how it begins."

MOST_SEARCHED = 10_000
"""Largest number of pairs of groups that a comparison may be chosen from."""

MOST_DRAWN = 20_000
"""Largest sample that is planned."""

MetricName = Annotated[str, Field(max_length=300, description="`children`, `photos`, `pages`, …")]
Weekday = Annotated[int, Field(ge=1, le=7)]
RecipeId = Annotated[str, Field(max_length=64)]


def read_metric(text: str, zone: Zone | None = None, weight: Weight | None = None) -> Metric:
    """Return the metric that a request names; zone and weight go before those in its text.

    Raises:
        InvalidRequest: There is no such metric.
    """
    try:
        metric = Metric.parse(text)
    except ValueError as error:
        why = next(iter(error.args), "")  # a message can be translated
        raise InvalidRequest.saying(
            "%(why)s; see %(list)s", why=why, list=LIST_OF_METRICS
        ) from error
    if not metric.is_share:
        return metric
    return Metric(metric.name, zone or metric.zone, weight or metric.weight)


def existing_metric(
    home: Installation, text: str, zone: Zone | None = None, weight: Weight | None = None
) -> Metric:
    """Return the metric that a request names, whose figure or label exists.

    Raises:
        InvalidRequest: There is no such metric, figure or label.
    """
    metric = read_metric(text, zone, weight)
    check_measure(home, metric.name)
    return metric


class MetricQuery(EditionQuery):
    """A metric of editions: of which of their photos, and how these weigh."""

    page: Zone | None = ask("Of the photos of this part of editions alone.")
    weight: Weight | None = ask()
    recipe: RecipeId | None = ask(RECIPE)

    @property
    def criteria(self) -> EditionCriteria:
        """The criteria of the editions.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        return EditionCriteria(self.publication, self.first, self.last)

    def named(self, home: Installation, text: str) -> Metric:
        """Return a metric by its name, of the photos that are asked for.

        Raises:
            InvalidRequest: There is no such metric, figure or label.
        """
        return existing_metric(home, text, self.page, self.weight)


class TrendQuery(MetricQuery):
    """The trend of a metric, and its change on a day."""

    day: Day | None = ask("How level and slope changed on this day.", alias="break")


class PowerQuery(MetricQuery):
    """What a study will show, before anybody codes: of editions, or of a share that is foreseen."""

    of: StudyDesign = ask(
        "A share, the difference of two periods, or a trend.", default=StudyDesign.SHARE
    )
    day: Day | None = ask("First day of the later period; without: the middle.", alias="break")
    inference: Inference = ask(INFERENCE, default=Inference.THESE)
    drawn: int | None = ask("Photos that are drawn and answered.", ge=2, le=MOST_DRAWN)
    width: float | None = ask("Or the wished width of the interval: 0.1.", ge=0.001, le=1)
    change: float | None = ask("Or the difference that is to be shown: 0.05.", ge=0.001, le=1)
    share: float | None = ask("Without an archive: the share of photos.", ge=0.001, le=0.999)
    auc: float = ask("And the detector's AUC.", default=0.9, ge=0.5, le=0.999)
    editions: int = ask("And the number of editions.", default=60, ge=1, le=3000)
    photos: int = ask("And the photos of an edition.", default=20, ge=1, le=500)


class ShareQuery(MetricQuery):
    """A metric of editions, and what a share of several means."""

    estimand: Estimand = ask(ESTIMAND, default=Estimand.SHARE_OF_PHOTOS)


class StatQuery(ShareQuery):
    """A metric of editions that are alike, and whether they stand for a practice."""

    weekday: list[Weekday] | None = ask()
    pages: int | None = ask(ge=1, le=1000)
    inference: Inference = ask(INFERENCE, default=Inference.THESE)

    @property
    def criteria(self) -> EditionCriteria:
        """The criteria of the editions.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        return EditionCriteria(
            self.publication,
            self.first,
            self.last,
            weekdays=tuple(sorted(set(self.weekday or ()))),
            pages=self.pages,
        )


class PeriodQuery(StatQuery):
    """All metrics of editions that are alike."""

    page: Zone = ask(default=Zone.ALL)
    weight: Weight = ask(default=Weight.COUNT)


class DifferenceQuery(EditionQuery):
    """A share in every way; with ``b_…`` the difference of two."""

    b_publication: Name | None = ask("The newspaper whose share is subtracted.")
    b_from: Day | None = ask("Its first day.")
    b_to: Day | None = ask("Its last day.")
    threshold: float | None = ask("Compare the share with it: 0.2.", ge=0, le=1)
    zone: list[Zone] | None = ask("Try these zones only; several times.", max_length=len(Zone))

    @property
    def groups(self) -> tuple[EditionCriteria, EditionCriteria | None]:
        """The editions, and those whose share is subtracted; None: of none.

        Raises:
            InvalidRequest: A first day lies after its last.
        """
        b = (self.b_publication, self.b_from, self.b_to)
        a = EditionCriteria(self.publication, self.first, self.last)
        return a, None if b == (None,) * 3 else EditionCriteria(*b)

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own names of its newspapers.

        Raises:
            InvalidRequest: There is no such newspaper.
        """
        own = existing_newspaper(home, self.b_publication)
        return super().resolved(home).model_copy(update={"b_publication": own})


class CompareQuery(BaseQuery):
    """A comparison of two groups of editions, a less b, metric by metric."""

    metric: list[MetricName] | None = ask(max_length=MOST_METRICS)
    a_publication: Name | None = ask("The one newspaper.")
    a_from: Day | None = ask("Its first day.")
    a_to: Day | None = ask("Its last day.")
    b_publication: Name | None = ask("The other newspaper.")
    b_from: Day | None = ask("Its first day.")
    b_to: Day | None = ask("Its last day.")
    page: Zone | None = ask()
    weight: Weight | None = ask()
    estimand: Estimand = ask(ESTIMAND, default=Estimand.SHARE_OF_PHOTOS)
    inference: Inference = ask(INFERENCE, default=Inference.THESE)
    correction: Correction = ask(
        "How the intervals of all metrics hold together.", default=Correction.BONFERRONI
    )
    searched: int = ask(
        "Pairs of groups that this one was chosen from.", default=1, ge=1, le=MOST_SEARCHED
    )
    recipe: RecipeId | None = ask(RECIPE)

    @property
    def a(self) -> EditionCriteria:
        """The criteria of the first group.

        Raises:
            InvalidRequest: Its first day lies after its last.
        """
        return EditionCriteria(self.a_publication, self.a_from, self.a_to)

    @property
    def b(self) -> EditionCriteria:
        """The criteria of the second group.

        Raises:
            InvalidRequest: Its first day lies after its last.
        """
        return EditionCriteria(self.b_publication, self.b_from, self.b_to)

    @property
    def metrics(self) -> Sequence[Metric]:
        """The metrics that are compared; where none is named, ``FAMILY``.

        Raises:
            InvalidRequest: There is no such metric.
        """
        names = self.metric or [str(one) for one in FAMILY]
        return [read_metric(text, self.page, self.weight) for text in names]

    @property
    def asks(self) -> bool:
        """Whether two groups are named; else the page proposes two."""
        return (self.a, self.b) != (EditionCriteria(), EditionCriteria())

    @property
    def options(self) -> bool:
        """Whether something beside the groups is asked for that is not usual."""
        groups = {*side_params("a", self.a), *side_params("b", self.b), "recipe"}
        return bool(self.given().keys() - groups)

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own names of its newspapers.

        Raises:
            InvalidRequest: There is no such newspaper or metric, or a period ends before it begins.
        """
        _ = self.a, self.b  # what is wrong is said before anything is drawn
        for metric in self.metrics:
            check_measure(home, metric.name)
        names = ("a_publication", "b_publication")
        own = {name: existing_newspaper(home, getattr(self, name)) for name in names}
        return self.model_copy(update=own)


def side_params(name: str, criteria: EditionCriteria) -> dict[str, object]:
    """Return the parameters of one group of editions; ``name`` is a or b."""
    return {
        f"{name}_publication": criteria.publication,
        f"{name}_from": criteria.first,
        f"{name}_to": criteria.last,
    }
