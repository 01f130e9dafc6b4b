"""``presslens stats methods``: a paragraph to paste into a paper."""

from __future__ import annotations

from typing import Annotated

import typer

from presslens.app.cli.console import out
from presslens.app.cli.options import (
    EstimandOption,
    FirstOption,
    LastOption,
    PracticeOption,
    PublicationOption,
    inference_of,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.stats import parsed_metric
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.methods_paragraph import methods_of
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.statistics.measure import Estimand


def methods(
    measures: Annotated[
        list[str], typer.Argument(help="What the study is of: children, leader, label:indoor, …")
    ],
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    practice: PracticeOption = False,
) -> None:
    """Write the methods paragraph of a study, its figures filled in, and what to cite."""
    criteria = EditionCriteria(publication, first, last)
    names = [parsed_metric(measure).name for measure in measures]
    with open_installation(Settings()) as home, progress("reading editions"):
        check_scope(home, criteria)
        text = methods_of(
            home, criteria, names, estimand=estimand, inference=inference_of(practice)
        )
    out.file.write(text + "\n")
