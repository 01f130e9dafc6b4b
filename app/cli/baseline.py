"""``presslens baseline``: what is usual for a newspaper, and what is unusual in an edition."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.estimates_in_words import reasons
from presslens.app.cli.options import RecipeOption
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.services.statistics.baseline import EditionBaseline, edition_baseline
from presslens.app.services.statistics.edition_metrics import METRICS
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.baseline import Baseline, Standing
from presslens.pipelines.statistics.explanations import (
    lead_in_words,
    name_metric,
    number,
    standing_in_words,
)
from presslens.pipelines.statistics.flags import BaselineRules
from presslens.pipelines.statistics.reference_editions import MatchCriterion

USUAL = BaselineRules()


@command(doing="reading editions")
def baseline(
    home: Installation,
    edition: Annotated[int, typer.Argument(min=1, help="Id of the edition.")],
    n: Annotated[
        int, typer.Option("--n", min=1, max=1000, help="Previous editions at most.")
    ] = USUAL.n,
    match: Annotated[
        list[MatchCriterion] | None,
        typer.Option(help="In what they must be like it; several times."),
    ] = None,
    least: Annotated[
        int, typer.Option(min=2, max=1000, help="With fewer nothing is flagged.")
    ] = USUAL.least,
    metric: Annotated[
        list[str] | None, typer.Option(help="children@front, photos, …; several times.")
    ] = None,
    recipe: RecipeOption = None,
) -> Printed:
    """Hold an edition against the previous ones of its newspaper, and say what is unusual."""
    rules = BaselineRules(n=n, match=frozenset(match or ()), least=least)
    metrics = [parsed_metric(text, home) for text in metric] if metric else METRICS
    result = edition_baseline(home, edition, metrics=metrics, rules=rules, recipe=recipe)
    yield links.repeatable_document(result, "baseline")
    yield _table(result)
    for reason in _reasons(result.baseline):
        yield Text.from_markup(f"[bold]unusual:[/bold] {escape(reason)}")
    for line in _anniversary(result):
        yield Text.from_markup(f"[bold]anniversary:[/bold] {escape(line)}")
    yield from filter(None, [result.note])
    yield from _unavailable(result.baseline)
    yield _previous(result.baseline)


def _table(result: EditionBaseline) -> ReadableTable:
    edition = result.baseline.edition
    table = ReadableTable(
        title=escape(f"{edition.publication}, {edition.date}"),
        notes=f"usual: median (quarters); z: robust; recipe {result.recipe_id[:16]}",
    )
    rows = [_cells(standing) for standing in result.baseline.standings]
    names = ("", "value", "interval", "usual", "range", "rank", "z", "flagged from", " ")
    # Columns without a value in any row would only make the others narrow.
    filled = [i for i, _ in enumerate(names) if i < 2 or {row[i] for row in rows} - {"–", ""}]
    for i in filled:
        table.column(names[i], right=i > 0)
    for row in rows:
        table.add_row(*(row[i] for i in filled))
    return table


def _cells(standing: Standing) -> list[str]:
    metric, estimate, usual = standing.metric, standing.estimate, standing.usual

    def between(low: float, high: float) -> str:
        return f"{number(metric, low)} – {number(metric, high)}"

    cells = [escape(name_metric(metric)), number(metric, estimate.value)]
    cells.append(between(*estimate.interval) if estimate.interval else "–")
    if usual is None:
        return [*cells, "–", "–", "–", "–", "–", ""]
    mark = "unusual" if standing.flag else "undecided" if standing.undecided else ""
    return [
        *cells,
        f"{number(metric, usual.median)} ({between(usual.q1, usual.q3)})",
        between(usual.lowest, usual.highest),
        "–" if standing.rank is None else f"{standing.rank} of {usual.n + 1}",
        "–" if standing.z is None else f"{standing.z:.1f}",
        _flagged_from(standing),
        mark,
    ]


def _flagged_from(standing: Standing) -> str:
    """Return which values would be flagged with a probability of 80 %."""
    detectable = standing.detectable
    if detectable is None or (detectable.below is None and detectable.above is None):
        return "–"
    ends = (("≤", detectable.below), ("≥", detectable.above))
    return " or ".join(
        f"{sign} {number(standing.metric, end)}" for sign, end in ends if end is not None
    )


def _anniversary(result: EditionBaseline) -> list[str]:
    if not result.anniversaries and not result.baseline.anniversaries:
        return []
    titles = ", ".join(result.anniversaries) or "the same day"
    lines = [
        f"{name_metric(standing.metric)} {number(standing.metric, usual.median)}"
        f" ({number(standing.metric, usual.lowest)} – {number(standing.metric, usual.highest)})"
        for standing in result.baseline.standings
        if (usual := standing.anniversary) is not None
    ]
    years = len(result.baseline.anniversaries)
    earlier = counted(years, "earlier year")
    history = f"; in {earlier}: {'; '.join(lines)}" if lines else ", the first here"
    return [f"{titles}{history}"]


def _reasons(result: Baseline) -> list[str]:
    lead: list[str] = [lead_in_words(result.front_lead)] if result.front_lead.flagged else []
    return lead + [standing_in_words(s, result) for s in result.standings if s.flag]


def _unavailable(result: Baseline) -> list[str]:
    """Return why metrics of the edition are not known, or have no interval."""
    return reasons(
        {name_metric(s.metric): {"refused": s.estimate.refused} for s in result.standings}
    )


def _previous(result: Baseline) -> str:
    previous = result.previous
    few = "" if result.enough else f"; nothing is flagged, as that takes {result.rules.least}"
    days = ", ".join(day.isoformat() for day in previous.missing[:5])
    more = ", …" if len(previous.missing) > len(previous.missing[:5]) else ""
    missing = f"{len(previous.missing)}" + (f" ({days}{more})" if days else "")
    return (
        f"compared with {counted(len(previous.used), 'edition')}{few}; "
        f"{counted(len(previous.excluded), 'other')} not used; days missing: {missing}\n"
        f"chance alone would put {result.extremes_by_chance:.1f} of these metrics beyond all others"
        f"{_erring(result)}\n"
        "flagged from: from there on an edition is flagged with a probability of 80 %"
    )


def _erring(result: Baseline) -> str:
    share = result.false_flag_share
    if share is None:
        return ""
    return f"; of these editions, {share:.0%} would have a flag among their own"
