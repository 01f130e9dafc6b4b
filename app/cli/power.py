"""``presslens stats power``: what a study will show, before anybody codes."""

from __future__ import annotations

from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import about_words
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.power import StudyPower, archive_power, foreseen_power
from presslens.app.services.statistics.queries import PowerQuery
from presslens.pipelines.counted import counted


@command()
def power(
    metric: Annotated[
        str | None, typer.Argument(help="children, leader@front, …; none: say --share.")
    ] = None,
    *,
    query: PowerQuery,
) -> Printed:
    """Foresee how wide an interval will be, or how many photos a difference takes."""
    result = _result(metric, query)
    yield result
    if result.now is not None:
        yield result.now.words
        if result.now.refused:
            yield f"{result.now.refused}."
    if result.sizes:
        listed = {one.photos: one for one in (*result.sizes, result.drawn) if one}
        rows = [
            (f"{one.photos:,}", f"{one.width:.1%}", f"{one.detectable:.1%}")
            for _, one in sorted(listed.items())
        ]
        if result.now is not None and result.now.width is not None:
            rows.insert(0, ("now", f"{result.now.width:.1%}", ""))
        heads = ("drawn", "width", "shown")
        title = (
            f"{result.study.design} of {counted(result.photos, 'photo')},"
            f" {counted(result.editions, 'edition')}: {about_words(result.study.inference)}"
        )
        yield ReadableTable.of(*heads, right=heads, rows=rows, title=title)
    if result.advice is not None:
        yield f"{result.advice}."
    if result.needed is not None:
        named = f", sample {result.sample}" if result.sample else ""
        yield f"draw {counted(result.needed, 'photo')}{named}"
    yield f"{result.refused}." if result.refused else f"How: {result.method}."


def _result(metric: str | None, query: PowerQuery) -> StudyPower:
    if query.share is not None:
        return foreseen_power(query.share, query)
    if metric is None:
        raise InvalidRequest("name a share, as in children, or say --share 0.1")
    with open_installation(Settings()) as home:
        check_scope(home, query.criteria)
        named = query.resolved(home)
        return archive_power(home, named.named(home, str(parsed_metric(metric))), named)
