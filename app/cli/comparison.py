"""``presslens stats compare`` and ``presslens stats changes``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.api import links
from app.cli.console import emit_json, out
from app.cli.options import (
    DAY,
    EstimandOption,
    FirstOption,
    JsonOption,
    LastOption,
    PracticeOption,
    PublicationOption,
    RecipeOption,
    inference_of,
)
from app.cli.stats import parsed_metric
from app.estimates_in_words import reasons
from app.installation import open_installation
from app.services.statistics.changes import MetricChanges, metric_changes
from app.services.statistics.comparison import GroupComparison, compare_groups
from app.services.statistics.edition_metrics import METRICS
from app.services.statistics.selection import EditionCriteria
from app.settings import Settings
from pipelines.statistics.comparison import CorrectedComparison
from pipelines.statistics.corrections import Correction
from pipelines.statistics.explanations import name_metric, number
from pipelines.statistics.measure import Estimand, Inference
from pipelines.statistics.metrics import Metric
from pipelines.statistics.timeline import PeriodUnit


def changes(
    metric: Annotated[str, typer.Argument(help="children, photos, leader@front, crowd/area, …")],
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    by: Annotated[
        PeriodUnit, typer.Option(help="What is compared with the next one.")
    ] = PeriodUnit.MONTH,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    recipe: RecipeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find when a newspaper changed in a metric."""
    criteria = _criteria(publication, first, last)
    with open_installation(Settings()) as home:
        result = metric_changes(
            home, parsed_metric(metric), criteria, by=by, estimand=estimand, recipe=recipe
        )
    if as_json:
        emit_json(links.repeatable_document(result, "stats/changes"))
    else:
        out.print(_changes_table(result))


def compare(
    metric: Annotated[
        list[str] | None, typer.Argument(help="children, photos, …; without: all of them.")
    ] = None,
    a_publication: Annotated[str | None, typer.Option(help="The one newspaper.")] = None,
    a_from: Annotated[datetime | None, typer.Option(formats=DAY, help="Its first day.")] = None,
    a_to: Annotated[datetime | None, typer.Option(formats=DAY, help="Its last day.")] = None,
    b_publication: Annotated[str | None, typer.Option(help="The other newspaper.")] = None,
    b_from: Annotated[datetime | None, typer.Option(formats=DAY, help="Its first day.")] = None,
    b_to: Annotated[datetime | None, typer.Option(formats=DAY, help="Its last day.")] = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    practice: PracticeOption = True,
    correction: Annotated[
        Correction, typer.Option(help="For the number of metrics.")
    ] = Correction.HOLM,
    recipe: RecipeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two periods or newspapers, and say in what they differ."""
    metrics = [parsed_metric(text) for text in metric] if metric else METRICS
    a, b = _criteria(a_publication, a_from, a_to), _criteria(b_publication, b_from, b_to)
    with open_installation(Settings()) as home:
        result = compare_groups(
            home,
            metrics,
            a,
            b,
            estimand=estimand,
            inference=inference_of(practice),
            correction=correction,
            recipe=recipe,
        )
    if as_json:
        emit_json(links.repeatable_document(result, "stats/compare"))
    else:
        out.print(_comparison_table(result))
        for row in result.comparison.rows:
            if row.differs and row.compared.tipping:
                words = "; ".join(point.words for point in row.compared.tipping)
                out.print(escape(f"{name_metric(row.compared.metric)}: {words}"), highlight=False)
        for side in result.selections:
            if len(side.editions) == 1:
                one = side.editions[0]
                out.print(
                    f"edition {one.id} stands alone: `presslens baseline {one.id}` says how"
                    " unusual it is for its newspaper",
                    highlight=False,
                )


def _criteria(
    publication: str | None, first: datetime | None, last: datetime | None
) -> EditionCriteria:
    return EditionCriteria(
        publication, first.date() if first else None, last.date() if last else None
    )


def _changes_table(result: MetricChanges) -> Table:
    excluded, metric = len(result.timeline.excluded), result.metric
    noise = result.changes.noise
    table = Table(
        title=escape(f"{name_metric(metric)}: changes by {result.by}"),
        caption=(
            f"{len(result.timeline.periods)} periods, {excluded} excluded; noise"
            f" {'–' if noise is None else number(metric, noise)}\n{result.changes.method}\n"
            f"recipe {result.recipe_id[:16]}"
        ),
    )
    for name in ("from", "before", "after", "difference", "interval", "periods"):
        table.add_column(name, justify="right")
    for change in result.changes.changes:
        low, high = change.difference.interval or (None, None)
        table.add_row(
            change.date.isoformat(),
            number(metric, change.before),
            number(metric, change.after),
            _signed(metric, change.difference.value),
            f"{_signed(metric, low)} – {_signed(metric, high)}",
            f"{change.periods[0]} | {change.periods[1]}",
        )
    return table


def _comparison_table(result: GroupComparison) -> Table:
    about = "these editions" if result.inference is Inference.THESE else "practice"
    table = Table(
        title=f"a less b: {result.estimand.value.replace('_', ' ')}, {about}",
        caption=escape("\n".join(_comparison_captions(result))),
        caption_justify="left",
    )
    table.add_column("")
    for name in ("a", "b", "difference", "interval", "p", "corrected", ""):
        table.add_column(name, justify="right")
    for row in result.comparison.rows:
        table.add_row(*_cells(row))
    return table


def _comparison_captions(result: GroupComparison) -> list[str]:
    """Return what the comparison is of, how it was made, and why an interval is missing."""
    comparison, document = result.comparison, result.to_json()
    sides = [document["a"], document["b"]]
    sizes = " and ".join(str(side["editions"]) for side in sides)
    pages = " and ".join(f"{side['pages_seen']} of {side['pages_expected']}" for side in sides)
    lines = [
        f"{sizes} editions; {comparison.compared} metric{'' if comparison.compared == 1 else 's'}"
        " compared, p corrected by"
        f" {comparison.correction.words}",
        f"pages seen: {pages}",
    ]
    rows = {name_metric(Metric.parse(row["metric"])): row for row in document["metrics"]}
    lines += list(dict.fromkeys(row["method"] for row in rows.values() if row["interval"]))[:2]
    lines += [*reasons(rows), *reasons(rows, "note")]
    if result.inference is Inference.PRACTICE and any(row["refused"] for row in rows.values()):
        lines.append("`--these` compares these very editions, few as they are")
    return [*lines, f"recipe {result.recipe_id[:16]}"]


def _cells(row: CorrectedComparison) -> list[str]:
    compared, less = row.compared, row.compared.difference
    metric = compared.metric
    low, high = less.interval or (None, None)
    return [
        escape(name_metric(metric)),
        number(metric, compared.first.estimate.value),
        number(metric, compared.second.estimate.value),
        _signed(metric, less.value),
        f"{_signed(metric, low)} – {_signed(metric, high)}" if less.interval else "–",
        _p(less.p_value),
        _p(row.p_corrected),
        "differs" if row.differs else "",
    ]


def _signed(metric: Metric, value: float | None) -> str:
    if value is None:
        return "–"
    size = number(metric, abs(value))
    # A difference of shares is in percentage points: 0.7 % more would be a factor.
    points = f"{size.removesuffix(' %')} pp" if size.endswith(" %") else size
    return ("+" if value >= 0 else "−") + points


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
