"""``presslens stats methods``: a paragraph to paste into a paper."""

from __future__ import annotations

from typing import Annotated

import typer

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Verbatim
from presslens.app.cli.options import Helps
from presslens.app.cli.stats import parsed_metric
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import LANGUAGES
from presslens.app.platform.language import language as spoken
from presslens.app.services.catalogue.publications import named_for_readers
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.methods_paragraph import methods_of
from presslens.app.services.statistics.queries import StatQuery
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.metrics import Metric


def _known(code: str) -> str:
    if code not in LANGUAGES:
        raise typer.BadParameter(f"no paragraph in {code!r}: {' or '.join(LANGUAGES)}")
    return code


@command(doing="reading editions", plain=True)
def methods(
    home: Installation,
    measures: Annotated[
        list[str], typer.Argument(help="What the study is of: children, leader, label:indoor, …")
    ],
    query: Annotated[StatQuery, Helps(page="", recipe="")],
    language: Annotated[
        str, typer.Option(help="The language of the paragraph: en or ko.", callback=_known)
    ] = "en",
) -> Printed:
    """Write the methods paragraph of a study, its figures filled in, and what to cite."""
    metrics = [parsed_metric(measure, home) for measure in measures]
    for metric in metrics:
        if not metric.is_share or metric != Metric(metric.name):
            raise InvalidRequest(
                f"{metric} is no share of all photographs, as the paragraph states: those are"
                f" {', '.join(BUILT_IN)}, figure:NAME, label:NAME"
            )
    check_scope(home, query.criteria)
    with named_for_readers(home):
        text = methods_of(
            home,
            query.criteria,
            [metric.name for metric in metrics],
            estimand=query.estimand,
            inference=query.inference,
            spoken=spoken(language),
        )
    yield Verbatim(text + "\n")
