"""``presslens stats compare`` and ``presslens stats changes``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.console import emit_json, say
from presslens.app.cli.estimates_in_words import reasons
from presslens.app.cli.options import (
    EstimandOption,
    FirstOption,
    JsonOption,
    LastOption,
    OtherFirstOption,
    OtherLastOption,
    PracticeOption,
    PublicationOption,
    RecipeOption,
    inference_of,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.changes import MetricChanges, metric_changes
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.edition_metrics import METRICS
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.comparison import CorrectedComparison
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.explanations import name_metric, number
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.timeline import PeriodUnit


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
    criteria = EditionCriteria(publication, first, last)
    with open_installation(Settings()) as home, progress("searching"):
        check_scope(home, criteria)
        result = metric_changes(
            home, parsed_metric(metric), criteria, by=by, estimand=estimand, recipe=recipe
        )
    if as_json:
        emit_json(links.repeatable_document(result, "stats/changes"))
    else:
        print_table(_changes_table(result))


def compare(
    metric: Annotated[
        list[str] | None, typer.Argument(help="children, photos, …; without: all of them.")
    ] = None,
    a_publication: Annotated[str | None, typer.Option(help="The one newspaper.")] = None,
    a_from: OtherFirstOption = None,
    a_to: OtherLastOption = None,
    b_publication: Annotated[str | None, typer.Option(help="The other newspaper.")] = None,
    b_from: OtherFirstOption = None,
    b_to: OtherLastOption = None,
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
    a = EditionCriteria(a_publication, a_from, a_to)
    b = EditionCriteria(b_publication, b_from, b_to)
    with open_installation(Settings()) as home, progress("comparing"):
        for criteria in (a, b):
            check_scope(home, criteria)
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
        print_table(_comparison_table(result))
        for row in result.comparison.rows:
            if row.differs and row.compared.tipping:
                words = "; ".join(point.words for point in row.compared.tipping)
                say(f"{name_metric(row.compared.metric)}: {words}")
        for side in result.selections:
            if len(side.editions) == 1:
                one = side.editions[0]
                say(
                    f"edition {one.id} stands alone: `presslens baseline {one.id}` says how"
                    " unusual it is for its newspaper"
                )


def _changes_table(result: MetricChanges) -> ReadableTable:
    excluded, metric = len(result.timeline.excluded), result.metric
    noise = result.changes.noise
    table = ReadableTable(
        title=escape(f"{name_metric(metric)}: changes by {result.by}"),
        notes=(
            f"{counted(len(result.timeline.periods), 'period')}, {excluded} excluded; noise"
            f" {'–' if noise is None else number(metric, noise)}\n{result.changes.method}\n"
            f"recipe {result.recipe_id[:16]}"
        ),
    )
    for name in ("from", "before", "after", "difference", "interval", "periods"):
        table.column(name, whole=name == "from", right=True)
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


def _comparison_table(result: GroupComparison) -> ReadableTable:
    about = "these editions" if result.inference is Inference.THESE else "practice"
    table = ReadableTable(
        title=f"a − b: {result.estimand.value.replace('_', ' ')}, {about}",
        notes="\n".join(_comparison_notes(result)),
    )
    table.column()
    for name in ("a", "b", "difference", "interval", "p", "corrected", ""):
        table.column(name, whole=name != "interval", right=True)
    for row in result.comparison.rows:
        table.add_row(*_cells(row))
    return table


def _comparison_notes(result: GroupComparison) -> list[str]:
    """Return what the comparison is of, how it was made, and why an interval is missing."""
    comparison, document = result.comparison, result.to_json()
    sides = [document["a"], document["b"]]
    sizes = " and ".join(counted(side["editions"], "edition") for side in sides)
    pages = " and ".join(f"{side['pages_seen']} of {side['pages_expected']}" for side in sides)
    lines = [
        f"{sizes}; {counted(comparison.compared, 'metric')} compared, p corrected by"
        f" {comparison.correction.words}",
        f"pages seen: {pages}",
    ]
    rows = {str(name_metric(Metric.parse(row["metric"]))): row for row in document["metrics"]}
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
