"""The published numbers of a deposit: computed from its snapshot alone, and so computed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from typing import Any, TypeAlias

from sqlalchemy import func, select

from presslens.app.db.exported import (
    Column,
    ColumnType,
    TableShape,
    boolean,
    integer,
    number,
    string,
)
from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.claims.claims import ClaimFilter, ClaimState, iterate_claims
from presslens.app.services.claims.verdicts import claim_verdict
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.comparison import compare_groups
from presslens.app.services.statistics.methods_paragraph import methods_of
from presslens.app.services.statistics.queries import CompareQuery
from presslens.models.vocabulary import Subject
from presslens.pipelines.result import written
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

METHODS = "methods.md"

COMPARED = tuple(CompareQuery().metrics)
"""The metrics of comparisons: those of the page that compares."""

NumberRow: TypeAlias = dict[str, Any]
"""A row of published numbers, by column; values are as JSON has them."""

OnTable = Callable[[str, int, int], None]
"""Called with the name of a table, the number of its parts that are done, and of all."""


def _free(name: str, description: str) -> Column:
    return string(name, description, nullable=True, free_text=True)


def _value(name: str, description: str) -> Column:
    return number(name, description, low=None, nullable=True)


PAPER = string("publication", "name of the newspaper", free_text=True)
METRIC = string("metric", "a share of photos by its measure, or a plain metric: docs, statistics")
ESTIMATE = (
    _value("value", "the estimate; missing: it is not stated"),
    _value("low", "lower end of its 95 % interval"),
    _value("high", "upper end of its 95 % interval"),
    integer("n", "photos, or editions of a plain metric, that it is of", nullable=True),
    _value("numerator", "photos that show it, estimated; the sum of a plain metric"),
    _value("denominator", "all photos"),
    _value("machine", "what the machine alone says, uncorrected"),
    integer("settled", "photos that people have settled"),
    integer("drawn", "of these, drawn by chance"),
    integer("editions", "editions that it is of"),
    integer("pages", "pages of these editions"),
    integer("pages_seen", "pages of these editions that were analysed"),
    boolean("provisional", "few answers were drawn: it may change much"),
    _free("validity", "what the machine's readings are worth in the newspaper"),
    _free("method", "how value and interval were made"),
    _free("refused", "why no interval or no value is stated"),
    _free("note", "what readers must know of it"),
)


def _estimates(name: str, group: Column, description: str) -> TableShape:
    return TableShape(
        name, description, ("publication", "metric", group.name), (PAPER, METRIC, group, *ESTIMATE)
    )


EDITIONS = _estimates(
    "editions",
    integer("edition_id", "the edition: joins with editions", low=1),
    "The composition of each edition: a row for each of its metrics.",
)
MONTHS = _estimates(
    "months",
    string("month", "YYYY-MM"),
    "The timeline of each newspaper by month: a row for each metric and month.",
)
NEWSPAPERS = _estimates(
    "newspapers", string("days", "all: every edition of it"), "Each newspaper as a whole."
)
COMPARISONS = TableShape(
    "comparisons",
    "The differences of newspapers, and of the years of a newspaper; a less b, intervals and p"
    " corrected for the metrics of the pair.",
    ("a", "b", "metric"),
    (
        string("a", "the one side: newspaper, perhaps with a year", free_text=True),
        string("b", "the side that is subtracted", free_text=True),
        METRIC,
        _value("a_value", "of the one side"),
        _value("b_value", "of the other"),
        _value("difference", "a less b"),
        _value("low", "lower end of its interval"),
        _value("high", "upper end of its interval"),
        _value("p_corrected", "p of no difference, corrected"),
        boolean("differs", "the interval holds no zero"),
        _free("method", "how the interval was made"),
        _free("refused", "why none is stated"),
    ),
)
CLAIMS = TableShape(
    "claims",
    "The verdicts on the claims about these newspapers and days. A frozen claim that nobody has"
    " looked at has none.",
    ("claim", "version"),
    (
        string("claim", "its key", free_text=True),
        integer("version", "version of the claim", low=1),
        _free("statement", "what is claimed"),
        _free("rule", "the rule that stands for it"),
        PAPER,
        Column("first", ColumnType.DATE, "first day"),
        Column("last", ColumnType.DATE, "last day"),
        string("verdict", "holds, fails or undecided; missing: not looked at", nullable=True),
        integer("editions", "editions that it rests on"),
        _free("reasons", "why"),
    ),
)
NUMBER_TABLES = (EDITIONS, MONTHS, NEWSPAPERS, COMPARISONS, CLAIMS)
"""The tables of published numbers."""


@dataclass(frozen=True, slots=True)
class _Archive:
    """The newspapers of an installation and their years, and what was measured."""

    home: Installation
    newspapers: Mapping[str, tuple[date, date]]
    metrics: tuple[Metric, ...]

    @classmethod
    def of(cls, home: Installation) -> _Archive:
        spans = (
            select(
                PublicationRow.name,
                func.min(EditionRow.edition_date),
                func.max(EditionRow.edition_date),
            )
            .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
            .join(EditionSummaryRow, EditionSummaryRow.edition_id == EditionRow.id)
            .where(EditionSummaryRow.recipe_id == home.recipe.id)
            .group_by(PublicationRow.name)
            .order_by(PublicationRow.name)
        )
        with home.database.read() as session:
            newspapers = {name: (first, last) for name, first, last in session.execute(spans)}
            of_recipe = select(EditionMeasureRow.measure).filter_by(recipe_id=home.recipe.id)
            measured = set(session.scalars(of_recipe.distinct()))
        shares = [*(name for name in BUILT_IN if name in measured), *sorted(measured - {*BUILT_IN})]
        return cls(home, newspapers, tuple(Metric(name) for name in (*PLAIN, *shares)))

    @property
    def years(self) -> Iterator[tuple[str, EditionCriteria, str, EditionCriteria]]:
        """The pairs of following years of each newspaper, the later one first."""
        for name, (first, last) in self.newspapers.items():
            years = [
                (f"{name} {year}", EditionCriteria(name, date(year, 1, 1), date(year, 12, 31)))
                for year in range(first.year, last.year + 1)
            ]
            for (earlier, before), (later, after) in pairwise(years):
                yield later, after, earlier, before


def published_numbers(
    home: Installation, progress: OnTable
) -> Iterator[tuple[TableShape, list[NumberRow]]]:
    """Yield the tables of published numbers of all that an installation holds."""
    archive = _Archive.of(home)
    for shape, by, group in (
        (EDITIONS, GroupBy.EDITION, "edition_id"),
        (MONTHS, GroupBy.MONTH, "month"),
        (NEWSPAPERS, GroupBy.NONE, "days"),
    ):
        yield shape, list(_groups(archive, shape, by, group, progress))
    yield COMPARISONS, list(_comparisons(archive, progress))
    yield CLAIMS, list(_claims(archive, progress))


def _groups(
    archive: _Archive, shape: TableShape, by: GroupBy, group: str, progress: OnTable
) -> Iterator[NumberRow]:
    of = [(name, metric) for name in archive.newspapers for metric in archive.metrics]
    for done, (name, metric) in enumerate(of):
        progress(shape.name, done, len(of))
        result = statistic(archive.home, metric, EditionCriteria(name), by=by)
        for row in result.rows():
            key = int(row["group"]) if by is GroupBy.EDITION else row["group"]
            yield _row(shape, row | {"publication": name, "metric": metric.name, group: key})


def _comparisons(archive: _Archive, progress: OnTable) -> Iterator[NumberRow]:
    papers = [
        (a, EditionCriteria(a), b, EditionCriteria(b))
        for a, b in combinations(archive.newspapers, 2)
    ]
    pairs = [*papers, *archive.years]
    for done, (a, of_a, b, of_b) in enumerate(pairs):
        progress(COMPARISONS.name, done, len(pairs))
        for row in compare_groups(archive.home, COMPARED, of_a, of_b).rows():
            yield _row(COMPARISONS, row | {"a": a, "b": b})


def _claims(archive: _Archive, progress: OnTable) -> Iterator[NumberRow]:
    named = [claim for claim in iterate_claims(archive.home, ClaimFilter(versions=True))
             if claim.publication in archive.newspapers]  # fmt: skip
    for done, claim in enumerate(sorted(named, key=lambda one: (one.key, one.version))):
        progress(CLAIMS.name, done, len(named))
        if (row := _judged(archive.home, claim)) is not None:
            yield row


def _judged(home: Installation, claim: ClaimState) -> NumberRow | None:
    """Return the verdict on a claim; None where it rests on no edition."""
    judgement = claim_verdict(home, claim.id, now=clock.now(), log=False, details=False)
    verdict = judgement.verdict
    if not verdict.n:
        return None
    is_public = claim.registration is None or judgement.repeats_last_look
    stated = {
        "claim": claim.key,
        "version": claim.version,
        "statement": claim.statement,
        "rule": claim.rule,
        "publication": claim.publication,
        "first": claim.first,
        "last": claim.last,
        "verdict": verdict.truth if is_public else None,
        "editions": verdict.n,
        "reasons": "; ".join(map(str, verdict.reasons)) if is_public else None,
    }
    return _row(CLAIMS, stated)


def _row(shape: TableShape, values: Mapping[str, Any]) -> NumberRow:
    return {column.name: _written(values[column.name]) for column in shape.columns}


def _written(value: Any) -> Any:
    plain = written(value)
    return str(plain) if isinstance(plain, str) else plain


def methods_text(home: Installation) -> str:
    """Return the methods paragraph of all that an installation holds."""
    measured = {metric.name for metric in _Archive.of(home).metrics}
    measures = [name for name in (*map(str, Subject), "leader") if name in measured]
    return methods_of(home, EditionCriteria(), measures) + "\n"
