"""The comparison of two periods or newspapers: metric by metric, corrected for their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from fastapi import Response

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Home, read_query
from presslens.app.api.stats import COMPARED
from presslens.app.charts.chart import DifferencesChart
from presslens.app.charts.comparison import comparison_chart, family_words, scope_name, verdict
from presslens.app.charts.naming import difference_ends, difference_words, metric_title
from presslens.app.citations.citation import Citation
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.claims.sentences.question import (
    ClaimQuestion,
    Relation,
    problems_of,
)
from presslens.app.services.figures.gallery import leaders_in
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import count_of
from presslens.app.services.statistics.calendar import PublicationSpan, publication_spans
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.queries import CompareQuery, side_params
from presslens.app.services.statistics.what_helps import WhatHelps
from presslens.app.web.ask import AskForm, form_of
from presslens.app.web.ask_flags import asked_front
from presslens.app.web.chart_twins import Drawn, chart_twins
from presslens.app.web.citation import citation
from presslens.app.web.metric_words import metric_choices
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.app.web.photo_links import photos_behind
from presslens.pipelines.statistics.comparison import CorrectedComparison, Side
from presslens.pipelines.statistics.measure import Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric, ShareCount
from presslens.pipelines.statistics.tipping import TippingPoint
from presslens.pipelines.statistics.width import is_wide
from presslens.pipelines.written_numbers import written_level

MIDDLE = 50.0
"""Place of zero on the scale of differences, which goes from 0 to 100."""

router = PageRouter()

CompareParams = Annotated[CompareQuery, read_query(CompareQuery)]


@router.page("/compare", twins=CITED)
@needs(Permission.READ)
def show_comparison(home: Home, render: Render, query: CompareParams) -> Response:
    """Show a comparison; its address is its state."""
    spoken = language(render.code)
    query = query.resolved(home)
    view = CompareView(home, query, spoken)

    def cite() -> Citation:
        return citation(home, render, " – ".join(view.names), view.result.recipe_id, spoken)

    return render(
        "compare.html",
        document=view.document,
        table=lambda: Rows(COMPARED, view.table()),
        section="compare",
        view=view,
        selection=query,
        choices=lambda: metric_choices(home),
        zones=list(Zone),
        weights=list(Weight),
        middle=MIDDLE,
        level=written_level,
        wide=lambda metric, *number: is_wide(Metric.parse(metric), *number),
        cite=cite if view.groups else None,
    )


@chart_twins(router, "/compare")
@needs(Permission.READ)
def show_comparison_chart(home: Home, drawn: Drawn, query: CompareParams) -> Response:
    """Show the differences as a chart."""
    return drawn(CompareView(home, query.resolved(home), language(drawn.code)).chart)


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """A metric of one group: the estimate, and the filter of the gallery that finds its photos."""

    side: Side
    photos: dict[str, Any] | None
    count: ShareCount | None  # how many photos show it; None of a plain metric


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A metric of both groups."""

    metric: str  # the metric as in addresses
    name: str  # its name in words
    sides: tuple[ComparedSide, ComparedSide]  # both groups
    words: str  # the difference with its interval in words
    alone: str | None  # the interval of this metric by itself; None: it is the same
    # Place of the difference on the scale, 0–100, zero at ``MIDDLE``; None without one.
    place: float | None
    ends: tuple[float, float] | None  # places of the ends of its interval; None without one
    row: CorrectedComparison
    helps: WhatHelps | None  # what would show a difference that is not shown
    asks: AskForm | None  # the choices that ask whether it holds; None: no question can

    @property
    def in_percent(self) -> bool:
        """Whether readers see the metric in percent."""
        return self.row.compared.metric.is_part

    @property
    def tipping(self) -> Sequence[TippingPoint]:
        """How far each assumption must be off until the difference falls."""
        return self.row.compared.tipping if self.row.differs else ()


@dataclass(frozen=True)
class CompareView:
    """The comparison of two groups of editions, computed when the page comes to it."""

    home: Installation
    query: CompareQuery
    language: Language

    @cached_property
    def publications(self) -> list[PublicationSpan]:
        """The newspapers that have editions."""
        return publication_spans(self.home)

    @cached_property
    def groups(self) -> tuple[EditionCriteria, EditionCriteria] | None:
        """The groups asked for, or the first that the page proposes; None without editions."""
        if self.query.asks:
            return self.query.a, self.query.b
        return self.proposals[0] if self.proposals else None

    @cached_property
    def proposals(self) -> list[tuple[EditionCriteria, EditionCriteria]]:
        """Groups that are worth comparing: newspapers, and the last month of each with before."""
        names = [one.publication for one in self.publications]
        pairs = [(EditionCriteria(a), EditionCriteria(b)) for a, b in pairwise(names)]
        for one in self.publications:
            first = one.last.replace(day=1)
            if one.first < first:
                before = EditionCriteria(one.publication, last=first - timedelta(days=1))
                pairs.append((EditionCriteria(one.publication, first, one.last), before))
                pairs += _year_ago(one, first)
        return pairs

    @cached_property
    def result(self) -> GroupComparison:
        """The comparison.

        Raises:
            InvalidRequest: There are no groups, or they have editions in common.
        """
        if self.groups is None:
            raise InvalidRequest("there are no editions to compare yet")
        return compare_groups(
            self.home,
            self.query.metrics,
            *self.groups,
            estimand=self.query.estimand,
            inference=self.query.inference,
            correction=self.query.correction,
            searched=self.query.searched,
            recipe=self.query.recipe,
        )

    @cached_property
    def problem(self) -> str | None:
        """Why there is no comparison; None if there is one."""
        try:
            editions = [len(selection.editions) for selection in self.result.selections]
        except InvalidRequest as error:
            return next(iter(error.args), str(error))  # the message itself can be translated
        for name, count in zip(self.names, editions, strict=True):
            if not count:
                return self.language.text(
                    "%(group)s: no analysed edition is among them.", group=name
                )
        return None

    @cached_property
    def names(self) -> tuple[str, str]:
        """Both groups in words."""
        a, b = self.groups or (EditionCriteria(), EditionCriteria())
        return scope_name(a, self.language), scope_name(b, self.language)

    def scope_words(self, group: EditionCriteria) -> str:
        """Return a group of editions in words."""
        return scope_name(group, self.language)

    @property
    def verdict(self) -> str:
        """Which metrics differ, in a sentence."""
        return verdict(self.result, self.language)

    @property
    def other_question(self) -> dict[str, Any]:
        """The parameters that ask for the newspapers' practice, or else for these editions."""
        practice = self.query.inference is Inference.PRACTICE
        return {**self.params(), "inference": Inference.THESE if practice else Inference.PRACTICE}

    @property
    def family_words(self) -> str:
        """For how many metrics the intervals hold together, and how, in a sentence."""
        return family_words(self.result.comparison, self.language)

    @cached_property
    def rows(self) -> list[ComparedRow]:
        """The metrics: those in percent on one scale, each of the others on one of its own."""
        compared = self.result.comparison.rows
        shares = _reach([one for one in compared if one.compared.metric.is_part])
        return [
            self._row(one, shares if one.compared.metric.is_part else _reach([one]))
            for one in compared
        ]

    @property
    def common_refusal(self) -> str | None:
        """Why several metrics have no interval, to be told once; None if no reason is shared."""
        reasons = Counter(
            less.refused
            for less in (row.row.compared.difference for row in self.rows)
            if less.refused is not None and less.value is not None
        )
        for reason, count in reasons.most_common(1):
            return reason if count > 1 else None
        return None

    @property
    def chart(self) -> DifferencesChart | None:
        """The differences as a chart; None without any."""
        return None if self.problem else comparison_chart(self.result, self.language)

    def params(self) -> dict[str, Any]:
        """Return the parameters that ask for the same again, the proposed groups named."""
        groups = self.groups or (EditionCriteria(), EditionCriteria())
        named = {**side_params("a", groups[0]), **side_params("b", groups[1])}
        return {**self.query.given(), **named}

    def document(self) -> dict[str, Any]:
        """Return the comparison as the API serves it."""
        return links.repeatable_document(self.result, "stats/compare")

    def table(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each metric."""
        return self.result.rows()

    def gallery(self, index: int) -> dict[str, Any]:
        """Return the filter of the photos of a group, 0 or 1."""
        group = (self.groups or (EditionCriteria(), EditionCriteria()))[index]
        return {"publication": group.publication, "from": group.first, "to": group.last}

    def _row(self, one: CorrectedComparison, reach: float) -> ComparedRow:
        pair, less = one.compared, one.compared.difference
        ends = less.interval
        return ComparedRow(
            metric=str(pair.metric),
            name=metric_title(pair.metric, self.language),
            sides=(self._side(pair.metric, 0, pair.first), self._side(pair.metric, 1, pair.second)),
            words=difference_words(pair.metric, less.value, ends, self.language),
            alone=difference_ends(pair.metric, one.unadjusted, self.language)
            if one.unadjusted is not None and self.result.comparison.stricter
            else None,
            place=None if less.value is None else _place(less.value, reach),
            ends=None if ends is None else (_place(ends[0], reach), _place(ends[1], reach)),
            row=one,
            helps=self.result.helps.get(pair.metric),
            asks=self._asks(pair.metric, less.value),
        )

    @cached_property
    def _periods(self) -> tuple[str, tuple[date, date], tuple[date, date]] | None:
        """The newspaper of both groups, and the days of each; None of several newspapers."""
        if self.groups is None or self.query.recipe:  # a question is judged by the recipe of today
            return None
        a, b = self.groups
        papers = [one for one in self.publications if a.publication in (None, one.publication)]
        if a.publication != b.publication or len(papers) != 1:
            return None
        first, last = papers[0].first, papers[0].last
        days = [(one.first or first, one.last or last) for one in (a, b)]
        return papers[0].publication, days[0], days[1]

    def _asks(self, metric: Metric, less: float | None) -> AskForm | None:
        front = asked_front(metric)
        if self._periods is None or front is None or not less:
            return None
        publication, days, other = self._periods
        relation = Relation.MORE if less > 0 else Relation.LESS
        question = ClaimQuestion(
            metric.name, relation, publication, *days, front=front, other_days=other
        )
        return None if [*problems_of(question)] else form_of(question, self.language)

    def _side(self, metric: Metric, index: int, side: Side) -> ComparedSide:
        publication = self.groups[index].publication if self.groups else None
        with self.home.database.read() as session:
            behind = photos_behind(metric, leaders_in(session, publication))
        photos = None if behind is None else {**self.gallery(index), **behind}
        return ComparedSide(side, photos, count_of(side.estimate, metric.weight))


def _year_ago(
    one: PublicationSpan, first: date
) -> Iterator[tuple[EditionCriteria, EditionCriteria]]:
    """Yield the last month of a newspaper and the same month of the year before, if it is there."""
    ago = first.replace(year=first.year - 1)
    if one.first <= ago:
        end = (ago.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        yield (
            EditionCriteria(one.publication, first, one.last),
            EditionCriteria(one.publication, ago, end),
        )


def _reach(rows: Sequence[CorrectedComparison]) -> float:
    """Return the largest distance from zero of differences and the ends of their intervals."""
    ends = [0.0]
    for one in rows:
        less = one.compared.difference
        ends += [abs(end) for end in (less.value, *(less.interval or ())) if end is not None]
    return max(ends)


def _place(value: float, reach: float) -> float:
    return round(MIDDLE + (MIDDLE * value / reach if reach else 0.0), 2)
